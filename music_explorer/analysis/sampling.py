"""Clustering more points than a method can hold: a sample is clustered, the rest joins it."""

import numpy as np


def sample(n_samples: int, *, max_fitted: int, random_state: int) -> np.ndarray | None:
    """Choose the points that a method sees.

    Parameters
    ----------
    n_samples : int
        Points there are.
    max_fitted : int
        Points the method may see.
    random_state : int
        Seed.

    Returns
    -------
    ndarray of int, shape (max_fitted,) or None
        Positions, ascending; None if the method may see all.
    """
    if n_samples <= max_fitted:
        return None
    rng = np.random.default_rng(random_state)
    return np.sort(rng.choice(n_samples, max_fitted, replace=False))


def nearest_fitted(X: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """Find the sampled point that is nearest to each point.

    A point merges with its nearest neighbour first, whatever the linkage, and what surrounds it
    decides whether it is noise: so a point that was not sampled takes the cluster of that one.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        All points.
    fitted : ndarray of int, shape (n_fitted,)
        Positions of the sampled points.

    Returns
    -------
    ndarray of int, shape (n_samples,)
        Position in `fitted`; a sampled point is its own nearest.
    """
    from sklearn.neighbors import NearestNeighbors

    nearest = np.empty(len(X), dtype=int)
    nearest[fitted] = np.arange(len(fitted))
    rest = np.setdiff1d(np.arange(len(X)), fitted)
    # In many dimensions a tree looks at nearly all points, and more slowly.
    algorithm = "kd_tree" if X.shape[1] < 10 else "brute"
    neighbours = NearestNeighbors(n_neighbors=1, algorithm=algorithm).fit(X[fitted])
    nearest[rest] = neighbours.kneighbors(X[rest], return_distance=False)[:, 0]
    return nearest
