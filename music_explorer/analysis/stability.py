"""Stability: whether clusters come back from other tracks, or from another seed.

Stable is not real. A shapeless cloud with one long axis is cut at the same places again and again,
so a stability is always shown beside that of such a cloud.

Tracks are resampled in the clustered space: a projection is held fixed, its own instability is not
part of the numbers.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.nulls import NULLS
from music_explorer.analysis.sweep import labelings

_N_INIT = 3
# Lower bounds of the mean Jaccard, best first, by the guidance of fpc::clusterboot.
_GUIDANCE = (
    (0.85, "highly stable"),
    (0.75, "stable"),
    (0.6, "a pattern, its members uncertain"),
    (0.5, "not to be trusted"),
)
DISSOLVED = 0.5
"""A cluster with a mean Jaccard up to this dissolves under resampling."""


class SeedAri(NamedTuple):
    """Adjusted Rand index between clusterings that differ in their seed alone.

    Attributes
    ----------
    mean, min : float
        Over all pairs of seeds; 1 is identical.
    """

    mean: float
    min: float


def bootstrap_jaccard(
    X: np.ndarray,
    labels: np.ndarray,
    *,
    method: str = "kmeans",
    n_boot: int = 50,
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.Series:
    """Measure how well each cluster comes back from bootstrap samples.

    Each sample is clustered anew, its distinct points once (as fpc::clusterboot does by default).
    A cluster is compared, over the points drawn, with the new cluster most like it. Samples that
    drew none of its points do not count.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The points in the space that was clustered.
    labels : ndarray of int, shape (n_samples,)
        Cluster of each point, from 0 without gaps.
    method : str, default "kmeans"
        How `labels` were found: a name in `sweep.SWEPT`. For k-means a sample gets the best of 3
        starts.
    n_boot : int, default 50
        Bootstrap samples, 1 or more.
    random_state : int, default 0
        Seed.
    progress : callable of (done, total), optional
        Called after each sample; it may raise to stop.

    Returns
    -------
    Series of shape (n_clusters,)
        Mean Jaccard similarity by cluster, 0 to 1; 1 comes back unchanged every time.

    Raises
    ------
    AnalysisError
        If `n_boot` or `method` is not valid, or a sample has too few distinct points.

    References
    ----------
    Hennig (2007), "Cluster-wise assessment of cluster stability",
    doi:10.1016/j.csda.2006.11.025.
    """
    if n_boot < 1:
        raise AnalysisError(f"n_boot={n_boot}; expected 1 or more")
    report = progress or (lambda done, total: None)
    rng = np.random.default_rng(random_state)
    k = int(labels.max()) + 1
    best = np.empty((n_boot, k))
    for i in range(n_boot):
        drawn = np.unique(rng.integers(len(X), size=len(X)))
        seed = int(rng.integers(2**32))
        (found,) = labelings(X[drawn], ks=[k], method=method, random_state=seed, n_init=_N_INIT)
        best[i] = _best_jaccard(labels[drawn], found, k)
        report(i + 1, n_boot)
    counted = np.isfinite(best)
    sums = np.where(counted, best, 0).sum(axis=0)
    means = np.divide(sums, counted.sum(axis=0), out=np.full(k, np.nan), where=counted.any(axis=0))
    return pd.Series(means, index=pd.RangeIndex(k, name="cluster"), name="jaccard")


def null_jaccard(
    X: np.ndarray,
    *,
    n_clusters: int,
    method: str = "kmeans",
    place: Callable[[np.ndarray], np.ndarray] | None = None,
    null: str = "gaussian",
    n_null: int = 5,
    n_boot: int = 10,
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """Measure the same in shapeless clouds with the correlations of the features.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The scaled features.
    n_clusters : int
        2 to n_samples - 1.
    method : str, default "kmeans"
        A name in `sweep.SWEPT`.
    place : callable of X, optional
        Projects a cloud before it is clustered; by default the features are clustered.
    null : {"gaussian", "copula"}, default "gaussian"
        See `nulls`.
    n_null : int, default 5
        Clouds drawn.
    n_boot : int, default 10
        Bootstrap samples of each cloud.
    random_state : int, default 0
        Seed.
    progress : callable of (done, total), optional
        Called after each bootstrap sample; it may raise to stop.

    Returns
    -------
    ndarray of shape (n_values,)
        Mean Jaccard of every cluster of every cloud.

    Raises
    ------
    AnalysisError
        If `null`, `method`, `n_clusters` or `n_boot` is not valid.
    """
    report = progress or (lambda done, total: None)
    rng = np.random.default_rng(random_state)
    values = []
    for i, points in enumerate(_clouds(X, place, null, n_null, rng)):
        jaccard = _jaccard_at(
            points,
            n_clusters,
            method=method,
            n_boot=n_boot,
            random_state=int(rng.integers(2**32)),
            progress=lambda done, total, i=i: report(i * total + done, n_null * total),
        )
        values.append(jaccard.to_numpy())
    return np.concatenate(values)


def stability_curve(
    X: np.ndarray,
    *,
    ks: Iterable[int] = range(2, 12),
    method: str = "kmeans",
    place: Callable[[np.ndarray], np.ndarray] | None = None,
    null: str = "gaussian",
    n_boot: int = 10,
    n_null: int = 3,
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Measure the stability at many k, in the data and in shapeless clouds.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The scaled features.
    ks : iterable of int, default 2 to 11
        Numbers of clusters.
    method : str, default "kmeans"
        A name in `sweep.SWEPT`.
    place : callable of X, optional
        Projects data and clouds before they are clustered; by default the features are clustered.
    null : {"gaussian", "copula"}, default "gaussian"
        See `nulls`.
    n_boot : int, default 10
        Bootstrap samples at each k, of the data and of each cloud.
    n_null : int, default 3
        Clouds drawn.
    random_state : int, default 0
        Seed.
    progress : callable of (done, total), optional
        Called after each k of the data and of each cloud; it may raise to stop.

    Returns
    -------
    DataFrame
        ``k``; ``jaccard``, the mean over the clusters (0 to 1); ``null_low`` and ``null_high``, the
        lowest and highest such mean among the clouds.

    Raises
    ------
    AnalysisError
        As `bootstrap_jaccard` and `null_jaccard`.
    """
    ks = sorted(set(ks))
    report = progress or (lambda done, total: None)
    rng = np.random.default_rng(random_state)
    sets = [X if place is None else place(X), *_clouds(X, place, null, n_null, rng)]
    means = np.empty((len(sets), len(ks)))
    for i, points in enumerate(sets):
        for j, k in enumerate(ks):
            seed = int(rng.integers(2**32))
            jaccard = _jaccard_at(points, k, method=method, n_boot=n_boot, random_state=seed)
            means[i, j] = jaccard.mean()
            report(i * len(ks) + j + 1, means.size)
    low, high = means[1:].min(axis=0), means[1:].max(axis=0)
    return pd.DataFrame({"k": ks, "jaccard": means[0], "null_low": low, "null_high": high})


