"""Clustering: k-means, and the table of every method by its name."""

from collections.abc import Callable
from functools import partial

import numpy as np

from music_explorer.analysis.density import hdbscan
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.linkages import agglomerative, cut, linkage
from music_explorer.analysis.mixture import gmm
from music_explorer.analysis.partition import Clustering, by_size, check_n_clusters, inertia
from music_explorer.analysis.sampling import sample
from music_explorer.analysis.threads import one_thread

__all__ = [
    "CHOOSES_K",
    "METHODS",
    "METHOD_TITLES",
    "Clustering",
    "agglomerative",
    "cut",
    "find_clusters",
    "inertia",
    "kmeans",
    "linkage",
]


def kmeans(
    X: np.ndarray, *, n_clusters: int, random_state: int = 0, n_init: int = 10
) -> Clustering:
    """Cluster by k-means: the best of several k-means++ starts.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features, or a projection of them.
    n_clusters : int
        From 1 (the trivial partition, for a scan over k) to n_samples - 1.
    random_state : int, default 0
        Seed.
    n_init : int, default 10
        Starts; the one with the lowest inertia is kept. Of more than `MAX_STARTED` points they are
        tried on a random sample, and the best goes on with all.

    Returns
    -------
    Clustering

    Raises
    ------
    AnalysisError
        If `n_clusters` is out of range, or exceeds the number of distinct points.

    References
    ----------
    Lloyd (1982), "Least squares quantization in PCM"; Arthur & Vassilvitskii (2007), "k-means++";
    Bradley & Fayyad (1998), "Refining initial points for k-means clustering".
    """
    from sklearn.cluster import KMeans

    check_n_clusters(n_clusters, len(X))
    model = KMeans(n_clusters=n_clusters, n_init=n_init, random_state=random_state)
    started = sample(len(X), max_fitted=MAX_STARTED, random_state=random_state)
    with one_thread():
        if started is not None:
            best = model.fit(X[started]).cluster_centers_
            model = KMeans(n_clusters=n_clusters, n_init=1, init=best)
        model.fit(X)
    n_found = len(np.unique(model.labels_))
    if n_found < n_clusters:
        raise AnalysisError(
            f"n_clusters={n_clusters}, but only {n_found} points are distinct; "
            f"choose at most {n_found} clusters"
        )
    return Clustering(labels=by_size(model.labels_), inertia=float(model.inertia_))


METHODS: dict[str, Callable[..., Clustering]] = {
    "kmeans": kmeans,
    "agglomerative": agglomerative,
    "average": partial(agglomerative, method="average"),
    "complete": partial(agglomerative, method="complete"),
    "gmm": gmm,
    "hdbscan": hdbscan,
}
METHOD_TITLES = {
    "kmeans": "k-means",
    "agglomerative": "Ward",
    "average": "Average linkage",
    "complete": "Complete linkage",
    "gmm": "Gaussian mixture",
    "hdbscan": "HDBSCAN",
}
MAX_STARTED = 50_000
"""Points that the starts of `kmeans` are tried on."""
CHOOSES_K = frozenset({"hdbscan"})
"""Methods that find the number of clusters: they take ``min_cluster_size``, not ``n_clusters``."""


def find_clusters(
    X: np.ndarray,
    *,
    method: str = "kmeans",
    n_clusters: int = 6,
    min_cluster_size: int = 25,
    random_state: int = 0,
) -> Clustering:
    """Cluster by any method, each given what it has a use for.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features, or a projection of them.
    method : str, default "kmeans"
        A name in `METHODS`.
    n_clusters : int, default 6
        From 1 to n_samples - 1; not used by the methods in `CHOOSES_K`.
    min_cluster_size : int, default 25
        Points that a group needs to be a cluster; used by the methods in `CHOOSES_K` only.
    random_state : int, default 0
        Seed.

    Raises
    ------
    AnalysisError
        If `method` is unknown, or its number does not suit the number of points.
    """
    if method not in METHODS:
        raise AnalysisError(f"method={method!r}; choose one of {', '.join(METHODS)}")
    if method in CHOOSES_K:
        size = {"min_cluster_size": min_cluster_size}
    else:
        size = {"n_clusters": n_clusters}
    return METHODS[method](X, **size, random_state=random_state)
