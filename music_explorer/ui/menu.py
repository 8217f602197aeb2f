"""The list of pages, and the menu: the same whether or not the entry script has run."""

import contextlib
from dataclasses import dataclass

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError


@dataclass(frozen=True)
class Entry:
    """A page in the menu: the stem of its file, its title and its icon."""

    stem: str
    title: str
    icon: str

    @property
    def path(self) -> str:
        """The page's script, as Streamlit names it."""
        return f"pages/{self.stem}.py"


MENU = {
    "Collection": (
        Entry("overview", "Overview", ":material/home:"),
        Entry("store", "The store", ":material/library_music:"),
        Entry("features", "Features", ":material/equalizer:"),
    ),
    "Clustering": (
        Entry("choose_k", "How many clusters", ":material/tune:"),
        Entry("clusters", "The clusters", ":material/bubble_chart:"),
        Entry("similar", "Similar tracks", ":material/join_inner:"),
        Entry("genres", "Clusters and genres", ":material/grid_on:"),
        Entry("listen", "Listening test", ":material/hearing:"),
        Entry("boundaries", "Genre boundaries", ":material/border_style:"),
        Entry("compare", "Compare features", ":material/compare_arrows:"),
        Entry("study", "The 2021 study", ":material/history_edu:"),
        Entry("runs", "Runs", ":material/history:"),
    ),
    "Data": (
        Entry("add", "Add music", ":material/library_add:"),
        Entry("sql", "SQL", ":material/database:"),
    ),
}
DEFAULT = MENU["Collection"][0]
_ICONS = {entry.stem: entry.icon for entries in MENU.values() for entry in entries}


def navigation() -> None:
    """Declare the pages and run the one that was asked for."""
    sections = {
        section: [
            st.Page(entry.path, title=entry.title, icon=entry.icon, default=entry is DEFAULT)
            for entry in entries
        ]
        for section, entries in MENU.items()
    }
    # The menu is drawn by each page: a page that is opened first by its own address runs without
    # this declaration, and Streamlit's menu would list bare file names.
    st.navigation(sections, position="hidden").run()


def link(stem: str, label: str) -> None:
    """Draw a link to a page; a page that is run as a script of its own has none."""
    with contextlib.suppress(StreamlitPageNotFoundError):
        st.page_link(f"pages/{stem}.py", label=label, icon=_ICONS[stem])


def draw_menu() -> None:
    """Draw the menu in the sidebar; a page that is run as a script of its own has none."""
    with st.sidebar, contextlib.suppress(StreamlitPageNotFoundError):
        for section, entries in MENU.items():
            st.caption(section)
            for entry in entries:
                st.page_link(entry.path, label=entry.title, icon=entry.icon)
        st.divider()
