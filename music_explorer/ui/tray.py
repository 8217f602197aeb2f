"""The tray: what is selected, and what can be done with it."""

import pandas as pd
import streamlit as st

from music_explorer.ui import selection, show
from music_explorer.ui.plain_text import counted, literal


def tray(rows: pd.DataFrame) -> pd.Series | None:
    """Show the selection of the session above a map, and its exits.

    Parameters
    ----------
    rows
        The tracks of the map: ``track_id``, ``title``, ``artist``.

    Returns
    -------
    Series of bool or None
        Which of the tracks are selected; None if nothing is selected.
    """
    chosen = selection.current_in_session()
    if chosen is None:
        return None
    is_selected = rows["track_id"].isin(chosen.track_ids)
    n_here = int(rows.loc[is_selected, "track_id"].nunique())
    with st.container(border=True):
        elsewhere = len(chosen.track_ids) - n_here
        also = f" {counted(elsewhere, 'track')} of it not in this map." if elsewhere else ""
        st.markdown(
            f"**{counted(len(chosen.track_ids), 'track')} selected:** "
            f"{literal(chosen.definition)}.{also}"
        )
        with st.container(horizontal=True):
            show.csv_button(rows[is_selected].drop_duplicates("track_id"), "selection")
            _spotify_uris(chosen.track_ids)
            st.button("Clear", on_click=selection.clear, icon=":material/close:", type="tertiary")
        with st.expander("The SQL that finds these tracks"):
            st.code(chosen.sql, language="sql")
    return is_selected


def _spotify_uris(track_ids: tuple[str, ...]) -> None:
    uris = [f"spotify:track:{i.partition(':')[2]}" for i in track_ids if i.startswith("spotify:")]
    if uris:
        st.download_button(
            "Spotify URIs",
            data="\n".join(uris),
            file_name="selection.txt",
            mime="text/plain",
            on_click="ignore",
            icon=":material/playlist_add:",
            type="tertiary",
            help="Paste them into a playlist of the desktop app.",
        )
