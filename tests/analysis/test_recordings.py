import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music_explorer.analysis.recordings import (
    _all_folded,
    _fold_artist,
    _fold_title,
    joined_labels,
    one_per_recording,
    recordings,
    representatives,
)


def tracks_of(*rows, **columns):
    """Rows of title, artist, seconds and, optionally, ISRC."""
    filled = [(*row, None)[:4] for row in rows]
    frame = pd.DataFrame(filled, columns=["title", "artist", "duration_ms", "isrc"])
    frame["duration_ms"] *= 1000
    frame.insert(0, "track_id", [f"t:{i}" for i in range(len(rows))])
    return frame.assign(**columns)


def groups(*rows):
    return recordings(tracks_of(*rows)).tolist()


@pytest.mark.parametrize(
    "title",
    [
        "yesterday",
        "YESTERDAY!",
        "Yesterday - Remastered 2009",
        "Yesterday - 2009 Remaster",
        "Yesterday (2009 - Remaster)",
        "Yesterday (Remastered)",
        "Yesterday [Remastered Version]",
        "Yesterday - Mono / 1997 Remastered",
        "Yesterday - Single Version",
        "Yesterday (Album Version)",
        "Yesterday – Stereo",
        "Yésterday - Digitally Remastered",
    ],
)
def test_editions_of_a_title_are_the_same_recording(title):
    assert groups(("Yesterday", "The Beatles", 125), (title, "THE BEATLES", 126)) == [0, 0]


@pytest.mark.parametrize(
    "title",
    [
        "Yesterday - Live",
        "Yesterday (Live) - Remastered 2009",
        "Yesterday - 1991 Remix",
        "Yesterday - Radio Edit",
        "Yesterday (Acoustic)",
        "Yesterday (feat. Someone)",
        "Yesterday - 2009",
        "Yesterday - Take 2 / Mono",
        "Yesterday's Stereo",
    ],
)
def test_other_versions_of_a_title_are_other_recordings(title):
    assert groups(("Yesterday", "The Beatles", 125), (title, "The Beatles", 125)) == [0, 1]


@pytest.mark.parametrize("title", ["Stereo", "Mono", "1999", "!!!", "(Remastered)", "夜に駆ける"])
def test_a_title_that_folding_would_empty_is_still_a_title(title):
    assert groups((title, "A", 100), (title, "A", 100), ("???", "A", 100)) == [0, 0, 1]


def test_movements_that_share_a_title_stay_apart_by_duration():
    assert groups(("Sonata", "Bach", 100), ("Sonata", "Bach", 300), ("Sonata", "Bach", 102)) == [
        0,
        1,
        0,
    ]


def test_three_seconds_are_within_reach_and_more_are_not():
    assert groups(("x", "A", 100), ("x", "A", 103)) == [0, 0]
    assert groups(("x", "A", 100), ("x", "A", 103.001)) == [0, 1]


def test_small_steps_do_not_chain_across_a_long_range():
    found = groups(*[("x", "A", 100 + 2 * i) for i in range(6)])
    assert found == [0, 0, 1, 1, 2, 2]


def test_only_the_primary_artist_counts():
    assert groups(("x", "A", 100), ("x", "A; B", 100), ("x", "B; A", 100)) == [0, 0, 1]


@pytest.mark.parametrize(
    ("row", "missing"), [(("x", "A", np.nan), 2), (("x", None, 100), 1), ((None, "A", 100), 0)]
)
def test_with_a_part_of_the_name_missing_nothing_is_grouped(row, missing):
    assert groups(row, row) == [0, 1]


def test_an_isrc_wins_over_names():
    one, other = "USRC17607839", "GBAYE0601696"
    assert groups(("x", "A", 100, one), ("y", "B", 300, one.lower())) == [0, 0]
    assert groups(("x", "A", 100, one), ("x", "A", 100, other)) == [0, 1]
    assert groups(("x", "A", np.nan, "US-RC1-76-07839"), (None, None, np.nan, one)) == [0, 0]


def test_a_track_without_isrc_joins_the_only_one_under_its_name():
    one, other = "USRC17607839", "GBAYE0601696"
    rows = [("x", "A", 100), ("x", "A", 100, one)]
    assert groups(*rows) == [0, 0]
    assert groups(*rows, ("x", "A", 101, other)) == [0, 1, 2]


@pytest.mark.parametrize("code", ["", "0", "n/a", "USRC1760783"])
def test_what_is_not_an_isrc_joins_nothing(code):
    assert groups(("x", "A", 100, code), ("y", "B", 300, code)) == [0, 1]


def test_columns_and_index_of_the_table_do_not_matter():
    frame = tracks_of(("x", "A", 100), ("x", "A", 100), ("y", "A", 100))
    shown = frame.drop(columns="isrc").set_index(pd.Index([7, 7, 3]))
    assert recordings(shown).tolist() == [0, 0, 1]
    assert recordings(frame[:0]).tolist() == []


def test_the_fullest_row_then_the_earliest_then_the_lowest_id_stands_for_the_others():
    same = [("x", "A", 100)] * 4
    frame = tracks_of(
        *same, release_date=["2001", "1999", None, "1999-05-01"], energy=[1.0, 1, 1, 1]
    )
    assert representatives(frame).tolist() == [1, 1, 1, 1]
    assert representatives(frame.assign(energy=[1.0, np.nan, 1, np.nan])).tolist() == [0] * 4
    assert representatives(frame.assign(release_date=None)[::-1]).tolist() == [3] * 4


def test_one_row_of_each_recording_is_kept_in_the_order_of_the_table():
    frame = tracks_of(("y", "A", 50), ("x", "A", 100), ("x", "A", 101), ("z", "A", 9))
    kept, stands_for = one_per_recording(frame)
    assert kept.tolist() == [0, 1, 3]
    assert stands_for == {"t:2": "t:1"}


def test_the_labels_of_all_releases_belong_to_the_recording():
    frame = tracks_of(("x", "A", 100), ("x", "A", 101), ("y", "A", 9))
    genres = pd.DataFrame(
        [("t:0", "Pop"), ("t:1", "Rock"), ("t:1", "Pop"), ("t:2", "Pop"), ("u:9", "Jazz")],
        columns=["track_id", "genre"],
    )
    joined = joined_labels(genres, one_per_recording(frame).stands_for)
    assert sorted(map(tuple, joined.to_numpy())) == [
        ("t:0", "Pop"),
        ("t:0", "Rock"),
        ("t:2", "Pop"),
        ("u:9", "Jazz"),
    ]


_NAMES = st.text(alphabet="aZé9_ -–.;:!()[]\t\u0301", max_size=8) | st.sampled_from(
    ["Stereo", "a - Remastered 2009", "A (mono)", "x; y", "1999 Album Version", "Straße", "!!!"]
)


@given(names=st.lists(_NAMES, unique=True))
def test_names_folded_all_at_once_are_folded_as_one_by_one(names):
    for fold in (_fold_title, _fold_artist):
        assert _all_folded(names, fold).tolist() == [fold(name) for name in names]
