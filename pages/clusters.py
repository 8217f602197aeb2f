"""The clusters: where the tracks lie, what makes each cluster different, and its tracks."""

import numpy as np
import pandas as pd
import streamlit as st

from music_explorer.analysis.agreement import crosstab
from music_explorer.analysis.feature_sets import FEATURE_SETS
from music_explorer.analysis.labels import main_labels
from music_explorer.analysis.pipeline import Run
from music_explorer.analysis.profiles import cluster_profiles, describe
from music_explorer.ui import charts, show
from music_explorer.ui.page import View, page
from music_explorer.ui.state import pairs, run
from music_explorer.ui.track import track_card


def main(view: View) -> None:
    """Draw the page."""
    result = run(view.store, view.choices.config)
    left_out(result)
    labels = pairs(view.store, view.choices.label)
    cluster_map(result, labels, view.choices.label)
    show.scores(result)
    st.subheader("What makes each cluster different")
    show.table(_profiles(result, labels), "cluster_profiles")
    _tracks(view, result, labels)


def left_out(result: Run) -> None:
    """Say which columns and rows could not be used."""
    matrix = result.prepared.matrix
    if matrix.dropped_columns:
        names = ", ".join(f"{n} ({s:.0%})" for n, s in matrix.dropped_columns.items())
        st.warning(f"Left out, since under 95 % of the tracks have them: {names}")
    if matrix.n_dropped_rows:
        st.warning(f"{matrix.n_dropped_rows:,} tracks left out, since a feature is missing.")


def cluster_map(result: Run, labels: pd.DataFrame, kind: str) -> None:
    """Draw the 3D map, coloured as the visitor chooses."""
    names = result.prepared.matrix.names
    colour = st.selectbox("Colour by", ["cluster", kind, *names], key="colour")
    rows = result.prepared.rows
    options = {}
    if colour == "cluster":
        options["groups"] = show.cluster_names(result)
    elif colour == kind:
        options["groups"] = pd.Series(main_labels(rows["track_id"], labels))
    else:
        values = result.prepared.matrix.X[:, names.index(colour)]
        options["values"] = pd.Series(values, name=colour)
    projection = result.projection
    axes = show.axes(projection, names)
    fig = charts.scatter_3d(
        projection.embedding,
        hover=charts.hover_texts(rows, show.joined(labels)),
        axes=list(axes),
        title=f"{len(rows):,} tracks in {projection.space}, coloured by {colour}",
        **options,
    )
    data = rows[["track_id", "title", "artist"]].assign(
        cluster=result.labels, **dict(zip("xyz", projection.embedding.T, strict=False))
    )
    show.figure(fig, "clusters", data=data, alt="3D scatter of all tracks")
    show.how_faithful(projection, axes)


def _profiles(result: Run, labels: pd.DataFrame) -> pd.DataFrame:
    profiles = cluster_profiles(result.prepared.X, result.labels, result.prepared.matrix.names)
    counts = crosstab(result.labels, result.prepared.rows["track_id"], labels)
    commonest = [", ".join(row[row > 0].nlargest(3).index) for _, row in counts.iterrows()]
    return pd.DataFrame(
        {
            "cluster": profiles.index,
            "tracks": np.bincount(result.labels),
            "compared with the rest": [describe(row) for _, row in profiles.iterrows()],
            "commonest labels": commonest,
        }
    )


def _tracks(view: View, result: Run, labels: pd.DataFrame) -> None:
    st.subheader("Tracks of a cluster")
    chosen = st.selectbox("Cluster", range(result.labels.max() + 1), key="cluster")
    rows = result.prepared.rows[result.labels == chosen]
    listed = rows[["title", "artist", "track_id"]].assign(
        label=rows["track_id"].map(show.joined(labels))
    )
    event = show.table(
        listed, "cluster_tracks", on_select="rerun", selection_mode="single-row", height=320
    )
    if event.selection.rows:
        names = FEATURE_SETS[view.choices.config.feature_set].columns
        track_card(view.store, listed.iloc[event.selection.rows[0]]["track_id"], names)


with page(
    "The clusters",
    "Each point is a track; near points have similar features. Turn the map with the mouse. Its "
    "axes mean something only for PCA; t-SNE keeps neighbours together, but not distances.",
) as view:
    main(view)
