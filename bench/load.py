"""Many visitors at once: how long each waits for what they asked, and what the server holds.

``python -m bench.load [STORE] [--visitors 20] [--minutes 10]``. Each visitor is a websocket client
that opens a page with choices of its own, and after a pause the next: k, features, method, page.
The clock stops at the first figure, since evidence goes on while a visitor reads. Prints a Markdown
table.
"""

import argparse
import contextlib
import os
import platform
import random
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import numpy as np
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.browser.conftest import running_app

_PAUSE_S = 5, 15
_GIVEN_UP_S = 120
_PAGES = ("clusters", "clusters", "clusters", "genres", "similar", "overview", "features", "store")
_AIMS = "no error; 95 % within 3 s; under 1,000 MB"


class Visitor(threading.Thread):
    """Someone who looks around until the end, and notes every wait and every error."""

    def __init__(self, address: str, seed: int, end: float) -> None:
        super().__init__()
        self.url = f"{address.replace('http', 'ws')}/_stcore/stream"
        self.end, self.random = end, random.Random(seed)
        self.waits: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter = Counter()

    def run(self) -> None:
        """Ask for one page after the other, in one session."""
        time.sleep(self.random.uniform(0, _PAUSE_S[1]))
        how = {"subprotocols": ["streamlit"], "max_size": None, "open_timeout": _GIVEN_UP_S}
        try:
            with connect(self.url, **how) as socket:
                while time.time() < self.end:
                    page = self.random.choice(_PAGES)
                    self.waits[page].append(self._ask(socket, page))
                    self._read(socket, self.random.uniform(*_PAUSE_S))
        except (ConnectionClosed, TimeoutError) as error:
            self.errors[type(error).__name__] += 1

    def _ask(self, socket, page: str) -> float:
        choices = {
            "k": self.random.randint(2, 12),
            "set": self.random.choice(("spotify", "spotify_all")),
            "method": self.random.choice(("kmeans", "kmeans", "agglomerative")),
        }
        started = time.perf_counter()
        socket.send(asks_for(page, urlencode(choices)))
        while True:
            message = ForwardMsg.FromString(socket.recv(timeout=_GIVEN_UP_S))
            self.errors.update(errors_in(message))
            if is_figure(message) or is_end(message):
                return time.perf_counter() - started

    def _read(self, socket, seconds: float) -> None:
        """Take what else comes, as an open page does."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            try:
                message = ForwardMsg.FromString(socket.recv(timeout=left))
            except TimeoutError:
                return
            self.errors.update(errors_in(message))


def asks_for(page: str, query: str = "") -> bytes:
    """Return the message with which a browser asks for a page, by its name in the address."""
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    # As the browser's back and forward: the address speaks, not what the session chose before.
    message.rerun_script.is_history_navigation = True
    return message.SerializeToString()


def is_figure(message: ForwardMsg) -> bool:
    """Tell whether a message of the server is a figure."""
    return message.delta.new_element.WhichOneof("type") == "plotly_chart"


def is_end(message: ForwardMsg) -> bool:
    """Tell whether a message of the server says that the page is complete."""
    return message.WhichOneof("type") == "script_finished"


def errors_in(message: ForwardMsg) -> list[str]:
    """Return the error that a message shows, if it is one."""
    element = message.delta.new_element
    if element.WhichOneof("type") == "exception":
        return [element.exception.message]
    is_error = element.alert.format == Alert.ERROR
    return [element.alert.body] if is_error else []


def memory(process_id: int) -> tuple[int, int]:
    """Return the resident memory of a process now and at most, in MB; Linux only."""
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    known = dict(line.split(":", 1) for line in lines if ":" in line)
    return tuple(int(known[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM"))


def server_at(address: str) -> int:
    """Return the process that serves an address; Linux only."""
    port = f"--server.port={urlsplit(address).port}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it may end meanwhile
            if port in (process / "cmdline").read_bytes().split(b"\0"):
                return int(process.name)
    raise SystemExit(f"no process serves {address}")


@dataclass(frozen=True)
class Visited:
    """What many visitors found.

    Attributes
    ----------
    waits_of : dict of str to list of float
        Seconds that each page's first figure took, every time it was asked for.
    errors : Counter
        What went wrong, by its message.
    now_mb, peak_mb : int
        Memory of the server at the end, and at most.
    """

    waits_of: dict[str, list[float]]
    errors: Counter
    now_mb: int
    peak_mb: int

    @property
    def waits(self) -> list[float]:
        """The waits for all pages."""
        return [wait for found in self.waits_of.values() for wait in found]

    def quantile(self, share: float, page: str | None = None) -> float:
        """Return the seconds within which a share of the answers came."""
        return float(np.quantile(self.waits_of[page] if page else self.waits, share))


def visited(store: Path | None, n_visitors: int, minutes: float) -> Visited:
    """Let visitors look around a freshly started app."""
    with running_app(store) as address:
        end = time.time() + 60 * minutes
        visitors = [Visitor(address, seed, end) for seed in range(n_visitors)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        now, peak = memory(server_at(address))
    waits: dict[str, list[float]] = defaultdict(list)
    for visitor in visitors:
        for page, found in visitor.waits.items():
            waits[page] += found
    return Visited(waits, sum((visitor.errors for visitor in visitors), Counter()), now, peak)


def main(store: Path | None, n_visitors: int, minutes: float) -> None:
    """Let them all in, and print what they found."""
    found = visited(store, n_visitors, minutes)
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    print(f"{n_visitors} visitors for {minutes:g} minutes; aims: {_AIMS}\n")
    print("| page | asked | median, s | 95 % within, s | longest, s |\n|---|---|---|---|---|")
    for page in (*found.waits_of, None):
        asked = len(found.waits_of[page] if page else found.waits)
        figures = " | ".join(f"{found.quantile(share, page):.2f}" for share in (0.5, 0.95, 1))
        print(f"| {page or 'all'} | {asked} | {figures} |")
    print(
        f"\nerrors: {dict(found.errors) or 'none'}; server: {found.now_mb:,} MB, at most "
        f"{found.peak_mb:,} MB"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", nargs="?", type=Path)
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    given = parser.parse_args()
    main(given.store and given.store.resolve(), given.visitors, given.minutes)
