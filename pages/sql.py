"""SQL: ask the store anything, read-only."""

import streamlit as st

from music_explorer.ui import sql
from music_explorer.ui.page import View, page
from music_explorer.ui.plain_text import literal
from music_explorer.ui.schema_browser import schema_browser
from music_explorer.ui.sql import EDITOR, EXAMPLES, MAX_QUERY_BYTES, QueryError
from music_explorer.ui.sql_result import result

# Lines of code do not wrap: their breaks mean something to the reader.
_CODE = (
    f"<style>.st-key-{EDITOR} textarea "
    "{ font-family: monospace; font-size: 0.8rem; white-space: pre; overflow-x: auto; }</style>"
)


def main(view: View) -> None:
    """Draw the page."""
    st.html(_CODE)
    write, browse = st.columns([8, 5], gap="medium")
    with browse:
        schema_browser(view.ask("schema_tree"))
    with write:
        _saved()
        _editor(view)
    try:
        answer = sql.last_answer(view.store)
    except QueryError as error:
        _failed(error)
    else:
        if answer is not None:
            result(answer)


def _saved() -> None:
    """Offer the examples and the queries of this session: a click brings one into the editor."""
    past = sql.history()

    def bring_example() -> None:
        sql.write_in_editor(st.session_state["example"].sql)
        st.session_state["example"] = None  # so that it can be brought again

    def bring_back() -> None:
        sql.write_in_editor(past[st.session_state["past"]].sql)
        st.session_state["past"] = None

    st.selectbox(
        "Examples",
        EXAMPLES,
        index=None,
        format_func=lambda example: example.title,
        key="example",
        on_change=bring_example,
        placeholder="choose a question",
    )
    if past:
        st.selectbox(
            "History of this session",
            range(len(past)),
            index=None,
            format_func=lambda i: f"{past[i].outcome}: {' '.join(past[i].sql.split())}",
            key="past",
            on_change=bring_back,
            placeholder="bring a query back",
        )


def _editor(view: View) -> None:
    sql.begin_editor()
    if example := sql.example_of(st.session_state[EDITOR]):
        st.markdown(f"**{example.title}** {example.why}")
    if said := sql.about_link():
        st.info(said, icon=":material/link:")
    with st.form("ask", border=False):
        text = st.text_area("One SELECT", key=EDITOR, height=300, max_chars=MAX_QUERY_BYTES)
        if st.form_submit_button("Run", type="primary", icon=":material/play_arrow:"):
            with st.spinner("Asking the store…"):
                sql.run_query(view.store, text)
            st.rerun()  # the history above already knows of it


def _failed(error: QueryError) -> None:
    first, *where = str(error).splitlines()
    st.error(literal(first), icon=":material/error:")
    if any(where):
        st.code("\n".join(where).strip("\n"), language=None)


sql.take_from_address()
with page(
    "SQL",
    "Ask the store anything in SQL, one SELECT at a time; nothing can be changed. Pick an example "
    "or write your own: what each column means stands beside the editor.",
    needs_tracks=False,
) as view:
    main(view)
