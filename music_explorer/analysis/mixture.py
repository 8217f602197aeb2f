"""Gaussian mixtures: clusters as ellipsoids of any shape, and how many of them the data support."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.partition import Clustering, by_size, check_n_clusters, inertia
from music_explorer.analysis.sampling import sample
from music_explorer.analysis.threads import one_thread

MAX_FITTED = 20_000
# Added to each variance, in shares of the column's: a component of few or repeated tracks, flat
# in some direction, would else have an infinite density.
_RIDGE = 1e-3


@dataclass(frozen=True)
class BicCurve:
    """Bayesian information criterion of mixtures over the number of components.

    Attributes
    ----------
    ks : tuple of int
        Numbers of components, ascending.
    bic : ndarray of shape (n_ks,)
        Lower is better. Only differences mean something; above 10 is strong evidence.
    """

    ks: tuple[int, ...]
    bic: np.ndarray

    @property
    def best(self) -> int:
        """The k with the lowest criterion; 1 says that one Gaussian is enough."""
        return self.ks[int(np.argmin(self.bic))]


def gmm(
    X: np.ndarray,
    *,
    n_clusters: int,
    random_state: int = 0,
    n_init: int = 5,
    max_fitted: int = MAX_FITTED,
) -> Clustering:
    """Cluster by a mixture of Gaussians with full covariances.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features, or a projection of them. The unit of a column does not matter.
    n_clusters : int
        Components, from 1 to n_samples - 1.
    random_state : int, default 0
        Seed of the starts and of the sample.
    n_init : int, default 5
        k-means++ starts; the likeliest result is kept. With one, long groups are often missed.
    max_fitted : int, default 20_000
        Beyond this many points the mixture is fitted to a random sample of that size; it gives the
        other points their component all the same.

    Returns
    -------
    Clustering
        Each point is in its most probable component, with the posterior of that one. There are
        fewer clusters than `n_clusters` where a component is nowhere the most probable.

    Raises
    ------
    AnalysisError
        If `n_clusters` is out of range.

    References
    ----------
    Dempster, Laird & Rubin (1977), "Maximum likelihood from incomplete data via the EM algorithm";
    Fraley & Raftery (2002), doi:10.1198/016214502760047131.
    """
    check_n_clusters(n_clusters, min(len(X), max_fitted))
    fitted = sample(len(X), max_fitted=max_fitted, random_state=random_state)
    points = _unit_variance(X)
    with one_thread():
        model = _fit(points if fitted is None else points[fitted], n_clusters, random_state, n_init)
        posterior = model.predict_proba(points)
    labels = by_size(posterior.argmax(axis=1))
    return Clustering(
        labels=labels,
        inertia=inertia(X, labels),
        probabilities=posterior.max(axis=1),
        fitted=fitted,
    )


def bic(
    X: np.ndarray,
    ks: Iterable[int] = range(1, 16),
    *,
    random_state: int = 0,
    n_init: int = 5,
    max_fitted: int = MAX_FITTED,
    progress: Callable[[int, int], None] | None = None,
) -> BicCurve:
    """Weigh the fit of mixtures of k Gaussians against their number of parameters.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features, or a projection of them.
    ks : iterable of int, default 1 to 15
        Numbers of components, each from 1 to n_samples - 1.
    random_state : int, default 0
        Seed of the starts and of the sample.
    n_init : int, default 5
        k-means++ starts for each k; as many as `gmm` has, so that the curve is about its results.
    max_fitted : int, default 20_000
        Beyond this many points a random sample of that size is used, the same for every k.
    progress : callable of (done, total), optional
        Called after each k.

    Returns
    -------
    BicCurve

    Raises
    ------
    AnalysisError
        If `ks` is empty or holds a k out of range.

    References
    ----------
    Schwarz (1978), "Estimating the dimension of a model", doi:10.1214/aos/1176344136;
    Fraley & Raftery (2002), doi:10.1198/016214502760047131.
    """
    ks = tuple(sorted(set(ks)))
    n_used = min(len(X), max_fitted)
    if not ks or ks[0] < 1 or ks[-1] >= n_used:
        raise AnalysisError(f"ks={list(ks)} for {n_used} tracks; choose from 1 to {n_used - 1}")
    fitted = sample(len(X), max_fitted=max_fitted, random_state=random_state)
    points = _unit_variance(X if fitted is None else X[fitted])
    values = []
    for k in ks:
        with one_thread():
            values.append(_fit(points, k, random_state, n_init).bic(points))
        if progress is not None:
            progress(len(values), len(ks))
    return BicCurve(ks, np.array(values))


def _fit(points: np.ndarray, n_clusters: int, random_state: int, n_init: int) -> Any:
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(
        n_clusters,
        reg_covar=_RIDGE,
        max_iter=500,
        n_init=n_init,
        init_params="k-means++",
        random_state=random_state,
    ).fit(points)


def _unit_variance(X: np.ndarray) -> np.ndarray:
    spread = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(np.ptp(X, axis=0) == 0, 1.0, spread)
