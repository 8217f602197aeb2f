import numpy as np
import pytest

from music_explorer.analysis.artists import artist_codes, comparable_classes, resample
from music_explorer.analysis.errors import AnalysisError


def test_the_first_of_several_artists_counts():
    codes = artist_codes(["A", "A; B", "B; A", "B"])
    assert codes[0] == codes[1] != codes[2] == codes[3]


def test_tracks_without_an_artist_are_not_by_one_and_the_same():
    codes = artist_codes(["A", None, np.nan, "A", None])
    assert codes[0] == codes[3]
    assert len(set(codes[[0, 1, 2, 4]])) == 4
    assert len(set(artist_codes([None, None]))) == 2


def test_classes_of_few_artists_are_left_out_by_name():
    classes = ["x"] * 6 + ["y"] * 6 + ["z"] * 6 + [None]
    artists = [*range(6), *range(6), *[0] * 6, 9]
    compared = comparable_classes(classes, np.array(artists), min_artists=5)
    assert compared.names == ("x", "y")
    assert compared.left_out == {"z": 1}
    assert compared.n_artists.tolist() == [6, 6]
    assert compared.index.tolist() == list(range(12))
    assert compared.codes.tolist() == [0] * 6 + [1] * 6
    assert not compared.sampled


def test_codes_stay_with_their_names_when_a_class_in_between_leaves():
    classes = ["c"] * 5 + ["b"] + ["a"] * 5
    compared = comparable_classes(classes, np.arange(11), min_artists=5)
    assert [compared.names[code] for code in compared.codes] == ["c"] * 5 + ["a"] * 5


def test_many_tracks_are_sampled_and_said_to_be():
    classes = np.repeat(["x", "y"], 500)
    compared = comparable_classes(classes, np.arange(1000), max_tracks=200)
    assert compared.sampled
    assert len(compared.index) == len(set(compared.index)) == 200


def test_artists_as_classes_are_refused_in_one_line():
    with pytest.raises(AnalysisError, match="0 of 20 labels .* choose a label") as error:
        comparable_classes(np.repeat([f"A{i}" for i in range(20)], 4), np.repeat(range(20), 4))
    assert "\n" not in str(error.value)


def test_a_resample_draws_as_many_artists_as_there_are():
    weights = resample(7, 50, np.random.default_rng(0))
    assert weights.shape == (50, 7)
    assert (weights.sum(axis=1) == 7).all()
    assert len(np.unique(weights, axis=0)) > 40
