"""What visitors wait for: the first chart of a cold server, a new k, every page, many at once."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from bench.load import asks_for, errors_in, is_end, is_figure, memory, server_at, visited
from bench.queries import store_of
from bench.report import Point, Section, aim, table
from tests.browser.conftest import running_app

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
VISITORS = (1, 5, 20)
_PAGES = ("overview", "store", "clusters", "genres", "features", "similar", "sql")
_LIMIT_S = 300
_MOST_MB = {"the demo": 1_000, f"{SIZES[-1]:,}": 2_700}
_AT_ONCE_S, _AT_ONCE_MB = 3.0, 1_000


class Answer(NamedTuple):
    """A page's answer: seconds to the first figure and to the end, megabytes sent, errors."""

    first_s: float
    whole_s: float
    sent_mb: float
    errors: list[str]


def compare(sizes: Sequence[int] = SIZES) -> Section:
    """Open the app on generated stores of every size and on the demo."""
    rows, points, aims = [], [], []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        stores = {f"{size:,}": (store_of(size, Path(folder)), size) for size in sizes}
        for name, (store, size) in {"the demo": (None, 0), **stores}.items():
            row, answer_s, peak_mb = _one_store(store)
            rows.append({"tracks": name, **row})
            if size:
                points.append(Point("page answer (a new k)", size, answer_s, peak_mb))
            if size == 100_000:
                aims.append(
                    aim(
                        "a page answer for 100,000 tracks within 5 s",
                        met=answer_s <= 5,
                        found=f"a new k {answer_s:.1f} s, cold {row['clusters, cold']:.1f} s",
                    )
                )
            if most := _MOST_MB.get(name):
                what = f"{name}{' tracks' if size else ''} within {most:,} MB"
                aims.append(aim(what, met=peak_mb <= most, found=f"{peak_mb:,} MB"))
    return Section(
        "Pages",
        "A server with the store of that many tracks, asked by a bare websocket client; seconds to "
        "the first figure. Cold: from a server that has answered nothing. A new k: on the page of "
        "the clusters, all else as before. The others: opened after it, for the first time. At "
        "most so much memory in the server's process.",
        table(rows),
        points,
        aims,
    )


def compare_visitors(numbers: Sequence[int] = VISITORS, minutes: float = 1.5) -> Section:
    """Let several visitors look around the demo at once."""
    rows = []
    for n_visitors in numbers:
        found = visited(None, n_visitors, minutes)
        rows.append(
            {
                "visitors": n_visitors,
                "asked": len(found.waits),
                "median, s": found.quantile(0.5),
                "95 % within, s": found.quantile(0.95),
                "errors": sum(found.errors.values()),
                "MB at most": found.peak_mb,
            }
        )
    return Section(
        "Visitors at once",
        f"On the demo for {minutes:g} minutes, from a cold server on; every visitor opens pages "
        "with choices of its own and pauses 5 to 15 s (`bench/load.py`). Results are held once for "
        "all visitors: what two ask alike is computed once.",
        table(rows),
        aims=[
            aim(
                f"no error, 95 % within {_AT_ONCE_S:g} s, under {_AT_ONCE_MB:,} MB",
                met=not found.errors
                and found.quantile(0.95) <= _AT_ONCE_S
                and found.peak_mb < _AT_ONCE_MB,
                found=f"with {n_visitors} visitors {sum(found.errors.values())} errors, 95 % "
                f"within {found.quantile(0.95):.1f} s, {found.peak_mb:,} MB",
                why="a cold server computes the evidence of many choices on all of its cores, and "
                "the memory of threads is not given back (`MALLOC_ARENA_MAX=2` keeps it smaller)",
            )
        ],
    )


def _one_store(store: Path | None) -> tuple[dict[str, float], float, float]:
    with running_app(store) as address:
        url = f"{address.replace('http', 'ws')}/_stcore/stream"
        process = server_at(address)
        cold = _asked(url, "clusters", whole=False)
        row = {"clusters, cold": cold.first_s}
        again = _asked(url, "clusters", "k=9", whole=False)
        row["a new k"] = again.first_s
        errors = [*cold.errors, *again.errors]
        for page in _PAGES:
            found = _asked(url, page, whole=page in ("sql",))
            row[page] = found.first_s
            errors += found.errors
        peak_mb = memory(process)[1]
    return row | {"errors": len(errors), "MB at most": peak_mb}, again.first_s, peak_mb


def _asked(url: str, page: str, query: str = "", *, whole: bool) -> Answer:
    started = time.perf_counter()
    first, sent, errors = None, 0, []
    with connect(url, subprotocols=["streamlit"], max_size=None, open_timeout=60) as socket:
        socket.send(asks_for(page, query))
        while True:
            data = socket.recv(timeout=_LIMIT_S)
            sent += len(data)
            message = ForwardMsg.FromString(data)
            errors += errors_in(message)
            took = time.perf_counter() - started
            if is_figure(message) and first is None:
                first = took
            if is_end(message) or (first is not None and not whole):
                return Answer(first or took, took, sent / 1e6, errors)
