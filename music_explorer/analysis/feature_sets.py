"""Which columns make a feature set, and how much of a library each set covers.

Names of columns only: building the matrix belongs to `matrix`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.matrix import complete_rows

SPOTIFY_CONTINUOUS = (
    "danceability",
    "energy",
    "loudness",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
)
SPOTIFY = (*SPOTIFY_CONTINUOUS, "key", "mode", "time_signature", "duration_ms")

_MFCC = tuple(f"mfcc_{i:02d}" for i in range(1, 21))
_SPECTRAL_CONTRAST = tuple(f"spectral_contrast_{i}" for i in range(1, 8))
_CHROMA = tuple(f"chroma_{i:02d}" for i in range(1, 13))
_TONNETZ = tuple(f"tonnetz_{i}" for i in range(1, 7))
_SHAPE = (
    "spectral_centroid",
    "spectral_bandwidth",
    "spectral_rolloff",
    "spectral_flatness",
    "zero_crossing_rate",
    "rms",
)

LIBROSA_STUDY = tuple(f"{name}_mean" for name in (*_MFCC, *_SPECTRAL_CONTRAST))
LIBROSA_ALL = (
    *(
        f"{name}_{statistic}"
        for name in (*_MFCC, *_SPECTRAL_CONTRAST, *_CHROMA, *_TONNETZ, *_SHAPE)
        for statistic in ("mean", "std")
    ),
    "librosa_tempo",
    "onset_rate",
)
FEATURE_COLUMNS = (*SPOTIFY, *LIBROSA_ALL)
"""Every column that a feature set, also one chosen by hand, can hold."""


@dataclass(frozen=True)
class FeatureSet:
    """A named choice of columns.

    Attributes
    ----------
    name : str
        Identifier, as in a `Config` and in links.
    title : str
        What a person reads.
    columns : tuple of str
        Columns of the feature table, before `key` is encoded. Of the vectors of a model, whose
        numbers have no names, the columns that its clusters are put into words with.
    key : {"circular", "raw", "off"}
        How the column ``key`` enters; see `matrix.feature_matrix`.
    description : str
        One sentence.
    repeat_per_genre : bool
        Whether a track in several genres is repeated once for each of them. Only the published
        study did so; it duplicates points.
    scaling : str
        The scaling that suits it, a name in `scaling.SCALINGS`.
    model : str
        The model whose vectors it is; empty for columns of the feature table.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    key: str
    description: str
    repeat_per_genre: bool = False
    scaling: str = "standard"
    model: str = ""


FEATURE_SETS: dict[str, FeatureSet] = {
    feature_set.name: feature_set
    for feature_set in (
        FeatureSet(
            "spotify",
            "Spotify, 9 continuous",
            SPOTIFY_CONTINUOUS,
            "off",
            "The nine continuous Spotify features; key, mode, time signature and duration are "
            "left out because mode and time signature alone would decide the clusters.",
        ),
        FeatureSet(
            "librosa",
            "Librosa, 27 timbre means",
            LIBROSA_STUDY,
            "off",
            "Means of 20 MFCCs and of 7 spectral contrast bands: the timbre of the audio.",
        ),
        FeatureSet(
            "both",
            "Spotify 9 + Librosa 27",
            (*SPOTIFY_CONTINUOUS, *LIBROSA_STUDY),
            "off",
            "Both blocks side by side; the 27 timbre columns outweigh the nine Spotify ones.",
        ),
        FeatureSet(
            "librosa_all",
            f"Librosa, all {len(LIBROSA_ALL)}",
            LIBROSA_ALL,
            "off",
            "Means and standard deviations of every Librosa feature, tempo and onset rate.",
        ),
        FeatureSet(
            "spotify_all",
            "Spotify, all 13",
            SPOTIFY,
            "circular",
            "All Spotify features; key lies on the circle of fifths and weighs one feature.",
        ),
        FeatureSet(
            "study",
            "The 2021 study, all 40",
            (*SPOTIFY, *LIBROSA_STUDY),
            "raw",
            "What the study clustered: 13 Spotify features with key as a plain number, 27 Librosa "
            "means, and a track repeated for each of its genres.",
            repeat_per_genre=True,
        ),
        FeatureSet(
            "everything",
            f"Everything, all {len(FEATURE_COLUMNS)}",
            FEATURE_COLUMNS,
            "circular",
            "Every Spotify and every Librosa feature; key lies on the circle of fifths.",
        ),
    )
}
CUSTOM = "custom"
"""Name of a set that is chosen by hand."""
MODEL = "model:"
"""Beginning of the name of a set that is the vectors of a model."""


