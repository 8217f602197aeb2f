import numpy as np
import pandas as pd
import pytest

from music_explorer.analysis.artists import artist_codes
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.overlap import genre_overlap, genre_tree

CENTRES = {"a": (0, 0), "b": (1, 0), "c": (30, 0), "d": (31, 0), "e": (0, 90)}


def named(numbers):
    return np.array([f"Artist {number}" for number in numbers])


def songs(names="abcde", *, n_artists=20, n_songs=3, seed=0):
    """Genres about their centres: a blurs into b, c into d, e stands apart."""
    rng = np.random.default_rng(seed)
    genres = np.repeat(list(names), n_artists * n_songs)
    centres = np.array([CENTRES[name] for name in genres], dtype=float)
    artists = named(np.arange(len(genres)) // n_songs)
    return centres + rng.normal(size=centres.shape), genres, artists


def test_each_genre_blurs_into_the_one_beside_it_and_into_no_other():
    shares = genre_overlap(*songs()).shares
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1)
    assert shares.loc["e", "e"] == 1
    assert (shares.loc[["a", "b"], ["c", "d", "e"]] == 0).all(axis=None)
    assert 0.2 < shares.loc["a", "b"] < 0.5
    assert 0.2 < shares.loc["d", "c"] < 0.5


def test_shares_are_those_of_a_plain_neighbour_search_without_the_same_artist():
    X, genres, artists = songs("ab", seed=3)
    result = genre_overlap(X, genres, artists, n_neighbors=5)
    counts = pd.DataFrame(0.0, ["a", "b"], ["a", "b"])
    for i in range(len(X)):
        distance = np.linalg.norm(X - X[i], axis=1)
        distance[artists == artists[i]] = np.inf
        for j in np.argsort(distance)[:5]:
            counts.loc[genres[i], genres[j]] += 1
    assert result.shares.equals(counts.div(counts.sum(axis=1), axis=0))


def test_songs_by_one_artist_are_no_evidence_that_a_genre_holds_together():
    # Every artist's songs are on one spot; spots say nothing about the genre.
    rng = np.random.default_rng(0)
    artists = np.repeat(np.arange(60), 10)
    X = rng.uniform(size=(60, 3))[artists] + rng.normal(scale=1e-4, size=(600, 3))
    genres = np.where(artists % 2, "x", "y")
    lift = genre_overlap(X, genres, named(artists)).lift
    assert lift.to_numpy() == pytest.approx(np.ones((2, 2)), abs=0.35)
    assert genre_overlap(X, genres, [None] * 600).shares.loc["x", "x"] > 0.6


