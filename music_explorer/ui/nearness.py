"""Tables of the tracks that are near to a track; what needs all tracks is computed once for all."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from music_explorer.analysis.artists import artist_codes
from music_explorer.analysis.neighbours import (
    Hubness,
    as_near,
    hubness,
    in_words,
    neighbours,
    reading,
    typical_distances,
    why,
)
from music_explorer.analysis.pipeline import Config, Prepared
from music_explorer.ui import show
from music_explorer.ui.jobs import Job, with_progress
from music_explorer.ui.state import Store, labels, meaning, prepared, run

ALIKE, APART = "alike in", "apart: it is"
_N_OF_A_LIST = 15
_CLUSTERED_AT_ONCE = 5_000_000  # numbers


class Found(NamedTuple):
    """A track, and the ones that are nearest to it.

    Attributes
    ----------
    config
        The features and the tracks that were searched.
    ready
        What these are.
    row
        The track.
    near
        From `neighbours.neighbours`.
    shares
        From `neighbours.as_near`.
    """

    config: Config
    ready: Prepared
    row: int
    near: pd.DataFrame
    shares: pd.DataFrame


def find(config: Config, ready: Prepared, row: int, *, n: int, other_artists: bool) -> Found:
    """Find the nearest tracks of one track, by other artists only if that is asked for."""
    track_ids, artists = ready.rows["track_id"], artist_codes(ready.rows["artist"])
    # Some feature sets have a track once for each of its genres.
    exclude = (track_ids.duplicated() | (track_ids == track_ids.iloc[row])).to_numpy()
    if other_artists:
        exclude = exclude | (artists == artists[row])
    near = neighbours(ready.X, row, n=n, exclude=exclude)
    X, matrix = ready.telling
    shares = as_near(X, row, near["index"], matrix.origins, random_state=config.random_state)
    return Found(config, ready, row, near, shares)


def listed(store: Store, found: Found, kind: str) -> pd.DataFrame:
    """Return the neighbours for people to read, with what they have in common with the track."""
    ready, near = found.ready, found.near
    usual = usual_distances(store, found.config)
    X, matrix = ready.telling
    words = in_words(X, found.row, found.shares, matrix.origins)
    tracks = ready.rows.iloc[near["index"]]
    of_kind = show.joined(labels(store, found.config, kind), tracks["track_id"])
    table = pd.DataFrame(
        {
            "title": tracks["title"].to_numpy(),
            "artist": tracks["artist"].to_numpy(),
            "distance": near["distance"],
            ALIKE: words["alike"].to_numpy(),
            APART: words["apart"].to_numpy(),
            kind: tracks["track_id"].map(of_kind).to_numpy(),
            "pairs nearer (%)": 100 * nearer(usual, near["distance"]),
            "track_id": tracks["track_id"].to_numpy(),
        }
    )
    if clusters_at_once(ready):
        result = run(store, found.config)
        names = show.names_of_clusters(result)
        table.insert(5, "cluster", [names[label] for label in result.labels[near["index"]]])
    return table


def clusters_at_once(ready: Prepared) -> bool:
    """Tell whether the tracks are clustered in a moment, so that a list need not do without."""
    return ready.X.size <= _CLUSTERED_AT_ONCE


def made_of(found: Found, other: int) -> pd.DataFrame:
    """Return what each feature adds to the distance of the track and another one."""
    ready = found.ready
    shares = why(ready.X, found.row, other, ready.matrix.origins)
    near = found.shares.loc[other]
    values = ready.rows[list(shares.index)]
    return pd.DataFrame(
        {
            "feature": shares.index,
            "share": 100 * shares.to_numpy(),
            "as_near": 100 * near.to_numpy(),
            "reading": reading(near, shares).to_numpy(),
            "here": values.iloc[found.row].to_numpy(),
            "there": values.iloc[other].to_numpy(),
            "meaning": [meaning(name) for name in shares.index],
        }
    )


def nearer(usual: np.ndarray, distance: float | pd.Series) -> float | np.ndarray:
    """Return the share of random pairs of tracks, 0 to 1, that are nearer than a distance."""
    return np.searchsorted(usual, distance) / len(usual)


def hubs(store: Store, config: Config) -> Hubness | None:
    """Return how often each track is among the nearest of others; None if that was stopped."""
    X = prepared(store, config).X
    n = min(_N_OF_A_LIST, len(X) - 1)

    def work(job: Job) -> Hubness:
        return hubness(X, n=n, random_state=config.random_state, progress=job.report)

    key = ("hubness", store.version, *config.prepare_key, config.random_state)
    return with_progress(key, work, "Looking for hubs")


def usual_distances(store: Store, config: Config) -> np.ndarray:
    """Return the distances of random pairs of tracks, ascending."""
    key = (store.version, *config.prepare_key, config.random_state)
    return _usual_distances(key, _ready=prepared(store, config), _config=config)


@st.cache_data(max_entries=8, show_spinner=False)
def _usual_distances(key: tuple, _ready: Prepared, _config: Config) -> np.ndarray:
    return typical_distances(_ready.X, random_state=_config.random_state)
