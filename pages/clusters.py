"""The clusters: where the tracks lie, whether they are real, what makes each different."""

import numpy as np
import pandas as pd
import streamlit as st

from music_explorer.analysis.clustering import METHOD_TITLES
from music_explorer.analysis.exemplars import exemplars, largest_artists, make_up
from music_explorer.analysis.labels import main_labels
from music_explorer.analysis.partition import NOISE
from music_explorer.analysis.pipeline import Run, spaces
from music_explorer.analysis.profiles import cluster_profiles, describe, largest_difference
from music_explorer.ui import charts, evidence, show
from music_explorer.ui.ledger import keep_button
from music_explorer.ui.map_chart import track_map
from music_explorer.ui.map_events import clicked_row
from music_explorer.ui.page import View, page
from music_explorer.ui.queue import play_queue
from music_explorer.ui.selection import of_tracks, select
from music_explorer.ui.state import labels as labels_of
from music_explorer.ui.state import run
from music_explorer.ui.track import track_card
from music_explorer.ui.tray import tray

ALL = "all"


def main(view: View) -> None:
    """Draw the page."""
    config = view.choices.config
    result = run(view.store, config)
    labels = labels_of(view.store, config, view.choices.label)
    left_out(result)
    about_method(result)
    verdict = st.container()
    faithful = cluster_map(view, result, labels)
    keep_button(view.store, result)
    st.subheader("Scores, and the space each was taken in")
    scores = st.empty()
    with scores.container():
        show.scores(result, None, final=not evidence.takes_k(config))
    st.subheader("What makes each cluster different")
    profiles = st.empty()
    with profiles.container():
        table = _profiles(result, labels, None)
        show.table_later(table, "cluster_profiles", final=not evidence.takes_k(config))
    _tracks(view, result, labels)

    # Last, since it takes its time: everything above can be read and used meanwhile.
    with faithful:
        show.how_faithful(result.projection, _axes(result), evidence.fidelity(view.store, config))
    with verdict:
        if not evidence.takes_k(config):
            dense = evidence.density(view.store, config)
            if dense is not None:
                show.density(dense)
            return
        known = evidence.dissolving(view.store, config)
        found = evidence.reality(
            view.store, config, draw=lambda part: show.reality(part, config.n_clusters)
        )
        if found is not None:
            show.reality(found, config.n_clusters)
            with scores.container():
                show.scores(result, found, final=True)
        stable = evidence.stability(view.store, config)
        if stable is not None:
            with profiles.container():
                table = _profiles(result, labels, stable)
                show.table_later(table, "cluster_profiles", final=True)
                _about_stability(stable)
    if evidence.dissolving(view.store, config) != known:
        st.rerun()  # to mark the clusters that dissolve in the map


def left_out(result: Run) -> None:
    """Say which columns and rows could not be used, and which stand for others."""
    ready = result.prepared
    if ready.matrix.dropped_columns:
        names = ", ".join(f"{n} ({s:.0%})" for n, s in ready.matrix.dropped_columns.items())
        st.warning(f"Left out, since under 95 % of the tracks have them: {names}")
    if ready.matrix.n_dropped_rows:
        st.warning(f"{ready.matrix.n_dropped_rows:,} tracks left out, since a feature is missing.")
    if ready.n_merged:
        st.caption(
            f"{ready.n_merged:,} releases of a recording that another track stands for are left "
            "out: the same sound twice would count as agreement (*More choices* switches it)."
        )


def about_method(result: Run) -> None:
    """Say what the method left out, and what it could not see."""
    found = result.clustering
    if result.n_clusters < 2:
        st.warning(
            f"{METHOD_TITLES[result.config.method]} found {result.n_clusters} clusters: there is "
            "nothing to score. Try a smaller least size, or another method.",
            icon=":material/blur_on:",
        )
    if result.n_noise:
        st.caption(
            f"{result.n_noise:,} of {len(found.labels):,} tracks are in no cluster: they lie "
            "where tracks are thin."
        )
    if found.fitted is not None:
        st.caption(
            f"The method saw a random {found.n_fitted:,} of {len(found.labels):,} tracks; each of "
            "the others joined the cluster of its nearest."
        )
    largest = (found.labels == 0).mean()
    if result.config.method in ("average", "complete") and largest > 0.8:
        st.caption(
            f"One cluster holds {largest:.0%} of the tracks: this linkage often splits off "
            "outliers one by one."
        )


