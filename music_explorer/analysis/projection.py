"""Projections to a few dimensions, to look at and, if a person asks for it, to cluster in."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from music_explorer.analysis.errors import AnalysisError

PROJECTION_TITLES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}

Callback = Callable[[int, int, np.ndarray], None]
"""Called as ``callback(iteration, max_iter, embedding)`` now and then by a projection that works in
steps. What it raises ends the work and reaches the caller."""

_MIN_UMAP = 5
_MOST_VALUES_OF_SVD = 2_000_000


@dataclass(frozen=True)
class Projection:
    """Coordinates of the tracks in few dimensions.

    Attributes
    ----------
    embedding : ndarray of shape (n_samples, n_components)
        Coordinates. For t-SNE and UMAP neither axes nor distances between groups have a meaning.
    method : str
        A name in `PROJECTIONS`.
    explained_variance_ratio : ndarray of shape (n_components,) or None
        Share of the variance along each axis, 0 to 1; PCA only.
    loadings : ndarray of shape (n_features, n_components) or None
        Component weights times the component's standard deviation; PCA only. With standard scaling
        this is the correlation of feature and axis, -1 to 1.
    perplexity : float or None
        The perplexity used; t-SNE only.
    n_fitted : int or None
        How many rows were fitted, where that was a sample and the others were placed among them;
        None if all were.
    kl_divergence : float or None
        Kullback-Leibler divergence of the fitted rows in nats, lower is better; t-SNE only.
    """

    embedding: np.ndarray
    method: str
    explained_variance_ratio: np.ndarray | None = None
    loadings: np.ndarray | None = None
    perplexity: float | None = None
    n_fitted: int | None = None
    kl_divergence: float | None = None

    @property
    def space(self) -> str:
        """Name of the space, such as ``PCA-3``."""
        return f"{PROJECTION_TITLES[self.method]}-{self.embedding.shape[1]}"


def pca(
    X: np.ndarray,
    *,
    n_components: int = 3,
    random_state: int = 0,
    callback: Callback | None = None,
) -> Projection:
    """Project onto the axes of largest variance.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features.
    n_components : int, default 3
        Axes wanted. Fewer columns or rows than that give as many axes as there are: a chart must
        ask the embedding for its width.
    random_state : int, default 0
        Not used, since the decomposition is exact; every projection is called alike.
    callback : callable, optional
        Not used, since there are no steps.

    Returns
    -------
    Projection
        The largest loading of each axis is positive, so that a chart is never mirrored.

    References
    ----------
    Pearson (1901), "On lines and planes of closest fit to systems of points in space".
    """
    from sklearn.decomposition import PCA

    # The eigenvectors of the covariance are the same in a fraction of the time where X is tall, and
    # less exact in the last digits only.
    is_tall = X.size > _MOST_VALUES_OF_SVD and len(X) >= 10 * X.shape[1]
    solver = "covariance_eigh" if is_tall else "full"
    model = PCA(n_components=_available(X, n_components), svd_solver=solver)
    # scikit-learn makes the largest weight of each component positive (from 1.5 on).
    embedding = model.fit_transform(X)
    return Projection(
        embedding=embedding,
        method="pca",
        explained_variance_ratio=model.explained_variance_ratio_,
        loadings=model.components_.T * np.sqrt(model.explained_variance_),
    )


def tsne(
    X: np.ndarray,
    *,
    n_components: int = 3,
    perplexity: float = 30.0,
    random_state: int = 0,
    callback: Callback | None = None,
) -> Projection:
    """Project so that near neighbours stay near (t-SNE by the exact gradient, started from PCA).

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features.
    n_components : int, default 3
        Axes wanted, 1 to 3; fewer where `X` has fewer columns or rows.
    perplexity : float, default 30.0
        Effective number of neighbours, above 0. At most a third of the other points, because the
        method looks at three times as many neighbours; a larger value is lowered to that. The
        result holds the value used.
    random_state : int, default 0
        Seed.
    callback : callable, optional
        Called every 25 iterations and after the last; see `Callback`. Its embedding is that of
        the fitted rows.

    Returns
    -------
    Projection
        Beyond 10,000 rows a random sample of them is fitted: see its `n_fitted`.

    Raises
    ------
    AnalysisError
        If `perplexity` is not above 0, or `n_components` not 1 to 3.

    References
    ----------
    van der Maaten & Hinton (2008), "Visualizing data using t-SNE", JMLR 9; for the rest see
    `analysis.tsne`.
    """
    from music_explorer.analysis.tsne import TSNE

    if perplexity <= 0:
        raise AnalysisError(f"perplexity={perplexity!r}; expected above 0, usually 5 to 50")
    model = TSNE(
        _available(X, n_components),
        perplexity=min(float(perplexity), max(len(X) - 1, 1) / 3),
        random_state=random_state,
        callback=callback,
    ).fit(X)
    n_fitted = len(model.fitted_)
    return Projection(
        embedding=model.embedding_.astype(float),
        method="tsne",
        perplexity=model.perplexity,
        n_fitted=n_fitted if n_fitted < len(X) else None,
        kl_divergence=model.kl_divergence_,
    )


def umap(
    X: np.ndarray,
    *,
    n_components: int = 3,
    random_state: int = 0,
    callback: Callback | None = None,
) -> Projection:
    """Project so that near neighbours stay near (UMAP with 15 neighbours and min_dist 0.1).

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features, at least 5 rows.
    n_components : int, default 3
        Axes wanted; fewer where `X` has fewer columns or rows.
    random_state : int, default 0
        Seed.
    callback : callable, optional
        Not used: the library does not report its steps.

    Returns
    -------
    Projection

    Raises
    ------
    AnalysisError
        With fewer than 5 rows, or `n_components` below 1.

    References
    ----------
    McInnes, Healy & Melville (2018), "UMAP", arXiv:1802.03426.
    """
    from umap import UMAP

    from music_explorer.analysis.tsne_kernels import PARALLEL

    if len(X) < _MIN_UMAP:
        raise AnalysisError(f"{len(X)} tracks; UMAP needs at least {_MIN_UMAP}")
    model = UMAP(
        n_components=_available(X, n_components),
        n_neighbors=min(15, len(X) - 1),
        random_state=random_state,
        n_jobs=1,  # a seeded run has one thread anyway
    )
    with PARALLEL:
        embedding = model.fit_transform(X)
    return Projection(embedding=np.asarray(embedding, dtype=float), method="umap")


PROJECTIONS: dict[str, Callable[..., Projection]] = {"pca": pca, "tsne": tsne, "umap": umap}


def _available(X: np.ndarray, n_components: int) -> int:
    if n_components < 1:
        raise AnalysisError(f"n_components={n_components!r}; expected 1 or more")
    return min(n_components, *X.shape)
