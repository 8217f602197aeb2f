"""What a visitor waits for on the page *The clusters*, in a real browser on a real server.

``python -m bench.interactions STORE [STORE ...] [--repeats 10]`` opens each store in Chromium and
changes the colour, k and the page, and encircles tracks; then it turns maps of generated tracks.
All evidence is there before the clock starts. Chromium draws in software, on the processor that
the server needs too: so a second client, which draws nothing, sends the browser's very messages
again. Other programs on the machine make all of it worse.

| column | from | to |
|---|---|---|
| server | a message of the browser, sent again without one | the script is finished |
| in the browser | the same, in the browser | the same, while it draws |
| painted | the hand's last movement | the second frame after the document's last change |
"""

import argparse
import base64
import contextlib
import importlib.metadata
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from music_explorer.ui.map_chart import CLUSTERS, track_map
from tests.browser.conftest import IDLE, running_app

_AIM = "< 0.30 s"
_AIM_OF_FRAMES = {6_000: "< 0.3 s", 50_000: "none"}
_TURNED_S = 8.0
_COMPILED_S = 40.0  # soon after its start, the server compiles t-SNE
_LARGE = 10_000  # bytes; a message of this size that the browser has is not sent again
_PACKAGES = ("streamlit", "plotly", "duckdb", "numpy", "pandas", "playwright")

# When a key or the mouse was used last, and when the second frame after the last change came.
_WATCH = """
window.acted = window.painted = 0;
let changes = 0;
for (const kind of ['pointerup', 'keydown'])
  addEventListener(kind, event => { window.acted = event.timeStamp; }, true);
new MutationObserver(() => {
  const change = ++changes;
  window.painted = Infinity;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (change === changes) window.painted = performance.now();
  }));
}).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
"""
_STILL = f"charts => ({IDLE})(charts) && performance.now() - window.painted > 700"
_MAPS = """() => ['clusters', 'flat'].every(
  name => document.querySelector(`.st-key-chart_${name} .js-plotly-plot .main-svg`))"""
_TWO_FRAMES = "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
_COUNT_FRAMES = """() => {
  const plot = document.querySelector('.js-plotly-plot')._fullLayout.scene._scene.glplot;
  const after = plot.onrender;
  window.frames = [];
  plot.onrender = () => { window.frames.push(performance.now() / 1000); after?.(); };
}"""

Act = Callable[[Page], None]


@dataclass(frozen=True)
class Wait:
    """What one interaction cost.

    Attributes
    ----------
    asked
        The messages that the browser sent to have scripts run.
    browser_s, painted_s
        Seconds, see above.
    n_bytes
        What the server sent.
    large
        The messages of at least 10 kB among it: what, and bytes.
    n_again
        How many of these had been sent before.
    """

    asked: list[bytes]
    browser_s: float
    painted_s: float
    n_bytes: int
    large: list[tuple[str, int]]
    n_again: int


class Wire:
    """The messages between a page and the server, with the browser's clock."""

    def __init__(self, page: Page) -> None:
        self._frames: list[tuple[bool, float, bytes]] = []
        self._known: set[str] = set()
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.webSocketFrameSent", lambda event: self._take(True, event))
        session.on("Network.webSocketFrameReceived", lambda event: self._take(False, event))

    def _take(self, sent: bool, event: dict[str, Any]) -> None:
        if event["response"]["opcode"] == 2:
            data = base64.b64decode(event["response"]["payloadData"])
            self._frames.append((sent, event["timestamp"], data))

    def read(self, painted_s: float = np.nan) -> Wait:
        """Return what came since it was read last."""
        frames, self._frames = self._frames, []
        asked = {at: data for sent, at, data in frames if sent and _asks(data)}
        came = [
            (at, len(data), ForwardMsg.FromString(data)) for sent, at, data in frames if not sent
        ]
        finished = [at for at, _, message in came if _ends(message)]
        large = [(message, size) for _, size, message in came if size >= _LARGE]
        hashes = [message.hash for message, _ in large]
        n_again = sum(name in self._known for name in hashes)
        self._known.update(hashes)
        return Wait(
            list(asked.values()),
            max(finished, default=np.nan) - min(asked, default=np.nan),
            painted_s,
            sum(size for _, size, _ in came),
            [(_kind(message), size) for message, size in large],
            n_again,
        )