def seed_ari(
    X: np.ndarray,
    *,
    n_clusters: int,
    method: str = "kmeans",
    n_seeds: int = 10,
    random_state: int = 0,
) -> SeedAri:
    """Compare clusterings of the same points with different seeds.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The points in the space that is clustered.
    n_clusters : int
        1 to n_samples - 1.
    method : str, default "kmeans"
        A name in `sweep.SWEPT`. Linkages have no seed: their index is 1.
    n_seeds : int, default 10
        Seeds, 2 or more.
    random_state : int, default 0
        Seed of the seeds.

    Returns
    -------
    SeedAri

    Raises
    ------
    AnalysisError
        If `n_seeds` or `n_clusters` is not valid.

    References
    ----------
    Hubert & Arabie (1985), "Comparing partitions".
    """
    from sklearn.metrics import adjusted_rand_score

    if n_seeds < 2:
        raise AnalysisError(f"n_seeds={n_seeds}; comparing needs 2 or more")
    seeds = np.random.default_rng(random_state).integers(2**32, size=n_seeds)
    found = [
        next(labelings(X, ks=[n_clusters], method=method, random_state=int(seed))) for seed in seeds
    ]
    values = [adjusted_rand_score(one, other) for one, other in combinations(found, 2)]
    return SeedAri(mean=float(np.mean(values)), min=float(np.min(values)))


def guidance(jaccard: float) -> str:
    """Give Hennig's word for a mean Jaccard similarity.

    Parameters
    ----------
    jaccard : float
        0 to 1.

    References
    ----------
    Hennig (2007), doi:10.1016/j.csda.2006.11.025, and the manual of fpc::clusterboot.
    """
    if jaccard <= DISSOLVED:
        return "dissolved"
    return next(word for bound, word in _GUIDANCE if jaccard >= bound)


def stability_table(jaccard: pd.Series, null: np.ndarray) -> pd.DataFrame:
    """Put each cluster's stability beside that of shapeless clouds.

    Parameters
    ----------
    jaccard : Series of shape (n_clusters,)
        Result of `bootstrap_jaccard`.
    null : ndarray of shape (n_values,)
        Result of `null_jaccard` for as many clusters.

    Returns
    -------
    DataFrame
        A row for each cluster: ``cluster``, ``jaccard``, ``null_mean`` and ``null_high`` (mean and
        95 % quantile over all clusters of all clouds), ``dissolved`` and ``reading``.
    """
    mean, high = float(np.nanmean(null)), float(np.nanquantile(null, 0.95))
    table = jaccard.reset_index()
    table["null_mean"], table["null_high"] = mean, high
    table["dissolved"] = table["jaccard"] <= DISSOLVED
    table["reading"] = [_reading(value, high) for value in table["jaccard"]]
    return table


def _reading(jaccard: float, high: float) -> str:
    if np.isnan(jaccard):
        return "too small to be judged"
    beside = "" if jaccard > high else ", as by chance"
    return f"{guidance(jaccard)} ({jaccard:.2f}){beside}"


def _clouds(
    X: np.ndarray,
    place: Callable[[np.ndarray], np.ndarray] | None,
    null: str,
    n_null: int,
    rng: np.random.Generator,
) -> Iterator[np.ndarray]:
    if null not in NULLS:
        raise AnalysisError(f"null={null!r}; choose one of {', '.join(NULLS)}")
    if n_null < 1:
        raise AnalysisError(f"n_null={n_null}; expected 1 cloud or more")
    for _ in range(n_null):
        cloud = NULLS[null](X, rng=rng)
        yield cloud if place is None else place(cloud)


def _jaccard_at(points: np.ndarray, k: int, *, method: str, **options: Any) -> pd.Series:
    (labels,) = labelings(points, ks=[k], method=method, n_init=_N_INIT)
    return bootstrap_jaccard(points, labels, method=method, **options)


def _best_jaccard(labels: np.ndarray, found: np.ndarray, k: int) -> np.ndarray:
    common = np.bincount(labels * k + found, minlength=k * k).reshape(k, k)
    own, other = common.sum(axis=1, keepdims=True), common.sum(axis=0, keepdims=True)
    best = (common / np.maximum(own + other - common, 1)).max(axis=1)
    return np.where(own[:, 0] > 0, best, np.nan)
