"""The tray: what is selected, how it differs from the rest, and what can be done with it."""

from urllib.parse import urlencode

import streamlit as st

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.pipeline import Config
from music_explorer.analysis.profiles import cluster_profiles, describe, largest_difference
from music_explorer.store import selected
from music_explorer.store.errors import StoreError
from music_explorer.store.sandbox import QueryError
from music_explorer.ui import definitions, exits, selection, show, sql
from music_explorer.ui.choices import MAX_LINK_BYTES
from music_explorer.ui.ledger import writes_to_store
from music_explorer.ui.plain_text import counted, literal
from music_explorer.ui.queue import play_tracks
from music_explorer.ui.selection import Selection
from music_explorer.ui.state import Store, prepared


def tray(store: Store, config: Config) -> None:
    """Draw the selection of the session; look it up first if a link asks for one."""
    if spec := selection.asked():
        if spec.startswith(definitions.QUERY):
            _offer(store, spec.removeprefix(definitions.QUERY))
            return
        try:
            selection.select(definitions.of_spec(store, config, spec))
        except (AnalysisError, StoreError) as error:
            selection.clear()
            st.warning(literal(str(error)), icon=":material/link_off:")
    chosen = selection.current()
    if chosen is None:
        return
    with st.container(border=True, key="tray"):
        st.markdown(
            f"**{counted(len(chosen.track_ids), 'track')} selected:** {literal(chosen.definition)}"
            f"{_profile(store, config, chosen)}"
        )
        with st.container(horizontal=True):
            hear = st.toggle("Hear them", key="hear_selection")
            _exits(store, chosen)
            _link(config, chosen)
            st.button("Clear", on_click=selection.clear, icon=":material/close:", type="tertiary")
        if hear:
            play_tracks(store, config, chosen.track_ids)


def _offer(store: Store, query: str) -> None:
    """Show the query of a link, which runs only when the visitor says so."""
    with st.container(border=True, key="tray"):
        st.markdown("This link selects the tracks that a query finds. Read it before it runs:")
        st.code(query, language=None)
        with st.container(horizontal=True):
            run = st.button("Run it and select its tracks", icon=":material/play_arrow:")
            st.button("Ignore it", on_click=selection.clear, type="tertiary")
        if not run:
            return
        sql.run_query(store, query)
        try:
            answer = sql.last_answer(store)
        except QueryError as error:
            st.error(literal(str(error).splitlines()[0]), icon=":material/error:")
            return
        if answer.truncated or not answer.track_ids:
            reason = "names no track of this store" if not answer.track_ids else "has too many rows"
            st.error(f"The answer {reason}.", icon=":material/error:")
            return
    selection.select(definitions.of_answer(answer))
    st.rerun()


def _profile(store: Store, config: Config, chosen: Selection) -> str:
    """Say in words how the selected tracks differ from the rest."""
    try:
        ready = prepared(store, config)
    except AnalysisError:  # the store may hold no track that can be compared
        return ""
    is_selected = ready.rows["track_id"].isin(chosen.track_ids).to_numpy()
    if is_selected.all() or not is_selected.any():
        return "  \nNone of them is in this analysis." if not is_selected.any() else ""
    X, matrix = ready.telling
    profile = cluster_profiles(X, is_selected, matrix.names).loc[True]
    n_missing = len(chosen.track_ids) - ready.rows["track_id"][is_selected].nunique()
    missing = f" {counted(n_missing, 'track')} of it not in this analysis." if n_missing else ""
    return f"  \nThey are {describe(profile)} ({largest_difference(profile)}).{missing}"


def _exits(store: Store, chosen: Selection) -> None:
    ids = chosen.track_ids

    def rows():
        return selected.everything_of(store.path, ids)

    offer = show.download
    about = "Names, labels, features."
    offer("CSV", "selection.csv", lambda: exits.csv(rows()), icon="table", about=about)
    offer("Parquet", "selection.parquet", lambda: exits.parquet(rows()), icon="table", about=about)
    if uris := exits.spotify_uris(ids):
        about = "Paste them into a playlist of the desktop app."
        offer("Spotify URIs", "selection.txt", lambda: uris, icon="playlist_add", about=about)
    # Paths of files mean something on a person's own machine only.
    if writes_to_store() and len(files := selected.files_of(store.path, ids)):
        about = f"A playlist of the {counted(len(files), 'audio file')} among them."
        offer("M3U", "selection.m3u8", lambda: exits.m3u(files), icon="queue_music", about=about)
    about = "A SELECT of these tracks."
    offer("SQL", "selection.sql", lambda: chosen.sql, icon="database", about=about)


def _link(config: Config, chosen: Selection) -> None:
    with st.popover("Link", icon=":material/link:", type="tertiary"):
        if selection.PARAMETER in st.query_params:
            address = {key: st.query_params.get_all(key) for key in st.query_params}
            st.caption("Opens this view, with this selection:")
            st.code(f"{st.context.url}?{urlencode(address, doseq=True)}", language=None)
        elif not chosen.spec:
            st.caption("There is no link: so many tracks, named one by one, do not fit into one.")
        elif not selection.in_address(config):
            st.caption("There is no link: it was found with other choices than those of now.")
        else:
            st.caption(f"There is no link: it would be over {MAX_LINK_BYTES:,} bytes.")
