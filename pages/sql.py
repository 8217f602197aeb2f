"""SQL: ask the store anything, read-only."""

import streamlit as st

from music_explorer.ui import show
from music_explorer.ui.page import View, page
from music_explorer.ui.sql import EXAMPLES, MAX_ROWS, QueryError, run_query


def main(view: View) -> None:
    """Draw the page."""
    write, browse = st.columns([3, 2])
    with browse:
        _schema(view)
    with write:
        _query(view)


def _query(view: View) -> None:
    def take_example() -> None:
        st.session_state["query"] = EXAMPLES[st.session_state["example"]]

    st.selectbox("Examples", list(EXAMPLES), key="example", on_change=take_example)
    st.session_state.setdefault("query", EXAMPLES[st.session_state["example"]])
    with st.form("ask", border=False):
        sql = st.text_area("One SELECT", key="query", height=200)
        asked = st.form_submit_button("Run", type="primary", icon=":material/play_arrow:")
    if asked:
        st.session_state["asked"] = sql
    if not st.session_state.get("asked"):
        return
    try:
        rows, truncated = run_query(view.store, st.session_state["asked"])
    except QueryError as error:
        st.error("The query was not run or failed:", icon=":material/error:")
        st.code(str(error), language=None)
        return
    more = f" (the first {MAX_ROWS:,}; there are more)" if truncated else ""
    st.caption(f"{len(rows):,} rows{more}")
    show.table(rows, "query_result")
    st.caption("The same in a terminal, while the app runs:")
    st.code(f"duckdb -readonly {view.store.path.name}", language="bash")


def _schema(view: View) -> None:
    tree = view.ask("schema_tree")
    name = st.selectbox(
        "Tables and views",
        list(dict.fromkeys(tree["table_name"])),
        key="table",
        index=list(dict.fromkeys(tree["table_name"])).index("features"),
    )
    chosen = tree[tree["table_name"] == name].drop(columns="table_name")
    st.dataframe(chosen, hide_index=True, height=420)


with page(
    "SQL",
    "Ask the store anything: one SELECT at a time, read-only. The column meanings are beside it.",
    needs_tracks=False,
) as view:
    main(view)
