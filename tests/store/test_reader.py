"""Reading: always one whole version, whatever is published meanwhile."""

import errno
import os

import duckdb
import pytest

from music_explorer.store.errors import StaleVersion, StoreError
from music_explorer.store.reader import data_version, identity, open_store
from music_explorer.store.schema import SCHEMA_VERSION

N_VERSIONS = 200
TITLES = "SELECT DISTINCT title FROM tracks"


@pytest.fixture
def filled(bench):
    """A hundred tracks, every one of version 0."""
    bench.put("s", track_id=[f"file:{n}" for n in range(100)], title=["000000"] * 100)
    return bench


@pytest.fixture(params=["links", "no links"])
def linking(request, monkeypatch):
    """Where hard links can be made, and where they cannot."""
    if request.param == "no links":

        def refuse(*_, **__):
            raise OSError(errno.EXDEV, "Invalid cross-device link")

        monkeypatch.setattr(os, "link", refuse)
    return request.param


def test_readers_see_whole_versions_in_order_while_many_are_published(filled, beside):
    process = beside("publish", N_VERSIONS)
    seen, n_reads = [0], 0
    while process.poll() is None or n_reads < N_VERSIONS:
        with open_store(filled.path) as con:
            ours = con.execute(TITLES).fetchall()
        with duckdb.connect(str(filled.path), read_only=True) as con:
            plain = con.execute(TITLES).fetchall()
        for rows in (ours, plain):
            assert len(rows) == 1, f"a read saw several versions: {rows}"
            number = int(rows[0][0])
            assert number >= seen[-1], "a read went back to an older version"
            seen.append(number)
        n_reads += 1
    assert process.returncode == 0
    assert seen[-1] == N_VERSIONS
    assert len(set(seen)) > 10


def test_an_open_connection_keeps_its_version_and_a_new_one_sees_the_next(filled, linking):
    with open_store(filled.path) as old:
        before = data_version(filled.path)
        filled.put("s", track_id=[f"file:{n}" for n in range(100)], title=["000001"] * 100)
        assert old.execute(TITLES).fetchall() == [("000000",)]
        with open_store(filled.path) as new:
            assert new.execute(TITLES).fetchall() == [("000001",)]
            assert old.execute(TITLES).fetchall() == [("000000",)]
    assert data_version(filled.path) != before


def test_several_connections_may_be_open_at_once(filled, linking):
    with open_store(filled.path) as one, open_store(filled.path) as other:
        assert one.execute(TITLES).fetchall() == other.execute(TITLES).fetchall()


def test_a_reader_leaves_no_file_behind(filled):
    before = sorted(os.listdir(filled.path.parent))
    with open_store(filled.path):
        pass
    assert sorted(os.listdir(filled.path.parent)) == before


def test_a_reader_cannot_write(filled):
    with (
        open_store(filled.path) as con,
        pytest.raises(duckdb.InvalidInputException, match="read-only mode"),
    ):
        con.execute("DELETE FROM tracks")


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM read_csv('/etc/passwd')", "COPY tracks TO '/x.csv'"]
)
def test_a_reader_cannot_touch_files(filled, sql):
    with (
        open_store(filled.path) as con,
        pytest.raises(duckdb.PermissionException, match="disabled by configuration"),
    ):
        con.execute(sql)


def test_a_version_published_again_is_stale(filled):
    before = data_version(filled.path)
    with open_store(filled.path, expect=before):
        pass
    filled.put("s", track_id=["file:0"], title=["x"])
    with (
        pytest.raises(StaleVersion, match="published again"),
        open_store(filled.path, expect=before),
    ):
        pass


def test_each_published_version_has_its_own_identity(filled):
    before = identity(filled.path)
    assert identity(filled.path) == before
    filled.put("s", track_id=["file:0"], title=["x"])
    assert identity(filled.path) != before


def refusal(path):
    """Return the text with which a store is refused."""
    with pytest.raises(StoreError, match=str(path)) as caught, open_store(path):
        pass
    return str(caught.value)


def test_a_missing_store_says_how_to_make_one(tmp_path, linking):
    path = tmp_path / "no.duckdb"
    text = refusal(path)
    assert text == f"no store at {path}; make one with: python -m ingest demo --store {path}"


def test_a_file_that_is_no_database_is_refused(tmp_path, linking):
    path = tmp_path / "clock.duckdb"  # "lock" in a name must not be taken for a locked file
    path.write_text("title,artist\n" * 1000)
    assert "not a DuckDB file" in refusal(path)


def test_a_folder_is_refused(tmp_path, linking):
    assert "Is a directory" in refusal(tmp_path)


def test_a_truncated_store_is_refused(filled):
    filled.path.write_bytes(filled.path.read_bytes()[:3000])
    assert "damaged" in refusal(filled.path)


@pytest.mark.parametrize("table", ["mine (i INTEGER)", "store_version (i INTEGER)"])
def test_a_database_without_our_tables_is_refused(tmp_path, table):
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(f"CREATE TABLE {table}")
    assert "not a music store" in refusal(path)


def test_another_schema_version_is_refused_with_both_numbers(filled):
    with duckdb.connect(str(filled.path)) as con:
        con.execute("UPDATE store_version SET schema_version = 99")
    text = refusal(filled.path)
    assert f"schema version 99, this program reads {SCHEMA_VERSION}; update this" in text


def test_a_file_that_another_program_writes_is_refused(filled, beside):
    beside("hold-foreign")
    assert "another program has it open for writing" in refusal(filled.path)


def test_a_person_with_plain_duckdb_sees_tables_and_views(filled):
    with duckdb.connect(str(filled.path), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM features").fetchone() == (100,)
        assert con.execute("SELECT share FROM coverage WHERE column_name = 'title'").fetchone() == (
            1.0,
        )
        assert con.execute("SELECT * FROM genre_counts").fetchall() == []
