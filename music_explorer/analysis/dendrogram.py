"""The top of a linkage as numbers to draw: the last merges, and what each remaining leaf holds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from music_explorer.analysis.errors import AnalysisError


@dataclass(frozen=True)
class Dendrogram:
    """A tree whose lower part is folded into leaves.

    Attributes
    ----------
    links : DataFrame
        A row for each merge drawn, lowest first: a bracket from ``(x_left, y_left)`` up to
        ``height``, across to ``x_right`` and down to ``y_right``. ``height`` is the distance of the
        merge, ``n_points`` the points below it. ``cluster`` is the cluster that the merge lies in,
        -1 for a merge that joins clusters.
    leaves : DataFrame
        A row for each leaf from left to right: ``x``, ``y`` (height of the last merge folded into
        it, 0 for a single point), ``n_points`` and ``cluster``.
    """

    links: pd.DataFrame
    leaves: pd.DataFrame


def dendrogram(Z: np.ndarray, labels: np.ndarray, *, n_leaves: int = 30) -> Dendrogram:
    """Lay out the last merges of a linkage.

    Parameters
    ----------
    Z : ndarray of shape (n_samples - 1, 4)
        Linkage matrix, heights ascending, such as `Clustering.Z`.
    labels : ndarray of int, shape (n_samples,)
        Clusters cut from this linkage, such as `Clustering.fitted_labels`.
    n_leaves : int, default 30
        Leaves drawn, 2 or more; as many as there are clusters if that is more, and never more than
        there are points.

    Returns
    -------
    Dendrogram

    Raises
    ------
    AnalysisError
        If `labels` and `Z` are not of equally many points, or `n_leaves` is under 2.
    """
    from scipy.cluster import hierarchy

    n_samples = len(Z) + 1
    if len(labels) != n_samples:
        raise AnalysisError(f"{len(labels)} labels for a linkage of {n_samples} points")
    if n_leaves < 2:
        raise AnalysisError(f"n_leaves={n_leaves}; expected 2 or more")
    n_clusters = len(np.unique(labels))
    drawn = hierarchy.dendrogram(
        Z,
        p=min(max(n_leaves, n_clusters), n_samples),
        truncate_mode="lastp",
        no_plot=True,
        # The only way to learn which merge each bracket is.
        link_color_func=str,
    )
    nodes = np.array(drawn["color_list"], dtype=int)
    x, y = np.array(drawn["icoord"]), np.array(drawn["dcoord"])
    links = pd.DataFrame(
        {
            "x_left": x[:, 0],
            "x_right": x[:, 3],
            "y_left": y[:, 0],
            "y_right": y[:, 3],
            "height": y[:, 1],
            "n_points": _n_points(Z, nodes),
            "cluster": _clusters(Z, nodes, labels, n_clusters),
        }
    ).iloc[np.argsort(nodes)]
    leaves = np.array(drawn["leaves"])
    # SciPy sets its leaves ten apart, from 5 on.
    where = {"x": 5.0 + 10.0 * np.arange(len(leaves)), "y": _heights(Z, leaves)}
    return Dendrogram(
        links=links.reset_index(drop=True),
        leaves=pd.DataFrame(
            {
                **where,
                "n_points": _n_points(Z, leaves),
                "cluster": _clusters(Z, leaves, labels, n_clusters),
            }
        ),
    )


def _n_points(Z: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    return np.r_[np.ones(len(Z) + 1), Z[:, 3]].astype(int)[nodes]


def _heights(Z: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    return np.r_[np.zeros(len(Z) + 1), Z[:, 2]][nodes]


def _clusters(Z: np.ndarray, nodes: np.ndarray, labels: np.ndarray, n_clusters: int) -> np.ndarray:
    n_samples = len(labels)
    # The last n_clusters - 1 merges are those that a cut undoes.
    first_joining = 2 * n_samples - n_clusters
    found = []
    for node in nodes:
        below = node
        while below >= n_samples:
            below = int(Z[below - n_samples, 0])
        found.append(labels[below] if node < first_joining else -1)
    return np.array(found, dtype=int)
