"""Estimating a measured value of a track from other features, and how far that can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from music_explorer.analysis.artists import artist_codes
from music_explorer.analysis.errors import AnalysisError

MIN_TRACKS, MIN_ARTISTS, MIN_R2 = 200, 20, 0.3
_N_SPLITS = 5
_N_ESTIMATORS = 100
_MIN_SAMPLES_SPLIT = 5


@dataclass(frozen=True)
class Estimate:
    """Result of `estimate`.

    Attributes
    ----------
    r2 : float
        Share of the variance that is explained for tracks by artists that were not learnt from: 1
        is exact, 0 no better than the mean of all tracks, negative worse than it.
    values : ndarray of shape (n_new,), or None
        Estimates within the valid range; None where `r2` is under the least that was asked for.
    n_tracks, n_artists : int
        What was learnt from.
    """

    r2: float
    values: np.ndarray | None
    n_tracks: int
    n_artists: int


def estimate(
    X: np.ndarray,
    y: np.ndarray,
    artists: Sequence[object],
    X_new: np.ndarray,
    *,
    valid_range: tuple[float, float] = (0.0, 1.0),
    min_r2: float = MIN_R2,
    max_tracks: int = 10_000,
    random_state: int = 0,
) -> Estimate:
    """Learn a value from features by extremely randomised trees, and estimate it for more tracks.

    The trees are judged in five folds, on artists that they were not grown on: songs by one artist
    are alike, and a model that has heard the artist looks better than it is on others.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Finite features; their scale does not matter.
    y : ndarray of shape (n_samples,)
        The value, measured; finite.
    artists : sequence of shape (n_samples,)
        Artist of each track, as for `artists.artist_codes`. No primary artist is in two folds.
    X_new : ndarray of shape (n_new, n_features)
        Finite features of tracks whose value is not known; may be none.
    valid_range : (float, float), default (0, 1)
        Least and greatest value there is; estimates are clipped to it.
    min_r2 : float, default 0.3
        With a smaller `Estimate.r2` nothing is estimated.
    max_tracks : int, default 10_000
        Beyond this many tracks a random sample of that size is learnt from.
    random_state : int, default 0
        Seed of the sample and the trees.

    Returns
    -------
    Estimate

    Raises
    ------
    AnalysisError
        If there are fewer than 200 tracks or 20 artists to learn from, or all have the same value.

    References
    ----------
    Geurts, Ernst & Wehenkel (2006), "Extremely randomized trees", doi:10.1007/s10994-006-6226-1:
    for regression every feature is tried at every node, and nodes of fewer than 5 are not split;
    Pampalk, Flexer & Widmer (2005), ISMIR, for the artist filter.
    """
    from sklearn.metrics import r2_score

    by_artist = artist_codes(artists)
    if len(y) > max_tracks:
        rng = np.random.default_rng(random_state)
        picked = np.sort(rng.choice(len(y), max_tracks, replace=False))
        X, y, by_artist = X[picked], y[picked], by_artist[picked]
    n_artists = len(np.unique(by_artist))
    _refuse_too_little(y, n_artists)
    r2 = float(r2_score(y, _held_out(X, y, by_artist, random_state)))
    values = None
    if r2 >= min_r2:
        values = np.clip(_learnt(X, y, X_new, random_state), *valid_range)
    return Estimate(r2, values, len(y), n_artists)


def _refuse_too_little(y: np.ndarray, n_artists: int) -> None:
    if len(y) < MIN_TRACKS or n_artists < MIN_ARTISTS:
        raise AnalysisError(
            f"{len(y):,} tracks by {n_artists:,} artists to learn from; at least {MIN_TRACKS} by "
            f"{MIN_ARTISTS} are needed"
        )
    if np.ptp(y) == 0:
        raise AnalysisError(f"{y[0]:g} in all {len(y):,} tracks; there is nothing to learn")


def _held_out(X: np.ndarray, y: np.ndarray, artists: np.ndarray, random_state: int) -> np.ndarray:
    from sklearn.model_selection import GroupKFold

    predicted = np.empty(len(y))
    for known, unknown in GroupKFold(_N_SPLITS).split(X, y, artists):
        predicted[unknown] = _learnt(X[known], y[known], X[unknown], random_state)
    return predicted


def _learnt(X: np.ndarray, y: np.ndarray, X_new: np.ndarray, random_state: int) -> np.ndarray:
    from sklearn.ensemble import ExtraTreesRegressor

    if not len(X_new):
        return np.empty(0)
    trees = ExtraTreesRegressor(
        _N_ESTIMATORS, min_samples_split=_MIN_SAMPLES_SPLIT, random_state=random_state, n_jobs=2
    ).fit(X, y)
    # Threads would add the trees up in an order of their own, so that the last digits vary.
    return trees.set_params(n_jobs=1).predict(X_new)
