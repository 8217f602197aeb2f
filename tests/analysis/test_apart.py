import numpy as np
import pandas as pd

from music_explorer.analysis.apart import most_apart, most_blurred
from music_explorer.analysis.overlap import GenreOverlap, genre_overlap


def songs(centres, *, n_artists=20, n_songs=3, seed=0):
    """Draw each genre about its centre on a line, every artist in one genre only."""
    rng = np.random.default_rng(seed)
    genres = np.repeat(list(centres), n_artists * n_songs)
    X = np.array([centres[name] for name in genres])[:, None] + rng.normal(size=(len(genres), 2))
    return X, genres, [f"Artist {i // n_songs}" for i in range(len(genres))]


def table(shares, low=None, expected=None):
    """Make the result of a comparison whose shares are given."""
    names = list("abc"[: len(shares)])
    shares = pd.DataFrame(shares, names, names)
    even = pd.DataFrame(1 / len(names), names, names)
    sizes = pd.Series(100, names)
    return GenreOverlap(
        shares=shares,
        low=shares if low is None else pd.DataFrame(low, names, names),
        high=shares,
        expected=even if expected is None else pd.DataFrame(expected, names, names),
        n_tracks=sizes,
        n_artists=sizes,
        left_out={},
        sampled=False,
        hubness=0.0,
    )


def test_the_distant_genre_is_apart_and_the_two_beside_each_other_blur():
    found = genre_overlap(*songs({"near": 0.0, "nearer": 1.0, "away": 40.0, "between": 8.0}))
    assert most_apart(found) == "away"
    assert set(most_blurred(found)) == {"near", "nearer"}


def test_genres_without_any_difference_are_not_apart():
    assert most_apart(genre_overlap(*songs({"x": 0.0, "y": 0.0, "z": 0.0}))) is None


def test_genres_without_a_common_neighbour_do_not_blur():
    assert most_blurred(genre_overlap(*songs({"x": 0.0, "y": 90.0, "z": 180.0}))) is None


def test_a_genre_is_not_apart_because_it_is_large():
    shares = [[0.8, 0.1, 0.1], [0.45, 0.5, 0.05], [0.8, 0.1, 0.1]]
    expected = [[0.8, 0.1, 0.1]] * 3
    assert most_apart(table(shares, expected=expected)) == "b"


def test_a_genre_of_few_artists_must_be_more_than_uncertainly_apart():
    shares = [[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]]
    low = [[0.3, 0, 0], [0.05, 0.7, 0.05], [0.2, 0.2, 0.3]]
    assert most_apart(table(shares)) == "a"
    assert most_apart(table(shares, low)) == "b"


def test_a_pair_blurs_only_if_both_are_neighbours_of_each_other():
    shares = [[0.3, 0.7, 0.0], [0.05, 0.65, 0.3], [0.0, 0.2, 0.8]]
    assert most_blurred(table(shares)) == ("b", "c")
