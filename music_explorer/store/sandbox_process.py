"""The process that runs a stranger's query: ``python -m … STORE SECONDS``, the query as its input.

It writes an Arrow stream, or why there is none on standard error; see
`music_explorer.store.sandbox`.
"""

import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from music_explorer.store.errors import StoreError
from music_explorer.store.reader import open_store
from music_explorer.store.sandbox import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    MEMORY_BYTES,
    REFUSED,
    TOO_MUCH,
    QueryError,
)

_VALUE_BYTES = 8  # the least that a value takes in the caller's memory, whatever it takes here
_MOST_LEVELS = 10_000  # of the grammar's tree; one of DuckDB's deepest expressions has fewer
# Others read files, tell where the server keeps them, or run a text as SQL.
_TABLE_FUNCTIONS = frozenset(
    """
    range generate_series unnest repeat repeat_row json_each json_tree summary
    test_all_types test_vector_types pg_timezone_names icu_calendar_names
    duckdb_columns duckdb_constraints duckdb_functions duckdb_indexes duckdb_keywords
    duckdb_schemas duckdb_tables duckdb_types duckdb_views
    pragma_collations pragma_show pragma_table_info pragma_version
    """.split()
)
_SYSTEM_VIEWS = _TABLE_FUNCTIONS | frozenset(
    "pg_attribute pg_class pg_constraint pg_index pg_indexes pg_namespace pg_tables pg_type "
    "pg_views".split()
)
_IS_SYSTEM = re.compile(r"(duckdb|pragma|pg)_", re.IGNORECASE)
_REFUSED_FUNCTIONS = frozenset(["current_setting", "getenv", "sleep_ms", "write_log"])


def check(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Refuse anything but one SELECT or EXPLAIN that asks about the music.

    Parameters
    ----------
    con
        Any connection: it reads the grammar of the query and runs nothing of it.
    sql
        The query.

    Raises
    ------
    QueryError
        With the kind, or the function, that was found.
    """
    if "\0" in sql:
        raise QueryError("the query has a NUL character; take it out")
    statements = _statements(sql)
    if len(statements) != 1:
        raise QueryError(f"one statement at a time; this is {len(statements)}")
    kind = statements[0].type
    if kind == duckdb.StatementType.EXPLAIN:
        sql, kind = _explained(sql)
    if kind != duckdb.StatementType.SELECT:
        raise QueryError(f"only SELECT and EXPLAIN are allowed here; this is {kind.name}")
    for node in _nodes(_tree(con, sql)):
        _check_node(node)


def _statements(sql: str) -> list[duckdb.Statement]:
    try:
        return duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(str(error)) from error


def _explained(sql: str) -> tuple[str, duckdb.StatementType]:
    """Return the statement that an EXPLAIN explains, which EXPLAIN ANALYZE would run, and its kind.

    It is the first part after the keyword that is a statement by itself.
    """
    raw = sql.encode()
    for place, _ in duckdb.tokenize(sql)[1:]:
        part = raw[place:].decode()
        with contextlib.suppress(duckdb.Error):
            statements = duckdb.extract_statements(part)
            return part, statements[0].type
    raise QueryError("only SELECT can be explained here")


def _tree(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    """Return the grammar of a SELECT, as DuckDB understands it: no spelling hides a name."""
    # A parameter would import pandas, which takes longer than the query.
    quoted = sql.replace("'", "''")
    text = con.execute(f"SELECT json_serialize_sql('{quoted}')").fetchone()[0]
    try:
        tree = json.loads(text)
    except RecursionError as error:
        raise QueryError("the query is nested too deeply") from error
    if tree["error"]:
        raise QueryError(tree["error_message"])
    return tree


def _nodes(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    found: list[Any] = [tree]
    while found:
        node = found.pop()
        if isinstance(node, dict):
            yield node
            found += node.values()
        elif isinstance(node, list):
            found += node


def _check_node(node: dict[str, Any]) -> None:
    if node.get("type") == "TABLE_FUNCTION":
        name = node["function"]["function_name"]
        if name.lower() not in _TABLE_FUNCTIONS:
            raise QueryError(f"the table function {name} is not allowed here")
    name = node.get("function_name") or ""
    if name.lower() in _REFUSED_FUNCTIONS:
        raise QueryError(f"the function {name} is not allowed here: it is not about the music")
    name = node.get("table_name") or ""
    if _IS_SYSTEM.match(name) and name.lower() not in _SYSTEM_VIEWS:
        raise QueryError(f"the table {name} is not allowed here: it tells about the server")


def _limit(seconds: int) -> None:
    try:
        import resource
    except ImportError:
        return  # Windows has no such limits; the time limit of the caller still holds
    signal.alarm(seconds)  # should the caller be gone
    os.nice(5)  # the pages go first
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # if memory runs out, it is this process that goes
        Path("/proc/self/oom_score_adj").write_text("1000")


def _write_no_file() -> None:
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _answer(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    reader = con.execute(sql).to_arrow_reader(1024)
    if len(reader.schema) > MAX_COLUMNS:
        raise QueryError(f"the result has {len(reader.schema):,} columns; at most {MAX_COLUMNS:,}")
    n_rows, n_bytes = 0, reader.schema.serialize().size
    with pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as out:
        for batch in reader:
            n_rows += batch.num_rows
            n_bytes += sum(_size(column) for column in batch.columns)
            if n_bytes > MAX_BYTES:
                raise QueryError(
                    f"the result is over {MAX_BYTES:,} bytes; select fewer or shorter columns"
                )
            out.write_batch(batch)
            if n_rows > MAX_ROWS:
                break


def _size(values: pa.Array) -> int:
    """Return what values take, at least ``_VALUE_BYTES`` each, also within lists and structs."""
    types = pa.types
    if types.is_struct(values.type):
        parts = values.flatten()
    elif types.is_map(values.type):
        parts = [values.keys, values.items]
    elif types.is_list(values.type) or types.is_fixed_size_list(values.type):
        parts = [values.flatten()]
    else:
        return max(values.nbytes, _VALUE_BYTES * len(values))
    return _VALUE_BYTES * len(values) + sum(map(_size, parts))


def main(path: str, seconds: int) -> int:
    """Answer the query on standard input."""
    _limit(seconds)
    sys.setrecursionlimit(_MOST_LEVELS)
    sql = sys.stdin.buffer.read().decode()
    try:
        with open_store(Path(path)) as con:
            _write_no_file()
            check(con, sql)
            _answer(con, sql)
    except (duckdb.OutOfMemoryException, pa.ArrowMemoryError, MemoryError):
        return TOO_MUCH
    except (duckdb.Error, pa.ArrowException, StoreError, QueryError) as error:
        said = str(error).replace(path, "the store").replace(str(Path(path).parent), "…")
        sys.stderr.buffer.write(said.encode(errors="replace"))
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
