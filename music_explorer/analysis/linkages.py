"""Agglomerative clustering: Ward's, average and complete linkage, cut at any number of clusters."""

import threading

import numpy as np

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.partition import Clustering, by_size, check_n_clusters, inertia
from music_explorer.analysis.sampling import nearest_fitted, sample

# Time grows with the square of the points: Ward links 20,000 in 5 s. Average and complete linkage
# hold all n * (n - 1) / 2 distances, twice over while they merge: 290 MB for 6,000 points.
MAX_LINKED = {"ward": 20_000, "average": 6_000, "complete": 6_000}
# Two visitors at once must not hold all distances at once.
_all_distances = threading.Lock()


def linkage(X: np.ndarray, *, method: str = "ward") -> np.ndarray:
    """Merge points and clusters; one linkage serves every number of clusters.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features, or a projection of them.
    method : {"ward", "average", "complete"}, default "ward"
        Which two clusters merge next: those whose union adds the least to the inertia, whose points
        are nearest on average, or whose farthest points are nearest. Memory grows with n_samples
        for ``ward``, with its square for the others.

    Returns
    -------
    ndarray of shape (n_samples - 1, 4)
        Linkage matrix as in SciPy: two clusters merged, their distance, the size of the result.

    Raises
    ------
    AnalysisError
        With fewer than two points, or if `method` is unknown.

    References
    ----------
    Ward (1963), "Hierarchical grouping to optimize an objective function";
    Sokal & Michener (1958), "A statistical method for evaluating systematic relationships"
    (average); Sørensen (1948), "A method of establishing groups of equal amplitude" (complete);
    Müllner (2013), "fastcluster", doi:10.18637/jss.v053.i09.
    """
    import fastcluster

    if method not in MAX_LINKED:
        raise AnalysisError(f"linkage={method!r}; choose one of {', '.join(MAX_LINKED)}")
    if len(X) < 2:
        raise AnalysisError(f"n_samples={len(X)}; a linkage needs at least 2 points")
    if method == "ward":
        return fastcluster.linkage_vector(X, method="ward")
    with _all_distances:
        return fastcluster.linkage(X, method=method, metric="euclidean")


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
    check_n_clusters(n_clusters, n_samples)
    n_merges = n_samples - n_clusters
    n_nodes = n_samples + n_merges
    # Each merge joins two nodes in a new one; whatever the kept merges connect is a cluster.
    children = Z[:n_merges, :2].astype(int).ravel()
    parents = np.repeat(np.arange(n_samples, n_nodes), 2)
    edges = coo_array((np.ones(len(children)), (children, parents)), shape=(n_nodes, n_nodes))
    components = connected_components(edges, directed=False)[1]
    return by_size(components[:n_samples])


def agglomerative(
    X: np.ndarray,
    *,
    n_clusters: int,
    random_state: int = 0,
    method: str = "ward",
    max_linked: int | None = None,
) -> Clustering:
    """Cluster by agglomeration.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features, or a projection of them.
    n_clusters : int
        From 1 to n_samples - 1.
    random_state : int, default 0
        Seed of the sample; below `max_linked` points nothing is random.
    method : {"ward", "average", "complete"}, default "ward"
        See `linkage`.
    max_linked : int, optional
        Beyond this many points a random sample of that size is linked, and each other point joins
        the cluster of its nearest sampled one. By default `MAX_LINKED`.

    Returns
    -------
    Clustering
        With `Clustering.Z`, and `Clustering.fitted` where a sample was linked.

    Raises
    ------
    AnalysisError
        If `n_clusters` or `method` is not valid.
    """
    limit = MAX_LINKED.get(method, len(X)) if max_linked is None else max_linked
    check_n_clusters(n_clusters, min(len(X), limit))
    fitted = sample(len(X), max_fitted=limit, random_state=random_state)
    Z = linkage(X if fitted is None else X[fitted], method=method)
    labels = cut(Z, n_clusters)
    if fitted is not None:
        labels = by_size(labels[nearest_fitted(X, fitted)])
    return Clustering(labels=labels, inertia=inertia(X, labels), Z=Z, fitted=fitted)