def cluster_map(view: View, result: Run, labels: pd.DataFrame) -> st.delta_generator.DeltaGenerator:
    """Draw the map, coloured as the visitor chooses, and the track that is clicked in it."""
    kind = view.choices.label
    names = result.prepared.matrix.names
    colour = st.selectbox("Colour by", ["cluster", kind, *names], key="colour")
    rows = result.prepared.rows
    options = {}
    if colour == "cluster":
        known = evidence.dissolving(view.store, result.config)
        options["groups"] = show.cluster_names(result, known)
    elif colour == kind:
        options["groups"] = pd.Series(main_labels(rows["track_id"], labels))
    else:
        values = result.prepared.matrix.X[:, names.index(colour)]
        options["values"] = pd.Series(values, name=colour)
    is_selected = tray(rows)
    if is_selected is not None:
        options["selected"] = is_selected.to_numpy()
    projection = result.projection
    fig = track_map(
        projection.embedding,
        hover=charts.hover_texts(rows, show.joined(labels)),
        axes=list(_axes(result)),
        title=f"{len(rows):,} tracks in {projection.space}, coloured by {colour}",
        **options,
    )
    data = rows[["track_id", "title", "artist"]].assign(
        cluster=result.labels, **dict(zip("xyz", projection.embedding.T, strict=False))
    )
    if projection.embedding.shape[1] == 3:
        show.figure(fig, "clusters", data=data, alt="3D scatter of all tracks")
    else:
        lasso = {"on_select": "rerun", "selection_mode": ("lasso", "box")}
        event = show.figure(fig, "flat", data=data, alt="2D scatter of all tracks", **lasso)
        _offer_lasso(rows, event["selection"]["points"], projection.space)
    faithful = st.empty()
    with faithful:
        show.how_faithful(projection, _axes(result))
    clicked = clicked_row("chart_clusters")
    if clicked is not None and clicked < len(rows):
        st.session_state["clicked_track"] = rows["track_id"].iloc[clicked]
    if st.session_state.get("clicked_track") in set(rows["track_id"]):
        clicked = st.session_state["clicked_track"]
        track_card(view.store, clicked, result.config.features.columns, key="_clicked")
    else:
        st.caption("Click a point to see and hear its track.")
    return faithful


def _offer_lasso(rows: pd.DataFrame, points: list[dict], space: str) -> None:
    """Offer to select what was encircled."""
    if not points:
        st.caption("Encircle points with the lasso or the box, at the map's upper right corner.")
        return
    circled = rows["track_id"].iloc[[int(np.ravel(point["customdata"])[0]) for point in points]]
    found = of_tracks(circled, f"encircled in {space}")
    st.button(
        f"Select the {len(found.track_ids):,} tracks encircled",
        icon=":material/lasso_select:",
        on_click=select,
        args=(found,),
    )


def _axes(result: Run) -> dict[str, str]:
    return show.axes(result.projection, result.prepared.matrix.names)


