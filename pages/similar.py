"""Similar tracks: what is nearest to a track, why, and whether such lists can be trusted."""

from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from music_explorer.analysis.partition import NOISE
from music_explorer.analysis.pipeline import Prepared
from music_explorer.ui import nearness, nearness_charts, show
from music_explorer.ui.choices import OPENED, here, open_track
from music_explorer.ui.nearness import Found
from music_explorer.ui.page import View, page
from music_explorer.ui.plain_text import literal, seen
from music_explorer.ui.player import play
from music_explorer.ui.state import prepared, run
from music_explorer.ui.track import track_card

_MOST_MATCHES = 50
_WHOSE = {"others": "other artists", "all": "all artists"}
_AS_CHOICE = {"required": True, "format_func": _WHOSE.get}


def main(view: View) -> None:
    """Draw the page."""
    ready = prepared(view.store, view.choices.config)
    rows = ready.rows
    _search(rows)
    row = _row(view, ready)
    # Unlike columns, it breaks before a text is cut off.
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        n = here(st.select_slider, "Neighbours", "near", list(range(5, 51)), 15, width=300)
        whose = here(st.segmented_control, "Of", "of", list(_WHOSE), "others", **_AS_CHOICE)
        _link(rows["track_id"].iloc[row])
    other_artists = whose == "others"
    found = nearness.find(view.choices.config, ready, row, n=n, other_artists=other_artists)
    if found.near.empty:
        st.info(
            "There is no other track to compare with: all are by the same artist. Choose *all "
            "artists*, or more sources.",
            icon=":material/person_off:",
        )
        return
    _read(view, found)
    warning = st.container()
    _pair(view, found, _list(view, found))
    with warning:
        _hubs(view, found)


def _link(track_id: str) -> None:
    address = {key: st.query_params.get_all(key) for key in st.query_params}
    query = urlencode(address | {"track": [track_id]}, doseq=True)
    st.link_button("Link to this view", f"?{query}", icon=":material/link:")


def _search(rows: pd.DataFrame) -> None:
    text, choice = st.columns(2)
    words = text.text_input("Find a track by title or artist", key="find_track").casefold().split()
    if not words:
        return
    lines = (rows["title"].fillna("") + " " + rows["artist"].fillna("")).str.casefold()
    matches = rows[[all(word in line for word in words) for line in lines]]
    names = {track["track_id"]: _name(track) for _, track in matches[:_MOST_MATCHES].iterrows()}
    if not names:
        choice.info("No track of this analysis has all of these words.")
        return
    n_matches = matches["track_id"].nunique()
    choice.selectbox(
        f"{n_matches:,} found" + (f", {len(names)} listed" if len(names) < n_matches else ""),
        list(names),
        index=None,
        key="found_track",
        placeholder="choose one",
        format_func=names.get,
        on_change=_open_found,
    )


def _open_found() -> None:
    if st.session_state["found_track"] is not None:
        open_track(st.session_state["found_track"])


def _row(view: View, ready: Prepared) -> int:
    """Return the row of the track that was opened last, else the medoid of the largest cluster."""
    rows, X = ready.rows, ready.X
    asked = st.session_state.get(OPENED)
    at = np.flatnonzero(rows["track_id"] == asked)
    if len(at):
        return int(at[0])
    if asked is not None:
        st.info(
            f"The track {literal(asked)} is not in this analysis: the store does not have it, it "
            "lacks a feature, or another release of the recording stands for it.",
            icon=":material/info:",
        )
    members = np.arange(len(X))
    if nearness.clusters_at_once(ready):
        result = run(view.store, view.choices.config)
        members = np.flatnonzero(result.labels == (0 if result.n_clusters else NOISE))
    return int(members[((X[members] - X[members].mean(axis=0)) ** 2).sum(axis=1).argmin()])


