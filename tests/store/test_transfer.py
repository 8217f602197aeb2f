"""Export and restore: the identity, for every table."""

import random

import duckdb
import pytest

from music_explorer.store import schema, transfer
from music_explorer.store.errors import StoreError
from music_explorer.store.reader import data_version
from music_explorer.store.writer import writing


@pytest.fixture
def filled(bench):
    """At least one row in every table, and NULLs wherever the schema allows them."""
    bench.put(
        "s",
        track_id=["file:a", "file:b"],
        title=["Ünïcode; 'quoted'", None],
        tempo=[120.1, None],
        key=[0, 11],
        mfcc_01_mean=[-1e-300, 0.1 + 0.2],
        genres=[("file:a", "Pop", None), ("file:a", "Pop", "Dream")],
        playlists=[("file:a", "Mine", None, None)],
        plays=[("file:a", "2024-05", 2, 61_000)],
        rejects=[("s.csv row 4", "tempo=-3; expected 0 to 300 BPM")],
    )
    with writing(bench.path) as merge:
        merge.con.execute("INSERT INTO embeddings VALUES ('file:a', 'm', [0.1, -2.5, 3e-8], 's')")
        merge.con.execute(
            "INSERT INTO audio_files VALUES ('/m/a.mp3', 3, -1, NULL, NULL, NULL, 'is empty', "
            "['Pop', 'R&B'], 'tag', '30 s', 's')"
        )
        merge.con.execute(
            "INSERT INTO playlists VALUES "
            "('s', 'id', 'Mine', ['Pop'], NULL, 3, 2, 'begun', ['file:a'], 1)"
        )
        merge.con.execute(
            "INSERT INTO lookups VALUES "
            "('file:a', 'deezer', 'preview', NULL, NULL, TIMESTAMP '2026-01-02 03:04:05')"
        )
        merge.con.execute("INSERT INTO estimates VALUES ('energy', 's', 0.5, 300, 60)")
        merge.con.execute(
            "INSERT INTO runs VALUES ('r', TIMESTAMP '2026-01-02 03:04:05.678901', "
            "'{\"k\": [1, null]}', 'v', '{}')"
        )
        merge.con.execute("INSERT INTO assignments VALUES ('r', 'file:a', NULL, 0.1, NULL, -3)")
        merge.touched = True
    return bench


def restore(path, folder):
    with writing(path) as merge:
        return transfer.restore(merge, folder)


def contents(bench):
    tables = {t: bench.rows(f"SELECT * FROM {t} ORDER BY ALL") for t in schema.tables()}
    # When a file was published is a fact of that file.
    tables["store_version"] = [row[:-1] for row in tables["store_version"]]
    return tables


def test_restoring_an_export_is_the_identity(filled, make_bench, tmp_path):
    folder, copy = tmp_path / "out" / "put", make_bench("copy")
    written = transfer.export(filled.path, folder)
    assert written == {table: len(rows) for table, rows in contents(filled).items()}
    assert all(written.values()), "a table is empty, so its export is not tested"
    assert restore(copy.path, folder) == written
    assert contents(copy) == contents(filled)
    assert data_version(copy.path) == data_version(filled.path)
    assert copy.rows("SELECT count(*) FROM features") == [(2,)]


