"""Running a stranger's SQL: one SELECT, read-only, in a process that can be stopped for good.

No limit of DuckDB acts inside one vectorised function or inside its parser, so time and memory are
bounded by the operating system, around the process of `music_explorer.store.sandbox_process`. A few
run at a time; while others wait, each gets a shorter time, and whose last query was stopped comes
after them, so that no one holds the others up.
"""

import logging
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from music_explorer.store.turns import Busy, Turns

MAX_QUERY_BYTES = 20_000
MAX_ROWS = 10_000
TIMEOUT_S = 8.0
SHARED_S = 2.0  # of computing, of one query while others wait
MEMORY_BYTES = 1_500_000_000
MAX_BYTES = 20_000_000  # of a result; the caller holds it in memory
MAX_COLUMNS = 1_000
REFUSED, TOO_MUCH = 3, 4
"""Exit codes of the process; any other is a fault of its own."""

_STEP_S = 0.1
# What the C library says as it ends a process that cannot go on.
_OUT_OF_MEMORY = re.compile(rb"bad_alloc|cannot allocate memory", re.IGNORECASE)
_turns = Turns(2, most_waiting=20, patience_s=20.0)
_log = logging.getLogger(__name__)


class QueryError(Exception):
    """The query was refused, failed, or took too much; the text says which."""


class TookTooLong(QueryError):
    """The query was stopped before its end."""


@dataclass(frozen=True)
class Result:
    """The rows of a query; ``truncated`` if there were more than ``MAX_ROWS``."""

    rows: pa.Table
    truncated: bool


def query(path: Path, sql: str, *, behind: bool = False) -> Result:
    """Run one SELECT or EXPLAIN against the published store.

    Parameters
    ----------
    path
        The store.
    sql
        One statement, of at most ``MAX_QUERY_BYTES`` bytes.
    behind
        Whether it waits for the queries of others, as one's last took too long.

    Returns
    -------
    Result
        At most ``MAX_ROWS`` rows.

    Raises
    ------
    QueryError
        If the statement is of another kind, asks about the server, fails, or needs over
        ``MEMORY_BYTES`` of address space; or if too many queries of others wait already.
    TookTooLong
        If it needs over ``TIMEOUT_S`` seconds, or ``SHARED_S`` of
        computing while others wait.
    """
    text = sql.encode(errors="replace")
    if len(text) > MAX_QUERY_BYTES:
        raise QueryError(f"the query is over {MAX_QUERY_BYTES:,} bytes; write a shorter one")
    try:
        with _turns.turn(behind=behind):
            code, rows, said = _run(path, text)
    except Busy as error:
        raise QueryError(
            "too many queries are waiting on this server; try again in a minute"
        ) from error
    if code == REFUSED:
        raise QueryError(said.decode(errors="replace").strip())
    if code:
        raise QueryError(_why_it_ended(code, said))
    try:
        found = pa.ipc.open_stream(rows).read_all()
    except pa.ArrowException as error:
        raise QueryError(f"the result cannot be read ({error}); select simpler columns") from error
    return Result(found.slice(0, MAX_ROWS), found.num_rows > MAX_ROWS)


def _run(path: Path, text: bytes) -> tuple[int, bytes, bytes]:
    root = Path(__file__).resolve().parents[2]
    kept = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE")
    # The child gets no secrets: nothing of the environment but what a program needs to start.
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    module, bound = "music_explorer.store.sandbox_process", str(int(TIMEOUT_S + 5))
    with subprocess.Popen(
        [sys.executable, "-m", module, str(path.absolute()), bound],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=root,
        env=environment | {"OPENBLAS_NUM_THREADS": "1"},
    ) as child:
        try:
            rows, said = _wait(child, text)
        finally:
            child.kill()
    return child.returncode, rows, said


def _wait(child: subprocess.Popen, text: bytes) -> tuple[bytes, bytes]:
    started = time.monotonic()
    to_send: bytes | None = text
    while True:
        try:
            return child.communicate(to_send, timeout=_STEP_S)
        except subprocess.TimeoutExpired as error:
            to_send = None  # it was taken the first time
            seconds = time.monotonic() - started
            if seconds > TIMEOUT_S:
                raise TookTooLong(
                    f"stopped after {TIMEOUT_S:.0f} s; ask for less: add a WHERE or aggregate first"
                ) from error
            if _turns.n_waiting() and _computed_s(child.pid, seconds) > SHARED_S:
                raise TookTooLong(
                    f"stopped after {SHARED_S:.0f} s of computing, as other visitors were waiting; "
                    "ask for less, or try again in a minute"
                ) from error


def _computed_s(pid: int, seconds: float) -> float:
    """Return the processor time of a process, or the given time where it is not told.

    On a server with much to do, a small query takes long and computes little.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return seconds
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _why_it_ended(code: int, said: bytes) -> str:
    if code == TOO_MUCH or _OUT_OF_MEMORY.search(said):
        return "the query needs more memory than a query may have; aggregate or filter first"
    if code == -signal.SIGKILL:
        return "the system stopped the query, most likely for want of memory; ask for less"
    _log.error("a query ended with %d: %s", code, said.decode(errors="replace"))
    return "the query crashed the process that ran it, and nothing else; write it more simply"
