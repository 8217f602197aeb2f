"""The frame of every page: title, the store, the shared choices, errors in one line.

A page opened by its own address on a fresh server runs without the entry script, so each page
brings its frame itself.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from music_explorer.analysis.errors import AnalysisError
from music_explorer.store.errors import StaleVersion, StoreError
from music_explorer.store.location import app_store
from music_explorer.store.sandbox import QueryError
from music_explorer.ui.ledger import writes_to_store
from music_explorer.ui.menu import draw_menu
from music_explorer.ui.plain_text import literal
from music_explorer.ui.show import PROVENANCE
from music_explorer.ui.sidebar import Chosen, sidebar
from music_explorer.ui.state import Store, ask, current_store
from music_explorer.ui.tray import tray
from music_explorer.ui.upload import session_store

APP_TITLE = "Music Clustering Explorer"
APP_ICON = ":material/graphic_eq:"
# Less empty space; and no table but with the button below it, whose file holds no formulas.
_STYLE = """<style>
.stMainBlockContainer { padding-top: 3rem; }
.stElementToolbar button[aria-label="Download as CSV"],
[data-testid="stElementToolbar"] [aria-label="Download as CSV"] { display: none; }
</style>"""


@dataclass(frozen=True)
class View:
    """What a page works with."""

    store: Store
    choices: Chosen

    def ask(self, question: str, *arguments: Any, **options: Any) -> Any:
        """Ask the store one of the questions in `store.queries`, by its name."""
        return ask(self.store, question, *arguments, **options)


@contextlib.contextmanager
def page(title: str, question: str, *, needs_tracks: bool = True) -> Iterator[View]:
    """Frame a page: its title and question, the sidebar, and errors told in one line.

    Parameters
    ----------
    title
        The page's name.
    question
        What the page answers and how to read it, in one or two sentences.
    needs_tracks
        Whether the page has nothing to show on an empty store.

    Yields
    ------
    View
    """
    st.set_page_config(page_title=f"{title} · {APP_TITLE}", page_icon=APP_ICON, layout="wide")
    st.html(_STYLE)
    draw_menu()
    st.title(title)
    st.markdown(question)
    try:
        store = current_store()
        if needs_tracks and not ask(store, "counts")["tracks"]:
            _empty(store)
            st.stop()
        view = View(store, sidebar(store, title))
        st.session_state[PROVENANCE] = _provenance(view)
        tray(view.store, view.choices.config)
        yield view
    except StaleVersion:
        st.rerun()
    except (StoreError, AnalysisError, QueryError) as error:
        st.error(literal(_without_folder(str(error))), icon=":material/error:")
        st.stop()


def _without_folder(text: str) -> str:
    """Name a store as visitors may know it: where it lies is for who runs the server."""
    folder = (session_store() or app_store()).parent
    return text if writes_to_store() else text.replace(f"{folder}{os.sep}", "")


def _provenance(view: View) -> tuple[str, str]:
    """Say what the figures of the page are drawn from: the store, and the choices."""
    name = "the demo" if view.store.is_demo else view.store.path.stem
    address = {key: st.query_params.get_all(key) for key in st.query_params}
    choices = urlencode(address, doseq=True) or "the choices the app starts with"
    if view.choices.config.estimated_values:
        name += ", with estimated values"
    return f"{APP_TITLE}: {name}, data version {view.store.version}", choices


def _empty(store: Store) -> None:
    st.info(
        f"The store {store.path.name} has no tracks yet. Fill it from a terminal, then reload "
        "this page:",
        icon=":material/library_music:",
    )
    st.code("python -m ingest table my_playlist.csv\npython -m ingest study", language=None)
