"""Merging: last row wins, NULL never overwrites, a source replaces only what it said itself."""

from datetime import datetime

import pandas as pd
import pytest

from music_explorer.store.batch import Batch, Counts
from music_explorer.store.errors import StoreError
from music_explorer.store.reader import data_version
from music_explorer.store.writer import writing

GENRES = "SELECT track_id, genre, source FROM track_genres ORDER BY ALL"


def test_the_last_row_of_a_track_wins(bench):
    counts = bench.put("s", track_id=["file:a", "file:b", "file:a"], title=["old", "b", "new"])
    assert counts == Counts(n_read=3, n_added=2)
    assert bench.rows("SELECT track_id, title FROM tracks ORDER BY ALL") == [
        ("file:a", "new"),
        ("file:b", "b"),
    ]


def test_the_last_row_wins_across_batches(bench):
    with writing(bench.path) as merge:
        for title in ("first", "second", "third"):
            merge.stage(Batch(pd.DataFrame({"track_id": ["file:a"], "title": [title]}), n_read=1))
        counts = merge.merge(source="s", location="l", started_at=datetime(2026, 1, 1))
    assert counts == Counts(n_read=3, n_added=1)
    assert bench.rows("SELECT title FROM tracks") == [("third",)]


def test_a_missing_value_never_overwrites_a_known_one(bench):
    bench.put("s", track_id=["file:a"], title=["a"], tempo=[120.0], key=[3])
    bench.put("s", track_id=["file:a"], title=[None], tempo=[None], key=[4])
    assert bench.rows("SELECT title, tempo, key FROM features") == [("a", 120.0, 4)]


def test_a_missing_value_in_the_last_row_of_a_file_does_not_win(bench):
    bench.put("s", track_id=["file:a", "file:a"], title=["a", None])
    assert bench.rows("SELECT title FROM tracks") == [("a",)]


def test_a_source_with_other_columns_fills_what_was_missing(bench):
    bench.put("s", track_id=["file:a"], title=["a"], tempo=[120.0])
    bench.put("t", track_id=["file:a"], mfcc_01_mean=[-100.5])
    assert bench.rows("SELECT title, tempo, mfcc_01_mean FROM features") == [("a", 120.0, -100.5)]


def test_a_row_without_any_feature_makes_no_feature_row(bench):
    bench.put("s", track_id=["file:a", "file:b"], tempo=[120.0, None])
    assert bench.rows("SELECT track_id FROM spotify_features") == [("file:a",)]


def test_genres_of_the_same_source_are_replaced_track_by_track(bench):
    bench.put(
        "s", track_id=["file:a", "file:b"], genres=[("file:a", "Pop", None), ("file:b", "Pop", "x")]
    )
    bench.put("s", track_id=["file:a"], genres=[("file:a", "Rock", None)])
    assert bench.rows(GENRES) == [("file:a", "Rock", "s"), ("file:b", "Pop", "s")]


def test_genres_of_other_sources_are_kept(bench):
    bench.put("s", track_id=["file:a"], genres=[("file:a", "Pop", None)])
    bench.put("t", track_id=["file:a"], genres=[("file:a", "Rock", None)])
    bench.put("t", track_id=["file:a"], genres=[("file:a", "Jazz", None)])
    assert bench.rows(GENRES) == [("file:a", "Jazz", "t"), ("file:a", "Pop", "s")]


def test_playlists_of_the_same_source_are_replaced_track_by_track(bench):
    bench.put("s", track_id=["file:a"], playlists=[("file:a", "one", 0, None)])
    bench.put("t", track_id=["file:a"], playlists=[("file:a", "two", 1, None)])
    bench.put("s", track_id=["file:a"], playlists=[("file:a", "three", None, "2026-01-01")])
    assert bench.rows("SELECT playlist, position, added_at, source FROM track_playlists") == [
        ("two", 1, None, "t"),
        ("three", None, "2026-01-01", "s"),
    ]


def test_tracks_absent_from_a_new_file_stay(bench):
    bench.put("s", track_id=["file:a", "file:b"], title=["a", "b"])
    counts = bench.put("s", track_id=["file:c"], title=["c"])
    assert counts == Counts(n_read=1, n_added=1)
    assert bench.rows("SELECT title FROM tracks ORDER BY title") == [("a",), ("b",), ("c",)]


