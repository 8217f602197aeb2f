"""Projections to a few dimensions, to look at and, if a person asks for it, to cluster in."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from music_explorer.analysis.errors import AnalysisError

PROJECTION_TITLES = {"pca": "PCA", "tsne": "t-SNE"}


@dataclass(frozen=True)
class Projection:
    """Coordinates of the tracks in few dimensions.

    Attributes
    ----------
    embedding : ndarray of shape (n_samples, n_components)
        Coordinates. For t-SNE neither axes nor distances between groups have a meaning.
    method : str
        A name in `PROJECTIONS`.
    explained_variance_ratio : ndarray of shape (n_components,) or None
        Share of the variance along each axis, 0 to 1; PCA only.
    loadings : ndarray of shape (n_features, n_components) or None
        Component weights times the component's standard deviation; PCA only. With standard scaling
        this is the correlation of feature and axis, -1 to 1.
    perplexity : float or None
        The perplexity used; t-SNE only.
    """

    embedding: np.ndarray
    method: str
    explained_variance_ratio: np.ndarray | None = None
    loadings: np.ndarray | None = None
    perplexity: float | None = None

    @property
    def space(self) -> str:
        """Name of the space, such as ``PCA-3``."""
        return f"{PROJECTION_TITLES[self.method]}-{self.embedding.shape[1]}"


def pca(X: np.ndarray, *, n_components: int = 3, random_state: int = 0) -> Projection:
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

    Returns
    -------
    Projection
        The largest loading of each axis is positive, so that a chart is never mirrored.

    References
    ----------
    Pearson (1901), "On lines and planes of closest fit to systems of points in space".
    """
    from sklearn.decomposition import PCA

    model = PCA(n_components=_available(X, n_components), svd_solver="full")
    # scikit-learn makes the largest weight of each component positive (from 1.5 on).
    embedding = model.fit_transform(X)
    return Projection(
        embedding=embedding,
        method="pca",
        explained_variance_ratio=model.explained_variance_ratio_,
        loadings=model.components_.T * np.sqrt(model.explained_variance_),
    )


def tsne(
    X: np.ndarray, *, n_components: int = 3, perplexity: float = 30.0, random_state: int = 0
) -> Projection:
    """Project so that near neighbours stay near (Barnes-Hut t-SNE, started from PCA).

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
        Seed. The result also depends on the number of threads.

    Returns
    -------
    Projection

    Raises
    ------
    AnalysisError
        If `perplexity` is not above 0.

    References
    ----------
    van der Maaten & Hinton (2008), "Visualizing data using t-SNE", JMLR 9;
    van der Maaten (2014), "Accelerating t-SNE using tree-based algorithms", JMLR 15.
    """
    from sklearn.manifold import TSNE

    if perplexity <= 0:
        raise AnalysisError(f"perplexity={perplexity!r}; expected above 0, usually 5 to 50")
    perplexity = min(float(perplexity), (len(X) - 1) / 3)
    model = TSNE(
        n_components=_available(X, n_components),
        perplexity=perplexity,
        init="pca",
        learning_rate="auto",
        random_state=random_state,
    )
    embedding = np.asarray(model.fit_transform(X), dtype=float)
    return Projection(embedding=embedding, method="tsne", perplexity=perplexity)


PROJECTIONS: dict[str, Callable[..., Projection]] = {"pca": pca, "tsne": tsne}


def _available(X: np.ndarray, n_components: int) -> int:
    if n_components < 1:
        raise AnalysisError(f"n_components={n_components!r}; expected 1 or more")
    return min(n_components, *X.shape)
