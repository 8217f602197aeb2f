"""The gap statistic: how many clusters, where one is a possible answer."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.partition import inertia
from music_explorer.analysis.sweep import labelings

_N_INIT = 3


def gap_statistic(
    X: np.ndarray,
    *,
    ks: Iterable[int] = range(1, 12),
    method: str = "kmeans",
    n_refs: int = 20,
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Compare the log of the inertia with that of points without clusters.

    The reference is uniform in the box along the principal axes of `X`. A box along the features
    would be far larger than a correlated cloud, and the cloud would look clustered in it.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The points that are clustered.
    ks : iterable of int, default 1 to 11
        Numbers of clusters, each from 1 to n_samples - 1.
    method : str, default "kmeans"
        A name in `sweep.SWEPT`. For k-means the best of 3 starts, in data and references alike.
    n_refs : int, default 20
        References drawn, 2 or more.
    random_state : int, default 0
        Seed.
    progress : callable of (done, total), optional
        Called after the data and after each reference; it may raise to stop.

    Returns
    -------
    DataFrame
        ``k``, ``gap`` and ``s``, its standard error that includes the error of simulation.

    Raises
    ------
    AnalysisError
        If `n_refs`, `method` or a k is not valid, or the points of every cluster coincide.

    References
    ----------
    Tibshirani, Walther & Hastie (2001), "Estimating the number of clusters in a data set via the
    gap statistic", doi:10.1111/1467-9868.00293.
    """
    if n_refs < 2:
        raise AnalysisError(f"n_refs={n_refs}; the gap statistic needs 2 references or more")
    ks = sorted(set(ks))
    report = progress or (lambda done, total: None)
    rng = np.random.default_rng(random_state)
    centered = X - X.mean(axis=0)
    # Distances are the same along the principal axes, so everything may stay there.
    points = centered @ np.linalg.svd(centered, full_matrices=False)[2].T
    low, high = points.min(axis=0), points.max(axis=0)

    observed = _log_inertia(points, ks, method, random_state)
    report(1, n_refs + 1)
    references = []
    for done in range(2, n_refs + 2):
        uniform = rng.uniform(low, high, size=points.shape)
        references.append(_log_inertia(uniform, ks, method, random_state))
        report(done, n_refs + 1)
    error = np.std(references, axis=0) * np.sqrt(1 + 1 / n_refs)
    return pd.DataFrame({"k": ks, "gap": np.mean(references, axis=0) - observed, "s": error})


def gap_k(frame: pd.DataFrame) -> int:
    """Choose the smallest k whose gap is within one standard error of the next one's, or above.

    Parameters
    ----------
    frame : DataFrame
        Result of `gap_statistic` for k = 1, 2, 3 and so on.

    Returns
    -------
    int
        1 means no clusters. Where no k fulfils the rule, the largest: the gap still rises.

    Raises
    ------
    AnalysisError
        If the k are not consecutive from 1.

    References
    ----------
    Tibshirani, Walther & Hastie (2001), doi:10.1111/1467-9868.00293.
    """
    ks = frame["k"].tolist()
    if ks != list(range(1, len(ks) + 1)) or len(ks) < 2:
        raise AnalysisError(f"gap at k={ks}; the rule needs every k from 1 on, at least 1 and 2")
    gap, s = frame["gap"].to_numpy(), frame["s"].to_numpy()
    enough = gap[:-1] >= gap[1:] - s[1:]
    return ks[int(np.argmax(enough))] if enough.any() else ks[-1]


def _log_inertia(X: np.ndarray, ks: Sequence[int], method: str, random_state: int) -> np.ndarray:
    found = labelings(X, ks=ks, method=method, random_state=random_state, n_init=_N_INIT)
    values = np.array([inertia(X, labels) for labels in found])
    if not values.all():
        k = ks[int(np.argmin(values))]
        raise AnalysisError(f"k={k}: the points of every cluster coincide; choose a smaller k")
    return np.log(values)
