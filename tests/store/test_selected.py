"""Sets of tracks, found by an answer, a label or words."""

import pytest

from music_explorer.store.sandbox import query
from music_explorer.store.selected import (
    everything_of,
    found_by,
    known_tracks,
    matching,
    tracks_of,
    with_label,
)


def test_known_tracks_keep_their_order_and_come_once(small_store):
    asked = ["row:007", "nobody:1", "row:003", "row:007"]
    assert known_tracks(small_store, asked) == ["row:007", "row:003"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT track_id FROM tracks WHERE track_id <= 'row:002'",
        "SELECT track_id, 'é;' AS é FROM tracks WHERE track_id <= 'row:002' -- a remark",
        "SELECT TRACK_ID FROM tracks WHERE track_id <= 'row:002' ; -- a remark; and another",
        "FROM tracks ORDER BY track_id LIMIT 3;\n\n",
        "WITH t AS (FROM tracks) FROM t WHERE track_id <= 'row:002'",
    ],
)
def test_the_select_of_a_result_gives_exactly_its_tracks(small_store, sql):
    found = query(small_store, tracks_of(sql)).rows
    assert found.column_names == ["track_id"]
    assert sorted(found["track_id"].to_pylist()) == ["row:000", "row:001", "row:002"]


@pytest.fixture
def library(bench):
    """Five tracks with names that a careless search would trip over."""
    bench.put(
        "s",
        track_id=["row:a", "row:b", "row:c", "row:d", "row:e"],
        title=["Don't Stop", "100% Fun", "STOP", "Ünder", None],
        artist=["Fleetwood Mac", "Matthew", "Spice", "Björk", "Stopper"],
        release_date=["1977-02-04", "1995-01-01", "1997-01-01", "2001", None],
        genres=[("row:a", "Rock", "Soft"), ("row:a", "Pop", None), ("row:b", "Rock", None)],
    )
    return bench.path


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("stop", ["row:a", "row:c", "row:e"]),
        ("don't", ["row:a"]),
        ("ROCK fleetwood", ["row:a"]),
        ("%", ["row:b"]),
        ("ünder björk", ["row:d"]),
        ("_", []),
        ("'; DROP TABLE tracks", []),
    ],
)
def test_a_search_finds_tracks_that_have_all_words(library, words, expected):
    assert found_by(library, matching(words)) == expected


@pytest.mark.parametrize(
    ("kind", "label", "expected"),
    [
        ("genre", "Rock", ["row:a", "row:b"]),
        ("subgenre", "Soft", ["row:a"]),
        ("decade", "1990s", ["row:b", "row:c"]),
        ("artist", "Björk", ["row:d"]),
        ("genre", "R'n'B", []),
    ],
)
def test_the_tracks_with_a_label_are_found(library, kind, label, expected):
    assert found_by(library, with_label(kind, label)) == expected


def test_everything_of_tracks_comes_in_their_order_one_row_each(library):
    rows = everything_of(library, ["row:e", "row:a"])
    assert list(rows["track_id"]) == ["row:e", "row:a"]
    assert list(rows["genres"].fillna("")) == ["", "Pop, Rock"]
