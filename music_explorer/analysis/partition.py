"""A partition of points into clusters, with labels that read the same every time.

Labels are 0 for the largest cluster, 1 for the next and so on; of two equally large clusters the
one whose first member comes first has the lower label. -1 is noise: a point of no cluster.
"""

from dataclasses import dataclass

import numpy as np

from music_explorer.analysis.errors import AnalysisError

NOISE = -1


@dataclass(frozen=True)
class Clustering:
    """A partition of the points, and what its method knows beside it.

    Attributes
    ----------
    labels : ndarray of int, shape (n_samples,)
        Cluster of each point, 0 to n_clusters - 1 by descending size; -1 is noise.
    inertia : float
        Sum of the squared distances of the clustered points to the centroid of their cluster, in
        the space that was clustered; lower is tighter, NaN without a cluster.
    probabilities : ndarray of shape (n_samples,) or None
        How surely each point belongs to its cluster, 0 to 1: the posterior of a Gaussian mixture,
        or the strength of HDBSCAN (0 for noise, 1 for the densest points). Other methods have none.
    Z : ndarray of shape (n_fitted - 1, 4) or None
        Linkage matrix as in SciPy, of agglomerative methods.
    fitted : ndarray of int or None
        Positions of the points that the method saw, ascending, where a sample of them was clustered
        and the rest joined afterwards; None where all were clustered.
    """

    labels: np.ndarray
    inertia: float
    probabilities: np.ndarray | None = None
    Z: np.ndarray | None = None
    fitted: np.ndarray | None = None

    @property
    def n_clusters(self) -> int:
        """Clusters found, noise not counted."""
        return int(self.labels.max(initial=NOISE)) + 1

    @property
    def n_noise(self) -> int:
        """Points of no cluster."""
        return int((self.labels == NOISE).sum())

    @property
    def n_fitted(self) -> int:
        """Points that the method saw; fewer than all where a sample was clustered."""
        return len(self.labels) if self.fitted is None else len(self.fitted)

    @property
    def fitted_labels(self) -> np.ndarray:
        """Labels of the points that the method saw, such as the leaves of `Z`."""
        return self.labels if self.fitted is None else self.labels[self.fitted]


def inertia(X: np.ndarray, labels: np.ndarray) -> float:
    """Sum the squared distances of all points to the centroid of their cluster.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Points, in the space that the sum is about.
    labels : ndarray of int, shape (n_samples,)
        Cluster of each point. Noise (-1) is not part of the sum.

    Returns
    -------
    float
        0 or more; lower is tighter. It always falls as clusters are added. NaN if all is noise.
    """
    clusters = [label for label in np.unique(labels) if label != NOISE]
    if not clusters:
        return float("nan")
    return float(
        sum(
            ((X[labels == label] - X[labels == label].mean(axis=0)) ** 2).sum()
            for label in clusters
        )
    )


def by_size(labels: np.ndarray) -> np.ndarray:
    """Renumber clusters by descending size; noise stays -1.

    Parameters
    ----------
    labels : ndarray of int, shape (n_samples,)
        Any numbers; negative ones are noise.
    """
    labels = np.asarray(labels)
    numbered = np.full(len(labels), NOISE)
    clustered = labels >= 0
    _, first, inverse, counts = np.unique(
        labels[clustered], return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort((first, -counts))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    numbered[clustered] = rank[inverse]
    return numbered


def check_n_clusters(n_clusters: int, n_samples: int) -> None:
    """Refuse a number of clusters that does not suit the number of points.

    Raises
    ------
    AnalysisError
        If `n_clusters` is not from 1 to n_samples - 1.
    """
    if not 1 <= n_clusters < n_samples:
        raise AnalysisError(
            f"n_clusters={n_clusters} for {n_samples} tracks; choose 2 to {n_samples - 1}"
        )