def _profiles(result: Run, labels: pd.DataFrame, stable: evidence.Stability | None) -> pd.DataFrame:
    rows = result.prepared.rows
    if result.n_clusters < 2:
        return pd.DataFrame({"tracks": [len(rows)]})
    profiles = cluster_profiles(result.prepared.X, result.labels, result.prepared.matrix.names)
    names = show.names_of_clusters(result)
    commonest = make_up(result.labels, rows["track_id"], labels)
    commonest["text"] = [f"{row.genre} {row.share:.0%}" for row in commonest.itertuples()]
    artists = largest_artists(result.labels, rows["artist"]).set_index("cluster")
    table = pd.DataFrame(
        {
            "cluster": [names[c] for c in profiles.index],
            "tracks": artists["n_tracks"].to_numpy(),
            "compared with the rest": [describe(row) for _, row in profiles.iterrows()],
            "largest difference": [largest_difference(row) for _, row in profiles.iterrows()],
            "commonest labels": profiles.index.map(
                commonest.groupby("cluster")["text"].agg(", ".join)
            ),
            "largest artist": [
                f"{row.artist} {row.share:.0%}{' (dominates)' if row.dominant else ''}"
                for row in artists.itertuples()
            ],
        }
    )
    if stable is not None:
        table.insert(
            2, "stability", profiles.index.map(stable.table.set_index("cluster")["reading"])
        )
    return table


def _about_stability(stable: evidence.Stability) -> None:
    st.caption(
        "Stability: mean Jaccard similarity of a cluster with its likeness in bootstrap samples of "
        "the tracks, the map held fixed (Hennig 2007). Stable is not real: one shapeless cloud is "
        "cut at the same places again and again, so each value stands beside that of such clouds. "
        f"Other seeds give the same clusters to an adjusted Rand index of {stable.seeds.mean:.2f} "
        f"(at least {stable.seeds.min:.2f})."
    )


def _tracks(view: View, result: Run, labels: pd.DataFrame) -> None:
    st.subheader("Tracks of a cluster")
    names = show.names_of_clusters(result)
    left, right = st.columns(2)
    chosen = left.selectbox("Cluster", list(names), format_func=names.get, key="cluster")
    role = right.selectbox("Which", [ALL, *_ROLES], format_func=_ROLES.get, key="role")
    rows = result.prepared.rows
    if role is None or role == ALL or result.n_clusters < 2:
        picked = pd.DataFrame({"index": np.flatnonzero(result.labels == chosen)})
    else:
        picked = _exemplars(result).query("cluster == @chosen and role == @role")
    tracks = rows.iloc[picked["index"]]
    listed = tracks[["title", "artist", "track_id"]].assign(
        label=tracks["track_id"].map(show.joined(labels))
    )
    if "margin" in picked:
        listed["nearest other cluster"] = picked["other"].map(names).to_numpy()
        listed["distance to its border"] = picked["margin"].round(2).to_numpy()
        listed["silhouette"] = picked["silhouette"].round(2).to_numpy()
    of_what = f"{names[chosen]} of {METHOD_TITLES[result.config.method]}, {_ROLES[role]}"
    found = of_tracks(listed["track_id"], of_what)
    st.button(
        f"Select these {len(found.track_ids):,} tracks",
        icon=":material/playlist_add_check:",
        on_click=select,
        args=(found,),
        help="They stay bright in the map while the rest turns grey.",
    )
    event = show.table(
        listed, "cluster_tracks", on_select="rerun", selection_mode="single-row", height=320
    )
    if event.selection.rows:
        track_id = listed.iloc[event.selection.rows[0]]["track_id"]
        track_card(view.store, track_id, result.config.features.columns)
    if chosen != NOISE and result.n_clusters > 1:
        st.subheader("Hear the cluster")
        play_queue(view, result, chosen)


_ROLES = {
    ALL: "all tracks",
    "medoid": "the medoid: in the middle of all",
    "typical": "typical: nearest to the middle",
    "boundary": "at the boundary to another cluster",
    "misfit": "misfits: nearer to another cluster",
    "farthest": "farthest from the middle",
}


def _exemplars(result: Run) -> pd.DataFrame:
    points = spaces(result.config, result.prepared, result.projection)[result.space_clustered]
    return exemplars(points, result.labels, random_state=result.config.random_state)


with page(
    "The clusters",
    "Each point is a track; near points have similar features. Turn the map with the mouse. Its "
    "axes mean something only for PCA; t-SNE keeps neighbours together, but not distances.",
) as view:
    main(view)
