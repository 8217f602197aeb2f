"""Agreement of clusters with labels from outside, such as genre.

Genre is weak ground truth (Sturm, arXiv:1306.1461): these numbers are association, not accuracy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from music_explorer.analysis.errors import AnalysisError


@dataclass(frozen=True)
class Agreement:
    """Association of a labeling with classes; lead with `ari`.

    Attributes
    ----------
    ari : float
        Adjusted Rand index: 0 expected by chance, 1 identical, slightly negative possible.
        Large clusters drive it (Warrens & van der Hoef, arXiv:1901.01777).
    ami : float
        Adjusted mutual information: 0 expected by chance, 1 identical.
    homogeneity, completeness, v_measure : float
        0 to 1, higher is better, but not adjusted for chance: they rise with the number of
        clusters.
    n_tracks : int
        Tracks that the numbers rest on: those with a class.
    """

    ari: float
    ami: float
    homogeneity: float
    completeness: float
    v_measure: float
    n_tracks: int


def agreement(labels: np.ndarray, classes: Sequence[object]) -> Agreement:
    """Compare a labeling with one class for each track.

    Parameters
    ----------
    labels : ndarray of int, shape (n_samples,)
        Cluster of each track.
    classes : sequence of shape (n_samples,)
        Class of each track, such as from `single_label`; tracks with NaN or None are left out.

    Returns
    -------
    Agreement

    Raises
    ------
    AnalysisError
        If the tracks that have a class do not have at least two classes.

    References
    ----------
    Hubert & Arabie (1985), "Comparing partitions"; Vinh, Epps & Bailey (2010), JMLR 11;
    Rosenberg & Hirschberg (2007), "V-Measure".
    """
    from sklearn.metrics import (
        adjusted_mutual_info_score,
        adjusted_rand_score,
        homogeneity_completeness_v_measure,
    )

    known, codes, _ = known_classes(classes)
    chosen = np.asarray(labels)[known]
    homogeneity, completeness, v_measure = homogeneity_completeness_v_measure(codes, chosen)
    return Agreement(
        ari=float(adjusted_rand_score(codes, chosen)),
        ami=float(adjusted_mutual_info_score(codes, chosen)),
        homogeneity=float(homogeneity),
        completeness=float(completeness),
        v_measure=float(v_measure),
        n_tracks=int(known.sum()),
    )


def known_classes(classes: Sequence[object]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give each track that has a class its number.

    Parameters
    ----------
    classes : sequence of shape (n_samples,)
        Class of each track, NaN or None for none.

    Returns
    -------
    known : ndarray of bool, shape (n_samples,)
        Tracks with a class.
    codes : ndarray of int, shape (n_known,)
        Class of each of those, from 0.
    names : ndarray of object, shape (n_classes,)
        The classes.

    Raises
    ------
    AnalysisError
        With fewer than two classes.
    """
    given = pd.Series(list(classes), dtype=object)
    known = given.notna().to_numpy()
    codes, names = pd.factorize(given[known])
    if len(names) < 2:
        raise AnalysisError(
            f"{int(known.sum())} of {len(known)} tracks have a class, in {len(names)} classes; "
            "agreement needs at least 2 classes, so select more tracks or another label"
        )
    return known, codes, np.asarray(names)


def single_label(track_ids: Sequence[str], genres: pd.DataFrame) -> np.ndarray:
    """Give the class of each track that has exactly one.

    Parameters
    ----------
    track_ids : sequence of str, shape (n_samples,)
        Tracks, in the order of the labels.
    genres : DataFrame
        ``track_id`` and ``genre``, a row for each pair.

    Returns
    -------
    ndarray of object, shape (n_samples,)
        The genre; NaN for a track with none or with several.
    """
    pairs = genres[["track_id", "genre"]].dropna().drop_duplicates()
    alone = pairs[~pairs["track_id"].duplicated(keep=False)]
    found = alone.set_index("track_id")["genre"].reindex(list(track_ids))
    return found.astype(object).where(found.notna(), np.nan).to_numpy()


def crosstab(labels: np.ndarray, track_ids: Sequence[str], genres: pd.DataFrame) -> pd.DataFrame:
    """Count tracks by cluster and genre; a track of g genres counts 1/g in each.

    Parameters
    ----------
    labels : ndarray of int, shape (n_samples,)
        Cluster of each track.
    track_ids : sequence of str, shape (n_samples,)
        Tracks, in the order of the labels.
    genres : DataFrame
        ``track_id`` and ``genre``, a row for each pair.

    Returns
    -------
    DataFrame of shape (n_clusters, n_genres)
        Weighted counts. A row sums to the tracks of that cluster that have any genre.
    """
    pairs = genres[["track_id", "genre"]].dropna().drop_duplicates()
    weight = 1 / pairs.groupby("track_id")["genre"].transform("size")
    tracks = pd.DataFrame({"track_id": list(track_ids), "cluster": labels})
    joined = tracks.merge(pairs.assign(weight=weight), on="track_id")
    table = joined.pivot_table(
        index="cluster", columns="genre", values="weight", aggfunc="sum", fill_value=0.0
    )
    # A cluster without any labelled track still has its row.
    return table.reindex(np.unique(labels), fill_value=0.0).rename_axis(index="cluster")


def percentages(table: pd.DataFrame, *, normalise: str = "row") -> pd.DataFrame:
    """Turn counts into percentages.

    Parameters
    ----------
    table : DataFrame of shape (n_clusters, n_genres)
        Counts, as from `crosstab`.
    normalise : {"row", "column"}, default "row"
        ``row``: what a cluster consists of. ``column``: where a genre goes.

    Returns
    -------
    DataFrame of shape (n_clusters, n_genres)
        0 to 100; NaN where there is nothing to divide.

    Raises
    ------
    AnalysisError
        If `normalise` is unknown.
    """
    if normalise not in ("row", "column"):
        raise AnalysisError(f"normalise={normalise!r}; choose one of row, column")
    if normalise == "row":
        sums = table.sum(axis=1)
        return 100 * table.div(sums.where(sums > 0), axis=0)
    sums = table.sum(axis=0)
    return 100 * table.div(sums.where(sums > 0), axis=1)


def residuals(table: pd.DataFrame) -> pd.DataFrame:
    """Compare each count with the one expected if clusters and genres were unrelated.

    The adjusted Pearson residual: the difference in standard deviations that independent tracks
    would have. Songs by one artist are not independent, so 2 is no threshold of significance here;
    read the signs and the order.

    Parameters
    ----------
    table : DataFrame of shape (n_clusters, n_genres)
        Counts, as from `crosstab`.

    Returns
    -------
    DataFrame of shape (n_clusters, n_genres)
        Positive where a cluster has more of a genre than expected. NaN where a cluster or a genre
        is empty, or one of them holds every track.

    References
    ----------
    Haberman (1973), "The analysis of residuals in cross-classified tables", doi:10.2307/2529686.
    """
    counts = table.to_numpy(dtype=float)
    total = counts.sum()
    rows, columns = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = rows * columns / total
        variance = expected * (1 - rows / total) * (1 - columns / total)
        values = np.where(variance > 0, (counts - expected) / np.sqrt(variance), np.nan)
    return pd.DataFrame(values, index=table.index, columns=table.columns)
