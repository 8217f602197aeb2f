"""The tables: every column explained, every range enforced."""

import math
from functools import cache

import duckdb
import pytest

from music_explorer.store import schema

# What Spotify's API documents and large public tables hold.
SPOTIFY_RANGES = {
    "acousticness": (0, 1),
    "danceability": (0, 1),
    "energy": (0, 1),
    "instrumentalness": (0, 1),
    "liveness": (0, 1),
    "speechiness": (0, 1),
    "valence": (0, 1),
    "key": (0, 11),  # -1 is "none" and becomes NULL
    "mode": (0, 1),
    "loudness": (-60, 10),
    "tempo": (0, 300),
    "time_signature": (0, 7),
}
TRACK_TABLES = ("tracks", "spotify_features", "librosa_features")
WHOLE = ("TINYINT", "INTEGER", "BIGINT")
RANGED = [
    (table, column, *schema.ranges()[column])
    for table in TRACK_TABLES
    for column in schema.columns(table)
    if column in schema.ranges()
]


@cache
def database():
    con = duckdb.connect()
    schema.create_tables(con)
    schema.create_views(con)
    return con


def insert(table, column, value):
    """Insert one row and take it back; an error of DuckDB passes through."""
    needed = {"track_id": "file:1"}
    if table != "tracks":
        needed |= {"origin": "table", "source": "s"}
    names = ", ".join((*needed, column))
    con = database().cursor()
    con.execute("BEGIN")
    try:
        con.execute(
            f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * (len(needed) + 1))})",
            [*needed.values(), value],
        )
    finally:
        con.execute("ROLLBACK")


@pytest.mark.parametrize("table", schema.tables())
def test_every_column_says_its_meaning_and_its_unit_or_range(table):
    rows = database().execute(
        "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ?", [table]
    )
    comments = dict(rows.fetchall())
    assert set(comments) == set(schema.columns(table))
    for column, comment in comments.items():
        named = column in ("source", "track_id") or column.endswith("_id")
        assert comment, f"{table}.{column} has no comment"
        assert "; " in comment or named, f"{table}.{column}: {comment}"


def test_every_table_and_view_says_what_it_is():
    rows = database().execute(
        "SELECT table_name, comment FROM duckdb_tables() UNION ALL "
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
    )
    comments = dict(rows.fetchall())
    assert {*schema.tables(), "features", "genre_counts", "coverage"} == set(comments)
    assert all(comments.values())


def test_the_ranges_are_those_of_the_sources():
    found = {name: schema.ranges()[name] for name in SPOTIFY_RANGES}
    assert found == SPOTIFY_RANGES
    assert schema.ranges()["popularity"] == (0, 100)
    assert schema.ranges()["duration_ms"][0] == 1


def test_every_numeric_feature_has_a_range():
    for table in TRACK_TABLES:
        for column, kind in schema.columns(table).items():
            if kind in (*WHOLE, "DOUBLE"):
                assert column in schema.ranges(), f"{table}.{column}"


def test_the_study_has_its_forty_columns():
    spotify = [*SPOTIFY_RANGES, "duration_ms"]
    librosa = [f"mfcc_{n:02d}_mean" for n in range(1, 21)]
    librosa += [f"spectral_contrast_{n}_mean" for n in range(1, 8)]
    assert len(spotify + librosa) == 40
    known = {c for table in TRACK_TABLES for c in schema.columns(table)}
    assert known >= {*spotify, *librosa}


@pytest.mark.parametrize(("table", "column", "low", "high"), RANGED)
def test_a_range_is_enforced_at_both_ends(table, column, low, high):
    whole = schema.columns(table)[column] in WHOLE
    for value in (low, high, None):
        insert(table, column, int(value) if whole and value is not None else value)
    if whole:
        outside = [int(low) - 1, int(high) + 1]
    else:
        outside = [math.nextafter(low, -math.inf), math.nextafter(high, math.inf)]
        outside += [math.nan, math.inf, -math.inf]
    for value in outside:
        with pytest.raises(duckdb.Error, match=f"{column}|out of range"):
            insert(table, column, value)


@pytest.mark.parametrize("date", ["1969", "1969-07", "1969-07-20"])
def test_a_release_date_may_lack_month_and_day(date):
    insert("tracks", "release_date", date)


@pytest.mark.parametrize("date", ["69", "1969-7", "20/07/1969", "1969-07-20T10:00", ""])
def test_a_release_date_of_another_form_is_refused(date):
    with pytest.raises(duckdb.ConstraintException, match="release_date"):
        insert("tracks", "release_date", date)


def test_a_track_id_needs_its_namespace():
    with pytest.raises(duckdb.ConstraintException, match="track_id"):
        database().cursor().execute("INSERT INTO tracks (track_id) VALUES ('2wrJq5')")


def test_shared_column_names_keep_the_first_meaning():
    assert schema.comments()["track_id"].startswith("<namespace>:<id>")
    assert schema.comments()["tempo"].endswith("0 to 300 BPM, octave errors are common")