def test_counts_tell_added_updated_and_unchanged_apart(bench):
    bench.put("s", track_id=["file:a", "file:b", "file:c"], title=["a", "b", "c"])
    counts = bench.put(
        "s",
        track_id=["file:a", "file:b", "file:d", "file:d"],
        title=["a", "B", "d", "d"],
        rejects=[("s.csv row 6", "tempo=-3; expected 0 to 300 BPM")],
    )
    assert counts == Counts(n_read=5, n_added=1, n_updated=1, n_unchanged=1, n_rejected=1)
    logged = "SELECT n_read, n_added, n_updated, n_unchanged, n_rejected FROM ingests"
    assert bench.rows(f"{logged} ORDER BY ingest_id") == [(3, 3, 0, 0, 0), (5, 1, 1, 1, 1)]
    assert bench.rows("SELECT * FROM rejects") == [
        (2, "s.csv row 6", "tempo=-3; expected 0 to 300 BPM")
    ]


def test_an_unchanged_import_is_logged_and_changes_nothing_else(bench):
    def put():
        return bench.put(
            "s",
            track_id=["file:a", "file:b"],
            title=["a", None],
            tempo=[120.0, 90.5],
            genres=[("file:a", "Pop", None)],
            playlists=[("file:a", "p", 0, None)],
        )

    put()
    version = data_version(bench.path)
    assert put() == Counts(n_read=2, n_unchanged=2)
    assert data_version(bench.path) == version
    assert bench.rows("SELECT DISTINCT ingest_id FROM track_sources") == [(1,)]
    assert bench.rows("SELECT count(*) FROM ingests") == [(2,)]


