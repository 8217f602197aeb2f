"""A real browser and a real server, each started by the tests."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser():
    """Return Chromium; without one, skip here but fail where one is required."""
    if _CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("no chromium, and REQUIRE_BROWSER is set")
        pytest.skip("no chromium on this machine; install it to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield started
        started.close()


@contextlib.contextmanager
def running_app(store: Path | None, *, root: Path = ROOT, **environment: str):
    """Start the app on a free port and give its address; it is stopped afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    known = dict(os.environ) | environment
    known.pop("MUSIC_STORE", None)
    if store is not None:
        known["MUSIC_STORE"] = str(store)
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            "streamlit_app.py",
            "--server.headless=true",
            f"--server.port={port}",
            "--server.address=127.0.0.1",
        ],
        cwd=root,
        env=known,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def _wait(address: str, server: subprocess.Popen) -> None:
    for _ in range(600):
        assert server.poll() is None, "the server stopped by itself"
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(0.1)
    pytest.fail("the server did not start")


# The evidence of a page may still be on its way.
DRAWN = """charts => {
  if (!document.querySelector('[data-testid="stMain"] h1')) return false;
  const plots = [...document.querySelectorAll('.js-plotly-plot')];
  return plots.length >= charts && plots.every(p => p._fullLayout && p.querySelector('.main-svg'));
}"""
IDLE = f"""charts => {{
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app || app.getAttribute('data-test-script-state') !== 'notRunning') return false;
  return ({DRAWN})(charts);
}}"""


def open_url(browser, url: str, charts: int, *, until: str = IDLE):
    page = browser.new_page()
    page.set_default_timeout(240_000)
    page.goto(url)
    page.wait_for_function(until, arg=charts)
    return page
