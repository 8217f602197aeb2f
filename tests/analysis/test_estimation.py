"""Estimating a value: judged on other artists, within its range, refused where little is known."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.estimation import estimate

N_ARTISTS, N_SONGS = 60, 5
SLOPE, NOISE = 0.1, 0.03
# Variance that the first feature explains, and with it the best R² that there is.
BEST_R2 = SLOPE**2 / (SLOPE**2 + NOISE**2)


def songs(n_artists=N_ARTISTS, n_songs=N_SONGS, *, seed=0):
    """Return features, a value that is linear in the first of them, and artists with guests."""
    rng = np.random.default_rng(seed)
    n = n_artists * n_songs
    X = rng.normal(size=(n, 4))
    y = 0.5 + SLOPE * X[:, 0] + rng.normal(scale=NOISE, size=n)
    artists = [f"Artist {i % n_artists:02d}; Guest {i}" for i in range(n)]
    return X, y, artists


def independent_r2(X, y, artists):
    trees = ExtraTreesRegressor(100, min_samples_split=5, random_state=0)
    groups = [name.split("; ")[0] for name in artists]
    return r2_score(y, cross_val_predict(trees, X, y, groups=groups, cv=GroupKFold(5)))


@pytest.fixture(scope="module")
def learnt():
    return estimate(*songs(), songs(seed=1)[0])


def test_the_r2_is_that_of_scikit_learn_with_artists_held_out(learnt):
    assert learnt.r2 == pytest.approx(independent_r2(*songs()), abs=1e-12)
    assert (learnt.n_tracks, learnt.n_artists) == (N_ARTISTS * N_SONGS, N_ARTISTS)


def test_the_r2_stays_under_what_the_noise_allows_and_holds_for_new_tracks(learnt):
    assert 0.8 < learnt.r2 < BEST_R2
    X_new, y_new, _ = songs(seed=1)
    assert r2_score(y_new, learnt.values) == pytest.approx(learnt.r2, abs=0.05)


def test_a_value_that_has_nothing_to_do_with_the_features_is_not_estimated():
    X, y, artists = songs()
    noise = np.random.default_rng(2).uniform(size=len(y))
    found = estimate(X, noise, artists, X)
    assert found.r2 < 0.1
    assert found.values is None


def test_the_least_r2_decides(learnt):
    X, y, artists = songs()
    assert estimate(X, y, artists, X[:3], min_r2=learnt.r2).values.shape == (3,)
    assert estimate(X, y, artists, X[:3], min_r2=np.nextafter(learnt.r2, 1)).values is None


def test_an_artist_that_was_heard_does_not_help_with_its_other_songs():
    # Each artist has a place and a value of its own, and the one says nothing of the other.
    rng = np.random.default_rng(0)
    who = np.arange(N_ARTISTS).repeat(N_SONGS)
    X = rng.normal(size=(N_ARTISTS, 4))[who] + rng.normal(scale=0.01, size=(len(who), 4))
    y = rng.uniform(size=N_ARTISTS)[who]
    assert estimate(X, y, [None] * len(y), X).r2 > 0.9
    assert estimate(X, y, [f"Artist {i}" for i in who], X).r2 < 0.1


def test_estimates_are_clipped_to_the_valid_range():
    X, y, artists = songs()
    values = estimate(X, y, artists, X, valid_range=(0.45, 0.55)).values
    assert (values.min(), values.max()) == (0.45, 0.55)


def test_the_same_seed_gives_the_same_estimates_to_the_last_digit(learnt):
    again = estimate(*songs(), songs(seed=1)[0])
    assert again.r2 == learnt.r2
    assert again.values.tolist() == learnt.values.tolist()
    other = estimate(*songs(), songs(seed=1)[0], random_state=1)
    assert other.r2 != learnt.r2


def test_there_may_be_nothing_to_estimate():
    X, y, artists = songs()
    found = estimate(X, y, artists, X[:0])
    assert found.values.shape == (0,)
    assert found.r2 > 0.8


def test_beyond_the_most_tracks_a_sample_is_learnt_from():
    X, y, artists = songs()
    assert estimate(X, y, artists, X[:1], max_tracks=250).n_tracks == 250


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((199, 1), "199 tracks by 199 artists to learn from; at least 200 by 20 are needed"),
        ((19, 11), "209 tracks by 19 artists to learn from; at least 200 by 20 are needed"),
        ((0, 1), "0 tracks by 0 artists to learn from"),
    ],
)
def test_too_little_to_learn_from_is_refused(shape, said):
    X, y, artists = songs(*shape)
    with pytest.raises(AnalysisError, match=said):
        estimate(X, y, artists, X)


def test_twenty_artists_and_two_hundred_tracks_are_enough():
    X, y, artists = songs(20, 10)
    assert estimate(X, y, artists, X[:1]).n_artists == 20


def test_a_value_that_does_not_vary_is_refused():
    X, y, artists = songs()
    with pytest.raises(AnalysisError, match="0.25 in all 300 tracks; there is nothing to learn"):
        estimate(X, np.full(len(y), 0.25), artists, X)
