"""The clusters in tables: what makes each different, and its tracks."""

import numpy as np
import pandas as pd
import streamlit as st

from music_explorer.analysis.exemplars import exemplars, largest_artists, make_up
from music_explorer.analysis.partition import NOISE
from music_explorer.analysis.pipeline import Config, Run, spaces
from music_explorer.analysis.profiles import cluster_profiles, describe, largest_difference
from music_explorer.ui import evidence, show
from music_explorer.ui.choices import here
from music_explorer.ui.definitions import of_cluster, of_tracks
from music_explorer.ui.page import View
from music_explorer.ui.queue import play_queue
from music_explorer.ui.selection import select
from music_explorer.ui.track import track_card

_ALL = "all"
_ROLES = {
    _ALL: "all tracks",
    "medoid": "the medoid: in the middle of all",
    "typical": "typical: nearest to the middle",
    "boundary": "at the boundary to another cluster",
    "misfit": "misfits: nearer to another cluster",
    "farthest": "farthest from the middle",
}


def profile_table(
    view: View, result: Run, labels: pd.DataFrame, stable: evidence.Stability | None
) -> pd.DataFrame:
    """Return what makes each cluster different: one row a cluster, in words."""
    if result.n_clusters < 2:
        return pd.DataFrame({"tracks": [len(result.prepared.rows)]})
    kind = view.choices.label
    table = _profiles(view.store.version, result.config, kind, _result=result, _labels=labels)
    if stable is not None:
        known = stable.table.set_index("cluster").loc[table.index]
        table.insert(2, "stability", known["reading"].to_numpy())
        clouds = known[["null_mean", "null_high"]].itertuples(index=False)
        table.insert(3, "in one cloud", [f"{mean:.2f}, up to {high:.2f}" for mean, high in clouds])
    return table


@st.cache_data(max_entries=24, show_spinner=False)
def _profiles(
    version: str, config: Config, kind: str, _result: Run, _labels: pd.DataFrame
) -> pd.DataFrame:
    result, labels, rows = _result, _labels, _result.prepared.rows
    X, matrix = result.prepared.telling
    profiles = cluster_profiles(X, result.labels, matrix.names)
    names = show.names_of_clusters(result)
    commonest = make_up(result.labels, rows["track_id"], labels)
    commonest["text"] = [f"{row.genre} {row.share:.0%}" for row in commonest.itertuples()]
    artists = largest_artists(result.labels, rows["artist"]).set_index("cluster")
    return pd.DataFrame(
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
        },
        index=profiles.index,
    )


def tracks_of_a_cluster(view: View, result: Run, labels: pd.DataFrame) -> None:
    """List the tracks of a cluster, or those that tell most about it, and play them."""
    st.header("Tracks of a cluster")
    names = show.names_of_clusters(result)
    left, right = st.columns(2)
    with left:
        options = list(names)
        named = {"format_func": names.get}
        chosen = here(st.selectbox, "Cluster", "cluster", options, options[0], **named)
    with right:
        role = here(st.selectbox, "Which", "role", list(_ROLES), _ALL, format_func=_ROLES.get)
    rows = result.prepared.rows
    if role == _ALL or result.n_clusters < 2:
        picked = pd.DataFrame({"index": np.flatnonzero(result.labels == chosen)})
    else:
        picked = _exemplars(result).query("cluster == @chosen and role == @role")
    tracks = rows.iloc[picked["index"]]
    texts = show.joined(labels, tracks["track_id"])
    listed = tracks[["title", "artist", "track_id"]].assign(label=tracks["track_id"].map(texts))
    if "margin" in picked:
        listed["nearest other cluster"] = picked["other"].map(names).to_numpy()
        listed["distance to its border"] = picked["margin"].round(2).to_numpy()
        listed["silhouette"] = picked["silhouette"].round(2).to_numpy()
    found = of_cluster(result, chosen)
    if role != _ALL:
        found = of_tracks(listed["track_id"], f"{found.definition}, {_ROLES[role]}")
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
        st.header("Hear the cluster")
        play_queue(view, result, chosen)


def _exemplars(result: Run) -> pd.DataFrame:
    points = spaces(result.config, result.prepared, result.projection)[result.space_clustered]
    return exemplars(points, result.labels, random_state=result.config.random_state)
