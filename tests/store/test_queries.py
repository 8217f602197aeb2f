"""The questions of the pages, on a store that can be counted by hand."""

import shutil

import pandas as pd
import pytest

from music_explorer.store import queries
from music_explorer.store.reader import open_store
from tests.store.conftest import Bench


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Four tracks of two sources; file:4 has nothing but a title."""
    bench = Bench(tmp_path_factory.mktemp("queries") / "music.duckdb")
    bench.put(
        "s",
        track_id=["file:1", "file:2", "file:3"],
        title=["One", "Two", "Three"],
        artist=["Ann; Bob", "Ann", "Cy"],
        release_date=["1999-12-31", "2000", None],
        tempo=[100.0, 120.0, None],
        genres=[("file:1", "Pop", "Dream"), ("file:1", "Rock", None), ("file:2", "Pop", None)],
        playlists=[("file:1", "Mine", 0, None), ("file:3", "Mine", 1, None)],
        plays=[
            ("file:1", "2023-12", 2, 30_000),
            ("file:2", "2023-11", 1, 15_000),
            ("file:2", "2023-12", 1, 15_000),
            ("file:3", "2024-01", 9, 29_999),
        ],
        rejects=[("s.csv row 5", "bad")],
    )
    bench.put(
        "t",
        track_id=["file:1", "file:4"],
        title=["One", "Four"],
        mfcc_01_mean=[-7.5, None],
        genres=[("file:1", "Pop", None)],
        plays=[("file:1", "2023-12", 2, 30_000), ("file:1", "2024-01", 1, 40_000)],
    )
    return bench


@pytest.fixture
def con(filled):
    with open_store(filled.path) as con:
        yield con


def rows(frame):
    return list(frame.itertuples(index=False, name=None))


def test_counts(con):
    assert queries.counts(con) == {
        "tracks": 4,
        "artists": 2,
        "genres": 2,
        "track_genre_pairs": 3,
        "sources": 2,
        "with_spotify_features": 2,
        "with_librosa_features": 1,
        "with_estimated_values": 0,
        "rejects": 1,
    }


def test_an_empty_store_counts_nothing_and_has_no_labels(empty_store):
    with open_store(empty_store) as con:
        assert set(queries.counts(con).values()) == {0}
        assert queries.label_kinds(con) == []
        assert queries.genre_counts(con).empty
        assert queries.sources(con).empty
        assert queries.features(con, ["tempo"]).empty
        assert set(queries.coverage(con).values()) == {0.0}


def test_genre_counts_are_distinct_tracks_per_genre_and_source(con):
    assert rows(queries.genre_counts(con)) == [("Pop", "s", 2), ("Pop", "t", 1), ("Rock", "s", 1)]


def test_coverage_is_the_share_of_all_tracks(con):
    coverage = queries.coverage(con)
    expected = {"title": 1, "artist": 0.75, "release_date": 0.5, "tempo": 0.5, "mfcc_01_mean": 0.25}
    assert {name: coverage[name] for name in expected} == expected
    assert coverage["energy"] == 0


@pytest.mark.parametrize(
    ("kind", "pairs"),
    [
        ("genre", [("file:1", "Pop"), ("file:1", "Rock"), ("file:2", "Pop")]),
        ("subgenre", [("file:1", "Dream")]),
        ("playlist", [("file:1", "Mine"), ("file:3", "Mine")]),
        ("artist", [("file:1", "Ann"), ("file:2", "Ann"), ("file:3", "Cy")]),
        ("decade", [("file:1", "1990s"), ("file:2", "2000s")]),
        # Heard for 30 s in all, as one source tells.
        ("listening year", [("file:1", "2023"), ("file:1", "2024"), ("file:2", "2023")]),
        ("listening month", [("file:1", "2023-12"), ("file:1", "2024-01")]),
    ],
)
def test_labels_of_each_kind(con, kind, pairs):
    assert rows(queries.labels(con, kind)) == pairs


def test_label_kinds_are_those_that_some_track_has(con, make_bench):
    assert queries.label_kinds(con) == list(queries.LABELS)
    bare = make_bench("bare")
    bare.put("s", track_id=["file:1"], artist=["Ann"])
    with open_store(bare.path) as other:
        assert queries.label_kinds(other) == ["artist"]


def test_features_are_one_row_a_track_with_missing_as_nan(con):
    frame = queries.features(con, ["tempo", "mfcc_01_mean", "no_such_column"])
    assert list(frame) == [
        "track_id", "title", "artist", "isrc", "release_date", "duration_ms", "tempo",
        "mfcc_01_mean", "is_estimated",
    ]  # fmt: skip
    assert not frame["is_estimated"].any()
    assert list(frame["track_id"]) == ["file:1", "file:2", "file:3", "file:4"]
    assert frame["tempo"].dtype == "float64"
    assert frame["tempo"].isna().tolist() == [False, False, True, True]
    assert frame["tempo"].tolist()[:2] == [100.0, 120.0]


def test_estimated_values_are_missing_unless_they_are_asked_for(estimated_store):
    names = ["energy", "valence", "tempo", "mfcc_01_mean"]
    with open_store(estimated_store) as con:
        measured = queries.features(con, names).set_index("track_id")
        both = queries.features(con, names, estimated=True).set_index("track_id")
        of_librosa = queries.features(con, ["mfcc_01_mean", "duration_ms"], estimated=True)
    mine = both.index.str.startswith("row:e")
    assert measured.loc[mine, ["energy", "valence"]].isna().all(axis=None)
    assert (measured["is_estimated"].any(), both["is_estimated"].tolist()) == (False, list(mine))
    assert both.loc[mine, "energy"].tolist() == [pytest.approx(i / 29) for i in range(30)]
    assert both.loc[mine, "tempo"].isna().all()
    pd.testing.assert_frame_equal(both[~mine], measured[~mine])
    pd.testing.assert_series_equal(both["mfcc_01_mean"], measured["mfcc_01_mean"])
    assert not of_librosa["is_estimated"].any()


def test_who_computed_the_features_is_counted_estimates_apart(estimated_store):
    with open_store(estimated_store) as con:
        assert rows(queries.feature_origins(con)) == [
            ("Spotify-style", "table", 120),
            ("Spotify-style", "estimated", 30),
            ("Librosa", "table", 120),
            ("Librosa", "audio", 30),
        ]
        counts = queries.counts(con)
    assert (counts["with_spotify_features"], counts["with_estimated_values"]) == (120, 30)


def test_how_far_estimates_can_be_trusted_the_best_first(estimated_store, tmp_path):
    with open_store(estimated_store) as con:
        found = queries.estimates(con)
    names = {"loudness": 0.9, "energy": 0.83, "valence": 0.34}
    assert rows(found) == [(name, "own", r2, 300, 60) for name, r2 in names.items()]
    bench = Bench(tmp_path / "music.duckdb")
    shutil.copy(estimated_store, bench.path)
    bench.put("later", track_id=[f"row:e{i:02d}" for i in range(30)], energy=0.5)
    with open_store(bench.path) as con:
        assert queries.estimates(con).empty


@pytest.mark.parametrize(
    ("sources", "ids"),
    [
        (["s"], ["file:1", "file:2", "file:3"]),
        (["t"], ["file:1", "file:4"]),
        (["s", "t"], ["file:1", "file:2", "file:3", "file:4"]),
        (["nobody"], []),
        (["s' OR 1=1 --"], []),
    ],
)
def test_features_of_some_sources_are_their_tracks(con, sources, ids):
    assert queries.features(con, ["tempo"], sources=sources)["track_id"].tolist() == ids


def test_sources_say_what_their_last_import_did(con):
    frame = queries.sources(con)
    picked = frame[["source", "n_tracks", "location", "n_read", "n_rejected"]]
    assert rows(picked) == [("s", 3, "s.csv", 4, 1), ("t", 2, "t.csv", 2, 0)]


def test_tracks_list_their_genres_once(con):
    frame = queries.tracks(con).set_index("track_id")
    assert frame.loc["file:1", "genres"] == "Pop, Rock"
    assert pd.isna(frame.loc["file:4", "genres"])


def test_one_track_is_found_by_its_id(con):
    track = queries.track(con, "file:1")
    assert (track["title"], track["artist"], track["genres"]) == ("One", "Ann; Bob", "Pop, Rock")
    assert queries.track(con, "file:9") == {}


def test_rejects_are_those_of_the_last_import_of_each_source(filled, con, bench):
    assert rows(queries.rejects(con)) == [("s", "s.csv row 5", "bad")]
    shutil.copy(filled.path, bench.path)
    bench.put("s", track_id=["file:1"], title=["One"])
    with open_store(bench.path) as later:
        assert queries.rejects(later).empty


def test_the_schema_tree_explains_every_column_of_tables_and_views(con):
    tree = queries.schema_tree(con)
    features = tree[tree["table_name"] == "features"].set_index("column_name")
    assert features.loc["tempo", "meaning"].endswith("0 to 300 BPM, octave errors are common")
    assert {"tracks", "features", "genre_counts", "coverage"} <= set(tree["table_name"])


def test_the_tracks_that_have_a_title_are_told_from_those_that_do_not(con, make_bench):
    assert queries.with_title(con, ["file:1", "file:4", "file:5"]) == {"file:1", "file:4"}
    bare = make_bench("bare")
    bare.put("s", track_id=["file:1"], artist=["Ann"])
    with open_store(bare.path) as other:
        assert queries.with_title(other, ["file:1"]) == set()
