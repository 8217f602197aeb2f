"""What clusters sound like: features that set a cluster apart, and how features relate.

Effect sizes only. A p-value for a feature that helped to make the clusters is invalid
(Gao, Bien & Witten, arXiv:2012.02936).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.matrix import CIRCULAR_NAMES

# Words for more and for less of a feature.
_WORDS = {
    "danceability": ("more danceable", "less danceable"),
    "energy": ("more energetic", "calmer"),
    "loudness": ("louder", "quieter"),
    "speechiness": ("wordier", "less spoken"),
    "acousticness": ("more acoustic", "less acoustic"),
    "instrumentalness": ("more instrumental", "more vocal"),
    "liveness": ("more live-sounding", "less live-sounding"),
    "valence": ("happier", "sadder"),
    "tempo": ("faster", "slower"),
    "mode": ("more often major", "more often minor"),
    "duration_ms": ("longer", "shorter"),
}
# More or less of a key means nothing.
_WITHOUT_DIRECTION = ("key", *CIRCULAR_NAMES)
# Cohen (1988) calls smaller differences than this negligible.
_SMALL_EFFECT = 0.2


def correlations(
    frame: pd.DataFrame, columns: Sequence[str], *, method: str = "spearman"
) -> pd.DataFrame:
    """Correlate each pair of columns over the rows that have both.

    Parameters
    ----------
    frame : DataFrame
        One row a track.
    columns : sequence of str
        Feature columns.
    method : {"spearman", "pearson"}, default "spearman"
        Rank correlation suits skewed features; Pearson measures straight lines.

    Returns
    -------
    DataFrame of shape (n_columns, n_columns)
        -1 to 1; NaN for a constant column.

    Raises
    ------
    AnalysisError
        If `method` is unknown or `frame` lacks a column.
    """
    if method not in ("spearman", "pearson"):
        raise AnalysisError(f"method={method!r}; choose one of spearman, pearson")
    absent = [name for name in columns if name not in frame]
    if absent:
        raise AnalysisError(f"no column {', '.join(absent)}; choose from the feature columns")
    return frame[list(columns)].astype(float).corr(method=method)


def cluster_profiles(X: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Standardised mean difference of each cluster from the rest.

    The mean of the cluster less the mean of all other tracks, in standard deviations of all
    tracks. Not of the pooled within-cluster deviation as in Cohen's d: a feature that splits the
    tracks cleanly, such as mode, would have none.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Features; their scale does not matter.
    labels : ndarray of int, shape (n_samples,)
        Cluster of each track.
    names : sequence of str, shape (n_features,)
        Name of each column.

    Returns
    -------
    DataFrame of shape (n_clusters, n_features)
        Positive where the cluster has more. About .2 is small, .5 medium, .8 large
        (Cohen 1988). A constant feature has 0.

    Raises
    ------
    AnalysisError
        With a single cluster, which has no rest.
    """
    labels = np.asarray(labels)
    clusters = np.unique(labels)
    if len(clusters) < 2:
        raise AnalysisError("a single cluster has no rest to differ from; use at least 2 clusters")
    spread = X.std(axis=0)
    constant = np.ptp(X, axis=0) == 0
    unit = np.where(constant, 1.0, spread)
    differences = [
        np.where(constant, 0.0, X[labels == c].mean(axis=0) - X[labels != c].mean(axis=0)) / unit
        for c in clusters
    ]
    return pd.DataFrame(differences, index=pd.Index(clusters, name="cluster"), columns=list(names))


def describe(profile: pd.Series, *, n: int = 3) -> str:
    """Describe one cluster by its strongest differences.

    Parameters
    ----------
    profile : Series
        One row of `cluster_profiles`, indexed by feature.
    n : int, default 3
        Features named at most. Differences under .2 are not named.

    Returns
    -------
    str
        Such as ``"quieter, more acoustic, slower than the rest"``.
    """
    meaningful = profile.drop(labels=[name for name in _WITHOUT_DIRECTION if name in profile])
    strong = meaningful[meaningful.abs() >= _SMALL_EFFECT]
    order = strong.abs().sort_values(ascending=False, kind="stable").index[:n]
    if not len(order):
        return "close to the average in every feature"
    return f"{', '.join(_phrase(name, strong[name]) for name in order)} than the rest"


def _phrase(name: str, difference: float) -> str:
    readable = name.replace("_", " ")
    more, less = _WORDS.get(name, (f"higher {readable}", f"lower {readable}"))
    return more if difference > 0 else less
