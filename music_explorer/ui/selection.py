"""The selection: tracks that were found in one place and are looked at in another."""

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from music_explorer.store.selected import named

_SELECTION = "selection"


@dataclass(frozen=True)
class Selection:
    """Tracks, and what they are.

    Attributes
    ----------
    track_ids
        The tracks, in the order they were found.
    definition
        What they are, for people: "cluster 3 of k-means 6", "SQL: SELECT …".
    spec
        The same for the address, e.g. "cluster:3"; empty if it cannot be in a link.
    sql
        A SELECT that gives exactly these tracks.
    """

    track_ids: tuple[str, ...]
    definition: str
    spec: str
    sql: str


def of_tracks(track_ids: Iterable[str], definition: str) -> Selection:
    """Return a selection of some tracks that no shorter SQL or link describes."""
    found = tuple(dict.fromkeys(track_ids))
    return Selection(found, definition, spec="", sql=named(found))


def select(selection: Selection) -> None:
    """Make these the selected tracks of the session."""
    st.session_state[_SELECTION] = selection


def current_in_session() -> Selection | None:
    """Return what is selected in this session."""
    return st.session_state.get(_SELECTION)


def clear() -> None:
    """Select nothing."""
    st.session_state.pop(_SELECTION, None)