def _read(view: View, found: Found) -> None:
    """Say how near the nearest is, beside pairs of tracks drawn at random."""
    rows, distances = found.ready.rows, found.near["distance"]
    usual = nearness.usual_distances(view.store, view.choices.config)
    track, nearest = (
        literal(_name(rows.iloc[i])) for i in (found.row, found.near["index"].iloc[0])
    )
    st.markdown(
        f"Nearest to **{track}** is **{nearest}**, at a distance of {distances.iloc[0]:.2f} in "
        f"{found.ready.space}: {_beside(usual, distances.iloc[0])}. The last of these "
        f"{len(distances)} is at {distances.iloc[-1]:.2f}; half of all pairs are farther apart "
        f"than {np.median(usual):.2f}."
    )


def _beside(usual: np.ndarray, distance: float) -> str:
    share = nearness.nearer(usual, distance)
    if distance == 0:
        return "the same values in every feature"
    if share < 0.05:
        return f"nearer than {min(1 - share, 0.999):.1%} of pairs of tracks drawn at random"
    return (
        f"{share:.0%} of pairs of tracks drawn at random are nearer, so nothing here is much like "
        "this track"
    )


def _list(view: View, found: Found) -> int:
    """Draw the neighbours and return the row of the one that is selected, else of the nearest."""
    table = nearness.listed(view.store, found, view.choices.label)
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    columns = {
        "title": text(width=170),
        "artist": text(width=140),
        "distance": number(format="%.2f"),
        nearness.ALIKE: text(
            width=200, help="At most a fifth of the tracks are as near in these; the rarest first."
        ),
        nearness.APART: text(
            width=170, help="At least half of the tracks are as near in these; the most first."
        ),
        "pairs nearer (%)": number(
            format="%.2f", help="Of pairs of tracks drawn at random, how many are nearer."
        ),
    }
    event = show.table(
        table,
        "similar",
        on_select="rerun",
        selection_mode="single-row",
        height=min(420, 38 + 35 * len(table)),
        column_config=columns,
    )
    picked = [i for i in event.selection.rows if i < len(table)]
    return int(found.near["index"].iloc[picked[0] if picked else 0])


def _pair(view: View, found: Found, other: int) -> None:
    """Put the track beside a neighbour: how they sound, and what their distance is made of."""
    rows = found.ready.rows
    left, right = st.columns(2)
    with left:
        with st.container(border=True):
            # st.text, not Markdown: names come from files and are shown as they are.
            st.text(_name(rows.iloc[found.row]))
            play(view.store, rows["track_id"].iloc[found.row])
        if view.choices.config.features.model:
            st.caption(
                "No part of the distance of two vectors has a meaning of its own. What the list "
                "says of features with names is read from the store, not from the vectors."
            )
        else:
            _distance(found, other)
    with right:
        track_id = rows["track_id"].iloc[other]
        track_card(view.store, track_id, view.choices.config.features.columns)
        icon = ":material/join_inner:"
        st.button("Similar to this one", icon=icon, on_click=open_track, args=(track_id,))


def _distance(found: Found, other: int) -> None:
    table = nearness.made_of(found, other)
    fig = nearness_charts.contributions(table, title="What their distance is made of")
    show.figure(fig, "why", data=table, alt="Bars: what each feature adds to the distance")
    st.caption(
        "A short bar alone says little, as near tracks differ little in most features. What "
        "is blue, few other tracks have in common with this one."
    )


def _hubs(view: View, found: Found) -> None:
    """Warn of tracks that are in very many lists, whatever they are like."""
    counted = nearness.hubs(view.store, view.choices.config)
    if counted is None:
        return
    rows = found.ready.rows
    names = [
        f"{literal(_name(rows.iloc[i]))} ({counted.k_occurrence[i]:,.0f})"
        for i in (found.row, *found.near["index"])
        if counted.hubs[i]
    ]
    if names:
        st.warning(
            f"Hubs, in so many lists of the {counted.n} nearest (a track is in {counted.n} on "
            f"average) that being near to them says little: {', '.join(names)}",
            icon=":material/hub:",
        )


def _name(track: pd.Series) -> str:
    known = [seen(str(track[name])) for name in ("title", "artist") if pd.notna(track[name])]
    return " – ".join(known) or track["track_id"]


with page(
    "Similar tracks",
    "Which tracks are most like this one, and in what? Near means near in the scaled features, not "
    "in the map. Tick a row of the list to compare its track with this one.",
) as view:
    main(view)
