"""Running a stranger's SQL: one SELECT, read-only, in a process that can be stopped for good.

No limit of DuckDB acts inside one vectorised function, so time and memory are bounded by the
operating system, around a child process: ``python -m music_explorer.store.sandbox STORE`` reads
the query from standard input and writes an Arrow stream, or the error on standard error.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from music_explorer.store.errors import StoreError
from music_explorer.store.reader import open_store

MAX_ROWS = 10_000
TIMEOUT_S = 8.0
MEMORY_BYTES = 1_500_000_000
MAX_BYTES = 50_000_000  # of a result; the caller holds it in memory
_REFUSED, _TOO_MUCH = 3, 4  # exit codes of the child; any other is a fault of its own


class QueryError(Exception):
    """The query was refused, failed, or took too much; the text says which."""


@dataclass(frozen=True)
class Result:
    """The rows of a query; ``truncated`` if there were more than ``MAX_ROWS``."""

    rows: pa.Table
    truncated: bool


def query(path: Path, sql: str) -> Result:
    """Run one SELECT or EXPLAIN against the published store.

    Parameters
    ----------
    path
        The store.
    sql
        One statement.

    Returns
    -------
    Result
        At most ``MAX_ROWS`` rows.

    Raises
    ------
    QueryError
        If the statement is of another kind, fails, or needs over ``TIMEOUT_S`` seconds or
        ``MEMORY_BYTES`` of address space.
    """
    check(sql)
    root = Path(__file__).resolve().parents[2]
    kept = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE")
    # The child gets no secrets: nothing of the environment but what a program needs to start.
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    try:
        child = subprocess.run(
            [sys.executable, "-m", "music_explorer.store.sandbox", str(path.absolute())],
            input=sql.encode(),
            capture_output=True,
            timeout=TIMEOUT_S,
            cwd=root,
            env=environment | {"OPENBLAS_NUM_THREADS": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise QueryError(
            f"stopped after {TIMEOUT_S:.0f} s; ask for less: add a WHERE or aggregate first"
        ) from error
    if child.returncode == 0:
        rows = pa.ipc.open_stream(child.stdout).read_all()
        return Result(rows.slice(0, MAX_ROWS), rows.num_rows > MAX_ROWS)
    if child.returncode == _REFUSED:
        raise QueryError(child.stderr.decode(errors="replace").strip())
    raise QueryError("the query needs more memory than a query may have; aggregate or filter first")


def check(sql: str) -> None:
    """Refuse anything but one SELECT or EXPLAIN.

    Raises
    ------
    QueryError
        With the kind that was found.
    """
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
    if len(statements) != 1:
        raise QueryError(f"one statement at a time; this is {len(statements)}")
    kind = statements[0].type
    if kind not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
        raise QueryError(f"only SELECT and EXPLAIN are allowed here; this is {kind.name}")


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit; the time limit still holds
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _child(path: str) -> int:
    _limit_memory()
    sql = sys.stdin.read()
    try:
        with open_store(Path(path)) as con:
            reader = con.execute(sql).to_arrow_reader(1024)
            with pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as out:
                n_rows = n_bytes = 0
                for batch in reader:
                    n_rows += batch.num_rows
                    n_bytes += batch.nbytes
                    if n_bytes > MAX_BYTES:
                        raise QueryError(
                            f"the result is over {MAX_BYTES:,} bytes; select fewer or shorter "
                            "columns"
                        )
                    out.write_batch(batch)
                    if n_rows > MAX_ROWS:
                        break
    except (duckdb.OutOfMemoryException, pa.ArrowMemoryError, MemoryError):
        return _TOO_MUCH
    except (duckdb.Error, pa.ArrowException, StoreError, QueryError) as error:
        print(str(error).replace(path, "the store"), file=sys.stderr)
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(_child(sys.argv[1]))