def feature_set(name: str) -> FeatureSet:
    """Return a feature set by its name.

    Parameters
    ----------
    name : str
        One of `FEATURE_SETS`, or ``"model:<model>"`` for the vectors of a model.

    Raises
    ------
    AnalysisError
        If it is neither.
    """
    if name in FEATURE_SETS:
        return FEATURE_SETS[name]
    model = name.removeprefix(MODEL)
    if model in (name, ""):
        raise AnalysisError(
            f"feature_set={name!r}; choose one of {', '.join((*FEATURE_SETS, CUSTOM))}, or "
            f"{MODEL}NAME for the vectors of a model"
        )
    return FeatureSet(
        name,
        f"Vectors of {model}",
        (*SPOTIFY_CONTINUOUS, *LIBROSA_STUDY),
        "off",
        "Numbers that a model makes of the audio; none of them means anything by itself.",
        scaling="unit",
        model=model,
    )


def custom_set(columns: Sequence[str]) -> FeatureSet:
    """Make a feature set of columns chosen by hand.

    Parameters
    ----------
    columns : sequence of str
        Names in `FEATURE_COLUMNS`, each once.

    Raises
    ------
    AnalysisError
        If there is none, one is unknown or stands twice.
    """
    if not columns:
        raise AnalysisError(f"columns=(); choose some of {', '.join(FEATURE_COLUMNS)}")
    unknown = [name for name in columns if name not in FEATURE_COLUMNS]
    if unknown:
        raise AnalysisError(
            f"columns={', '.join(map(repr, unknown))}: no such feature; "
            f"choose from {', '.join(FEATURE_COLUMNS)}"
        )
    repeated = sorted({name for name in columns if list(columns).count(name) > 1})
    if repeated:
        raise AnalysisError(f"columns={', '.join(repeated)} more than once; name each once")
    return FeatureSet(
        CUSTOM, "Chosen by hand", tuple(columns), "circular", "Columns chosen one by one."
    )


def block(column: str) -> str:
    """Tell who measured a column: ``spotify`` or ``librosa``."""
    return "spotify" if column in SPOTIFY else "librosa"


def coverage(
    frame: pd.DataFrame, *, min_coverage: float = 0.95, weights: np.ndarray | None = None
) -> dict[str, float]:
    """Share of the tracks that each feature set can cluster.

    A track counts when it has a value in every column that enough of the tracks have, as in
    `matrix.feature_matrix`. A set of two blocks (Spotify and Librosa) needs both: a library without
    any audio analysis has coverage 0 in ``both``, however complete its Spotify half is.

    Parameters
    ----------
    frame : DataFrame
        One row a track, feature columns with NaN where missing.
    min_coverage : float, default 0.95
        Columns that a smaller share of the block's tracks have are left aside, 0 to 1.
    weights : ndarray of shape (n_rows,), optional
        How many tracks each row stands for; 1 each by default.

    Returns
    -------
    dict of str to float
        Share from 0 to 1 for each name in `FEATURE_SETS`; higher is better.
    """
    shares = {}
    weights = np.ones(len(frame)) if weights is None else weights
    for name, feature_set in FEATURE_SETS.items():
        covered = np.full(len(frame), True)
        blocks: dict[str, list[str]] = {}
        for column in feature_set.columns:
            blocks.setdefault(block(column), []).append(column)
        for columns in blocks.values():
            found = complete_rows(frame, columns, min_coverage=min_coverage, weights=weights)
            covered &= found.rows
        shares[name] = float(weights[covered].sum() / max(weights.sum(), 1))
    return shares


def default_feature_set(coverage: Mapping[str, float]) -> str:
    """Choose the feature set that covers most tracks.

    Among equals the earlier in `FEATURE_SETS` wins: a single block before a mixture, whose weights
    are a choice that a person should make, and the nine continuous features before all 13; vectors
    of a model, which have no names, come last. The preset ``study`` repeats tracks and is never a
    default.

    Parameters
    ----------
    coverage : mapping of str to float
        Share of tracks by name, as from `coverage`; an absent name counts as 0.

    Returns
    -------
    str
        A name as of `feature_set`; ``"spotify"`` where nothing is covered.
    """
    names = [name for name in FEATURE_SETS if not FEATURE_SETS[name].repeat_per_genre]
    names += [name for name in coverage if name not in FEATURE_SETS]
    return max(names, key=lambda name: coverage.get(name, 0.0))