def test_an_export_is_one_parquet_file_a_table(filled, tmp_path):
    transfer.export(filled.path, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {f"{table}.parquet" for table in schema.tables()}
    tracks = duckdb.sql(f"SELECT title FROM '{tmp_path}/out/tracks.parquet' WHERE title NOTNULL")
    assert tracks.fetchall() == [("Ünïcode; 'quoted'",)]


def test_a_restored_store_has_this_programs_schema_version(filled, make_bench, tmp_path):
    copy, folder = make_bench("copy"), tmp_path / "out"
    transfer.export(filled.path, folder)
    duckdb.execute(
        "COPY (SELECT 0::INTEGER AS schema_version, 'x' AS data_version, "
        f"now()::TIMESTAMP AS published_at) TO '{folder}/store_version.parquet'"
    )
    restore(copy.path, folder)
    assert data_version(copy.path) == data_version(filled.path)


def test_an_export_of_the_first_schema_needs_no_newer_tables(filled, make_bench, tmp_path):
    copy, folder = make_bench("copy"), tmp_path / "out"
    transfer.export(filled.path, folder)
    for table in ("playlists", "lookups"):
        (folder / f"{table}.parquet").unlink()
    with pytest.raises(StoreError, match=r"no playlists\.parquet"):
        restore(copy.path, folder)
    duckdb.execute(
        "COPY (SELECT 1::INTEGER AS schema_version, 'x' AS data_version, "
        f"now()::TIMESTAMP AS published_at) TO '{folder}/store_version.parquet'"
    )
    read = restore(copy.path, folder)
    assert (read["tracks"], read["playlists"], read["lookups"]) == (2, 0, 0)
    assert copy.rows("SELECT count(*) FROM lookups") == [(0,)]


def test_an_export_does_not_mix_with_another(filled, tmp_path):
    transfer.export(filled.path, tmp_path / "out")
    with pytest.raises(StoreError, match="out holds Parquet files already"):
        transfer.export(filled.path, tmp_path / "out")


def test_an_export_of_another_database_is_refused(tmp_path):
    with duckdb.connect(str(tmp_path / "other.duckdb")) as con:
        con.execute("CREATE TABLE mine (i INTEGER)")
    with pytest.raises(StoreError, match="not a music store"):
        transfer.export(tmp_path / "other.duckdb", tmp_path / "out")


def test_an_export_into_a_file_is_refused(filled, tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(StoreError, match=f"cannot write in {tmp_path}/out: File exists"):
        transfer.export(filled.path, tmp_path / "out")


def test_a_filled_store_is_not_restored_over(filled, tmp_path):
    transfer.export(filled.path, tmp_path / "out")
    before = filled.hash()
    with pytest.raises(StoreError, match="restore needs a new store"):
        restore(filled.path, tmp_path / "out")
    assert filled.hash() == before


@pytest.mark.parametrize("table", ["tracks", "assignments"])
def test_a_missing_file_is_named_and_nothing_is_made(filled, make_bench, tmp_path, table):
    folder, copy = tmp_path / "out", make_bench("copy")
    transfer.export(filled.path, folder)
    (folder / f"{table}.parquet").unlink()
    with pytest.raises(StoreError, match=rf"no {table}\.parquet in {folder}"):
        restore(copy.path, folder)
    assert not copy.path.exists()


def test_a_table_that_does_not_fit_is_named_and_nothing_is_made(filled, make_bench, tmp_path):
    folder, copy = tmp_path / "out", make_bench("copy")
    transfer.export(filled.path, folder)
    duckdb.execute(
        "COPY (SELECT 'file:a' AS track_id, 301.0 AS tempo, 'table' AS origin, 's' AS source) "
        f"TO '{folder}/spotify_features.parquet'"
    )
    with pytest.raises(StoreError, match=r"spotify_features\.parquet does not fit .*tempo"):
        restore(copy.path, folder)
    assert not copy.path.exists()


def test_a_mutated_export_is_restored_or_refused_in_one_line(filled, make_bench, tmp_path):
    folder = tmp_path / "out"
    transfer.export(filled.path, folder)
    rng = random.Random(0)
    for number, table in enumerate([*schema.tables()] * 2):
        file = folder / f"{table}.parquet"
        whole = file.read_bytes()
        content = bytearray(whole)
        for _ in range(3):
            content[rng.randrange(len(content))] = rng.randrange(256)
        file.write_bytes(content[: rng.randrange(len(content))] if number % 4 == 0 else content)
        copy, message = make_bench(f"copy{number}"), ""
        try:
            restore(copy.path, folder)
        except StoreError as error:
            message = str(error)
            assert not copy.path.exists()  # noqa: PT017 - whatever the message
        assert len(message.splitlines()) <= 1
        file.write_bytes(whole)


def test_an_export_without_its_version_is_refused(filled, make_bench, tmp_path):
    folder = tmp_path / "out"
    transfer.export(filled.path, folder)
    file = folder / "store_version.parquet"
    duckdb.execute(f"COPY (FROM '{file}' WHERE false) TO '{tmp_path}/none.parquet'")
    (tmp_path / "none.parquet").replace(file)
    with pytest.raises(StoreError, match=r"store_version\.parquet has no row that says"):
        restore(make_bench("copy").path, folder)
