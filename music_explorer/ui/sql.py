"""Asking the store on the SQL page: the answer, the history of the session, a query in a link."""

import time
from collections import deque
from dataclasses import dataclass
from itertools import chain, count

import pandas as pd
import pyarrow as pa
import streamlit as st

from music_explorer.store import sandbox
from music_explorer.store.examples import EXAMPLES, Example
from music_explorer.store.sandbox import MAX_QUERY_BYTES, MAX_ROWS, QueryError
from music_explorer.store.selected import known_tracks
from music_explorer.ui.choices import MAX_LINK_BYTES
from music_explorer.ui.plain_text import counted
from music_explorer.ui.state import Store

__all__ = ["EXAMPLES", "MAX_QUERY_BYTES", "MAX_ROWS", "Answer", "Past"]

MAX_HISTORY = 20
EDITOR = "query"
"""Key of the editor: what it holds is the query that the next click on Run asks."""
_ANSWER, _HISTORY, _LINK = "_sql_answer", "_sql_history", "_sql_link"


@dataclass(frozen=True)
class Answer:
    """What the store answered to a query.

    Attributes
    ----------
    store
        The store, at the version that was asked.
    sql
        The query.
    table
        The rows, at most ``MAX_ROWS``, with their exact types.
    rows
        The same for people and charts.
    truncated
        Whether there were more rows.
    track_ids
        The tracks of the store that the column ``track_id`` names, each once.
    n_unknown
        How many other values that column has.
    """

    store: Store
    sql: str
    table: pa.Table
    rows: pd.DataFrame
    truncated: bool
    track_ids: tuple[str, ...]
    n_unknown: int


@dataclass(frozen=True)
class Past:
    """A query of this session and what became of it, in a few words."""

    sql: str
    outcome: str


def run_query(store: Store, sql: str) -> None:
    """Run one SELECT; its answer, or why there is none, stays in the session.

    Answers are snapshots: a chart or a download is of the rows that were shown.
    """
    sql = sql[: MAX_QUERY_BYTES + 1]  # all that the session keeps of one that is too long
    started = time.perf_counter()
    try:
        result = sandbox.query(store.path, sql, behind=_took_too_long())
        answer = _answer(store, sql, result)
    except QueryError as error:
        outcome = f"failed, {str(error).splitlines()[0]}"
        st.session_state[_ANSWER] = (sql, error)
    else:
        seconds = time.perf_counter() - started
        more = "over " if answer.truncated else ""
        outcome = f"{more}{counted(len(answer.rows), 'row')}, {seconds:.1f} s"
        st.session_state[_ANSWER] = (sql, answer)
    _history().appendleft(Past(sql, outcome))


def _took_too_long() -> bool:
    """Tell whether the last query of this session was stopped."""
    _, answer = st.session_state.get(_ANSWER, ("", None))
    return isinstance(answer, sandbox.TookTooLong)


def last_answer(store: Store) -> Answer | None:
    """Return the last answer, if it is of what the app shows now.

    Raises
    ------
    QueryError
        If the last query was refused, failed, or took too much.
    """
    _, answer = st.session_state.get(_ANSWER, ("", None))
    if isinstance(answer, QueryError):
        raise answer
    return answer if answer is not None and answer.store == store else None


def history() -> list[Past]:
    """Return the last queries of this session, the newest first."""
    return list(_history())


def write_in_editor(sql: str) -> None:
    """Put a query into the editor; for a callback, before the editor is drawn."""
    st.session_state[EDITOR] = sql


def begin_editor() -> None:
    """Let the editor of a page that was just opened hold the last query, else an example."""
    sql, _ = st.session_state.get(_ANSWER, (EXAMPLES[0].sql, None))
    st.session_state.setdefault(EDITOR, sql)


def example_of(sql: str) -> Example | None:
    """Return the example that a query is, unless it was edited."""
    return next((example for example in EXAMPLES if example.sql == sql), None)


def take_from_address() -> None:
    """Put the query of a link into the editor, once; before the address is written anew."""
    sql = st.query_params.get("sql")
    if sql is None or sql == st.session_state.get(_LINK):
        return
    st.session_state[_LINK] = sql
    if len(sql.encode()) <= MAX_LINK_BYTES:
        write_in_editor(sql)


def about_link() -> str:
    """Say what became of the query of a link, while that matters; else nothing."""
    sql = st.session_state.get(_LINK, "")
    if len(sql.encode()) > MAX_LINK_BYTES:
        return f"The query in the link is over {MAX_LINK_BYTES:,} bytes, so it was not taken."
    asked, _ = st.session_state.get(_ANSWER, ("", None))
    if sql and sql == st.session_state.get(EDITOR) and sql != asked:
        return "This query came with a link. Read it, then press Run."
    return ""


def _history() -> deque[Past]:
    return st.session_state.setdefault(_HISTORY, deque(maxlen=MAX_HISTORY))


def _answer(store: Store, sql: str, result: sandbox.Result) -> Answer:
    try:
        table = _storable(result.rows)
        rows = _readable(table)
    except (ValueError, OverflowError, pa.ArrowException) as error:
        raise QueryError(
            f"a value cannot be shown ({error}); cast its column to text with ::VARCHAR"
        ) from error
    ids = _track_ids(table)
    known = known_tracks(store.path, ids) if ids else []
    return Answer(store, sql, table, rows, result.truncated, tuple(known), len(ids) - len(known))


def _track_ids(table: pa.Table) -> list[str]:
    name = next((name for name in table.column_names if name.lower() == "track_id"), None)
    if name is None or not pa.types.is_string(table[name].type):
        return []
    return [value for value in table[name].unique().to_pylist() if value is not None]


def _storable(table: pa.Table) -> pa.Table:
    """Give each column a name of its own, and write intervals out, which no file format holds."""
    names: list[str] = []
    for name in table.column_names:
        further = (f"{name}_{i}" for i in count(2))
        names.append(next(n for n in chain([name], further) if n not in names))
    is_interval = pa.types.is_interval
    return pa.table([_as_text(c) if is_interval(c.type) else c for c in table.columns], names=names)


def _readable(table: pa.Table) -> pd.DataFrame:
    """Return numbers as numbers, and lists, structs and bytes as text."""
    types = pa.types
    columns = []
    for column in table.columns:
        if types.is_decimal(column.type):  # also the type of every sum of whole numbers
            column = _as_number(column)
        elif types.is_nested(column.type) or types.is_binary(column.type):
            column = _as_text(column)
        columns.append(column)
    return pa.table(columns, names=table.column_names).to_pandas()


def _as_number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if column.type.scale == 0:
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:  # beyond 64 bits
            pass
    return column.cast(pa.float64())


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    texts = [None if value is None else str(value) for value in column.to_pylist()]
    return pa.array(texts, type=pa.string())
