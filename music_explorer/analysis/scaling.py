"""Scaling: columns in different units become comparable before any distance is taken."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from music_explorer.analysis.errors import AnalysisError


def _standard() -> Any:
    from sklearn.preprocessing import StandardScaler

    return StandardScaler()


def _robust() -> Any:
    from sklearn.preprocessing import RobustScaler

    # Not the usual quartiles: most tracks have an instrumentalness near 0, so its quartiles nearly
    # coincide, and dividing by them would let that one feature outweigh all others.
    return RobustScaler(quantile_range=(5, 95), unit_variance=True)


def _power() -> Any:
    from sklearn.preprocessing import PowerTransformer

    return PowerTransformer(method="yeo-johnson", standardize=True)


def _unit() -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import Normalizer, StandardScaler

    # Vectors of many models share a large part, which would make all angles small.
    return make_pipeline(StandardScaler(with_std=False), Normalizer())


def _none() -> Any:
    from sklearn.preprocessing import FunctionTransformer

    return FunctionTransformer()


SCALINGS: dict[str, Callable[[], Any]] = {
    "standard": _standard,
    "robust": _robust,
    "power": _power,
    "unit": _unit,
    "none": _none,
}
"""Name to factory of a scikit-learn transformer."""


BLOCK_WEIGHTS = ("none", "equal")


def scale(
    X: np.ndarray, method: str = "standard", *, circular: Sequence[Sequence[int]] = ()
) -> np.ndarray:
    """Scale each column.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Finite values. A constant column becomes 0, except with ``none``.
    method : {"standard", "robust", "power", "unit", "none"}, default "standard"
        ``standard``: mean 0, variance 1. ``robust``: median 0 and the range from the 5th to the
        95th percentile as wide as that of a standard normal, so that outliers do not set the unit.
        ``power``: Yeo-Johnson, then standard, for skewed columns. ``unit``: mean 0, then each row
        to length 1, so that distances tell angles (two rows are ``sqrt(2 - 2 cos)`` apart), for
        vectors of a model. ``none``: as they are.
    circular : sequence of pairs of int, default ()
        Two columns that together are one circular feature each, such as `FeatureMatrix.circular`.
        They are centred and divided by the root of their summed variance, so that the circle stays
        a circle and weighs one standardised feature. Where all keys are equally frequent this is
        scaling each to variance 1 and dividing by sqrt(2).

    Returns
    -------
    ndarray of shape (n_samples, n_features)
        Of float32 if `X` is, else of float64.

    Raises
    ------
    AnalysisError
        If `method` is unknown.

    References
    ----------
    Yeo & Johnson (2000), "A new family of power transformations to improve normality or symmetry",
    Biometrika 87(4).
    """
    if method not in SCALINGS:
        raise AnalysisError(f"scaling={method!r}; choose one of {', '.join(SCALINGS)}")
    scaled = np.asarray(SCALINGS[method]().fit_transform(X))
    scaled = scaled.astype(np.result_type(scaled, np.float32), copy=False)
    for pair in circular if method not in ("unit", "none") else ():
        columns = list(pair)
        scaled[:, columns] = _scale_circle(X[:, columns])
    return scaled


def weigh_blocks(X: np.ndarray, blocks: Sequence[str], weights: str = "equal") -> np.ndarray:
    """Let blocks of columns weigh the same, whatever their number of columns and their units.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features.
    blocks : sequence of str, shape (n_features,)
        Block of each column, such as ``spotify`` and ``librosa``.
    weights : {"none", "equal"}, default "equal"
        ``none``: as they are, so that the block with more columns outweighs the other. ``equal``:
        each block is multiplied by one factor, so that all have the same total variance; the sum
        over the blocks stays as it was. One block, or one that varies, stays as it is.

    Returns
    -------
    ndarray of shape (n_samples, n_features)

    Raises
    ------
    AnalysisError
        If `weights` is unknown.

    References
    ----------
    Multiple factor analysis (Abdi, Williams & Valentin 2013, doi:10.1002/wics.1246) divides each
    block by its first singular value instead; the total variance is what k-means divides up.
    """
    if weights not in BLOCK_WEIGHTS:
        raise AnalysisError(f"block_weights={weights!r}; choose one of {', '.join(BLOCK_WEIGHTS)}")
    if weights == "none":
        return X
    names = np.asarray(blocks)
    variance = X.var(axis=0) * (np.ptp(X, axis=0) > 0)
    totals = {name: variance[names == name].sum() for name in dict.fromkeys(blocks)}
    varying = {name: total for name, total in totals.items() if total > 0}
    weighed = X.copy()
    for name, total in varying.items():
        weighed[:, names == name] *= np.sqrt(variance.sum() / len(varying) / total)
    return weighed


def _scale_circle(points: np.ndarray) -> np.ndarray:
    spread = np.sqrt(points.var(axis=0).sum())
    return (points - points.mean(axis=0)) / (spread or 1.0)
