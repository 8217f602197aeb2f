"""What ``schema.sql`` says, as Python values; columns and ranges are named nowhere else."""

import re
from functools import cache
from pathlib import Path

import duckdb

SCHEMA_VERSION = 4
OLDEST_VERSION = 1
_ADDED_IN = {"playlists": 2, "lookups": 2, "track_plays": 3, "estimates": 4}
_FOLDER = Path(__file__).parent
_STATEMENT = re.compile(r"(?:CREATE TABLE|COMMENT ON TABLE|COMMENT ON COLUMN) (\w+)")
_CHECKS = "SELECT table_name, expression FROM duckdb_constraints() WHERE constraint_type = 'CHECK'"
_RANGE = re.compile(r'^\("?(\w+)"? BETWEEN (-?[\d.e]+) AND (-?[\d.e]+)\)$')


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create every table in an empty database."""
    con.execute((_FOLDER / "schema.sql").read_text(encoding="utf-8"))


def upgrade(con: duckdb.DuckDBPyConnection, *, temporary: bool = False) -> None:
    """Add, empty, the tables and columns that a database of an older version lacks.

    Where it may be written, tables that an older program made take this program's CHECKs, too.

    Parameters
    ----------
    con
        A database of a version from ``OLDEST_VERSION`` on.
    temporary
        Add them for this connection alone, where the database cannot be written.
    """
    rows = con.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal")
    found: dict[str, set[str]] = {}
    for table, name in rows.fetchall():
        found.setdefault(table, set()).add(name)
    for statement in _statements():
        if _STATEMENT.search(statement)[1] not in found:
            kind = "CREATE TEMP TABLE" if temporary else "CREATE TABLE"
            con.execute(statement.replace("CREATE TABLE", kind, 1))
    for table in tables():
        lacking = [n for n in columns(table) if table in found and n not in found[table]]
        if lacking and temporary:
            _show_columns(con, table, lacking)
        elif lacking:
            _add_columns(con, table, lacking)
    if not temporary:
        for table in sorted(_tables_with_other_checks(con)):
            _rebuild(con, table)


def _add_columns(con: duckdb.DuckDBPyConnection, table: str, names: list[str]) -> None:
    """Add columns; DuckDB cannot add a CHECK, so a column that is added later has none."""
    for name in names:
        con.execute(f"ALTER TABLE {table} ADD COLUMN {name} {columns(table)[name]}")
    added = tuple(f"COMMENT ON COLUMN {table}.{name} " for name in names)
    for statement in _statements():
        if statement.lstrip().startswith(added):
            con.execute(statement)


def _tables_with_other_checks(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the tables of a database whose CHECKs are not those of ``schema.sql``."""
    rows = con.execute(f"{_CHECKS} AND database_name = current_database()").fetchall()
    return {table for table, _ in {*rows} ^ {*_described()[1]}} & set(tables())


def _rebuild(con: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make a table anew with its rows, as DuckDB cannot change a CHECK in place."""
    con.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM {table}")
    con.execute(f"DROP TABLE {table}")
    for statement in _statements():
        if _STATEMENT.search(statement)[1] == table:
            con.execute(statement)
    con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM kept")
    con.execute("DROP TABLE kept")


def _show_columns(con: duckdb.DuckDBPyConnection, table: str, names: list[str]) -> None:
    """Put a view with empty columns before a table, under the table's name."""
    database = con.execute("SELECT current_database()").fetchone()[0].replace('"', '""')
    nothing = ", ".join(f"NULL::{columns(table)[name]} AS {name}" for name in names)
    con.execute(f'CREATE TEMP VIEW {table} AS SELECT *, {nothing} FROM "{database}".main.{table}')


def _statements() -> list[str]:
    text = (_FOLDER / "schema.sql").read_text(encoding="utf-8")
    return [part for part in text.split(";\n") if _STATEMENT.search(part)]


def create_views(con: duckdb.DuckDBPyConnection) -> None:
    """Create the views, or bring those of an older program up to date."""
    con.execute((_FOLDER / "views.sql").read_text(encoding="utf-8"))


@cache
def _described() -> tuple[list[tuple[str, str, str, str]], list[tuple[str, str]]]:
    with duckdb.connect() as con:
        create_tables(con)
        columns = con.execute(
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() "
            "WHERE NOT internal ORDER BY table_oid, column_index"
        ).fetchall()
        checks = con.execute(_CHECKS).fetchall()
    return columns, checks


@cache
def columns(table: str) -> dict[str, str]:
    """Return the columns of a table and their DuckDB types, in order."""
    return {name: kind for owner, name, kind, _ in _described()[0] if owner == table}


@cache
def tables(version: int = SCHEMA_VERSION) -> tuple[str, ...]:
    """Return the names of all tables of a schema version, in the order of ``schema.sql``."""
    names = dict.fromkeys(owner for owner, *_ in _described()[0])
    return tuple(name for name in names if _ADDED_IN.get(name, OLDEST_VERSION) <= version)


@cache
def comments() -> dict[str, str]:
    """Return the meaning, unit and range of each column by its name.

    Column names that several tables share (``track_id``, ``source``) keep the first meaning.
    """
    found: dict[str, str] = {}
    for _, name, _, comment in _described()[0]:
        found.setdefault(name, comment)
    return found


@cache
def ranges() -> dict[str, tuple[float, float]]:
    """Return the valid range, both ends included, of each column that has one."""
    found = {}
    for _, expression in _described()[1]:
        if match := _RANGE.match(expression):
            found[match[1]] = (float(match[2]), float(match[3]))
    return found
