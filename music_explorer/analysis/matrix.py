"""The feature matrix: which columns and rows of a table enter an analysis, and what was left out.

Scaling belongs to `scaling`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from music_explorer.analysis.errors import AnalysisError

KEY_ENCODINGS = ("circular", "raw", "off")
TEMPO_COLUMNS = ("tempo", "librosa_tempo")
CIRCULAR = {name: (f"{name}_sin", f"{name}_cos") for name in ("key", *TEMPO_COLUMNS)}
"""Columns that can lie on a circle, and the names of the pair that then stands for each."""
VECTOR = "vector"
"""Column of a frame that holds the vector of each track."""
CIRCULAR_NAMES = tuple(name for pair in CIRCULAR.values() for name in pair)
MIN_ROWS = 3


@dataclass(frozen=True)
class FeatureMatrix:
    """Numbers to cluster, and an account of what was left out.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_features)
        Finite values in the units of the table: float64, or float32 of vectors.
    names : tuple of str
        Name of each column of `X`.
    index : ndarray of shape (n_samples,)
        Row numbers (positions, not labels) in the frame that were kept.
    dropped_columns : dict of str to float
        Columns left out as incomplete, with the share of rows (0 to 1) that have them.
    n_dropped_rows : int
        Rows left out because a value is missing.
    constant_columns : tuple of str
        Columns of `X` with a single value. They stay, and tell no two tracks apart.
    """

    X: np.ndarray
    names: tuple[str, ...]
    index: np.ndarray
    dropped_columns: dict[str, float]
    n_dropped_rows: int
    constant_columns: tuple[str, ...]

    @property
    def circular(self) -> tuple[tuple[int, int], ...]:
        """Positions of each two columns that together are one circular feature."""
        return tuple(
            (self.names.index(sine), self.names.index(cosine))
            for sine, cosine in CIRCULAR.values()
            if sine in self.names
        )

    @property
    def origins(self) -> tuple[str, ...]:
        """Column of the table that each column of `X` comes from."""
        origin = {name: column for column, pair in CIRCULAR.items() for name in pair}
        return tuple(origin.get(name, name) for name in self.names)


class CompleteRows(NamedTuple):
    """Result of `complete_rows`.

    Attributes
    ----------
    rows : ndarray of bool, shape (n_rows,)
        Rows with a value in every kept column; all False where no column is kept.
    columns : tuple of str
        Columns kept.
    coverage : dict of str to float
        Share of the rows, 0 to 1, that have each column asked for.
    """

    rows: np.ndarray
    columns: tuple[str, ...]
    coverage: dict[str, float]


def complete_rows(
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    min_coverage: float = 0.95,
    weights: np.ndarray | None = None,
) -> CompleteRows:
    """Leave out incomplete columns, then incomplete rows.

    Columns first, so that one column a source lacks does not empty the table. The share of a
    column is counted among the rows that have any of the columns: tracks of a source without
    these features at all are not the columns' fault.

    Parameters
    ----------
    frame : DataFrame
        One row a track. Infinite values count as missing.
    columns : sequence of str
        Columns asked for; one that `frame` lacks has coverage 0.
    min_coverage : float, default 0.95
        Share of rows, 0 to 1, that a column needs.
    weights : ndarray of shape (n_rows,), optional
        How many tracks each row stands for; 1 each by default.
    """
    values = frame.reindex(columns=list(columns)).to_numpy(dtype=float, na_value=np.nan)
    present = np.isfinite(values)
    weights = np.ones(len(frame)) if weights is None else weights
    n_covered = weights[present.any(axis=1)].sum()
    shares = weights @ present / max(n_covered, 1)
    kept = shares >= max(min_coverage, np.finfo(float).tiny)
    rows = present[:, kept].all(axis=1) & kept.any()
    names = tuple(name for name, keep in zip(columns, kept, strict=True) if keep)
    return CompleteRows(rows, names, dict(zip(columns, shares.tolist(), strict=True)))


def feature_matrix(
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    key: str = "circular",
    fold_tempo: bool = False,
    min_coverage: float = 0.95,
) -> FeatureMatrix:
    """Build the matrix of complete columns and complete rows.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, ...)
        One row a track, missing values as NaN.
    columns : sequence of str
        Feature columns asked for.
    key : {"circular", "raw", "off"}, default "circular"
        What becomes of the column ``key`` (0 to 11, C to B). ``circular`` puts it on the circle of
        fifths, ``key_sin`` and ``key_cos`` of ``2 * pi * 7 * key / 12``, where C and G are
        neighbours and C and F sharp are opposite; `scaling.scale` then lets the pair weigh one
        feature. ``raw`` keeps the number, ``off`` leaves it out.
    fold_tempo : bool, default False
        Whether ``tempo`` and ``librosa_tempo`` (in beats per minute) go round a circle once an
        octave, sin and cos of ``2 * pi * log2(tempo)``: 90 and 180 are the same, and no tempo is at
        an edge, as it would be on a scale from 60 to 120. Estimators often miss by an octave. What
        is lost is which of two tempi an octave apart is the faster. A tempo of 0 is missing.
    min_coverage : float, default 0.95
        A column that a smaller share of the rows have is left out by name. The share is counted
        among the rows that have any of the columns.

    Returns
    -------
    FeatureMatrix

    Raises
    ------
    AnalysisError
        If no column that varies, or fewer than 3 rows, remain.

    References
    ----------
    Grosche, Müller & Kurth (2010), "Cyclic tempogram: a mid-level tempo representation for music
    signals", ICASSP: tempi that differ by a power of two are identified, as chroma does octaves.
    """
    if key not in KEY_ENCODINGS:
        raise AnalysisError(f"key={key!r}; choose one of {', '.join(KEY_ENCODINGS)}")
    asked = [name for name in columns if name != "key" or key != "off"]
    tempi = [name for name in TEMPO_COLUMNS if fold_tempo and name in asked and name in frame]
    frame = frame.assign(**{name: _octaves(frame[name]) for name in tempi})
    complete = complete_rows(frame, asked, min_coverage=min_coverage)
    if complete.rows.sum() < MIN_ROWS:
        raise AnalysisError(_too_little(frame, complete))

    index = np.flatnonzero(complete.rows)
    kept = frame[list(complete.columns)].iloc[index].astype(float)
    if key == "circular" and "key" in kept:
        # Seven semitones are a fifth: multiplying by 7 orders the keys C, G, D, ... on the circle.
        kept = _on_circle(kept, "key", turns=7 * kept["key"] / 12)
    for name in tempi:
        if name in kept:
            kept = _on_circle(kept, name, turns=kept[name])
    X = kept.to_numpy()
    constant = tuple(kept.columns[np.ptp(X, axis=0) == 0])
    if len(constant) == X.shape[1]:
        raise AnalysisError(
            f"{', '.join(constant)}: the same value in all {len(index)} tracks; "
            "choose other features or more tracks"
        )
    return FeatureMatrix(
        X=X,
        names=tuple(kept.columns),
        index=index,
        dropped_columns={
            name: share for name, share in complete.coverage.items() if name not in complete.columns
        },
        n_dropped_rows=len(frame) - len(index),
        constant_columns=constant,
    )


def vector_matrix(frame: pd.DataFrame) -> FeatureMatrix:
    """Build the matrix of the vectors of a model, of the tracks that have one.

    Parameters
    ----------
    frame : DataFrame
        One row a track, in the column ``vector`` a float32 array of shape (n_features,), all
        finite, or None.

    Returns
    -------
    FeatureMatrix
        Its columns are ``dim_001`` and so on.

    Raises
    ------
    AnalysisError
        If fewer than 3 tracks have a vector, or all vectors are the same.
    """
    index = np.flatnonzero(frame[VECTOR].notna())
    if len(index) < MIN_ROWS:
        raise AnalysisError(
            f"{len(index)} of {len(frame)} tracks have a vector of this model, and at least "
            f"{MIN_ROWS} are needed; choose another feature set or select more tracks"
        )
    X = np.stack(frame[VECTOR].iloc[index].to_list())
    names = tuple(f"dim_{i:03d}" for i in range(1, X.shape[1] + 1))
    constant = tuple(np.array(names)[np.ptp(X, axis=0) == 0].tolist())
    if len(constant) == len(names):
        raise AnalysisError(f"all {len(index)} vectors are the same; choose other features")
    return FeatureMatrix(X, names, index, {}, len(frame) - len(index), constant)


def _octaves(tempo: pd.Series) -> pd.Series:
    beats = tempo.astype(float)
    # Rounded, since 90 and 180 must be the same to the last digit: a column in which all tempi are
    # the same but for octaves would else be scaled up to noise.
    return (np.log2(beats.where(beats > 0)) % 1).round(9) % 1


def _on_circle(frame: pd.DataFrame, column: str, *, turns: pd.Series) -> pd.DataFrame:
    angle = 2 * np.pi * turns
    points = dict(zip(CIRCULAR[column], (np.sin(angle), np.cos(angle)), strict=True))
    return frame.drop(columns=column).assign(**points)


def _too_little(frame: pd.DataFrame, complete: CompleteRows) -> str:
    shares = ", ".join(f"{name} {share:.0%}" for name, share in complete.coverage.items())
    return (
        f"{int(complete.rows.sum())} of {len(frame)} tracks have these features, and at least "
        f"{MIN_ROWS} are needed. Share of tracks by column: {shares or 'no column asked for'}. "
        "Choose another feature set or select more tracks"
    )
