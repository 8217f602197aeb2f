"""How well genres can be told apart in the features at all: a supervised question.

A classifier that is shown the genres puts the association of clusters, which are found without
them, in proportion. Genre is weak ground truth (Sturm, arXiv:1306.1461): what the classifier
misses need not be in the music.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from music_explorer.analysis.artists import artist_codes, comparable_classes, resample
from music_explorer.analysis.association import Interval, interval

_N_ESTIMATORS = 200
_N_BOOT = 1000
_LEVEL = 0.95


@dataclass(frozen=True)
class Separability:
    """Genres of songs by artists that the classifier has not heard.

    Attributes
    ----------
    balanced_accuracy : float
        Mean recall over the genres, 0 to 1: each genre counts alike, however large.
    chance : float
        What guessing reaches: 1 / number of genres.
    interval : Interval
        95 % interval of the balanced accuracy, over the artists of each genre; the classifiers are
        held fixed.
    ari : float
        Adjusted Rand index of predicted and given genre: on the scale of the clusters' own.
    recall : Series of shape (n_genres,)
        Share of each genre's tracks that were recognised, 0 to 1.
    confusion : DataFrame of shape (n_genres, n_genres)
        Rows: genre. Columns: predicted genre. Shares; a row sums to 1.
    n_tracks, n_artists : int
        What was classified.
    left_out : dict
        Genres with fewer artists than folds, by name, with the number of their artists.
    sampled : bool
        Whether the tracks are a random sample.
    """

    balanced_accuracy: float
    chance: float
    interval: Interval
    ari: float
    recall: pd.Series
    confusion: pd.DataFrame
    n_tracks: int
    n_artists: int
    left_out: dict[object, int]
    sampled: bool


def separability(
    X: np.ndarray,
    classes: Sequence[object],
    artists: Sequence[object],
    *,
    n_splits: int = 5,
    max_tracks: int = 10_000,
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Separability:
    """Classify each track by extremely randomised trees grown on other artists' tracks.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Features; their scale does not matter.
    classes : sequence of shape (n_samples,)
        Genre of each track; tracks with NaN or None are left out.
    artists : sequence of shape (n_samples,)
        Artist of each track, as for `artists.artist_codes`. No primary artist is in two folds.
    n_splits : int, default 5
        Folds. A genre with fewer artists cannot be in every one and is left out.
    max_tracks : int, default 10_000
        Beyond this many tracks with a genre a random sample of that size is used.
    random_state : int, default 0
        Seed of the folds, the trees and the resamples.
    progress : callable of (done, total), optional
        Called after each fold; it may raise to stop.

    Returns
    -------
    Separability

    Raises
    ------
    AnalysisError
        If fewer than two genres have `n_splits` artists, as when the label is the artist.

    References
    ----------
    Geurts, Ernst & Wehenkel (2006), "Extremely randomized trees", doi:10.1007/s10994-006-6226-1;
    Brodersen et al. (2010), "The balanced accuracy and its posterior distribution",
    doi:10.1109/ICPR.2010.764; Pampalk, Flexer & Widmer (2005), ISMIR, for the artist filter.
    """
    from sklearn.metrics import adjusted_rand_score

    by_artist = artist_codes(artists)
    compared = comparable_classes(
        classes,
        by_artist,
        min_artists=n_splits,
        max_tracks=max_tracks,
        random_state=random_state,
    )
    codes, who = compared.codes, by_artist[compared.index]
    predicted = _held_out(X[compared.index], codes, who, n_splits, random_state, progress)
    n_genres = len(compared.names)
    counts = np.zeros((n_genres, n_genres))
    np.add.at(counts, (codes, predicted), 1)
    names = list(compared.names)
    confusion = pd.DataFrame(counts / counts.sum(axis=1, keepdims=True), names, names)
    recall = pd.Series(np.diag(confusion), names)
    n_artists = len(np.unique(who))
    return Separability(
        balanced_accuracy=float(recall.mean()),
        chance=1 / n_genres,
        interval=interval(
            recall.mean(),
            _resampled(codes, predicted, who, random_state),
            _LEVEL,
            len(codes),
            n_artists,
        ),
        ari=float(adjusted_rand_score(codes, predicted)),
        recall=recall,
        confusion=confusion,
        n_tracks=len(codes),
        n_artists=n_artists,
        left_out=compared.left_out,
        sampled=compared.sampled,
    )


def proportion(ari: float, separability: Separability, *, label: str = "genre") -> str:
    """Put the association of clusters in proportion, in words.

    Parameters
    ----------
    ari : float
        Adjusted Rand index of the clusters with the same label.
    separability : Separability
        What a classifier reaches on the same features.
    label : str, default "genre"
        What the clusters are compared with.

    Returns
    -------
    str
        Sentences.
    """
    recall = separability.recall
    low, high = separability.interval.low, separability.interval.high
    return (
        f"A classifier that is shown the {label} of other artists' songs finds the {label} of a "
        f"song by an artist it has not heard in {_percent(separability.balanced_accuracy)} of "
        f"cases (95 % interval {_percent(low)} to {_percent(high)}, every {label} counting alike; "
        f"chance {_percent(separability.chance)}): most often for {recall.idxmax()} "
        f"({_percent(recall.max())}), least often for {recall.idxmin()} "
        f"({_percent(recall.min())}). Its answers have an adjusted Rand index of "
        f"{separability.ari:.2f} with the {label}; that of the clusters, which are found without "
        f"any {label}, is {ari:.2f}, to be read against that rather than against 1."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _held_out(
    X: np.ndarray,
    codes: np.ndarray,
    artists: np.ndarray,
    n_splits: int,
    random_state: int,
    progress: Callable[[int, int], None] | None,
) -> np.ndarray:
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.model_selection import StratifiedGroupKFold

    report = progress or (lambda done, total: None)
    folds = StratifiedGroupKFold(n_splits, shuffle=True, random_state=random_state)
    predicted = np.empty_like(codes)
    for fold, (known, unknown) in enumerate(folds.split(X, codes, artists), start=1):
        trees = ExtraTreesClassifier(
            _N_ESTIMATORS, class_weight="balanced", random_state=random_state, n_jobs=2
        )
        predicted[unknown] = trees.fit(X[known], codes[known]).predict(X[unknown])
        report(fold, n_splits)
    return predicted


def _resampled(
    codes: np.ndarray, predicted: np.ndarray, artists: np.ndarray, random_state: int
) -> np.ndarray:
    """Balanced accuracy after resampling the artists of each genre."""
    rng = np.random.default_rng(random_state)
    n_genres = codes.max() + 1
    recalls = np.empty((n_genres, _N_BOOT))
    for genre in range(n_genres):
        mine = codes == genre
        who = np.unique(artists[mine], return_inverse=True)[1]
        weights = resample(who.max() + 1, _N_BOOT, rng)
        recalls[genre] = weights @ np.bincount(who, predicted[mine] == genre)
        recalls[genre] /= weights @ np.bincount(who)
    return recalls.mean(axis=0)
