"""What clusters sound like: features that set a cluster apart, and how features relate.

Effect sizes only. A p-value for a feature that helped to make the clusters is invalid
(Gao, Bien & Witten, arXiv:2012.02936).
"""

import re
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
    "librosa_tempo": ("faster by Librosa's tempo", "slower by Librosa's tempo"),
    "onset_rate": ("more onsets a second", "fewer onsets a second"),
}
# Of Librosa's features also a noun, for how much they vary within a track.
_LIBROSA_WORDS = {
    "mfcc_01": ("louder overall (MFCC 1)", "quieter overall (MFCC 1)", "overall level"),
    "mfcc_02": ("darker balance (MFCC 2)", "brighter balance (MFCC 2)", "dark-bright balance"),
    "spectral_centroid": ("brighter", "darker", "brightness"),
    "spectral_bandwidth": ("wider spectrum", "narrower spectrum", "width of the spectrum"),
    "spectral_rolloff": ("reaching higher in treble", "reaching less high in treble", "treble"),
    "spectral_flatness": ("noisier, less tonal", "more tonal, less noisy", "noisiness"),
    "zero_crossing_rate": (
        "noisier or brighter (zero crossings)",
        "smoother or darker (zero crossings)",
        "rate of zero crossings",
    ),
    "rms": ("higher signal level", "lower signal level", "signal level"),
}
_PITCH_CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
# librosa's seven contrast bands, with its default fmin of 200 Hz.
_CONTRAST_BANDS = (
    "below 200 Hz",
    "at 200 to 400 Hz",
    "at 400 to 800 Hz",
    "at 800 to 1600 Hz",
    "at 1600 to 3200 Hz",
    "at 3200 to 6400 Hz",
    "above 6400 Hz",
)
_NUMBERED = re.compile(r"(mfcc|spectral_contrast|chroma|tonnetz)_0*([1-9][0-9]*)")
# More or less of a key means nothing.
_WITHOUT_DIRECTION = ("key", *CIRCULAR_NAMES)
# Cohen (1988), "Statistical power analysis for the behavioral sciences".
_SMALL_EFFECT = 0.2
_EFFECTS = ((0.8, "large"), (0.5, "medium"), (_SMALL_EFFECT, "small"))


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
    return f"{', '.join(phrase(name, strong[name]) for name in order)} than the rest"


def effect_size(difference: float) -> str:
    """Name the size of a standardised difference: no test, and no p-value.

    Parameters
    ----------
    difference : float
        In standard deviations, as in `cluster_profiles`.

    Returns
    -------
    {"large", "medium", "small", "negligible"}
        From .8, .5 and .2 in either direction, by Cohen's convention.
    """
    return next((word for least, word in _EFFECTS if abs(difference) >= least), "negligible")


def largest_difference(profile: pd.Series) -> str:
    """Say how large the largest difference of one cluster is.

    Parameters
    ----------
    profile : Series
        One row of `cluster_profiles`, indexed by feature.

    Returns
    -------
    str
        Such as ``"large: 1.4 standard deviations in loudness"``.
    """
    name = profile.abs().idxmax()
    size = abs(profile[name])
    return f"{effect_size(size)}: {size:.1f} standard deviations in {name}"


def phrase(name: str, difference: float) -> str:
    """Give the words for more or for less of a feature.

    Parameters
    ----------
    name : str
        A feature column.
    difference : float
        Positive for more; how much does not count.

    Returns
    -------
    str
        Such as ``"quieter"``.
    """
    more, less = _words(name)
    return more if difference > 0 else less


def _words(name: str) -> tuple[str, str]:
    """Words for more and for less of a feature."""
    if name in _WORDS:
        return _WORDS[name]
    base, _, statistic = name.rpartition("_")
    if statistic not in ("mean", "std"):
        base, statistic = name, "mean"
    more, less, noun = _librosa_words(base)
    return (f"{noun} varies more", f"{noun} varies less") if statistic == "std" else (more, less)


def _librosa_words(base: str) -> tuple[str, str, str]:
    if base in _LIBROSA_WORDS:
        return _LIBROSA_WORDS[base]
    numbered = _NUMBERED.fullmatch(base)
    kind, number = (numbered[1], int(numbered[2])) if numbered else (None, 0)
    if kind == "mfcc":
        return f"timbre (MFCC {number}) higher", f"timbre (MFCC {number}) lower", f"MFCC {number}"
    if kind == "spectral_contrast" and number <= len(_CONTRAST_BANDS):
        band = _CONTRAST_BANDS[number - 1]
        return f"clearer tones {band}", f"less clear tones {band}", f"clearness of tones {band}"
    if kind == "chroma" and number <= len(_PITCH_CLASSES):
        pitch = _PITCH_CLASSES[number - 1]
        return f"more of the pitch {pitch}", f"less of the pitch {pitch}", f"the pitch {pitch}"
    readable = f"{kind} {number}" if numbered else base.replace("_", " ")
    return f"higher {readable}", f"lower {readable}", readable