def _asks(data: bytes) -> bool:
    return BackMsg.FromString(data).WhichOneof("type") == "rerun_script"


def _ends(message: ForwardMsg) -> bool:
    return message.WhichOneof("type") == "script_finished"


def _kind(message: ForwardMsg) -> str:
    element = message.delta.new_element
    kind = element.WhichOneof("type") or message.WhichOneof("type")
    return element.plotly_chart.id.split("-")[-1] if kind == "plotly_chart" else kind


def wait(page: Page, wire: Wire, act: Act, n_charts: int) -> Wait:
    """Do something and wait until the page is still again."""
    wire.read()
    page.evaluate("() => { window.painted = Infinity; }")
    act(page)
    page.wait_for_function(_STILL, arg=n_charts, polling=100)
    found = wire.read(page.evaluate("() => (window.painted - window.acted) / 1000"))
    if not np.isfinite(found.browser_s):
        raise SystemExit("the page is still, but no script was asked for and finished")
    return found


def colour(name: str) -> Act:
    """Return an act: colour the map by this."""

    def act(page: Page) -> None:
        page.locator(".st-key-colour input").click()
        page.get_by_role("option", name=name, exact=True).click()

    return act


def press(key: str) -> Act:
    """Return an act: move the slider of k."""

    def act(page: Page) -> None:
        page.locator(".st-key-k input[type=range]").focus()
        page.keyboard.press(key)

    return act


def go(title: str) -> Act:
    """Return an act: open a page by the menu."""
    return lambda page: page.get_by_role("link", name=title, exact=True).first.click()


def encircle(share: float) -> Act:
    """Return an act: draw a line around this share of the flat map, from the left."""

    def act(page: Page) -> None:
        flat = page.locator(".st-key-chart_flat .js-plotly-plot")
        flat.locator('.modebar-btn[data-val="lasso"]').click(force=True)
        box = flat.locator(".nsewdrag").first.bounding_box()
        left, top = box["x"] + 3, box["y"] + 3
        right, low = left + share * (box["width"] - 6), top + box["height"] - 6
        page.mouse.move(left, top)
        page.mouse.down()
        for x, y in [(right, top), (right, low), (left, low), (left, top + 2)]:
            page.mouse.move(x, y, steps=8)
        page.mouse.up()

    return act


# In turns, with the charts that are there afterwards; a selection, once there, stays.
_INTERACTIONS: dict[str, list[tuple[Act, int]]] = {
    "colour: genre, cluster": [(colour("genre"), 2), (colour("cluster"), 2)],
    "k: 7, 6": [(press("ArrowRight"), 2), (press("ArrowLeft"), 2)],
    "page: genres, clusters": [(go("Clusters and genres"), 1), (go("The clusters"), 2)],
    "lasso: half, a third": [(encircle(1 / 2), 2), (encircle(1 / 3), 2)],
}


def interactions(page: Page, wire: Wire, repeats: int) -> Iterator[tuple[str, list[Wait]]]:
    """Yield each interaction with what it cost; the first round, which computes, is left out."""
    for name, acts in _INTERACTIONS.items():
        for act, n_charts in acts:
            wait(page, wire, act, n_charts)
        turns = islice(cycle(acts), repeats)
        yield name, [wait(page, wire, act, n_charts) for act, n_charts in turns]


def replayed(address: str, opened: bytes, waits: dict[str, list[Wait]]) -> dict[str, list[float]]:
    """Send the browser's messages again, without a browser; return seconds of the server."""
    url = f"{address.replace('http', 'ws')}/_stcore/stream"
    with connect(url, subprotocols=["streamlit"], max_size=None) as socket:

        def seconds(message: bytes) -> float:
            started = time.perf_counter()
            socket.send(message)
            while not _ends(ForwardMsg.FromString(socket.recv())):
                pass
            return time.perf_counter() - started

        seconds(opened)
        return {
            name: [sum(map(seconds, wait.asked)) for wait in of_one]
            for name, of_one in waits.items()
        }


