"""ReccoBeats, as far as the program asks it."""

import contextlib
from collections.abc import Iterator

from tests.ingest.online.scripted import Reply, Request, ScriptedServer, as_json

VALUES = {
    "acousticness": 0.17, "danceability": 0.40, "energy": 0.69, "instrumentalness": 0.03, "key": 9,
    "liveness": 0.12, "loudness": -6.04, "mode": 0, "speechiness": 0.06, "tempo": 147.78,
    "valence": 0.27,
}  # fmt: skip
_MOST = 40
_MOST_BYTES = 5_000_000


def row(number: int, *, spotify_id: str = "elsewhere", isrc: str | None = None, **values: object):
    """Return a row of its catalogue; values replace the ordinary ones."""
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "href": f"https://open.spotify.com/track/{spotify_id}",
        "isrc": isrc,
    } | (VALUES | values)


def error(code: int, status: int = 400) -> Reply:
    """Return its way to report an error."""
    return as_json(
        {
            "timestamp": "2025-01-12T07:09:10.228+00:00",
            "error": "Size must be a greater than zero",
            "path": "uri=/v1/audio-features",
            "status": code,
        },
        status,
    )


@contextlib.contextmanager
def serving(*rows: dict) -> Iterator[ScriptedServer]:
    """Serve a catalogue; ids that are unknown, and those beyond 40, are left out in silence."""

    def answer(request: Request) -> Reply:
        if (request.method, request.path) == ("POST", "/v1/analysis/audio-features"):
            return _analysed(request)
        if (request.method, request.path) != ("GET", "/v1/audio-features"):
            return error(4041, 404)
        ids = request.query.get("ids", "").split(",")[:_MOST]
        found = [r for r in rows if {r["id"], r["isrc"], r["href"].rpartition("/")[2]} & set(ids)]
        return as_json({"content": found[::-1]})

    with ScriptedServer(answer) as server:
        yield server


def _analysed(request: Request) -> Reply:
    if b'name="audioFile"' not in request.body or len(request.body) > _MOST_BYTES:
        return error(4001)
    return as_json({name: value for name, value in VALUES.items() if name not in ("key", "mode")})
