"""A deployment as a host does it: a clean environment, no rights, every page by its own address.

``python -m bench.deployment``, from a clone, on Linux. The last commit is unpacked into a folder
that nothing may write, its ``requirements.txt`` installed into a fresh virtual environment, and the
app started without rights, a home or any environment variable beside the path and the temporary
folder. Prints a Markdown table and ends with 1 if anything is amiss.
"""

import contextlib
import os
import platform
import socket as sockets
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from bench.load import asks_for, errors_in, is_end, is_figure, memory

ROOT = Path(__file__).resolve().parents[1]
_MOST_MB = 1000
_GIVEN_UP_S = 300


def install(folder: Path) -> Path:
    """Unpack the last commit and install what it needs; return its Python."""
    app = folder / "app"
    app.mkdir()
    packed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "x"], cwd=app, check=True, input=packed.stdout)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "-r", app / "requirements.txt"], check=True
    )
    subprocess.run(["chmod", "-R", "a-w,a+rX", app], check=True)
    return python


@contextlib.contextmanager
def served(python: Path, app: Path, temporary: Path, log: Path) -> Iterator[tuple[str, int]]:
    """Start the app without rights; give its address and its process."""
    with sockets.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [python, "-m", "streamlit", "run", "streamlit_app.py", f"--server.port={port}"]
    if os.getuid() == 0:  # who may write everywhere, unless that right is taken away
        command = ["setpriv", "--bounding-set=-all", *command]
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(temporary), "HOME": "/nonexistent"}
    with log.open("wb") as said:
        server = subprocess.Popen(
            [*command, "--server.headless=true", "--server.address=127.0.0.1"],
            cwd=app,
            env=environment,
            stdout=said,
            stderr=said,
        )
        try:
            yield f"127.0.0.1:{port}", server.pid
        finally:
            server.terminate()
            server.wait(30)


def healthy_after(address: str) -> float:
    """Wait for the health check; return the seconds it took."""
    started = time.perf_counter()
    while time.perf_counter() - started < _GIVEN_UP_S:
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"http://{address}/_stcore/health", timeout=5) as answer:
                if answer.read() == b"ok":
                    return time.perf_counter() - started
        time.sleep(0.1)
    raise SystemExit("the server did not become healthy")


def open_page(address: str, page: str) -> tuple[float, float, Counter]:
    """Open a page as a new visitor; return seconds to a figure and to the end, and its errors."""
    errors, figure_s = Counter(), float("nan")
    with connect(
        f"ws://{address}/_stcore/stream", subprotocols=["streamlit"], max_size=None
    ) as socket:
        started = time.perf_counter()
        socket.send(asks_for(page))
        while True:
            message = ForwardMsg.FromString(socket.recv(timeout=_GIVEN_UP_S))
            errors.update(errors_in(message))
            passed = time.perf_counter() - started
            if is_figure(message) and figure_s != figure_s:
                figure_s = passed
            if is_end(message):
                return figure_s, passed, errors


def amiss(app: Path, log: Path, peak: int, errors: Counter) -> list[str]:
    """Return everything that should not be."""
    found = [f"page error: {text}" for text in errors]
    if peak > _MOST_MB:
        found.append(f"{peak:,} MB, over {_MOST_MB:,}")
    known = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "HEAD"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    files = {str(path.relative_to(app)) for path in app.rglob("*") if path.is_file()}
    found += [f"written: {name}" for name in sorted(files - set(known.stdout.splitlines()))]
    found += [f"a secret: {name}" for name in files if "secrets.toml" in name or ".env" in name]
    if "Traceback" in (text := log.read_text(errors="replace")):
        found.append(f"a traceback in the log:\n{text}")
    return found


def main() -> int:
    """Deploy, open every page, print what was found."""
    with tempfile.TemporaryDirectory(prefix="deployment-") as name:
        folder = Path(name)
        started = time.perf_counter()
        python = install(folder)
        print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
        print(f"installed in {time.perf_counter() - started:.0f} s")
        app, temporary, log = folder / "app", folder / "tmp", folder / "log"
        temporary.mkdir()
        errors: Counter = Counter()
        with served(python, app, temporary, log) as (address, process_id):
            print(f"healthy after {healthy_after(address):.1f} s\n")
            print("| page | first figure, s | complete, s | errors | MB |\n|---|---|---|---|---|")
            for page in ["", *sorted(path.stem for path in (app / "pages").glob("*.py"))]:
                figure_s, end_s, found = open_page(address, page)
                errors += found
                now, peak = memory(process_id)
                print(
                    f"| /{page} | {figure_s:.1f} | {end_s:.1f} | {len(found)} | {now:,} |",
                    flush=True,
                )
            print(f"\nat most {peak:,} MB")
        problems = amiss(app, log, peak, errors)
        print("\n".join(problems) or "nothing amiss")
        return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
