"""Hearing tracks one after another: those that tell most about a cluster, or a selection."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from music_explorer.analysis.exemplars import exemplars
from music_explorer.analysis.partition import NOISE
from music_explorer.analysis.pipeline import Config, Run, spaces
from music_explorer.analysis.profiles import cluster_profiles, describe
from music_explorer.analysis.record import run_id
from music_explorer.ui import show
from music_explorer.ui.covers import trusted
from music_explorer.ui.plain_text import seen
from music_explorer.ui.player import play
from music_explorer.ui.state import Store, ask, prepared

if TYPE_CHECKING:
    from music_explorer.ui.page import View

ROLES = {"medoid": 1, "typical": 3, "boundary": 3, "misfit": 3}
"""How many tracks of each role are played."""
_STARTED = "_queue_started"
_MOST = 30

_JS = """
// Streamlit does not say when a clip has ended.
export default function ({ data, setTriggerValue }) {
  let audio = null;
  const tell = () => setTriggerValue("ended", true);
  const attach = () => {
    const found = document.querySelector(`.st-key-${data.player} audio`);
    if (found === audio) return;
    audio?.removeEventListener("ended", tell);
    audio = found;
    audio?.addEventListener("ended", tell);
  };
  const poll = setInterval(attach, 200);
  return () => { clearInterval(poll); audio?.removeEventListener("ended", tell); };
}
"""


def play_queue(view: "View", result: Run, cluster: int) -> None:
    """Draw the queue of a cluster: a player, and what makes each of its tracks different.

    Parameters
    ----------
    view
        The page's view.
    result
        The clustering.
    cluster
        One of its clusters, or noise, which has no middle and so no queue.
    """
    if cluster == NOISE or result.n_clusters < 2:
        st.caption("Only a cluster beside others has a middle and a border to be heard.")
        return
    key = f"queue_{run_id(result.config, data_version=view.store.version)}_{cluster}"
    about = f"Distances are in the space that was clustered: {result.space_clustered}."
    # A click in the queue need not draw the whole page anew.
    st.fragment(_queue)(view.store, queue_of(view, result, cluster), about, key)


def play_tracks(store: Store, config: Config, track_ids: Sequence[str]) -> None:
    """Draw a queue of some tracks, the one in the middle of them first.

    Parameters
    ----------
    store
        The store that has them.
    config
        What the analysis compares; tracks that it leaves out are left out here.
    track_ids
        The tracks.
    """
    ready = prepared(store, config)
    here = np.flatnonzero(ready.rows["track_id"].isin(track_ids))
    if not len(here):
        st.caption("None of them is in this analysis.")
        return
    away = np.linalg.norm(ready.X[here] - ready.X[here].mean(axis=0), axis=1)
    order = np.argsort(away, kind="stable")
    tracks = ready.rows.iloc[here[order]][["track_id", "title", "artist"]]
    tracks = tracks.assign(where=[f"{d:.1f} from their middle" for d in away[order]])
    tracks = tracks.drop_duplicates("track_id").head(_MOST).reset_index(drop=True)
    left_out = f"The {_MOST} nearest to their middle." if len(here) > _MOST else ""
    about = f"{left_out} Distances are in {ready.space}.".strip()
    st.fragment(_queue)(store, tracks, about, f"heard_{hash(tuple(track_ids)):x}")


def queue_of(view: "View", result: Run, cluster: int) -> pd.DataFrame:
    """Return the tracks of a cluster that tell most about it, in the order they are played.

    Returns
    -------
    DataFrame
        ``track_id, title, artist``; ``where`` it lies in the cluster and how it ``differs`` from
        the rest of the cluster, both in words.
    """
    return _queue_of(view.store.version, result.config, cluster, _result=result)


@st.cache_data(max_entries=24, show_spinner=False)
def _queue_of(version: str, config: Config, cluster: int, _result: Run) -> pd.DataFrame:
    result = _result
    points = spaces(config, result.prepared, result.projection)[result.space_clustered]
    found = exemplars(points, result.labels, random_state=config.random_state)
    found = found[(found["cluster"] == cluster) & found["role"].isin(ROLES)]
    limits = found["role"].map(ROLES)
    found = found[found.groupby("role").cumcount() < limits].drop_duplicates("index")
    names = show.names_of_clusters(result)
    rows = result.prepared.rows.iloc[found["index"]][["track_id", "title", "artist"]]
    return rows.assign(
        where=[_where(track, names[track.other]) for track in found.itertuples()],
        differs=_differences(result, cluster, found["index"]),
    ).reset_index(drop=True)


def _where(track, other: str) -> str:
    if track.role == "medoid":
        return "in the middle of the cluster"
    if track.role == "typical":
        return f"typical: {track.distance:.1f} from the middle"
    if track.role == "boundary":
        return f"at the border: {track.margin:.1f} from {other}"
    if track.margin < 0:
        return f"misfit: {-track.margin:.1f} beyond the border to {other}"
    return f"misfit: its neighbours are of {other}"


def _differences(result: Run, cluster: int, index: Sequence[int]) -> list[str]:
    members = np.flatnonzero(result.labels == cluster)
    if len(members) < 2:
        return ["the only track of its cluster"]
    X, matrix = result.prepared.telling
    profiles = [cluster_profiles(X[members], members == i, matrix.names).loc[True] for i in index]
    return [f"{describe(profile)} of its cluster" for profile in profiles]


def _queue(store: Store, tracks: pd.DataFrame, about: str, key: str) -> None:
    at = st.selectbox(
        "Now playing",
        range(len(tracks)),
        format_func=lambda i: f"{i + 1} of {len(tracks)} · {_named(tracks.iloc[i])}",
        key=key,
        on_change=_start,
        args=(key,),
    )
    is_started = st.session_state.get(_STARTED) == (key, at)
    with st.container(key=f"player_{key}"):
        _now(store, tracks.iloc[at], is_started=is_started)
    steps = {"Previous": at - 1, "Next": at + 1}
    for column, (name, to) in zip(st.columns([1, 1, 3]), steps.items(), strict=False):
        column.button(
            name,
            icon=f":material/skip_{name.lower()}:",
            key=f"{key}_{name.lower()}",
            disabled=not 0 <= to < len(tracks),
            on_click=_step,
            args=(key, to),
            width="stretch",
        )
    if at + 1 < len(tracks):
        ending = st.components.v2.component("clip_ended", js=_JS)
        ending(
            data={"player": f"player_{key}"},
            key=f"{key}_ended",
            height=1,
            on_ended_change=lambda: _step(key, at + 1),
        )
    listed = tracks.rename(columns={"where": "where it lies", "differs": "what is different"})
    show.table(listed.drop(columns="track_id"), key)
    st.caption(f"When the clip of a file ends, the next one begins. {about}")


def _now(store: Store, track: pd.Series, *, is_started: bool) -> None:
    address = trusted(ask(store, "track", track["track_id"])["cover_url"])
    with st.container(border=True):
        text = st.container()
        if address:
            cover, text = st.columns([1, 5], vertical_alignment="center")
            cover.image(address, width=120)
        # st.text, not Markdown: names come from files and are shown as they are.
        text.text(_named(track))
        words = [f"Where it lies: {track['where']}"]
        words += [f"What is different: {track['differs']}"] if "differs" in track else []
        text.markdown("  \n".join(words))
        with text:
            play(store, track["track_id"], autoplay=is_started)


def _named(track: pd.Series) -> str:
    known = [seen(track[name]) for name in ("title", "artist") if pd.notna(track[name])]
    return " · ".join(known) or track["track_id"]


def _step(key: str, to: int) -> None:
    st.session_state[key] = to
    _start(key)


def _start(key: str) -> None:
    st.session_state[_STARTED] = (key, st.session_state[key])
