"""Plays: replaced track by track, gone with their source, and a table that older stores lack."""

import duckdb

from music_explorer.store import queries, transfer
from music_explorer.store.reader import data_version, open_store
from music_explorer.store.writer import writing

PLAYS = "SELECT track_id, month, n_plays, ms_played, source FROM track_plays ORDER BY ALL"


def test_plays_of_the_same_source_are_replaced_track_by_track(bench):
    bench.put("s", track_id=["file:a"], plays=[("file:a", "2024-05", 2, 61_000)])
    bench.put("s", track_id=["file:b"], plays=[("file:b", "2024-05", 1, 0)])
    bench.put("t", track_id=["file:a"], plays=[("file:a", "2024-05", 1, 30_000)])
    counts = bench.put("s", track_id=["file:a"], plays=[("file:a", "2024-06", 3, 90_000)])
    assert counts.n_updated == 1
    assert bench.rows(PLAYS) == [
        ("file:a", "2024-05", 1, 30_000, "t"),
        ("file:a", "2024-06", 3, 90_000, "s"),
        ("file:b", "2024-05", 1, 0, "s"),
    ]
    with writing(bench.path) as merge:
        merge.remove("s")
    assert bench.rows(PLAYS) == [("file:a", "2024-05", 1, 30_000, "t")]


def test_only_other_plays_change_the_data_version(bench):
    bench.put("s", track_id=["file:a"], plays=[("file:a", "2024-05", 2, 61_000)])
    before = data_version(bench.path)
    counts = bench.put("s", track_id=["file:a"], plays=[("file:a", "2024-05", 2, 61_000)])
    assert (counts.n_unchanged, data_version(bench.path)) == (1, before)
    bench.put("s", track_id=["file:a"], plays=[("file:a", "2024-05", 2, 61_001)])
    assert data_version(bench.path) != before


def test_a_store_without_the_table_is_read_and_gets_it_with_the_next_import(bench, tmp_path):
    bench.put("s", track_id=["file:a"], artist=["Ann"])
    with duckdb.connect(str(bench.path)) as con:
        con.execute("DROP TABLE track_plays")
        con.execute("UPDATE store_version SET schema_version = 2")
    with open_store(bench.path) as con:
        assert queries.label_kinds(con) == ["artist"]
    assert transfer.export(bench.path, tmp_path / "out")["track_plays"] == 0
    bench.put("s", track_id=["file:a"], plays=[("file:a", "2024-05", 2, 61_000)])
    assert bench.rows(PLAYS) == [("file:a", "2024-05", 2, 61_000, "s")]
    comments = "SELECT count(*), count(comment) FROM duckdb_columns() WHERE table_name = $1"
    assert bench.rows(comments, "track_plays") == [(5, 5)]
