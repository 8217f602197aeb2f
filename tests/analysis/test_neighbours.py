import numpy as np
import pandas as pd
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.neighbours import (
    as_near,
    hubness,
    in_words,
    neighbours,
    reading,
    typical_distances,
    why,
)

LINE = np.array([[0.0], [10], [3], [-1], [4]])


def test_neighbours_come_in_the_order_of_their_distance_without_the_track_itself():
    found = neighbours(LINE, 0, n=3)
    assert found["index"].tolist() == [3, 2, 4]
    assert found["distance"].tolist() == [1, 3, 4]


def test_excluded_tracks_are_no_neighbours_and_the_list_ends_where_no_more_are_left():
    exclude = np.array([False, False, False, True, True])
    assert neighbours(LINE, 0, n=3, exclude=exclude)["index"].tolist() == [2, 1]
    assert neighbours(LINE, 0, exclude=np.ones(5, bool)).empty
    assert exclude.tolist() == [False, False, False, True, True]


def test_of_equally_near_tracks_the_first_come_first():
    X = np.array([[5.0], [1], [-1], [1], [0], [-1]])
    assert neighbours(X, 4, n=3)["index"].tolist() == [1, 2, 3]


def test_neighbours_are_those_of_a_sorted_table_of_all_distances(blobs):
    X, _ = blobs
    distances = np.linalg.norm(X - X[7], axis=1)
    found = neighbours(X, 7, n=20)
    assert found["index"].tolist() == np.argsort(distances)[1:21].tolist()
    assert found["distance"].to_numpy() == pytest.approx(np.sort(distances)[1:21])


@pytest.mark.parametrize("row", [-1, 5])
def test_a_row_that_does_not_exist_is_refused(row):
    with pytest.raises(AnalysisError, match=f"row={row}; choose one from 0 to 4"):
        neighbours(LINE, row)


def test_no_neighbours_are_refused():
    with pytest.raises(AnalysisError, match="n=0; choose 1 neighbour or more"):
        neighbours(LINE, 0, n=0)


def test_the_shares_of_the_features_sum_to_one():
    X = np.array([[0.0, 0, 0], [3, -1, 0]])
    shares = why(X, 0, 1, ["energy", "valence", "tempo"])
    assert shares.to_dict() == pytest.approx({"energy": 0.9, "valence": 0.1, "tempo": 0})


def test_two_columns_of_a_circle_are_one_feature():
    X = np.array([[0.0, 0, 0], [1, 2, 2]])
    shares = why(X, 0, 1, ["energy", "key", "key"])
    assert shares.to_dict() == pytest.approx({"energy": 1 / 9, "key": 8 / 9})


def test_identical_tracks_have_no_distance_to_share():
    assert why(np.ones((2, 2)), 0, 1, ["energy", "valence"]).tolist() == [0, 0]


def test_being_as_near_is_counted_among_the_other_tracks():
    near = as_near(LINE, 0, [3, 4], ["energy"])
    assert near["energy"].to_dict() == {3: 1 / 4, 4: 3 / 4}


def test_beyond_the_limit_a_sample_judges(blobs):
    X, _ = blobs
    names = list("abcde")
    few, all_ = (as_near(X, 0, [1, 2], names, max_tracks=m) for m in (60, 1000))
    assert few.to_numpy() == pytest.approx(all_.to_numpy(), abs=0.2)
    assert not few.equals(all_)


@pytest.fixture
def shared():
    """A track, and one that shares a rare energy and a common valence but is much faster."""
    rng = np.random.default_rng(0)
    X = np.zeros((101, 4))
    X[:, 0] = rng.normal(size=101)
    X[:, 2] = rng.normal(size=101)
    X[0] = [3, 0, 0, 1]
    X[1] = [3.1, 0, 3, -1]
    return X, ["energy", "valence", "tempo", "key"]


def test_a_rare_value_in_common_is_alike_and_a_common_one_is_not(shared):
    X, names = shared
    words = in_words(X, 0, as_near(X, 0, [1], names), names).loc[1]
    assert words["alike"] == "energy"
    assert words["apart"] == "faster, a different key"


def test_each_feature_of_a_pair_is_read(shared):
    X, names = shared
    read = reading(as_near(X, 0, [1], names).loc[1], why(X, 0, 1, names))
    assert read.to_dict() == {
        "energy": "alike",
        "valence": "between",
        "tempo": "apart",
        "key": "apart",
    }


def test_a_feature_with_one_value_for_all_is_neither_alike_nor_apart():
    X = np.array([[1.0, 0], [1, 5], [1, 1], [1, 2]])
    names = ["mode", "energy"]
    words = in_words(X, 0, as_near(X, 0, [1], names), names).loc[1]
    assert words.tolist() == ["", "more energetic"]


def test_typical_distances_are_of_pairs_of_two_tracks_and_ascend():
    X = np.array([[0.0], [1], [3]])
    found = typical_distances(X, n_pairs=3000, random_state=1)
    assert set(found) == {1, 2, 3}
    assert (np.diff(found) >= 0).all()
    assert pd.Series(found).value_counts(normalize=True).to_numpy() == pytest.approx(
        1 / 3, abs=0.05
    )


def star(n_arms):
    """Points on the axes around one in the middle, each nearer to it than to any other."""
    arms = np.vstack([np.eye(n_arms), -np.eye(n_arms)])
    return np.vstack([np.zeros(n_arms), arms])


def test_a_track_in_the_middle_is_the_hub_of_those_around_it():
    found = hubness(star(10), n=1)
    assert found.k_occurrence[0] == 20
    assert found.k_occurrence.sum() == 21
    assert found.hubs.tolist() == [True] + [False] * 20
    assert found.skewness > 3
    assert not found.sampled


def test_no_track_of_a_ring_is_a_hub():
    angle = 2 * np.pi * np.arange(40) / 40
    found = hubness(np.column_stack([np.cos(angle), np.sin(angle)]), n=2)
    assert found.k_occurrence.tolist() == [2] * 40
    assert found.skewness == 0
    assert not found.hubs.any()


def test_copies_of_a_track_do_not_make_it_its_own_neighbour():
    found = hubness(np.repeat([[0.0], [9]], 4, axis=0), n=2)
    assert found.k_occurrence.sum() == 16
    assert found.k_occurrence.max() <= 6
    alone = hubness(np.zeros((2, 1)), n=1)
    assert alone.k_occurrence.tolist() == [1, 1]


def test_lists_of_a_sample_are_scaled_up_to_all():
    found = hubness(star(50), n=1, max_tracks=50, random_state=3)
    assert found.sampled
    assert found.k_occurrence.sum() == pytest.approx(101)
    assert found.k_occurrence[0] == pytest.approx(100, abs=3)
    again = hubness(star(50), n=1, max_tracks=50, random_state=3)
    assert found.k_occurrence.tolist() == again.k_occurrence.tolist()


def test_progress_is_told_to_the_end():
    told = []
    hubness(star(5), n=2, progress=lambda done, total: told.append((done, total)))
    assert told == [(11, 11)]


@pytest.mark.parametrize("n", [0, 5])
def test_hubness_needs_more_tracks_than_neighbours(n):
    with pytest.raises(AnalysisError, match=f"n={n} neighbours of 5 tracks; choose 1 to 4"):
        hubness(LINE, n=n)
