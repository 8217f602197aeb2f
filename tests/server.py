"""A server on a free loopback port: files of a folder, and the ways in which servers fail."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class FileServer:
    """Serve ``folder`` while the ``with`` block runs.

    ``/status/<code>/<name>`` answers with that status; ``/truncated/<name>`` promises the whole
    file and closes after half of it; ``/slow/<name>`` sends the first half, sets ``started`` and
    sends no more until the block ends; every other path is a file in ``folder`` or 404.

    Attributes
    ----------
    address : str
        ``http://127.0.0.1:<port>``
    paths : list of str
        The path and query of each request, in order.
    started : threading.Event
        Set when half of a slow answer is on its way.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths: list[str] = []
        self.started = threading.Event()
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FileServer":
        # The interval is how long the end of the block waits for the server to notice.
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(state: FileServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.paths.append(self.path)
            way, _, rest = self.path.split("?")[0].lstrip("/").partition("/")
            if way == "status":
                self.send_error(HTTPStatus(int(rest.split("/")[0])))
                return
            file = state.folder / Path(self.path.split("?")[0]).name
            if not file.is_file():
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            body = file.read_bytes()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if way in ("truncated", "slow"):
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                if way == "slow":
                    state.started.set()
                    state.released.wait()
                return
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    return Handler
