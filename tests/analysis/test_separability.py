import numpy as np
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.separability import proportion, separability


def songs(n_genres=3, *, n_artists=12, n_songs=5, apart=8.0, artist_spread=0.0, seed=0):
    rng = np.random.default_rng(seed)
    artists = np.arange(n_genres * n_artists).repeat(n_songs)
    codes = artists // n_artists
    centres = apart * np.eye(n_genres, 6)[codes]
    places = artist_spread * rng.normal(size=(n_genres * n_artists, 6))[artists]
    X = centres + places + rng.normal(size=(len(codes), 6))
    genres = np.array([f"genre {code}" for code in codes])
    return X, genres, np.array([f"Artist {number:02d}" for number in artists])


@pytest.fixture(scope="module")
def separate():
    return separability(*songs())


def test_genres_far_apart_are_told_apart(separate):
    assert separate.balanced_accuracy > 0.98
    assert separate.ari > 0.95
    assert separate.chance == pytest.approx(1 / 3)
    assert (separate.recall > 0.95).all()
    assert (separate.n_tracks, separate.n_artists) == (180, 36)


def test_shuffled_genres_are_found_by_chance_only():
    X, genres, artists = songs()
    shuffled = np.random.default_rng(1).permutation(genres)
    result = separability(X, shuffled, [None] * len(X), n_splits=3)
    # 180 independent guesses of 1 in 3: a standard error of .035.
    assert result.balanced_accuracy == pytest.approx(1 / 3, abs=3.3 * 0.035)
    assert abs(result.ari) < 0.05


def test_an_artist_that_was_heard_does_not_help_with_its_other_songs():
    # The genres are the same, but every artist sounds like nobody else.
    X, genres, artists = songs(apart=0.0, artist_spread=10.0)
    held_out = separability(X, genres, artists, n_splits=3)
    leaking = separability(X, genres, [None] * len(X), n_splits=3)
    assert leaking.balanced_accuracy > 0.95
    # 36 independent artists, not 180 songs: a standard error of .08.
    assert held_out.balanced_accuracy < 1 / 3 + 3.3 * 0.08
    interval = held_out.interval
    assert interval.high - interval.low > 3 * (leaking.interval.high - leaking.interval.low)
    assert interval.low <= interval.value <= interval.high


def test_every_genre_counts_alike_however_large():
    X, genres, artists = songs(2, n_artists=40, apart=0.0)
    large = np.where(np.arange(len(X)) % 8 == 0, "small", "large")
    result = separability(X, large, [None] * len(X), n_splits=2)
    assert result.balanced_accuracy == pytest.approx(result.recall.mean())
    assert result.balanced_accuracy == pytest.approx(0.5, abs=0.1)


def test_a_row_of_the_confusion_sums_to_1_and_its_diagonal_is_the_recall(separate):
    assert separate.confusion.sum(axis=1).to_numpy() == pytest.approx(1)
    assert np.diag(separate.confusion).tolist() == separate.recall.tolist()
    assert list(separate.confusion.index) == ["genre 0", "genre 1", "genre 2"]


def test_a_genre_with_fewer_artists_than_folds_is_left_out_by_name():
    X, genres, artists = songs()
    genres = np.where(artists < "Artist 04", "rare", genres)
    result = separability(X, genres, artists)
    assert result.left_out == {"rare": 4}
    assert result.n_tracks == 160


def test_artists_cannot_be_held_out_of_themselves():
    X, _, artists = songs()
    with pytest.raises(AnalysisError, match="0 of 36 labels .* choose a label"):
        separability(X, artists, artists)


def test_the_same_seed_gives_the_same_result_and_progress_can_stop_it(separate):
    seen = []
    again = separability(*songs(), progress=lambda *step: seen.append(step))
    assert again.confusion.equals(separate.confusion)
    assert again.interval == separate.interval
    assert seen == [(fold, 5) for fold in range(1, 6)]


def test_large_libraries_are_sampled():
    result = separability(*songs(), n_splits=2, max_tracks=100)
    assert result.sampled
    assert result.n_tracks == 100


def test_the_clusters_are_put_in_proportion_in_words(separate):
    words = proportion(0.196, separate, label="decade")
    assert "finds the decade of a song by an artist it has not heard in 100 % of" in words
    assert "chance 33 %" in words
    assert "is 0.20, to be read against that" in words
    assert "genre of" not in words
