"""The selection: tracks that were found in one place and are looked at in another."""

from collections.abc import Hashable
from dataclasses import dataclass

import streamlit as st

from music_explorer.analysis.pipeline import Config

PARAMETER = "sel"
"""Its name in the address."""
_SELECTION, _ASKED = "selection", "_selection_asked"


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
    found_with
        What the spec means the same with, see `depends_on`.
    """

    track_ids: tuple[str, ...]
    definition: str
    spec: str
    sql: str
    found_with: Hashable = None


def depends_on(spec: str, config: Config) -> Hashable:
    """Return those choices that decide which tracks a spec means."""
    kind = spec.partition(":")[0]
    return {"cluster": config, "cell": config, "lasso": config.project_key}.get(kind)


def select(selection: Selection) -> None:
    """Make these the selected tracks of the session."""
    st.session_state[_SELECTION] = selection
    st.session_state.pop(_ASKED, None)


def current() -> Selection | None:
    """Return what is selected in this session."""
    return st.session_state.get(_SELECTION)


def clear() -> None:
    """Select nothing."""
    st.session_state.pop(_SELECTION, None)
    st.session_state.pop(_ASKED, None)


def ask_for(spec: str) -> None:
    """Remember what a link selects, until it is looked up."""
    st.session_state[_ASKED] = spec


def asked() -> str:
    """Return what a link selects and is not looked up yet; empty if nothing."""
    return st.session_state.get(_ASKED, "")


def in_address(config: Config) -> str:
    """Return what the address says of the selection; empty if it means other tracks by now."""
    chosen = current()
    if asked() or chosen is None:
        return asked()
    return chosen.spec if chosen.found_with == depends_on(chosen.spec, config) else ""
