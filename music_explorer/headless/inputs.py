"""What an analysis needs of a store."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from music_explorer.analysis.pipeline import Config
from music_explorer.store import queries
from music_explorer.store.reader import open_store


@dataclass(frozen=True, eq=False)
class Inputs:
    """Tables for the pipeline and for what comes after it.

    Attributes
    ----------
    frame : DataFrame
        One row a track: who it is, and the columns of the feature set.
    genres : DataFrame
        ``track_id`` and ``genre``, a row for each pair.
    label : str
        The kind of label that clusters are compared with, one of `queries.LABELS`.
    labels : DataFrame
        ``track_id`` and ``genre``: the pairs of that kind, as the store has them.
    """

    frame: pd.DataFrame
    genres: pd.DataFrame
    label: str
    labels: pd.DataFrame


def load(path: Path, config: Config, *, expect: str, label: str | None = None) -> Inputs:
    """Read what a configuration needs from a store.

    Parameters
    ----------
    path
        The store.
    config
        Its features, its sources, and whether estimated values count and releases are joined.
    expect
        The data version that the caller believes is published.
    label
        One of `queries.LABELS`; the first that any track has if it is not given.

    Raises
    ------
    StoreError
        If the store cannot be read.
    StaleVersion
        If another data version is published.
    """
    with open_store(path, expect=expect) as con:
        kind = label or next(iter(queries.label_kinds(con)), queries.LABELS[0])
        frame = frame_of(con, config)
        genres, labels = (_pairs(queries.labels(con, name)) for name in ("genre", kind))
    return Inputs(frame, genres, kind, labels)


def frame_of(con: duckdb.DuckDBPyConnection, config: Config) -> pd.DataFrame:
    """Read the tracks of a configuration with the columns or the vectors of its feature set."""
    chosen = config.features
    if chosen.model:
        return queries.vectors(con, chosen.model, chosen.columns, sources=config.sources)
    return queries.features(
        con, chosen.columns, sources=config.sources, estimated=config.estimated_values
    )


def _pairs(labels: pd.DataFrame) -> pd.DataFrame:
    return labels.rename(columns={"label": "genre"})
