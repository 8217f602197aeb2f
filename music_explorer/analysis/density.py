"""Density-based clustering: dense regions are clusters, the points between them noise."""

import numpy as np

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.partition import Clustering, by_size, inertia
from music_explorer.analysis.sampling import nearest_fitted, sample

# In ten and more dimensions the search for neighbours compares nearly all pairs.
MAX_FITTED = 10_000
_MAX_NEIGHBOURS = 10


def hdbscan(
    X: np.ndarray,
    *,
    min_cluster_size: int = 25,
    random_state: int = 0,
    max_fitted: int = MAX_FITTED,
) -> Clustering:
    """Cluster by density; the number of clusters is an answer, not a choice.

    No cluster at all is an answer too: one cloud without a denser part is all noise.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features, or a projection of them.
    min_cluster_size : int, default 25
        Points that a group needs to be a cluster, from 2 to the number of points. Density is
        measured by the distance to the tenth neighbour, or to the `min_cluster_size`-th where that
        is less: as many neighbours as `min_cluster_size`, the usual choice, find nothing in music
        features, where groups are loose.
    random_state : int, default 0
        Seed of the sample; below `max_fitted` points nothing is random.
    max_fitted : int, default 10_000
        Beyond this many points a random sample of that size is clustered, and each other point
        takes the label of its nearest sampled one, noise included. `min_cluster_size` then counts
        sampled points.

    Returns
    -------
    Clustering
        Noise is -1, with probability 0. A point at the rim of a cluster, farther out than the dense
        part but nearer than the next cluster, is in it with a probability near 0.

    Raises
    ------
    AnalysisError
        If `min_cluster_size` is out of range.

    References
    ----------
    Campello, Moulavi & Sander (2013), "Density-based clustering based on hierarchical density
    estimates", doi:10.1007/978-3-642-37456-2_14.
    """
    from sklearn.cluster import HDBSCAN

    n_used = min(len(X), max_fitted)
    if not 2 <= min_cluster_size <= n_used:
        raise AnalysisError(
            f"min_cluster_size={min_cluster_size} for {n_used} tracks; choose 2 to {n_used}"
        )
    fitted = sample(len(X), max_fitted=max_fitted, random_state=random_state)
    model = HDBSCAN(
        min_cluster_size=min_cluster_size,
        min_samples=min(min_cluster_size, _MAX_NEIGHBOURS),
        copy=True,
    ).fit(X if fitted is None else X[fitted])
    nearest = slice(None) if fitted is None else nearest_fitted(X, fitted)
    labels = by_size(model.labels_[nearest])
    return Clustering(
        labels=labels,
        inertia=inertia(X, labels),
        probabilities=model.probabilities_[nearest],
        fitted=fitted,
    )