def walk(browser: Browser, store: Path, repeats: int) -> None:
    """Measure one store and print its table."""
    with running_app(store) as address, contextlib.closing(_page(browser)) as page:
        wire, started = Wire(page), time.perf_counter()
        page.goto(f"{address}/clusters")
        page.wait_for_function(_MAPS, polling=50)
        page.evaluate(_TWO_FRAMES)
        cold_s = time.perf_counter() - started
        page.wait_for_function(_STILL, arg=2, polling=100)
        page.wait_for_timeout(1000 * max(0.0, _COMPILED_S - (time.perf_counter() - started)))
        first = wire.read()
        load = os.getloadavg()[0]
        waits = dict(interactions(page, wire, repeats))
        page.goto("about:blank")
        alone = replayed(address, first.asked[0], waits)
    print(f"\n{store.name}: first map on a fresh server after {cold_s:.1f} s; load {load:.1f}")
    print(_row("interaction", "server", "aim", "in the browser", "painted", "kB", "again", "large"))
    for name, of_one in waits.items():
        print(_row(name, *_medians(of_one, alone[name])))


def _medians(waits: list[Wait], alone: list[float]) -> list[str]:
    middle = statistics.median
    largest = max(waits, key=lambda wait: wait.n_bytes).large
    return [
        f"{middle(alone):.2f} s",
        _AIM,
        f"{middle(wait.browser_s for wait in waits):.2f} s",
        f"{middle(wait.painted_s for wait in waits):.2f} s",
        f"{middle(wait.n_bytes for wait in waits) / 1000:,.0f}",
        str(sum(wait.n_again for wait in waits)),
        ", ".join(f"{kind} {size / 1000:,.0f}" for kind, size in largest),
    ]


def _row(*cells: str) -> str:
    widths = (24, 8, 9, 15, 9, 7, 6, 0)
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))


def _page(browser: Browser) -> Page:
    page = browser.new_page(viewport={"width": 1500, "height": 1500})
    page.set_default_timeout(900_000)
    page.add_init_script(_WATCH)
    return page


def turn(browser: Browser, n_tracks: int) -> float:
    """Return the seconds between two frames of a map of generated tracks that is being turned."""
    rng = np.random.default_rng(0)
    group = rng.integers(6, size=n_tracks)
    points = rng.normal(size=(6, 3))[group] + rng.normal(0, 0.4, size=(n_tracks, 3))
    groups = pd.Series(group).map("cluster {}".format).rename(CLUSTERS)
    hover = [f"<b>Track {i}</b><br>Artist {i % 500}<br>genre" for i in range(n_tracks)]
    figure = track_map(points, hover=hover, axes=[], title="Generated tracks", groups=groups)
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(_page(browser)) as page:
        path = Path(folder) / "map.html"
        figure.write_html(path, include_plotlyjs=True, default_width="900px")
        page.goto(path.as_uri())
        page.wait_for_function("() => document.querySelector('.js-plotly-plot .main-svg')")
        page.evaluate(_COUNT_FRAMES)
        page.mouse.move(450, 350)
        page.mouse.down()
        started = time.perf_counter()
        while (now := time.perf_counter() - started) < _TURNED_S:
            page.mouse.move(450 + 150 * np.sin(now), 350 + 100 * np.sin(2 * now))
        page.mouse.up()
        frames = page.evaluate("() => window.frames")
    return float(np.mean(np.diff(frames)))


def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stores", type=Path, nargs="+", metavar="STORE")
    parser.add_argument("--repeats", type=int, default=10)
    arguments = parser.parse_args()
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    print(f"Python {platform.python_version()}, {versions}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
        )
        print(f"Chromium {browser.version}, WebGL in software; {platform.machine()}, "
              f"{os.cpu_count()} cores; medians of {arguments.repeats}")  # fmt: skip
        for store in arguments.stores:
            walk(browser, store.resolve(), arguments.repeats)
        for n_tracks, aim in _AIM_OF_FRAMES.items():
            print(f"turning a map of {n_tracks:,} generated tracks: {turn(browser, n_tracks):.2f} "
                  f"s a frame (aim: {aim}), load {os.getloadavg()[0]:.1f}")  # fmt: skip
        browser.close()


if __name__ == "__main__":
    main()
