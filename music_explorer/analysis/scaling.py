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


def _none() -> Any:
    from sklearn.preprocessing import FunctionTransformer

    return FunctionTransformer()


SCALINGS: dict[str, Callable[[], Any]] = {
    "standard": _standard,
    "robust": _robust,
    "power": _power,
    "none": _none,
}
"""Name to factory of a scikit-learn transformer."""


def scale(X: np.ndarray, method: str = "standard", *, circular: Sequence[int] = ()) -> np.ndarray:
    """Scale each column.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Finite values. A constant column becomes 0, except with ``none``.
    method : {"standard", "robust", "power", "none"}, default "standard"
        ``standard``: mean 0, variance 1. ``robust``: median 0 and the range from the 5th to the
        95th percentile as wide as that of a standard normal, so that outliers do not set the unit.
        ``power``: Yeo-Johnson, then standard, for skewed columns. ``none``: as they are.
    circular : sequence of int, default ()
        Columns that together are one circular feature, such as `FeatureMatrix.circular`. They are
        centred and divided by the root of their summed variance, so that the circle stays a circle
        and weighs one standardised feature. Where all keys are equally frequent this is scaling
        each to variance 1 and dividing by sqrt(2).

    Returns
    -------
    ndarray of shape (n_samples, n_features)

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
    scaled = np.asarray(SCALINGS[method]().fit_transform(X), dtype=float)
    if method != "none" and len(circular):
        columns = list(circular)
        scaled[:, columns] = _scale_circle(X[:, columns])
    return scaled


def _scale_circle(points: np.ndarray) -> np.ndarray:
    spread = np.sqrt(points.var(axis=0).sum())
    return (points - points.mean(axis=0)) / (spread or 1.0)
