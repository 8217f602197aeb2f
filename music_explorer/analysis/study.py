"""The 2021 study that this package generalises: its eight runs, and what it published of them.

The study clustered 3,081 rows of 11 genres in a projection to three dimensions and compared the
runs by their scores. In which space it scored is unknown, so the table here shows both.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from music_explorer.analysis.clustering import METHOD_TITLES
from music_explorer.analysis.pipeline import Config, Run


@dataclass(frozen=True)
class Published:
    """What the study published of one run.

    Attributes
    ----------
    calinski_harabasz : float or None
        Higher is better; None where the number is not known.
    note : str
        What is known beside it.
    """

    calinski_harabasz: float | None
    note: str


_PCA_RANGE = "Not known; PCA runs were published as 111 to 332."
_TSNE_RANGE = "Not known; t-SNE runs were published as above 1000, the best 1252."
_LOWEST_DB = "Its Davies-Bouldin score was called the lowest, with little variance over all runs."

PUBLISHED: dict[tuple[str, str, int], Published] = {
    ("pca", "kmeans", 6): Published(332.0, "The best of the PCA runs, 111 to 332."),
    ("pca", "kmeans", 11): Published(None, f"{_PCA_RANGE} {_LOWEST_DB}"),
    ("pca", "agglomerative", 6): Published(None, _PCA_RANGE),
    ("pca", "agglomerative", 11): Published(None, _PCA_RANGE),
    ("tsne", "kmeans", 6): Published(1252.0, "The best of all runs."),
    ("tsne", "kmeans", 11): Published(None, _TSNE_RANGE),
    ("tsne", "agglomerative", 6): Published(None, _TSNE_RANGE),
    ("tsne", "agglomerative", 11): Published(None, _TSNE_RANGE),
}
"""Published results by projection, method and n_clusters."""


def study_configs(*, random_state: int = 0) -> tuple[Config, ...]:
    """Give the study's eight runs: two projections, two methods, 6 and 11 clusters.

    Parameters
    ----------
    random_state : int, default 0
        Seed; the study's own is not known.
    """
    return tuple(
        Config(
            feature_set="study",
            projection=projection,
            space="projection",
            method=method,
            n_clusters=n_clusters,
            random_state=random_state,
        )
        for projection, method, n_clusters in PUBLISHED
    )


def study_table(runs: Iterable[Run]) -> pd.DataFrame:
    """Compare runs with what the study published, in both spaces.

    Parameters
    ----------
    runs : iterable of Run
        Results of `study_configs`, all or some.

    Returns
    -------
    DataFrame
        A row for each run: ``projection``, ``method``, ``n_clusters``, ``space_clustered``,
        ``space_features``; ``calinski_harabasz`` and ``silhouette`` (higher is better) and
        ``davies_bouldin`` (lower is better), each with ``_clustered`` and ``_features``;
        ``published_calinski_harabasz`` (NaN: not known) and ``note``. Only a ``_features`` column
        can be read downwards: its rows share a space.
    """
    rows = []
    for run in runs:
        config = run.config
        published = PUBLISHED.get((config.projection, config.method, config.n_clusters))
        row = {
            "projection": config.projection,
            "method": config.method,
            "n_clusters": config.n_clusters,
            "space_clustered": run.space_clustered,
            "space_features": run.space_features,
        }
        for score in ("calinski_harabasz", "davies_bouldin", "silhouette"):
            row[f"{score}_clustered"] = getattr(run.scores_clustered, score)
            row[f"{score}_features"] = getattr(run.scores_features, score)
        row["published_calinski_harabasz"] = published.calinski_harabasz if published else None
        row["note"] = published.note if published else "Not one of the study's runs."
        rows.append(row)
    return pd.DataFrame(rows).astype({"published_calinski_harabasz": float})


def conclusions(table: pd.DataFrame) -> list[str]:
    """Read the study against its own runs.

    Parameters
    ----------
    table : DataFrame
        Result of `study_table` for all of `study_configs`.

    Returns
    -------
    list of str
        What the study concluded, what both spaces show of it, and what is not known.
    """
    runs = table.set_index(["projection", "method", "n_clusters"])
    pca, tsne = runs.loc[("pca", "kmeans", 6)], runs.loc[("tsne", "kmeans", 6)]
    own, common = "calinski_harabasz_clustered", "calinski_harabasz_features"
    best = runs[common].idxmax()
    return [
        "The study concluded that clusters found in t-SNE are better, since they score a higher "
        "Calinski-Harabasz (1252 against at most 332), and read 3 to 6 clusters from the elbow of "
        "the inertia.",
        f"In one and the same space t-SNE does not lead. Each in its own map, k-means with 6 "
        f"clusters scores {tsne[own]:,.0f} ({tsne['space_clustered']}) and {pca[own]:,.0f} "
        f"({pca['space_clustered']}); both in the {pca['space_features']}, {tsne[common]:,.0f} and "
        f"{pca[common]:,.0f}. The highest there is {METHOD_TITLES[best[1]]} with {best[2]} "
        f"clusters, found in {runs.loc[best, 'space_clustered']}.",
        "Not known is how the study scored. Its range for PCA, 111 to 332, fits scores in the "
        "features; its remarks on Davies-Bouldin do not. The Calinski-Harabasz of a t-SNE map in "
        "its own space also moves by more than half with the program that draws it.",
    ]
