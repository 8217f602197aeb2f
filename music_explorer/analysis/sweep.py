"""One clustering method at many numbers of clusters: the labels, and all their scores at once."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from music_explorer.analysis.clustering import CHOOSES_K, METHODS
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.linkages import cut
from music_explorer.analysis.partition import by_size
from music_explorer.analysis.sampling import nearest_fitted
from music_explorer.analysis.scores import silhouettes

SWEPT = tuple(name for name in METHODS if name not in CHOOSES_K)
"""Methods that take a number of clusters."""
_LINKED = ("agglomerative", "average", "complete")
# Up to so many values one thread clusters: several gain little there, and where other programs
# keep a core busy they wait for one another, several times as long as the work takes.
_ONE_THREAD_VALUES = 500_000


def labelings(
    X: np.ndarray,
    *,
    ks: Sequence[int],
    method: str = "kmeans",
    random_state: int = 0,
    n_init: int = 10,
) -> Iterator[np.ndarray]:
    """Cluster with each k, one after the other; linkages are made once and cut at every k.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The points that are clustered.
    ks : sequence of int
        Numbers of clusters, each from 1 to n_samples - 1.
    method : str, default "kmeans"
        A name in `SWEPT`; see `clustering`.
    random_state : int, default 0
        Seed.
    n_init : int, default 10
        Starts of k-means.

    Yields
    ------
    ndarray of int, shape (n_samples,)
        Labels by descending size. A Gaussian mixture may have fewer than k clusters.

    Raises
    ------
    AnalysisError
        If `method` is not in `SWEPT`, or a k is out of range or exceeds the distinct points.
    """
    if method not in SWEPT:
        raise AnalysisError(f"method={method!r}; choose one of {', '.join(SWEPT)}, which take a k")
    if method in _LINKED:
        yield from _cuts(X, ks, method, random_state)
        return
    options = {"n_init": n_init} if method == "kmeans" else {}
    n_threads = 1 if X.size <= _ONE_THREAD_VALUES else None
    for k in ks:
        with _threads().limit(limits=n_threads, user_api="openmp"):
            found = METHODS[method](X, n_clusters=k, random_state=random_state, **options)
        yield found.labels


@cache
def _threads() -> Any:
    import sklearn.cluster  # noqa: F401 - its threads must be there to be controlled
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _cuts(X: np.ndarray, ks: Sequence[int], method: str, random_state: int) -> Iterator[np.ndarray]:
    linked = METHODS[method](X, n_clusters=max(ks), random_state=random_state)
    joined = None if linked.fitted is None else nearest_fitted(X, linked.fitted)
    for k in ks:
        labels = cut(linked.Z, k)
        yield labels if joined is None else by_size(labels[joined])


def score_all(
    X: np.ndarray, labelings: Sequence[np.ndarray], *, random_state: int = 0
) -> pd.DataFrame:
    """Score many labelings of the same points in one space.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Points, in the space that the scores are about.
    labelings : sequence of ndarray of int, shape (n_samples,)
        Labels from 0 without gaps, as `labelings` gives them.
    random_state : int, default 0
        Seed of the silhouette's sample, above 10,000 points.

    Returns
    -------
    DataFrame of shape (n_labelings, 4)
        ``inertia``, ``silhouette``, ``davies_bouldin`` and ``calinski_harabasz``; the last three
        are NaN for a single cluster. The values are scikit-learn's.

    References
    ----------
    Caliński & Harabasz (1974); Davies & Bouldin (1979); Rousseeuw (1987), "Silhouettes".
    """
    rows = [_dispersion(X, labels) for labels in labelings]
    table = pd.DataFrame(rows, columns=["inertia", "davies_bouldin", "calinski_harabasz"])
    table.insert(1, "silhouette", silhouettes(X, labelings, random_state=random_state))
    return table


def _dispersion(X: np.ndarray, labels: np.ndarray) -> tuple[float, float, float]:
    sizes = np.bincount(labels)
    starts = np.cumsum(sizes) - sizes
    sums = np.add.reduceat(X[np.argsort(labels, kind="stable")], starts)
    centroids = sums / sizes[:, None]
    residual = X - centroids[labels]
    squares = np.einsum("ij,ij->i", residual, residual)
    within = float(squares.sum())
    n, k = len(X), len(sizes)
    if k == 1:
        return within, np.nan, np.nan
    between = float(sizes @ ((centroids - X.mean(axis=0)) ** 2).sum(axis=1))
    # scikit-learn's convention where all clusters are points.
    calinski_harabasz = between * (n - k) / (within * (k - 1)) if within else 1.0
    spread = np.bincount(labels, weights=np.sqrt(squares)) / sizes
    return within, _davies_bouldin(spread, centroids), calinski_harabasz


def _davies_bouldin(spread: np.ndarray, centroids: np.ndarray) -> float:
    from scipy.spatial.distance import cdist

    apart = cdist(centroids, centroids)
    # Neither a cluster with itself nor two that coincide are compared, as in scikit-learn.
    apart[apart == 0] = np.inf
    return float(((spread[:, None] + spread) / apart).max(axis=1).mean())
