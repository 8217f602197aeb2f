"""Kept runs: in the visitor's session, or in the store where the app may write.

A public deployment never writes to the store that all visitors share: without ``MUSIC_WRITABLE=1``
a run lives in the session alone and goes with it.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st

from music_explorer.analysis.pipeline import Run
from music_explorer.analysis.record import Record, record_of, run_id
from music_explorer.headless.folder import zipped
from music_explorer.store import runs
from music_explorer.store.reader import Identity, identity, open_store
from music_explorer.ui.state import Store

MAX_RUNS = 20
_KEPT = "_kept_runs"


def writes_to_store() -> bool:
    """Tell whether runs are kept in the store: on a person's own machine, if they say so."""
    return os.environ.get("MUSIC_WRITABLE") == "1"


def listing(store: Store) -> list[dict[str, Any]]:
    """List the kept runs as `Record.summary` gives them, the last one first."""
    if writes_to_store():
        return _stored(store.path, identity(store.path))
    return [record.summary() for record in reversed(_session().values())]


def read(store: Store, run_id: str) -> Record:
    """Return a kept run.

    Raises
    ------
    StoreError
        If the store has lost it meanwhile.
    """
    if writes_to_store():
        return _record(store.path, identity(store.path), run_id)
    return _session()[run_id]


def keep(store: Store, result: Run) -> None:
    """Keep a run.

    Raises
    ------
    StoreError
        If the store cannot be written right now.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    record = record_of(result, data_version=store.version, created_at=now)
    if writes_to_store():
        runs.keep(store.path, record.summary(), record.assignments)
    elif len(_session()) < MAX_RUNS:
        _session().setdefault(record.run_id, record)


def forget(store: Store, run_id: str) -> None:
    """Forget a run.

    Raises
    ------
    StoreError
        If the store cannot be written right now.
    """
    if writes_to_store():
        runs.forget(store.path, run_id)
    else:
        _session().pop(run_id, None)


def where_kept(store: Store) -> str:
    """Say where runs are kept, and for how long."""
    if writes_to_store():
        return f"Runs are kept in the store {store.path.name}."
    return (
        f"Runs are kept in this session only, at most {MAX_RUNS} of them, and go with it: "
        "download what is to stay."
    )


def keep_button(store: Store, result: Run) -> None:
    """Offer to keep a run; say so if it is kept already, or why it cannot be."""
    kept = {run["run_id"] for run in listing(store)}
    if run_id(result.config, data_version=store.version) in kept:
        st.caption("This run is kept; the page Runs compares and exports it.")
        return
    is_full = not writes_to_store() and len(kept) >= MAX_RUNS
    if st.button(
        "Keep this run",
        icon=":material/bookmark_add:",
        key="keep_run",
        help=where_kept(store),
        disabled=is_full,
    ):
        keep(store, result)
        st.rerun()
    if is_full:
        st.caption(f"{MAX_RUNS} runs are kept; forget one on the page Runs to keep another.")


def download_button(store: Store, run_id: str, *, label: str) -> None:
    """Offer a run as Parquet tables and a notebook, made when somebody asks for them."""
    record = read(store, run_id)
    is_current = record.data_version == store.version
    st.download_button(
        "Download",
        data=lambda: zipped(store.path, record, label=label),
        file_name=f"run-{record.run_id}.zip",
        mime="application/zip",
        on_click="ignore",
        icon=":material/download:",
        help="A zip archive: the run as Parquet tables, and a notebook that draws it.",
        key="download_run",
        disabled=not is_current,
    )
    if not is_current:
        st.caption(
            f"Its features cannot be exported any more: it is of data version "
            f"{record.data_version}, and this store is at {store.version}."
        )


def _session() -> dict[str, Record]:
    return st.session_state.setdefault(_KEPT, {})


# A run that is kept or forgotten does not change the data version, but it does change the file.
@st.cache_data(max_entries=8, show_spinner=False)
def _stored(path: Path, published: Identity) -> list[dict[str, Any]]:
    with open_store(path) as con:
        return runs.listing(con)


@st.cache_data(max_entries=8, show_spinner=False)
def _record(path: Path, published: Identity, run_id: str) -> Record:
    with open_store(path) as con:
        run, assignments = runs.read(con, run_id)
    return Record(assignments=assignments, **run)
