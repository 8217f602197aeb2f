"""How sure the association of clusters with classes is, when artists and not songs are drawn.

The number itself is in `agreement`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from music_explorer.analysis.agreement import known_classes
from music_explorer.analysis.artists import artist_codes, resample
from music_explorer.analysis.errors import AnalysisError

# Numbers held at once: 32 MB of float64.
_BLOCK = 4_000_000


@dataclass(frozen=True)
class Interval:
    """A number and the interval of its bootstrap over artists.

    Attributes
    ----------
    value : float
        The number, of the tracks as they are.
    low, high : float
        Percentiles of the resamples; NaN if none is defined.
    level : float
        Share of the resamples between them, 0 to 1.
    n_boot : int
        Resamples in which the number is defined.
    n_tracks, n_artists : int
        What was resampled; a track without an artist is an artist of its own.
    """

    value: float
    low: float
    high: float
    level: float
    n_boot: int
    n_tracks: int
    n_artists: int


@dataclass(frozen=True)
class ArtistPermutation:
    """An adjusted Rand index beside those of artists that were dealt to classes at random.

    Attributes
    ----------
    observed : float
        The adjusted Rand index.
    null_mean, null_high : float
        Mean and 95th percentile of the permuted ones.
    p : float
        Share of the permutations, the observed one included, that reach the observed value. Nearly
        always the smallest possible, 1 / (n_permutations + 1): it tells how little chance explains,
        not how strong the association is.
    n_permutations : int
        Permutations.
    """

    observed: float
    null_mean: float
    null_high: float
    p: float
    n_permutations: int


def ari_interval(
    labels: np.ndarray,
    classes: Sequence[object],
    artists: Sequence[object],
    *,
    n_boot: int = 1000,
    level: float = 0.95,
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Interval:
    """Bootstrap the adjusted Rand index over primary artists.

    An artist that is drawn w times counts as w artists with the same songs. Pairs of a song and
    its own copy would agree by construction, and so, nearly, would any two songs of two copies:
    pairs between copies of one artist do not count, as in the bootstrap of Snijders & Borgatti.
    Without that the resamples lie above the observed value, and the interval is too narrow. The
    clusters are held fixed: the interval covers which artists happen to be in the library, not
    the instability of the clustering. With fewer than about 50 artists it is still too narrow.

    Parameters
    ----------
    labels : ndarray of int, shape (n_samples,)
        Cluster of each track.
    classes : sequence of shape (n_samples,)
        Class of each track; tracks with NaN or None are left out.
    artists : sequence of shape (n_samples,)
        Artist of each track, as for `artists.artist_codes`.
    n_boot : int, default 1000
        Resamples.
    level : float, default 0.95
        Share of the resamples inside the interval, 0 to 1.
    random_state : int, default 0
        Seed.
    progress : callable of (done, total), optional
        Called after each block of resamples; it may raise to stop.

    Returns
    -------
    Interval
        ``value`` is scikit-learn's ``adjusted_rand_score``.

    Raises
    ------
    AnalysisError
        If the tracks with a class have fewer than two classes or artists.

    References
    ----------
    Hubert & Arabie (1985), "Comparing partitions", doi:10.1007/BF01908075;
    Snijders & Borgatti (1999), "Non-parametric standard errors and tests for network statistics",
    Connections 22(2).
    """
    known, codes, _ = known_classes(classes)
    by_artist = pd.factorize(artist_codes(artists)[known])[0]
    n_artists = int(by_artist.max()) + 1
    if n_artists < 2:
        raise AnalysisError(
            "1 artist; an interval over artists needs at least 2, so select more tracks"
        )
    counted = _Pairs.of(by_artist, np.asarray(labels)[known], codes)
    rng = np.random.default_rng(random_state)
    report = progress or (lambda done, total: None)
    step = max(1, _BLOCK // max(n_artists, counted.widest))
    values = []
    for start in range(0, n_boot, step):
        weights = resample(n_artists, min(step, n_boot - start), rng)
        values.append(counted.ari(weights))
        report(min(start + step, n_boot), n_boot)
    value = counted.ari(np.ones((1, n_artists)))[0]
    return interval(value, np.concatenate(values), level, len(codes), n_artists)


def interval(
    value: float, resampled: np.ndarray, level: float, n_tracks: int, n_artists: int
) -> Interval:
    """Take the percentiles of resampled values.

    Parameters
    ----------
    value : float
        The number, of the tracks as they are.
    resampled : ndarray of shape (n_boot,)
        The number in each resample; NaN where it is undefined, which does not count.
    level : float
        Share of the resamples inside the interval, 0 to 1.
    n_tracks, n_artists : int
        What was resampled.

    Returns
    -------
    Interval
    """
    defined = resampled[np.isfinite(resampled)]
    low, high = np.nan, np.nan
    if len(defined):
        low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(value), float(low), float(high), level, len(defined), n_tracks, n_artists)


class _Partition(NamedTuple):
    """Songs of each artist in each group, and how many pairs an artist has within groups."""

    counts: object
    squares: np.ndarray
    own_pairs: np.ndarray

    def pairs(self, weights: np.ndarray) -> np.ndarray:
        """Count weighted pairs in the same group, none between copies of one artist."""
        sums = weights @ self.counts
        across = np.einsum("ij,ij->i", sums, sums) - weights**2 @ self.squares
        return (across + weights @ self.own_pairs) / 2


class _Pairs(NamedTuple):
    """The four counts of pairs that make up an adjusted Rand index."""

    both: _Partition
    clusters: _Partition
    classes: _Partition
    total: _Partition

    @classmethod
    def of(cls, artists: np.ndarray, labels: np.ndarray, codes: np.ndarray) -> "_Pairs":
        from scipy.sparse import csr_array

        def partition(groups: np.ndarray) -> _Partition:
            groups = np.unique(groups, return_inverse=True)[1]
            # Repeated entries are summed.
            counts = csr_array((np.ones(len(groups)), (artists, groups)))
            squares = np.asarray(counts.power(2).sum(axis=1))
            return _Partition(counts, squares, squares - np.asarray(counts.sum(axis=1)))

        cells = np.unique(labels, return_inverse=True)[1] * (codes.max() + 1) + codes
        return cls(*map(partition, (cells, labels, codes, np.zeros_like(codes))))

    @property
    def widest(self) -> int:
        return self.both.counts.shape[1]

    def ari(self, weights: np.ndarray) -> np.ndarray:
        return _ari(*(partition.pairs(weights) for partition in self))


def _ari(both: np.ndarray, clusters: np.ndarray, classes: np.ndarray, total: float) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = clusters * classes / total
        return (both - expected) / ((clusters + classes) / 2 - expected)


def artist_permutation(
    labels: np.ndarray,
    classes: Sequence[object],
    artists: Sequence[object],
    *,
    n_permutations: int = 200,
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> ArtistPermutation:
    """Deal whole artists to classes at random and compare: a footnote to `ari_interval`.

    The artists, with all their songs, are laid end to end in random order, and the classes over
    them one after the other. The classes keep their exact sizes, and nearly every artist has a
    single class, at most as mixed as in the library: the null is wide rather than narrow.

    Parameters
    ----------
    labels : ndarray of int, shape (n_samples,)
        Cluster of each track.
    classes : sequence of shape (n_samples,)
        Class of each track; tracks with NaN or None are left out.
    artists : sequence of shape (n_samples,)
        Artist of each track, as for `artists.artist_codes`.
    n_permutations : int, default 200
        Permutations.
    random_state : int, default 0
        Seed.
    progress : callable of (done, total), optional
        Called after each permutation; it may raise to stop.

    Returns
    -------
    ArtistPermutation

    Raises
    ------
    AnalysisError
        If the tracks with a class have fewer than two classes.

    References
    ----------
    Flexer & Schnitzer (2010), "Effects of album and artist filters in audio similarity computed
    for very large music databases", doi:10.1162/COMJ_a_00004; Phipson & Smyth (2010),
    "Permutation p-values should never be zero", doi:10.2202/1544-6115.1585.
    """
    known, codes, _ = known_classes(classes)
    by_artist = pd.factorize(artist_codes(artists)[known])[0]
    clusters = np.unique(np.asarray(labels)[known], return_inverse=True)[1]
    in_order = np.sort(codes)
    rng = np.random.default_rng(random_state)
    report = progress or (lambda done, total: None)
    null = np.empty(n_permutations)
    dealt = np.empty_like(codes)
    for i in range(n_permutations):
        place = rng.permutation(by_artist.max() + 1)[by_artist]
        dealt[np.argsort(place, kind="stable")] = in_order
        null[i] = _ari_of(clusters, dealt)
        report(i + 1, n_permutations)
    observed = _ari_of(clusters, codes)
    return ArtistPermutation(
        observed=observed,
        null_mean=float(null.mean()),
        null_high=float(np.quantile(null, 0.95)),
        p=float((1 + (null >= observed).sum()) / (n_permutations + 1)),
        n_permutations=n_permutations,
    )


def _ari_of(clusters: np.ndarray, codes: np.ndarray) -> float:
    n_codes = codes.max() + 1
    groupings = (clusters * n_codes + codes, clusters, codes, np.zeros_like(codes))
    sizes = [np.bincount(groups).astype(float) for groups in groupings]
    return float(_ari(*((size * (size - 1)).sum() / 2 for size in sizes)))
