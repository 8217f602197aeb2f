"""What there is to ask for: tables and views, their columns, types and meanings."""

import pandas as pd
import streamlit as st

_FIRST = "features"


def schema_browser(tree: pd.DataFrame) -> None:
    """Draw the columns of a table or view, or those that a search finds in all of them.

    Parameters
    ----------
    tree : DataFrame
        ``table_name, column_name, data_type, meaning``.
    """
    words = st.text_input(
        "Find a column", key="column_words", placeholder="part of a name or a meaning, e.g. tempo"
    )
    if words.strip():
        shown = matching(tree, words)[["column_name", "table_name", "meaning", "data_type"]]
    else:
        tables = list(dict.fromkeys(tree["table_name"]))
        name = st.selectbox("Tables and views", tables, index=tables.index(_FIRST), key="table")
        shown = tree[tree["table_name"] == name].drop(columns="table_name")
    picked = st.dataframe(
        shown.rename(columns=lambda name: name.removesuffix("_name").removeprefix("data_")),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="schema",
    )
    rows = [row for row in picked.selection.rows if row < len(shown)]
    if not rows:
        st.caption(
            f"{len(shown)} columns. Tick a row to read all of its meaning and copy its name."
        )
    for row in rows:
        column = shown.iloc[row]
        st.code(column["column_name"], language=None)
        st.text(column["meaning"] if pd.notna(column["meaning"]) else "")


def matching(tree: pd.DataFrame, words: str) -> pd.DataFrame:
    """Return the columns whose table, name or meaning has every word, in any case."""
    texts = tree["table_name"] + " " + tree["column_name"] + " " + tree["meaning"].fillna("")
    has_all = pd.Series(True, index=tree.index)
    for word in words.split():
        has_all &= texts.str.contains(word, case=False, regex=False)
    return tree[has_all]
