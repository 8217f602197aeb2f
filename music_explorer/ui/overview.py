"""The parts of the first page: what is here, a map, one finding, and where to go next."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from music_explorer.analysis.apart import most_apart, most_blurred
from music_explorer.analysis.clustering import METHOD_TITLES
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.overlap import GenreOverlap, genre_overlap
from music_explorer.analysis.partition import NOISE
from music_explorer.analysis.pipeline import Run
from music_explorer.analysis.profiles import cluster_profiles, describe, largest_difference
from music_explorer.analysis.sampling import sample
from music_explorer.ui import charts, evidence, show
from music_explorer.ui.map_chart import CLUSTERS, track_map
from music_explorer.ui.plain_text import counted, literal
from music_explorer.ui.state import Store, labels

MOST_POINTS = 5_000
_HEIGHT = 500
_LEGEND = {"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0}
_N_NEIGHBOURS = 15
_MOST_SOURCES = 3
_LEAST_SIZE = 0.5
_OWN = "Bring your own music"


class Finding(NamedTuple):
    """A sentence about the collection, as Markdown, and what it was computed from."""

    sentence: str
    basis: str


class Step(NamedTuple):
    """A page to go to, what to do there, and why."""

    page: str
    label: str
    about: str


def where_from(sources: pd.DataFrame, *, is_demo: bool) -> str:
    """Say where the music came from, as Markdown: the largest sources by name."""
    named = [
        f"{literal(row.source)} ({counted(row.n_tracks, 'track')})"
        for row in sources[:_MOST_SOURCES].itertuples()
    ]
    rest = len(sources) - len(named)
    if rest:
        named.append(counted(rest, "more source"))
    origin = "This is the demo, made of tables that come with the app:" if is_demo else "From"
    return f"{origin} {', '.join(named)}."


def map_of_clusters(store: Store, result: Run, kind: str) -> tuple[go.Figure, pd.DataFrame]:
    """Draw the clusters, named by what is special in each; of many tracks a random sample.

    Returns
    -------
    tuple of Figure and DataFrame
        The map, and the numbers that it draws.
    """
    rows, embedding = result.prepared.rows, result.projection.embedding
    chosen = sample(len(rows), max_fitted=MOST_POINTS, random_state=result.config.random_state)
    shown = np.arange(len(rows)) if chosen is None else chosen
    known = show.joined(labels(store, result.config, kind), rows["track_id"].iloc[shown])
    of = "" if chosen is None else f"{len(shown):,} of "
    names = show.cluster_names(result).rename(CLUSTERS)
    fig = track_map(
        embedding[shown],
        hover=charts.hover_texts(rows.iloc[shown], known),
        axes=list(show.axes(result.projection, result.prepared)),
        title=f"{of}{len(rows):,} tracks in {result.projection.space}, coloured by cluster",
        groups=names.iloc[shown].reset_index(drop=True),
    )
    special = _what_is_special(result)
    fig.for_each_trace(lambda trace: trace.update(name=special.get(trace.name, trace.name)))
    fig.update_layout(height=_HEIGHT, legend=_LEGEND)
    numbers = rows.iloc[shown][["track_id", "title", "artist"]].assign(
        cluster=result.labels[shown], **dict(zip("xyz", embedding[shown].T, strict=False))
    )
    return fig, numbers


def _what_is_special(result: Run) -> dict[str, str]:
    """Return the name of each cluster, and the same with what is special in it."""
    if result.n_clusters < 2:
        return {}
    names, profiles = show.names_of_clusters(result), _profiles(result)
    return {
        names[cluster]: f"{names[cluster]}: {describe(profile, n=2).removesuffix(' than the rest')}"
        for cluster, profile in profiles.iterrows()
    }


def _profiles(result: Run) -> pd.DataFrame:
    X, matrix = result.prepared.telling
    profiles = cluster_profiles(X, result.labels, matrix.names)
    return profiles.drop(index=NOISE, errors="ignore")


def not_in_the_map(result: Run) -> str:
    """Say which tracks the map leaves out, and why; nothing if it has all."""
    ready = result.prepared
    parts = {
        "without a value for each of these features": ready.matrix.n_dropped_rows,
        "whose recording another release stands for": ready.n_merged,
    }
    named = [f"{counted(n, 'track')} {why}" for why, n in parts.items() if n]
    return f"Not in the map: {' and '.join(named)}." if named else ""


def finding(store: Store, result: Run, kind: str) -> Finding:
    """Say one thing about the labels; about the clusters where no label can be compared."""
    try:
        return _about_labels(_overlap_of(store, result, kind), result, kind)
    except AnalysisError:
        return _about_clusters(result)


def _overlap_of(store: Store, result: Run, kind: str) -> GenreOverlap:
    ready, config = result.prepared, result.config
    known = labels(store, config, kind)
    key = (store.version, *config.prepare_key, kind)
    return _overlap(
        key,
        config.random_state,
        _X=ready.X,
        _classes=evidence.classes_of(ready, known, kind),
        _artists=ready.rows["artist"],
    )


@st.cache_data(max_entries=8, show_spinner="Looking for what stands out…")
def _overlap(
    key: tuple, random_state: int, _X: np.ndarray, _classes: np.ndarray, _artists: pd.Series
) -> GenreOverlap:
    return genre_overlap(
        _X, _classes, _artists, n_neighbors=_N_NEIGHBOURS, random_state=random_state
    )


def _about_labels(found: GenreOverlap, result: Run, kind: str) -> Finding:
    apart, pair = most_apart(found), most_blurred(found)
    words = [f"No {kind} stands clearly apart from the others."]
    if apart is not None:
        name = literal(apart)
        own, chance = found.shares.loc[apart, apart], found.expected.loc[apart, apart]
        words = [
            f"**{name}** stands most clearly apart: {own:.0%} of the tracks nearest to it are "
            f"{name} too (by chance {chance:.0%})."
        ]
    if pair is not None:
        words.append(_blurred(found, *pair))
    n_tracks = found.n_tracks.sum()
    sampled = "a random " if found.sampled else ""
    left_out = len(found.left_out)
    return Finding(
        " ".join(words),
        f"Computed from the {_N_NEIGHBOURS} nearest tracks by other artists of each of {sampled}"
        f"{n_tracks:,} tracks with one {kind}, in {result.prepared.space}, not in the map."
        + (f" {counted(left_out, kind)} of too few artists left out." if left_out else ""),
    )


def _blurred(found: GenreOverlap, first: str, second: str) -> str:
    there, back = found.shares.loc[first, second], found.shares.loc[second, first]
    by_chance = found.expected.loc[first, second], found.expected.loc[second, first]
    much = there >= by_chance[0] and back >= by_chance[1]
    verb = "blur most into each other" if much else "come nearest to each other"
    return (
        f"**{literal(first)}** and **{literal(second)}** {verb}: {there:.0%} and {back:.0%} of "
        f"their nearest tracks are of the other (by chance {by_chance[0]:.0%} and "
        f"{by_chance[1]:.0%})."
    )


def _about_clusters(result: Run) -> Finding:
    method = METHOD_TITLES[result.config.method]
    basis = f"Computed from {len(result.labels):,} tracks in {result.space_features}."
    if result.n_clusters < 2:
        found = counted(result.n_clusters, "cluster")
        return Finding(f"{method} found {found}: there is nothing to tell apart.", basis)
    sizes = np.bincount(result.labels[result.labels != NOISE])
    profiles = _profiles(result)[sizes >= _LEAST_SIZE * sizes.mean()]
    cluster = profiles.abs().max(axis=1).idxmax()
    profile = profiles.loc[cluster]
    return Finding(
        f"**Cluster {cluster}** differs most: {describe(profile)} ({largest_difference(profile)}).",
        f"{basis} Clusters of less than half the average size are left aside. A method cuts any "
        "collection into clusters, real or not.",
    )


def next_steps(*, n_tracks: int, n_genres: int, is_demo: bool, can_cluster: bool) -> list[Step]:
    """Choose where to go next, by what the store has."""
    if not n_tracks:
        return [
            Step(
                "add", _OWN, "A table of tracks is enough: see how it is read, then its clusters."
            ),
            Step("sql", "See the tables", "What a store holds, and what each column means."),
        ]
    if not can_cluster:
        return [
            Step("add", _OWN, "A table with audio features becomes a map."),
            Step("store", "See what is here", "Every track, and which features are missing."),
            Step("sql", "Ask in SQL", "Count and list without any features."),
        ]
    why = "A table of tracks becomes a map that only you see."
    if is_demo:
        why = f"This is only the demo. {why}"
    elif not n_genres:
        why = "A table with genres shows how they go with the clusters."
    return [
        Step("choose_k", "Choose how many clusters", "Each criterion beside data without groups."),
        Step("clusters", "Look at the clusters", "Are they real? Turn the map, hear the tracks."),
        Step("add", _OWN, why),
    ]
