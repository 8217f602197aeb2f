"""Showing the answer to a query: rows or a chart, the tracks it names, and what to take along."""

import io

import pyarrow.parquet as pq
import streamlit as st

from music_explorer.ui import result_chart, selection, show, sql_commands
from music_explorer.ui.choices import MAX_LINK_BYTES
from music_explorer.ui.definitions import of_answer
from music_explorer.ui.plain_text import counted, literal
from music_explorer.ui.result_chart import KINDS, Axes
from music_explorer.ui.sql import EDITOR, MAX_ROWS, Answer, example_of

_NAME = "query_result"
_ICONS = {"bar": "bar_chart", "line": "show_chart", "scatter": "scatter_plot"}
_VIEWS = {"Table": ":material/table: Table", "Chart": ":material/insert_chart: Chart"}


def result(answer: Answer) -> None:
    """Show an answer and everything that can be done with it."""
    more = f" (the first {MAX_ROWS:,}; there are more)" if answer.truncated else ""
    head, tracks = st.columns([2, 3], vertical_alignment="center")
    view = head.segmented_control(
        "View",
        list(_VIEWS),
        default="Table",
        key="sql_view",
        required=True,
        format_func=_VIEWS.get,
        label_visibility="collapsed",
    )
    with tracks:
        _tracks(answer)
    # What the editor holds by now may be another query.
    is_other = answer.sql != st.session_state[EDITOR]
    of_what = f" of: {literal(_first_words(answer.sql))}" if is_other else "."
    st.caption(f"{counted(len(answer.rows), 'row')}{more}{of_what}")
    example = example_of(answer.sql)
    if answer.rows.empty and example:
        st.info(example.if_empty, icon=":material/info:")
    elif view == "Table":
        st.dataframe(answer.rows, hide_index=True, key=f"table_{_NAME}")
        with st.container(horizontal=True):
            show.csv_button(answer.rows, _NAME)
            _parquet_button(answer)
    else:
        _chart(answer)
    with st.expander("The same query elsewhere", icon=":material/terminal:"):
        _elsewhere(answer)


def _tracks(answer: Answer) -> None:
    """Offer the tracks that a result names as the selection of the session."""
    n = len(answer.track_ids)
    if not n and not answer.n_unknown:
        return
    found = of_answer(answer)
    if n and selection.current() == found:
        st.button(
            f"{counted(n, 'track')} selected: clear",
            icon=":material/check:",
            on_click=selection.clear,
            help="They are the selection of this session.",
        )
    else:
        cut = f"Only the first {MAX_ROWS:,} rows are here: add a WHERE or a LIMIT to select all."
        st.button(
            f"Select {'this track' if n == 1 else f'these {n:,} tracks'}",
            icon=":material/playlist_add_check:",
            on_click=selection.select,
            args=(found,),
            disabled=answer.truncated or not n,
            help=cut if answer.truncated else "Makes them the selection of this session.",
        )
    if answer.n_unknown:
        unknown = counted(answer.n_unknown, "value")
        st.caption(f"{unknown} of track_id: no track of this store has such an id.")


def _first_words(sql: str, length: int = 60) -> str:
    text = " ".join(sql.split())
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _chart(answer: Answer) -> None:
    """Draw the result by the columns that are chosen; the first choice is made from the types."""
    rows = answer.rows
    numbers = result_chart.number_columns(rows)
    if not numbers:
        st.info("A chart needs a column of numbers, and this result has none.")
        return
    shape = ",".join(rows.columns)  # the choices stay while the columns do
    at_x, at_y, at_colour, at_kind = st.columns([3, 3, 3, 4])
    first = list(rows.columns).index(result_chart.default_x(rows))
    x = at_x.selectbox("X", list(rows.columns), index=first, key=f"sql_x:{shape}")
    first = numbers.index(result_chart.default_y(rows, x))
    y = at_y.selectbox("Y", numbers, index=first, key=f"sql_y:{shape}:{x}")
    groups = [name for name in result_chart.colour_columns(rows, "scatter") if name != x]
    apart = result_chart.default_colour(rows, x)
    colour = at_colour.selectbox(
        "Colour",
        [None, *groups],
        index=groups.index(apart) + 1 if apart else 0,
        format_func=lambda name: "one colour" if name is None else name,
        key=f"sql_colour:{shape}:{x}",
    )
    kind = at_kind.segmented_control(
        "Kind",
        KINDS,
        default=result_chart.default_kind(rows, x, colour),
        key=f"sql_kind:{shape}:{x}:{colour}",
        required=True,
        format_func=lambda kind: f":material/{_ICONS[kind]}: {kind}",
    )
    if colour is not None and colour not in result_chart.colour_columns(rows, kind):
        st.caption(f"{literal(colour)} has too many values to colour {kind}s by; see the scatter.")
        colour = None
    fig = result_chart.draw(rows, Axes(x, y, colour, kind))
    show.figure(fig, _NAME, data=rows, alt=f"A {kind} chart of {y} by {x}")


def _parquet_button(answer: Answer) -> None:
    def parquet() -> bytes:
        file = io.BytesIO()
        pq.write_table(answer.table, file)
        return file.getvalue()

    show.download("Download the data (Parquet)", f"{_NAME}.parquet", parquet)


def _elsewhere(answer: Answer) -> None:
    """Show the query as a command, as a program and as a link."""
    path = answer.store.path
    st.caption(f"In a terminal, {sql_commands.folder_of(path)}, also while the app runs:")
    st.code(sql_commands.shell_command(path, answer.sql), language=None)
    st.caption("In Python:")
    st.code(sql_commands.python_program(path, answer.sql), language=None)
    address = sql_commands.link(st.context.url or "", answer.sql)
    if address is None:
        st.caption(f"There is no link: it would be over {MAX_LINK_BYTES:,} bytes.")
    else:
        st.caption("As a link, which brings the query into the editor and does not run it:")
        st.code(address, language=None)
