"""Fidelity: which neighbourhoods a projection keeps, and which it invents."""

from dataclasses import dataclass

import numpy as np

from music_explorer.analysis.errors import AnalysisError

# Distances held at once: 4 million of 8 bytes are 32 MB, whatever the number of points.
_BLOCK_DISTANCES = 4_000_000


@dataclass(frozen=True)
class Fidelity:
    """How well neighbours in a projection are neighbours among the features, and the reverse.

    Attributes
    ----------
    trustworthiness : float
        0 to 1, higher is better: 1 where all neighbours in the projection are true ones.
    continuity : float
        0 to 1, higher is better: 1 where all true neighbours are still neighbours in the
        projection.
    n_neighbors : int
        Neighbours looked at.
    sampled : bool
        Whether a sample of the points was looked at.
    """

    trustworthiness: float
    continuity: float
    n_neighbors: int
    sampled: bool


def trustworthiness_continuity(
    X: np.ndarray,
    embedding: np.ndarray,
    *,
    n_neighbors: int = 15,
    max_samples: int = 5000,
    random_state: int = 0,
) -> Fidelity:
    """Compare the neighbourhoods of a projection with those of the features.

    A false neighbour costs by how far it ranks beyond `n_neighbors` in the other space. Of equally
    distant points all have the best rank.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features.
    embedding : ndarray of shape (n_samples, n_components)
        Their projection.
    n_neighbors : int, default 15
        Size of a neighbourhood, 1 or more; lowered to what the measure is defined for, less than
        half of the points. The result holds the number used.
    max_samples : int, default 5000
        Beyond this many points a random sample of that size is compared. Neighbourhoods within a
        sample reach further than among all points.
    random_state : int, default 0
        Seed of the sample.

    Returns
    -------
    Fidelity

    Raises
    ------
    AnalysisError
        With fewer than 3 points, rows that do not match, or no neighbours.

    References
    ----------
    Venna & Kaski (2001), "Neighborhood preservation in nonlinear projection methods",
    doi:10.1007/3-540-44668-0_68.
    """
    if len(X) != len(embedding):
        raise AnalysisError(f"{len(X)} rows of features, but {len(embedding)} of the embedding")
    if len(X) < 3:
        raise AnalysisError(f"n_samples={len(X)}; neighbourhoods need at least 3 points")
    if n_neighbors < 1:
        raise AnalysisError(f"n_neighbors={n_neighbors!r}; expected 1 or more")
    sampled = len(X) > max_samples
    if sampled:
        rng = np.random.default_rng(random_state)
        chosen = np.sort(rng.choice(len(X), max_samples, replace=False))
        X, embedding = X[chosen], embedding[chosen]
    k = min(n_neighbors, (len(X) - 1) // 2)
    spaces = [np.asarray(points, dtype=float) for points in (X, embedding)]
    spaces = [points - points.mean(axis=0) for points in spaces]
    lost = np.zeros(2)
    step = max(1, _BLOCK_DISTANCES // len(X))
    for start in range(0, len(X), step):
        lost += _excess_ranks(*(_squares(points, start, step) for points in spaces), k)
    worst = len(X) * k * (2 * len(X) - 3 * k - 1) / 2
    trustworthiness, continuity = (float(share) for share in 1 - lost / worst)
    return Fidelity(trustworthiness, continuity, n_neighbors=k, sampled=sampled)


def _squares(points: np.ndarray, start: int, step: int) -> np.ndarray:
    """Squared distances of a block of points to all, infinite to itself."""
    norms = np.einsum("ij,ij->i", points, points)
    squares = points[start : start + step] @ points.T
    squares *= -2
    squares += norms
    squares += norms[start : start + step, None]
    rows = np.arange(len(squares))
    squares[rows, rows + start] = np.inf
    return squares


def _excess_ranks(true: np.ndarray, shown: np.ndarray, k: int) -> tuple[int, int]:
    """Sum by how much neighbours in one space rank beyond `k` in the other, both ways round."""
    excess = []
    for distances, others in ((true, shown), (shown, true)):
        neighbors = np.argpartition(others, k - 1, axis=1)[:, :k]
        wanted = np.take_along_axis(distances, neighbors, axis=1)
        ordered = np.sort(distances, axis=1)
        nearer = [np.searchsorted(row, w) for row, w in zip(ordered, wanted, strict=True)]
        excess.append(np.maximum(np.array(nearer) + 1 - k, 0).sum())
    return excess[0], excess[1]
