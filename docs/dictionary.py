"""The data dictionary, from the store's own comments: ``python -m docs.dictionary``."""

from pathlib import Path

import duckdb
import pandas as pd

from music_explorer.store import queries, schema

FILE = Path(__file__).with_name("data_dictionary.md")
_HEAD = """\
# Data dictionary

What every column of the store means, with its unit and range. Missing is NULL, never 0. Generated
from the comments in the store by `python -m docs.dictionary`; every store carries the same.
"""


def text() -> str:
    """Return the data dictionary as Markdown: tables in the schema's order, then views."""
    with duckdb.connect() as con:
        schema.create_tables(con)
        schema.create_views(con)
        columns = dict(iter(queries.schema_tree(con).groupby("table_name")))
        tables = con.table_function("duckdb_tables").df().set_index("table_name")["comment"]
        views = con.table_function("duckdb_views").df().set_index("view_name")["comment"]
    views = views[[name for name in views.index if name in columns]]
    parts = [_section(name, tables[name], columns[name]) for name in schema.tables()]
    parts += [_section(name, f"A view. {views[name]}", columns[name]) for name in views.index]
    return "\n".join([_HEAD, *parts])


def _section(name: str, about: str, columns: pd.DataFrame) -> str:
    lines = [f"## {name}", "", f"{about}.", "", "| column | type | meaning |", "|---|---|---|"]
    for row in columns.itertuples():
        meaning = row.meaning.replace("|", "\\|").replace("<", "&lt;")
        lines.append(f"| `{row.column_name}` | {row.data_type} | {meaning} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
