"""Clustering: k-means and Ward's agglomeration, with labels that read the same every time.

Labels are 0 for the largest cluster, 1 for the next and so on; of two equally large clusters the
one whose first member comes first has the lower label.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from music_explorer.analysis.errors import AnalysisError


@dataclass(frozen=True)
class Clustering:
    """A partition of the points.

    Attributes
    ----------
    labels : ndarray of int, shape (n_samples,)
        Cluster of each point, 0 to n_clusters - 1 by descending size.
    inertia : float
        Within-cluster sum of squares in the space that was clustered; lower is tighter.
    """

    labels: np.ndarray
    inertia: float


def inertia(X: np.ndarray, labels: np.ndarray) -> float:
    """Sum the squared distances of all points to the centroid of their cluster.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Points, in the space that the sum is about.
    labels : ndarray of int, shape (n_samples,)
        Cluster of each point.

    Returns
    -------
    float
        0 or more; lower is tighter. It always falls as clusters are added.
    """
    return float(
        sum(
            ((X[labels == label] - X[labels == label].mean(axis=0)) ** 2).sum()
            for label in np.unique(labels)
        )
    )


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
        Starts; the one with the lowest inertia is kept.

    Returns
    -------
    Clustering

    Raises
    ------
    AnalysisError
        If `n_clusters` is out of range, or exceeds the number of distinct points.

    References
    ----------
    Lloyd (1982), "Least squares quantization in PCM"; Arthur & Vassilvitskii (2007), "k-means++".
    """
    from sklearn.cluster import KMeans

    _check_n_clusters(n_clusters, len(X))
    model = KMeans(n_clusters=n_clusters, n_init=n_init, random_state=random_state).fit(X)
    n_found = len(np.unique(model.labels_))
    if n_found < n_clusters:
        raise AnalysisError(
            f"n_clusters={n_clusters}, but only {n_found} points are distinct; "
            f"choose at most {n_found} clusters"
        )
    return Clustering(labels=_by_size(model.labels_), inertia=float(model.inertia_))


def linkage(X: np.ndarray) -> np.ndarray:
    """Merge points and clusters by Ward's criterion; one linkage serves every number of clusters.

    Memory grows with n_samples, not with its square.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features, or a projection of them.

    Returns
    -------
    ndarray of shape (n_samples - 1, 4)
        Linkage matrix as in SciPy: two clusters merged, their distance, the size of the result.

    Raises
    ------
    AnalysisError
        With fewer than two points.

    References
    ----------
    Ward (1963), "Hierarchical grouping to optimize an objective function";
    Müllner (2013), "fastcluster", doi:10.18637/jss.v053.i09.
    """
    import fastcluster

    if len(X) < 2:
        raise AnalysisError(f"n_samples={len(X)}; a linkage needs at least 2 points")
    return fastcluster.linkage_vector(X, method="ward")


def cut(Z: np.ndarray, n_clusters: int) -> np.ndarray:
    """Undo the last merges of a linkage until there are `n_clusters` clusters.

    Unlike cutting at a height, this gives exactly `n_clusters` even where merges are tied.

    Parameters
    ----------
    Z : ndarray of shape (n_samples - 1, 4)
        Linkage matrix, merges in ascending order of distance.
    n_clusters : int
        From 1 to n_samples - 1.

    Returns
    -------
    ndarray of int, shape (n_samples,)
        Labels by descending size.

    Raises
    ------
    AnalysisError
        If `n_clusters` is out of range.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_samples = len(Z) + 1
    _check_n_clusters(n_clusters, n_samples)
    n_merges = n_samples - n_clusters
    n_nodes = n_samples + n_merges
    # Each merge joins two nodes in a new one; whatever the kept merges connect is a cluster.
    children = Z[:n_merges, :2].astype(int).ravel()
    parents = np.repeat(np.arange(n_samples, n_nodes), 2)
    edges = coo_array((np.ones(len(children)), (children, parents)), shape=(n_nodes, n_nodes))
    components = connected_components(edges, directed=False)[1]
    return _by_size(components[:n_samples])


def agglomerative(X: np.ndarray, *, n_clusters: int, random_state: int = 0) -> Clustering:
    """Cluster by Ward's agglomeration.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features, or a projection of them.
    n_clusters : int
        From 1 to n_samples - 1.
    random_state : int, default 0
        Not used, since nothing is random; every method is called alike.

    Returns
    -------
    Clustering

    Raises
    ------
    AnalysisError
        If `n_clusters` is out of range.
    """
    _check_n_clusters(n_clusters, len(X))
    labels = cut(linkage(X), n_clusters)
    return Clustering(labels=labels, inertia=inertia(X, labels))


METHODS: dict[str, Callable[..., Clustering]] = {
    "kmeans": kmeans,
    "agglomerative": agglomerative,
}
METHOD_TITLES = {"kmeans": "k-means", "agglomerative": "Ward"}


def _check_n_clusters(n_clusters: int, n_samples: int) -> None:
    if not 1 <= n_clusters < n_samples:
        raise AnalysisError(
            f"n_clusters={n_clusters} for {n_samples} tracks; choose 2 to {n_samples - 1}"
        )


def _by_size(labels: np.ndarray) -> np.ndarray:
    _, first, inverse, counts = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -counts))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[inverse]
