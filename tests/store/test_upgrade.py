"""A store of an older schema: columns that were added since are there, and empty."""

import duckdb
import pytest

from music_explorer.store import schema, transfer
from music_explorer.store.writer import writing

ADDED = ("license", "artist_url")


@pytest.fixture
def second_version(bench):
    """A store of the second schema version, in which tracks had neither licence nor page."""
    bench.put("s", track_id=["fma:2"], title=["Food"], tempo=[90.0])
    with duckdb.connect(str(bench.path)) as con:
        for column in ADDED:
            con.execute(f"ALTER TABLE tracks DROP COLUMN {column}")
        con.execute("UPDATE store_version SET schema_version = 2")
    return bench


def test_an_older_store_is_read_as_if_it_had_the_columns(second_version):
    before = second_version.hash()
    for table in ("tracks", "features"):
        rows = second_version.rows(f"SELECT title, license, artist_url FROM {table}")
        assert rows == [("Food", None, None)]
    assert second_version.rows("SELECT tempo, license FROM features") == [(90.0, None)]
    assert second_version.rows("SELECT schema_version FROM store_version") == [(2,)]
    assert second_version.hash() == before


def test_the_next_import_adds_the_columns_with_their_meaning(second_version):
    second_version.put("t", track_id=["fma:3"], license=["CC BY"], artist_url=["http://a.example"])
    assert second_version.rows("SELECT track_id, license, artist_url FROM tracks ORDER BY 1") == [
        ("fma:2", None, None),
        ("fma:3", "CC BY", "http://a.example"),
    ]
    version = second_version.rows("SELECT schema_version FROM store_version")
    assert version == [(schema.SCHEMA_VERSION,)]
    rows = second_version.rows(
        "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'tracks'"
    )
    assert [name for name, _ in rows] == list(schema.columns("tracks"))
    assert {name: comment for name, comment in rows if name in ADDED} == {
        name: schema.comments()[name] for name in ADDED
    }


def test_an_export_of_an_older_store_is_restored(second_version, make_bench, tmp_path):
    copy, folder = make_bench("copy"), tmp_path / "out"
    transfer.export(second_version.path, folder)
    # What a program of that version wrote.
    duckdb.execute(
        f"COPY (SELECT * EXCLUDE ({', '.join(ADDED)}) FROM '{folder}/tracks.parquet') "
        f"TO '{folder}/older.parquet'"
    )
    (folder / "older.parquet").replace(folder / "tracks.parquet")
    with writing(copy.path) as merge:
        transfer.restore(merge, folder)
    assert copy.rows("SELECT title, license FROM features") == [("Food", None)]


@pytest.fixture
def third_version(bench):
    """A store of before MusicBrainz was asked: the CHECKs allow nothing of it."""
    bench.put("s", track_id=["fma:2"], title=["Food"], genres=[("fma:2", "Pop", "Dream")])
    with duckdb.connect(str(bench.path)) as con:
        con.execute(
            "CREATE OR REPLACE TABLE track_genres (track_id VARCHAR NOT NULL, "
            "genre VARCHAR NOT NULL, subgenre VARCHAR, genre_as_given VARCHAR NOT NULL, "
            "origin VARCHAR NOT NULL CHECK (origin IN ('playlist', 'file', 'tag', 'folder', "
            "'column')), source VARCHAR NOT NULL)"
        )
        con.execute(
            "INSERT INTO track_genres VALUES ('fma:2', 'Pop', 'Dream', 'pop', 'column', 's')"
        )
        con.execute("UPDATE store_version SET schema_version = 2")
    return bench


def test_the_next_import_takes_over_rows_and_brings_the_checks_up_to_date(third_version):
    before = third_version.rows("FROM track_genres")
    third_version.put("t", track_id=["fma:3"], title=["Drink"])
    assert third_version.rows("FROM track_genres") == before
    comments = third_version.rows(
        "SELECT count(*), count(comment) FROM duckdb_columns() WHERE table_name = 'track_genres'"
    )
    assert comments == [(len(schema.columns("track_genres")),) * 2]
    with duckdb.connect(str(third_version.path)) as con:
        put = "INSERT INTO track_genres VALUES ('fma:3', 'Pop', NULL, 'pop', ?, 'x')"
        con.execute(put, ["musicbrainz"])
        with pytest.raises(duckdb.ConstraintException):
            con.execute(put, ["guesswork"])


def test_tables_of_this_version_are_left_as_they_are(bench):
    bench.put("s", track_id=["fma:2"])
    with duckdb.connect(str(bench.path)) as con:
        ids = "SELECT table_name, table_oid FROM duckdb_tables() ORDER BY ALL"
        before = con.execute(ids).fetchall()
        schema.upgrade(con)
        assert con.execute(ids).fetchall() == before
