"""Null data: one shapeless cloud that has what the tracks have, except groups.

Clustering cuts any cloud into pieces, so a score says something only beside the score that the
same pipeline reaches in such a cloud.
"""

from collections.abc import Callable

import numpy as np


def gaussian(X: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Draw one multivariate normal cloud with exactly the mean and covariance of `X`.

    The draw is conditional on both: the left singular vectors of the centred data are replaced by
    random ones. If `X` itself is one normal cloud, then `X` and its draws are exchangeable, so a
    test against them is exact although the covariance is estimated.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features; constant and linearly dependent columns are allowed.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of shape (n_samples, n_features)

    References
    ----------
    Langsrud (2005), "Rotation tests", doi:10.1007/s11222-005-4789-5.
    """
    center = X.mean(axis=0)
    _, singular, axes = np.linalg.svd(X - center, full_matrices=False)
    kept = singular > singular[0] * max(X.shape) * np.finfo(float).eps
    return center + (_orthonormal(len(X), int(kept.sum()), rng) * singular[kept]) @ axes[kept]


def copula(X: np.ndarray, *, rng: np.random.Generator) -> np.ndarray:
    """Draw one Gaussian copula cloud: each column keeps its very values, joined as normals are.

    Normal scores with the correlation of those of `X` are drawn, and the values of each column are
    put in their order. So skewed columns stay skewed and discrete ones discrete. It follows that
    groups which a single column alone shows, as two separate peaks, are in the draws as well. The
    two columns of a circular feature keep their values, but not their circle.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features; constant and linearly dependent columns are allowed.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of shape (n_samples, n_features)
        Column by column a permutation of `X`.

    References
    ----------
    Iman & Conover (1982), "A distribution-free approach to inducing rank correlation among input
    variables", doi:10.1080/03610918208812265.
    """
    variance, axes = np.linalg.eigh(_latent_correlation(X))
    # Few rows span few directions; eigh puts the largest variances last.
    rank = min(X.shape[1], len(X) - 1)
    scales = np.sqrt(np.maximum(variance[-rank:], 0))
    latent = (_orthonormal(len(X), rank, rng) * scales) @ axes[:, -rank:].T
    order = np.argsort(latent, axis=0)
    drawn = np.empty_like(X)
    np.put_along_axis(drawn, order, np.sort(X, axis=0), axis=0)
    return drawn


NULLS: dict[str, Callable[..., np.ndarray]] = {"gaussian": gaussian, "copula": copula}


def _orthonormal(n_samples: int, n_columns: int, rng: np.random.Generator) -> np.ndarray:
    """Draw centred orthonormal columns, all directions being equally likely."""
    normal = rng.standard_normal((n_samples, n_columns))
    Q, R = np.linalg.qr(normal - normal.mean(axis=0))
    # Without these signs QR prefers some directions to others.
    return Q * np.sign(np.diag(R))


def _latent_correlation(X: np.ndarray) -> np.ndarray:
    """Estimate the correlation of the normal variables behind the columns."""
    columns = [_normal_scores(column) for column in X.T]
    scores = np.array([score for score, _ in columns])
    kept = np.array([share for _, share in columns])
    # Ties hide part of a normal variable, so the scores correlate less than what is behind them:
    # to first order by the factor of the variance that each kept. A constant column has none.
    factors = np.outer(kept, kept)
    R = scores @ scores.T / len(X)
    R = np.divide(R, factors, out=np.zeros_like(R), where=factors > 0).clip(-1, 1)
    np.fill_diagonal(R, 1)
    # Pairwise corrections may leave no valid matrix: take the positive part, with unit diagonal.
    variance, axes = np.linalg.eigh(R)
    R = (axes * np.maximum(variance, 0)) @ axes.T
    scale = np.sqrt(np.diag(R))
    return R / np.outer(scale, scale)


def _normal_scores(column: np.ndarray) -> tuple[np.ndarray, float]:
    """Give the normal quantiles of the ranks, their mean among ties, and the variance left."""
    from scipy.special import ndtri

    n = len(column)
    quantiles = ndtri((np.arange(n) + 0.5) / n)
    quantiles /= np.sqrt(np.mean(quantiles**2))
    _, inverse, counts = np.unique(column, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    sums = np.add.reduceat(quantiles, ends - counts)
    scores = (sums / counts)[inverse]
    return scores, float(np.mean(scores**2))
