"""Add music: bring tables, see how they are read, and look at the clusters of your own tracks."""

import pandas as pd
import streamlit as st

from music_explorer.ui import show
from music_explorer.ui.page import page
from music_explorer.ui.plain_text import literal
from music_explorer.ui.state import table_columns
from music_explorer.ui.upload import Outcome, UploadError, import_tables, session_store, use

GENRE_FROM = {
    "from the table's own column": [],
    "from the names of the files (genre_rock.csv)": ["--genre-from", "file"],
}


def main() -> None:
    """Draw the page."""
    files = st.file_uploader(
        "Tables of tracks: Exportify files, Kaggle downloads, spreadsheets saved as CSV",
        accept_multiple_files=True,
        type=["csv", "tsv", "txt", "parquet", "gz"],
        key="files",
    )
    with st.expander("How to label the tracks"):
        genre = st.radio("Genres", list(GENRE_FROM), key="genre_from")
        playlists = st.checkbox("Each file is a playlist", value=True, key="playlists")
    if files:
        options = [*GENRE_FROM[genre], *(["--playlist-from", "file"] if playlists else [])]
        try:
            _show(_outcome(files, options))
        except UploadError as error:
            st.error(literal(str(error)), icon=":material/error:")
    elif session_store():
        st.button("Back to the shared store", on_click=use, args=(None,))
    _ways()


def _outcome(files: list, options: list[str]) -> Outcome:
    """Import once for the same files and choices; a rerun shows the same result."""
    chosen = st.session_state.get("chosen_columns", {})
    key = (tuple(file.file_id for file in files), tuple(options), tuple(sorted(chosen.items())))
    if st.session_state.get("_imported", (None,))[0] != key:
        with st.spinner("Reading your files…"):
            known = {t: o for t, o in chosen.items() if o}
            st.session_state["_imported"] = key, import_tables(files, options=options, chosen=known)
    return st.session_state["_imported"][1]


def _show(outcome: Outcome) -> None:
    for reason in outcome.refused:
        st.error(f"Not taken: {literal(reason)}", icon=":material/block:")
    if outcome.store:
        st.code(outcome.summary, language=None)
        if st.button(
            "Show the clusters of these tracks", type="primary", icon=":material/bubble_chart:"
        ):
            use(outcome.store)
            st.switch_page("pages/clusters.py")
    for i, table in enumerate(outcome.tables):
        read = literal(f"How {table['name']} was read: {table['layout']}")
        with st.expander(read, expanded=not i):
            columns = pd.DataFrame(table["columns"], columns=["theirs", "ours", "unit"])
            show.table(
                columns.rename(
                    columns={
                        "theirs": "column in the file",
                        "ours": "read as",
                        "unit": "converted from",
                    }
                ),
                f"columns_{i}",
            )
            if table["ignored"]:
                _map_by_hand(i, table["ignored"])


def _map_by_hand(i: int, ignored: list[str]) -> None:
    st.caption("Not recognised, so left out. Say what a column is, and the files are read again:")
    theirs, ours = st.columns(2)
    header = theirs.selectbox("Column in the file", ignored, key=f"theirs_{i}")
    target = ours.selectbox("is", ["", *table_columns()], key=f"ours_{i}")

    def remember() -> None:
        st.session_state.setdefault("chosen_columns", {})[header] = target

    st.button("Read again", on_click=remember, disabled=not target, key=f"again_{i}")


def _ways() -> None:
    st.header("Where tables come from")
    st.markdown(
        "- **Your Spotify playlists:** [exportify.net](https://exportify.net) or "
        "[exportify.app](https://exportify.app) write each playlist to a CSV file. Whether they "
        "still get audio features for you depends on Spotify; without them a track cannot be "
        "clustered.\n"
        "- **Public tables** of tracks with Spotify's features, such as those on Kaggle.\n"
        "- **The 2021 study:** `python -m ingest study` on your own machine.\n"
        "- **Your own audio files:** `python -m ingest audio FOLDER` on your own machine.\n"
        "- **Large tables:** `python -m ingest table FILE`, then start the app again."
    )
    with st.expander("Straight from Spotify, on your own machine: what works for whom"):
        _spotify()
    st.caption(
        "What you upload stays in this session, is seen by nobody else and is dropped with it. "
        "Spotify's terms forbid training models on its content."
    )


def _spotify() -> None:
    st.markdown(
        "| your Spotify app | playlists it reads | audio features | previews |\n"
        "|---|---|---|---|\n"
        "| new (its owner needs Premium) | your own, those you work on, saved tracks | none from "
        "Spotify; from ReccoBeats | none from Spotify; from Deezer and iTunes |\n"
        "| made before February 2026 | the same; other people's public ones only while Spotify "
        "puts its change off | the same | the same |\n"
        "| extended quota since before 27 November 2024 | any public one | from Spotify while it "
        "still gives them | from Spotify where it still gives them |\n\n"
        "Somebody else's playlist: copy its songs into one of your own. Make an app at "
        "[developer.spotify.com](https://developer.spotify.com/dashboard) with the redirect URI "
        "`http://127.0.0.1:8888/callback`; its client ID is enough, a secret is not needed."
    )
    st.code(
        "export SPOTIPY_CLIENT_ID=…\n"
        "python -m ingest spotify PLAYLIST --genre Rock --previews\n"
        "python -m ingest spotify --saved\n"
        "python -m ingest spotify --playlists genres.toml --previews",
        language=None,
    )
    st.markdown("`genres.toml` says which playlists stand for which genre:")
    st.code('[genres]\nRock = ["https://open.spotify.com/playlist/…"]', language=None)
    st.markdown(
        "Run it again to go on where it stopped. **Mind the terms:** "
        "[Spotify's](https://developer.spotify.com/terms) forbid training models on its content "
        "and keeping it for longer than needed, and its "
        "[policy](https://developer.spotify.com/policy) forbids analysing it. "
        "[Deezer's](https://developers.deezer.com/termsofuse) allow non-commercial use. "
        "[Apple's](https://developer.apple.com/library/archive/documentation/AudioVideo/Conceptual/"
        "iTuneSearchAPI/) allow previews only to promote its store. "
        "[ReccoBeats](https://reccobeats.com/docs) states no licence for its values. To train "
        "models, take open data or your own files."
    )


with page(
    "Add music",
    "Bring your own tracks as tables. First see how each column of your files is read, then open "
    "the clusters of your tracks with one click.",
    needs_tracks=False,
):
    main()
