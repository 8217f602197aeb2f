"""The map of the clusters: three axes to turn, two beside them to encircle, one track at a time."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from music_explorer.analysis.compare import compare
from music_explorer.analysis.labels import main_labels
from music_explorer.analysis.pipeline import Run
from music_explorer.analysis.record import record_of
from music_explorer.ui import charts, evidence, ledger, region, selection, show
from music_explorer.ui.choices import OPENED, here, open_track
from music_explorer.ui.definitions import of_region, of_tracks
from music_explorer.ui.map_chart import CLUSTERS, track_map
from music_explorer.ui.map_events import clicked_row
from music_explorer.ui.page import View
from music_explorer.ui.selection import select
from music_explorer.ui.track import track_card

_MOVED = "moved since run "
# Rounded corners may catch a point more or less than was encircled.
_MOST_OTHERS = 0.01


def cluster_map(view: View, result: Run, labels: pd.DataFrame) -> DeltaGenerator:
    """Draw the map, coloured as the visitor chooses, and the track that is clicked in it.

    Returns
    -------
    DeltaGenerator
        The place below the map that says what it keeps of the features.
    """
    rows, projection = result.prepared.rows, result.projection
    n_axes = projection.embedding.shape[1]
    colour, axes = _choices(view, result)
    drawn = show.drawn(len(rows))
    options = _colouring(view, result, labels, colour)
    options = {name: series.iloc[drawn].reset_index(drop=True) for name, series in options.items()}
    chosen = selection.current()
    if chosen is not None:
        is_selected = rows["track_id"].isin(chosen.track_ids).to_numpy()
        options["selected"] = is_selected[drawn]
    options["hover"] = _hover_texts(view, result, labels, drawn)
    options["numbers"] = drawn
    names = list(show.axes(projection, result.prepared))
    data = rows[["track_id", "title", "artist"]].assign(
        cluster=result.labels, **dict(zip("xyz", projection.embedding.T, strict=False))
    )
    if n_axes == 3:
        turned, flat = st.columns([3, 2])
        with turned:
            title = f"{len(rows):,} tracks in {projection.space}, coloured by {colour}"
            fig = track_map(projection.embedding[drawn], axes=names, title=title, **options)
            show.figure(fig, "clusters", data=data, alt="3D scatter of all tracks")
    else:
        flat = st.container()
    with flat:
        fig = track_map(
            projection.embedding[np.ix_(drawn, axes)],
            axes=[names[i] for i in axes if names],
            title=f"{projection.space}, axes {axes[0] + 1} and {axes[1] + 1}: encircle tracks here",
            legend=n_axes == 2,
            **options,
        )
        show.figure(
            fig,
            "flat",
            data=data,
            alt=f"2D scatter of all tracks, coloured by {colour}",
            on_select=_select_encircled(result, axes),
            selection_mode=("lasso", "box"),
        )
    faithful = st.empty()
    _clicked(view, result)
    return faithful


def _hover_texts(view: View, result: Run, labels: pd.DataFrame, drawn: np.ndarray) -> np.ndarray:
    key = (view.store.version, *result.config.prepare_key, view.choices.label)
    return _texts_of_points(key, _rows=result.prepared.rows.iloc[drawn], _labels=labels)


@st.cache_resource(max_entries=8, show_spinner=False)
def _texts_of_points(key: tuple, _rows: pd.DataFrame, _labels: pd.DataFrame) -> np.ndarray:
    texts = show.joined(_labels, _rows["track_id"])
    return np.array(charts.hover_texts(_rows, texts), dtype=object)


def _choices(view: View, result: Run) -> tuple[str, tuple[int, int]]:
    """Let the visitor choose the colours, and the two axes of the flat map."""
    runs = [f"{_MOVED}{run['run_id']}" for run in ledger.listing(view.store)]
    named = [view.choices.label, *result.prepared.telling.matrix.names]
    left, right = st.columns([3, 2])
    with left:
        colour = here(st.selectbox, "Colour by", "colour", ["cluster", *named, *runs], "cluster")
    pairs = {f"{a + 1}{b + 1}": (a, b) for a, b in combinations(range(3), 2)}
    if result.projection.embedding.shape[1] < 3:
        return colour, (0, 1)
    with right:
        pair = here(
            st.segmented_control,
            "Axes of the flat map",
            "flat",
            list(pairs),
            "12",
            required=True,
            format_func=lambda pair: f"{pair[0]} and {pair[1]}",
        )
    return colour, pairs[pair]


def _colouring(view: View, result: Run, labels: pd.DataFrame, colour: str) -> dict[str, pd.Series]:
    track_ids = result.prepared.rows["track_id"]
    if colour == "cluster":
        known = evidence.dissolving(view.store, result.config)
        return {"groups": show.cluster_names(result, known).rename(CLUSTERS)}
    if colour == view.choices.label:
        return {"groups": pd.Series(main_labels(track_ids, labels))}
    if colour.startswith(_MOVED):
        return {"groups": _moved(view, result, colour.removeprefix(_MOVED))}
    matrix = result.prepared.telling.matrix
    return {"values": pd.Series(matrix.X[:, matrix.names.index(colour)], name=colour)}


def _moved(view: View, result: Run, run_id: str) -> pd.Series:
    """Tell of each track whether it is in the same cluster as in a kept run."""
    then = ledger.read(view.store, run_id)
    now = record_of(result, data_version=view.store.version, created_at=then.created_at)
    track_ids = result.prepared.rows["track_id"]
    found = np.where(
        track_ids.isin(compare(then, now).moved["track_id"]), "in another cluster", "as then"
    )
    found[~track_ids.isin(then.assignments["track_id"])] = "not in that run"
    return pd.Series(found)


def _select_encircled(result: Run, axes: tuple[int, int]) -> Callable[[], None]:
    def take() -> None:
        account = st.session_state["chart_flat"]["selection"]
        if account["points"]:  # a double click takes the lines away, but not the selection
            select(encircled(result, account, axes))

    return take


def encircled(result: Run, account: dict[str, Any], axes: tuple[int, int]) -> selection.Selection:
    """Return the tracks inside of the lines, as a region if that catches the same."""
    rows = result.prepared.rows
    seen = {int(np.ravel(point["customdata"])[0]) for point in account["points"]}
    drawn = region.drawn(account, axes)
    if drawn is not None:
        caught = set(np.flatnonzero(region.inside(drawn, result.projection.embedding)))
        # Groups that are switched off in the legend are not encircled.
        if len(caught ^ seen) <= _MOST_OTHERS * len(seen) or len(rows) > show.MOST_POINTS:
            return of_region(result, drawn)
    found = rows["track_id"].iloc[sorted(seen)]
    return of_tracks(found, f"encircled in {result.projection.space}")


def _clicked(view: View, result: Run) -> None:
    """Show the track that was clicked last."""
    rows = result.prepared.rows
    clicked = clicked_row("chart_clusters")
    if clicked is not None and clicked < len(rows):
        open_track(rows["track_id"].iloc[clicked])
    opened = st.session_state.get(OPENED)
    if (rows["track_id"] == opened).any():
        track_card(view.store, opened, result.config.features.columns, key="_clicked")
    else:
        st.caption("Click a point of the map that turns to see and hear its track.")