def test_expected_shares_follow_the_sizes_of_the_genres_without_ones_own_artist():
    rng = np.random.default_rng(0)
    genres = np.repeat(["big", "small"], [80, 20])
    result = genre_overlap(rng.normal(size=(100, 2)), genres, named(np.arange(100) // 2))
    assert result.expected.loc["big"].tolist() == pytest.approx([78 / 98, 20 / 98])
    assert result.expected.loc["small"].tolist() == pytest.approx([80 / 98, 18 / 98])


def test_few_artists_make_a_wide_interval_about_the_share():
    rng = np.random.default_rng(0)
    spots = rng.normal(size=(6, 2))
    few = spots[np.repeat(np.arange(6), 30)] + rng.normal(scale=0.1, size=(180, 2))
    many = rng.normal(size=(180, 2))
    genres = np.repeat(["few", "many"], 180)
    artists = np.r_[np.repeat(np.arange(6), 30), np.arange(6, 186)]
    result = genre_overlap(np.vstack([few, many]), genres, named(artists))
    width = result.high - result.low
    assert width.loc["few", "many"] > 2 * width.loc["many", "many"]
    assert (result.low <= result.shares).all(axis=None)
    assert (result.shares <= result.high).all(axis=None)
    assert result.n_artists.to_dict() == {"few": 6, "many": 180}


def test_a_genre_of_few_artists_is_left_out_and_nobodys_neighbour():
    X, genres, artists = songs("abe")
    artists = np.where(genres == "b", "One", artists)
    result = genre_overlap(X, genres, artists)
    assert result.left_out == {"b": 1}
    assert list(result.shares.columns) == ["a", "e"]


def test_a_hub_that_is_everyones_neighbour_shows_in_the_skewness():
    X, genres, artists = songs("ab", n_artists=60, n_songs=1)
    # Far from one another on a sphere, with a few songs near its centre.
    sphere = np.random.default_rng(0).normal(size=(120, 60))
    sphere /= np.linalg.norm(sphere, axis=1, keepdims=True)
    sphere[:3] *= 0.05
    with_hubs = genre_overlap(sphere, genres, artists, n_neighbors=3)
    assert with_hubs.hubness > 3 > genre_overlap(X, genres, artists, n_neighbors=3).hubness


def test_too_few_songs_by_others_are_an_error():
    X, genres, artists = songs("ab", n_artists=5, n_songs=1)
    with pytest.raises(AnalysisError, match="n_neighbors=15, but only 9 tracks"):
        genre_overlap(X, genres, artists)


@pytest.mark.parametrize("function", [genre_overlap, genre_tree])
def test_artists_as_label_are_refused(function):
    X, _, artists = songs("ab")
    with pytest.raises(AnalysisError, match="0 of 40 labels"):
        function(X, artists, artists)


@pytest.mark.parametrize("function", [genre_overlap, genre_tree])
def test_large_libraries_are_sampled_in_blocks_with_progress(function, monkeypatch):
    monkeypatch.setattr("music_explorer.analysis.overlap._BLOCK_DISTANCES", 20_000)
    seen = []
    result = function(*songs(), max_tracks=200, n_boot=10, progress=lambda *step: seen.append(step))
    assert result.sampled
    assert seen[-1] == (200, 200)
    assert len(seen) > 1


def test_the_tree_joins_neighbours_first_with_full_support():
    tree = genre_tree(*songs(), n_boot=100)
    branches = []
    for left, right, *_ in tree.linkage:
        parts = [{tree.names[int(i)]} if i < 5 else branches[int(i) - 5] for i in (left, right)]
        branches.append(parts[0] | parts[1])
    assert [{"a", "b"}, {"c", "d"}] in (branches[:2], branches[1::-1])
    assert branches[2:] == [{"a", "b", "c", "d"}, set("abcde")]
    assert tree.supports.tolist() == [1, 1, 1, 1]
    assert tree.n_boot == 100


def test_genres_that_are_one_and_the_same_have_no_supported_branch():
    rng = np.random.default_rng(0)
    genres = np.repeat(list("pqrs"), 120)
    tree = genre_tree(rng.normal(size=(480, 4)), genres, named(np.arange(480) // 3))
    assert tree.supports[0] < 0.8
    assert tree.supports[-1] == 1


def test_the_distance_is_the_energy_distance_over_songs_by_different_artists():
    X, genres, artists = songs("ab", n_artists=6, seed=1)
    apart = np.linalg.norm(X[:, None] - X, axis=2)
    different = artists[:, None] != artists

    def mean(g, h):
        cells = np.outer(genres == g, genres == h) & different
        return apart[cells].mean()

    expected = np.sqrt(2 * mean("a", "b") - mean("a", "a") - mean("b", "b"))
    tree = genre_tree(X, genres, artists, n_boot=5)
    assert tree.distances.loc["a", "b"] == pytest.approx(expected, rel=1e-4)


def test_an_artist_in_two_genres_is_compared_with_neither_of_its_own_songs():
    X, genres, artists = songs("ab", n_artists=6, seed=1)
    artists[18:21] = artists[:3]
    apart = np.linalg.norm(X[:, None] - X, axis=2)
    different = artists[:, None] != artists
    across = apart[np.outer(genres == "a", genres == "b") & different].mean()
    within = [apart[np.outer(genres == g, genres == g) & different].mean() for g in "ab"]
    expected = np.sqrt(2 * across - sum(within))
    assert genre_tree(X, genres, artists, n_boot=5).distances.loc["a", "b"] == pytest.approx(
        expected, rel=1e-4
    )


def test_resampled_distances_do_not_drift_from_the_observed_one():
    from music_explorer.analysis.overlap import _energy

    X, genres, artists = songs("ab", n_artists=15, n_songs=6)
    codes = (genres == "b").astype(int)
    squares = _energy(X, codes, artist_codes(artists), 2000, 0, None)[:, 0, 1]
    assert np.nanmean(squares[1:]) == pytest.approx(squares[0], rel=0.1)


def test_genres_differ_by_their_spread_alone():
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal(size=(300, 3)), 4 * rng.normal(size=(300, 3))])
    tree = genre_tree(X, np.repeat(["narrow", "wide"], 300), [None] * 600, n_boot=5)
    assert tree.distances.loc["narrow", "wide"] > 1
