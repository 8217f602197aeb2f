"""Internal scores: how compact and separate clusters are, judged by the points alone.

A score means nothing without the space it was taken in: a projection makes clusters look better
(Chari & Pachter 2023, doi:10.1371/journal.pcbi.1011288). The caller names the space.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from music_explorer.analysis.errors import AnalysisError

# Distances held at once: 4 million of 8 bytes are 32 MB, whatever the number of points.
_BLOCK_DISTANCES = 4_000_000


@dataclass(frozen=True)
class Scores:
    """Three internal scores of one labeling in one space.

    Attributes
    ----------
    calinski_harabasz : float
        Between- over within-cluster dispersion, 0 or more; higher is better.
    davies_bouldin : float
        Mean similarity of each cluster with its most similar one, 0 or more; lower is better.
    silhouette : float
        Mean over the points of how much nearer their own cluster is than the next, -1 to 1;
        higher is better.
    silhouette_sampled : bool
        Whether the silhouette was taken on a sample of the points.
    """

    calinski_harabasz: float
    davies_bouldin: float
    silhouette: float
    silhouette_sampled: bool


def internal_scores(
    X: np.ndarray,
    labels: np.ndarray,
    *,
    random_state: int = 0,
    max_silhouette: int = 10_000,
) -> Scores:
    """Score one labeling in one space.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Points, in the space that the scores are about.
    labels : ndarray of int, shape (n_samples,)
        Cluster of each point.
    random_state : int, default 0
        Seed of the sample.
    max_silhouette : int, default 10_000
        Beyond this many points the silhouette is taken on a sample of that size.

    Returns
    -------
    Scores

    Raises
    ------
    AnalysisError
        If there are not 2 to n_samples - 1 clusters.

    References
    ----------
    Caliński & Harabasz (1974); Davies & Bouldin (1979); Rousseeuw (1987), "Silhouettes".
    """
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

    n_clusters = len(np.unique(labels))
    if not 2 <= n_clusters < len(X):
        raise AnalysisError(
            f"{n_clusters} clusters of {len(X)} tracks cannot be scored; expected 2 to {len(X) - 1}"
        )
    silhouette = silhouettes(X, [labels], random_state=random_state, max_samples=max_silhouette)
    return Scores(
        calinski_harabasz=float(calinski_harabasz_score(X, labels)),
        davies_bouldin=float(davies_bouldin_score(X, labels)),
        silhouette=float(silhouette[0]),
        silhouette_sampled=len(X) > max_silhouette,
    )


def silhouettes(
    X: np.ndarray,
    labelings: Sequence[np.ndarray],
    *,
    random_state: int = 0,
    max_samples: int = 10_000,
) -> np.ndarray:
    """Mean silhouette of many labelings of the same points in one pass over their distances.

    Each block of distances is summed by cluster for all labelings at once, by one matrix product
    with their one-hot memberships. Memory is bounded; the values are scikit-learn's
    ``silhouette_score``.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Points.
    labelings : sequence of ndarray of shape (n_samples,)
        Labelings to compare, such as those of a scan over k.
    random_state : int, default 0
        Seed of the sample.
    max_samples : int, default 10_000
        Beyond this many points a random sample of that size is used, the same for all labelings.

    Returns
    -------
    ndarray of shape (n_labelings,)
        -1 to 1, higher is better; NaN for a labeling with a single cluster.

    References
    ----------
    Rousseeuw (1987), "Silhouettes: a graphical aid", doi:10.1016/0377-0427(87)90125-7.
    """
    chosen = np.arange(len(X))
    if len(X) > max_samples:
        rng = np.random.default_rng(random_state)
        chosen = np.sort(rng.choice(len(X), max_samples, replace=False))
    points = X[chosen] - X[chosen].mean(axis=0)
    codes = [np.unique(labels[chosen], return_inverse=True)[1] for labels in labelings]
    members = [np.eye(code.max() + 1)[code] for code in codes]
    memberships = np.hstack(members)
    edges = np.cumsum([0, *(member.shape[1] for member in members)])

    totals = np.zeros(len(labelings))
    step = max(1, _BLOCK_DISTANCES // len(points))
    for start in range(0, len(points), step):
        block = slice(start, start + step)
        sums = _distances(points, block) @ memberships
        for i, code in enumerate(codes):
            sizes = members[i].sum(axis=0)
            found = _silhouettes(sums[:, edges[i] : edges[i + 1]], code[block], sizes)
            totals[i] += found.sum()
    return totals / len(points)


def silhouette_samples(X: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Silhouette of every point of one labeling; memory is bounded.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Points.
    labels : ndarray of shape (n_samples,)
        Cluster of each, two at least.

    Returns
    -------
    ndarray of shape (n_samples,)
        -1 to 1, as scikit-learn's ``silhouette_samples``.
    """
    points = X - X.mean(axis=0)
    codes = np.unique(labels, return_inverse=True)[1]
    members = np.eye(codes.max() + 1)[codes]
    step = max(1, _BLOCK_DISTANCES // len(points))
    blocks = [slice(start, start + step) for start in range(0, len(points), step)]
    found = [
        _silhouettes(_distances(points, block) @ members, codes[block], members.sum(axis=0))
        for block in blocks
    ]
    return np.concatenate(found)


def _distances(points: np.ndarray, block: slice) -> np.ndarray:
    # |x - y|^2 = |x|^2 + |y|^2 - 2xy turns the work into one matrix product.
    norms = np.einsum("ij,ij->i", points, points)
    squares = points[block] @ points.T
    squares *= -2
    squares += norms
    squares += norms[block, None]
    np.maximum(squares, 0, out=squares)
    rows = np.arange(len(squares))
    squares[rows, rows + block.start] = 0
    return np.sqrt(squares, out=squares)


def _silhouettes(sums: np.ndarray, code: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the silhouettes of a block from its distances summed by cluster."""
    if len(sizes) < 2:
        return np.full(len(code), np.nan)
    rows = np.arange(len(code))
    own_size = sizes[code]
    within = sums[rows, code] / np.maximum(own_size - 1, 1)
    others = sums / sizes
    others[rows, code] = np.inf
    nearest = others.min(axis=1)
    largest = np.maximum(within, nearest)
    # A cluster of one scores 0 by Rousseeuw's convention, as do points that all coincide.
    defined = (own_size > 1) & (largest > 0)
    return np.divide(nearest - within, largest, out=np.zeros(len(code)), where=defined)