def test_only_the_changed_track_gets_the_new_ingest(bench):
    bench.put("s", track_id=["file:a", "file:b"], title=["a", "b"])
    bench.put("s", track_id=["file:a", "file:b"], title=["a", "B"])
    assert bench.rows("SELECT track_id, ingest_id FROM track_sources ORDER BY ALL") == [
        ("file:a", 1),
        ("file:b", 2),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"tempo": [120.0000001]},
        {"key": [6]},
        {"mfcc_01_mean": [-1.0]},
        {"title": ["A"]},
        {"genres": [("file:a", "Rock", None)]},
        {"genres": [("file:a", "Pop", "Indie")]},
        {"playlists": [("file:a", "q", None, None)]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_one_changed_value_changes_the_data_version(bench, change):
    first = {
        "track_id": ["file:a"],
        "title": ["a"],
        "tempo": [120.0],
        "key": [5],
        "mfcc_01_mean": [1.0],
        "genres": [("file:a", "Pop", None)],
        "playlists": [("file:a", "p", None, None)],
    }
    bench.put("s", **first)
    version = data_version(bench.path)
    assert bench.put("s", **(first | change)) == Counts(n_read=1, n_updated=1)
    assert data_version(bench.path) != version
    bench.put("s", **first)
    assert data_version(bench.path) == version


def test_the_data_version_does_not_depend_on_the_order_of_rows(make_bench):
    ids = [f"file:{n}" for n in range(20)]
    genres = [(i, "Pop" if n % 3 else "Rock", None) for n, i in enumerate(ids)]
    one, other = make_bench("one"), make_bench("other")
    one.put("s", track_id=ids, title=ids, tempo=range(20), genres=genres)
    other.put("s", track_id=ids[10:], title=ids[10:], tempo=range(10, 20), genres=genres[10:])
    other.put(
        "s", track_id=ids[9::-1], title=ids[9::-1], tempo=range(9, -1, -1), genres=genres[:10]
    )
    assert data_version(one.path) == data_version(other.path)


def test_values_swapped_between_two_tracks_change_the_data_version(make_bench):
    one, other = make_bench("one"), make_bench("other")
    one.put("s", track_id=["file:a", "file:b"], tempo=[100.0, 120.0])
    other.put("s", track_id=["file:a", "file:b"], tempo=[120.0, 100.0])
    assert data_version(one.path) != data_version(other.path)


def test_subgenres_swapped_between_two_tracks_change_the_data_version(make_bench):
    one, other = make_bench("one"), make_bench("other")
    for store, subgenres in ((one, ("Ska", "Dub")), (other, ("Dub", "Ska"))):
        genres = [("file:a", "Rock", subgenres[0]), ("file:b", "Rock", subgenres[1])]
        store.put("s", track_id=["file:a", "file:b"], genres=genres)
    assert data_version(one.path) != data_version(other.path)


def test_the_same_data_have_the_same_version_on_every_machine(bench):
    """If this fails with a new DuckDB, kept runs are taken for those of other data."""
    bench.put(
        "s",
        track_id=["file:a", "file:of a long name"],
        title=["Ä", None],
        tempo=[120.25, None],
        key=[5, 0],
        mfcc_01_mean=[-1.5, 0.0],
        genres=[("file:a", "Pop", None)],
        playlists=[("file:a", "p", 1, None)],
        plays=[("file:a", "2020-01", 2, 1000)],
    )
    assert data_version(bench.path) == "17acd5c83e19b56a"


def test_a_value_that_the_schema_refuses_leaves_the_store_byte_for_byte(bench):
    bench.put("s", track_id=["file:a"], tempo=[120.0])
    before = bench.hash()
    with pytest.raises(StoreError, match=r"s\.csv holds a value the store refuses.*tempo"):
        bench.put("s", track_id=["file:b"], tempo=[300.5])
    assert bench.hash() == before


def test_a_discarded_source_leaves_no_trace_in_the_next(bench):
    def batch(track_id, **more):
        frame = pd.DataFrame({"track_id": [track_id], **more})
        return Batch(frame, rejects=[("x row 1", "bad")], n_read=2)

    with writing(bench.path) as merge:
        merge.stage(batch("file:bad", title=["bad"], tempo=[1.0], spotify_origin=["table"]))
        merge.discard()
        merge.stage(batch("file:good", album=["good"]))
        counts = merge.merge(source="s", location="l", started_at=datetime(2026, 1, 1))
    assert counts == Counts(n_read=2, n_added=1, n_rejected=1)
    assert bench.rows("SELECT track_id, album FROM tracks") == [("file:good", "good")]
    assert bench.rows("SELECT count(*) FROM rejects") == [(1,)]


@pytest.fixture
def shared(bench):
    """Sources s and t share file:b; file:a is of s alone, file:c of t alone."""
    bench.put(
        "s",
        track_id=["file:a", "file:b"],
        tempo=[100.0, 110.0],
        genres=[("file:a", "Pop", None), ("file:b", "Pop", None)],
        playlists=[("file:b", "mine", 0, None)],
    )
    bench.put(
        "t",
        track_id=["file:b", "file:c"],
        mfcc_01_mean=[-5.0, -6.0],
        genres=[("file:b", "Rock", None), ("file:c", "Rock", None)],
    )
    return bench


def remove(bench, source):
    with writing(bench.path) as merge:
        return merge.remove(source)


def test_removing_a_source_takes_what_only_it_gave(shared):
    assert remove(shared, "s") == {"tracks_removed": 1, "tracks_kept": 1, "features_lost": 1}
    assert shared.rows("SELECT track_id FROM tracks ORDER BY ALL") == [("file:b",), ("file:c",)]
    assert shared.rows("SELECT * FROM spotify_features") == []
    assert shared.rows("SELECT track_id FROM librosa_features ORDER BY 1") == [
        ("file:b",),
        ("file:c",),
    ]
    assert shared.rows(GENRES) == [("file:b", "Rock", "t"), ("file:c", "Rock", "t")]
    assert shared.rows("SELECT * FROM track_playlists") == []
    assert shared.rows("SELECT DISTINCT source FROM track_sources") == [("t",)]


def test_the_last_source_removed_leaves_an_empty_store(shared):
    remove(shared, "s")
    assert remove(shared, "t") == {"tracks_removed": 2, "tracks_kept": 0, "features_lost": 0}
    for table in ("tracks", "track_genres", "track_sources", "librosa_features"):
        assert shared.rows(f"SELECT * FROM {table}") == []


def test_a_removed_source_imported_again_restores_the_data_version(shared):
    version = data_version(shared.path)
    remove(shared, "t")
    assert data_version(shared.path) != version
    counts = shared.put(
        "t",
        track_id=["file:b", "file:c"],
        mfcc_01_mean=[-5.0, -6.0],
        genres=[("file:b", "Rock", None), ("file:c", "Rock", None)],
    )
    assert counts == Counts(n_read=2, n_added=1, n_updated=1)
    assert data_version(shared.path) == version


def test_removing_an_unknown_source_names_the_known_ones(shared):
    before = shared.hash()
    with pytest.raises(StoreError, match="no source 'study' in this store; it has: s, t$"):
        remove(shared, "study")
    assert shared.hash() == before


def test_the_views_follow_the_tables(shared):
    assert shared.rows("SELECT genre, n_tracks FROM genre_counts ORDER BY 1") == [
        ("Pop", 2),
        ("Rock", 2),
    ]
