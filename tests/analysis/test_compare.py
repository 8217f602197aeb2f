from datetime import datetime

import pandas as pd
import pytest

from music_explorer.analysis.compare import compare
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.partition import NOISE
from music_explorer.analysis.record import Record


def record(clusters, track_ids="abcdefgh", run_id="r"):
    """Return a run with the given cluster of each track; None is noise."""
    assignments = pd.DataFrame(
        {
            "track_id": [f"row:{letter}" for letter in track_ids[: len(clusters)]],
            "cluster": pd.array(clusters, dtype="Int64"),
            "x": 0.0,
            "y": 0.0,
            "z": 0.0,
        }
    )
    return Record(run_id, datetime(2026, 1, 1), {}, "v", {}, {}, assignments)


def moves(found):
    names = found.moved["track_id"].str.removeprefix("row:")
    return dict(zip(names, found.moved[["first", "second"]].to_numpy().tolist(), strict=True))


def test_a_run_is_identical_to_itself():
    found = compare(record([0, 0, 1, 1]), record([0, 0, 1, 1]))
    assert found.ari == 1
    assert found.moved.empty
    assert found.contingency.to_numpy().tolist() == [[2, 0], [0, 2]]


def test_the_numbers_of_clusters_mean_nothing():
    found = compare(record([0, 0, 0, 1, 1, 2]), record([2, 2, 2, 0, 0, 1]))
    assert found.ari == 1
    assert found.moved.empty
    assert found.matches == {2: 0, 0: 1, 1: 2, NOISE: NOISE}


def test_the_track_that_changed_sides_is_named_with_both_clusters():
    found = compare(record([0, 0, 0, 1, 1, 1]), record([1, 1, 0, 0, 0, 0]))
    assert moves(found) == {"c": [0, 0]}
    assert found.matches[1] == 0


def test_clusters_are_matched_so_that_as_many_tracks_as_possible_stay():
    # Cluster 0 overlaps most with 0 (3 tracks), but then 1 and 1 share none: 0-1 and 1-0 keep 4.
    found = compare(record([0, 0, 0, 0, 0, 1, 1]), record([0, 0, 0, 1, 1, 0, 0]))
    assert found.matches == {1: 0, 0: 1, NOISE: NOISE}
    assert sorted(moves(found)) == ["a", "b", "c"]


def test_a_split_cluster_keeps_its_larger_part():
    found = compare(record([0, 0, 0, 1, 1]), record([0, 0, 2, 1, 1]))
    assert moves(found) == {"c": [0, 2]}
    assert 2 not in found.matches


def test_the_adjusted_rand_index_is_that_of_the_literature():
    # scikit-learn's documented example.
    assert compare(record([0, 0, 1, 1]), record([0, 0, 1, 2])).ari == pytest.approx(4 / 7)


def test_noise_stays_noise_or_moves():
    found = compare(record([0, 0, 1, 1, None, None]), record([0, 0, 1, 1, None, 1]))
    assert moves(found) == {"f": [pd.NA, 1]}
    assert list(found.contingency.index) == [0, 1, NOISE]
    assert found.contingency.loc[NOISE].tolist() == [0, 1, 1]


def test_noise_is_never_matched_with_a_cluster():
    found = compare(record([None, None, None, 0]), record([0, 0, 0, 1]))
    assert found.matches == {1: 0, NOISE: NOISE}
    assert sorted(moves(found)) == ["a", "b", "c"]


def test_only_shared_tracks_count():
    found = compare(record([0, 0, 1, 1], "abcd"), record([0, 1, 0], "bcx"))
    assert (found.n_shared, found.n_only_first, found.n_only_second) == (2, 2, 1)
    assert found.ari == 1
    assert found.contingency.to_numpy().sum() == 2


def test_the_repeats_of_a_track_are_compared_one_by_one():
    found = compare(record([0, 1, 1], "aab"), record([0, 0, 1], "aab"))
    assert found.n_shared == 3
    assert moves(found) == {"a": [1, 0]}


def test_runs_of_other_music_are_refused():
    with pytest.raises(AnalysisError, match="runs p and q share none of their 2 and 1 tracks"):
        compare(record([0, 1], "ab", "p"), record([0], "x", "q"))
