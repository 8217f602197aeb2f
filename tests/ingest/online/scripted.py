"""A server on a free loopback port that answers as a test says, and fails as a test says."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit


class Request(NamedTuple):
    """What was asked: ``query`` has the last value of each parameter; ``at`` is in seconds."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    at: float


class Reply(NamedTuple):
    """What is answered. ``promised``: the length in the header, where it is not the true one."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = {}
    promised: int | None = None


def as_json(value: object, status: int = 200, **headers: str) -> Reply:
    """Return a reply in JSON; ``Retry_After="1"`` is a header."""
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(json.dumps(value).encode(), status, names)


DROPPED = "dropped"  # the connection is closed without a word
HANGING = "hanging"  # nothing comes until the block ends
HALF_JSON = Reply(b'{"content": [{"id": ')
CUT_OFF = Reply(b'{"content": ', promised=5000)


class ScriptedServer:
    """Answer requests with ``answer`` while the ``with`` block runs.

    Attributes
    ----------
    faults : deque
        What the next requests get instead, one each: a `Reply`, `DROPPED` or `HANGING`.
    requests : list of Request
        Every request, in order.
    """

    def __init__(self, answer: Callable[[Request], Reply] = lambda _: as_json({"ok": 1})) -> None:
        self.answer = answer
        self.faults: deque[Reply | str] = deque()
        self.requests: list[Request] = []
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def __enter__(self) -> "ScriptedServer":
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(state: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = dict(self.headers)
            request = Request(
                self.command, unquote(parts.path), query, headers, body, time.monotonic()
            )
            state.requests.append(request)
            reply = state.faults.popleft() if state.faults else state.answer(request)
            if reply == DROPPED:
                return
            if reply == HANGING:
                state.released.wait()
                return
            self.send_response(reply.status)
            for name, text in reply.headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(reply.promised or len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    return Handler
