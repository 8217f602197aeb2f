"""Deezer, as far as the program asks it."""

import contextlib
import re
from collections.abc import Iterator

from tests.ingest.online.scripted import Reply, Request, ScriptedServer, as_json

_QUERY = re.compile(r'artist:"([^"]*)" track:"([^"]*)"')


def track(number: int, title: str, artist: str, seconds: int, *, isrc: str = "", preview: str = ""):
    """Return a track as Deezer describes it."""
    return {
        "id": number,
        "readable": True,
        "title": title,
        "isrc": isrc,
        "duration": seconds,
        "preview": preview,
        "bpm": 0,
        "artist": {"id": 27, "name": artist},
        "type": "track",
    }


def error(code: int) -> Reply:
    """Return its way to report an error: with status 200."""
    return as_json({"error": {"type": "Exception", "message": "in words", "code": code}})


@contextlib.contextmanager
def serving(*tracks: dict, clips: dict[str, bytes] | None = None) -> Iterator[ScriptedServer]:
    """Serve a catalogue, and previews under ``/clips/``.

    The search finds whatever shares a word with artist and title, as a search does.
    """

    def answer(request: Request) -> Reply:
        kind, _, rest = request.path.lstrip("/").partition("/")
        if kind == "clips":
            return Reply(clips[rest]) if rest in clips else Reply(status=404)
        if kind == "track":
            known = [t for t in tracks if rest == f"isrc:{t['isrc']}"]
            return as_json(known[0]) if known else error(800)
        asked = _QUERY.fullmatch(request.query["q"])
        data = [
            t
            for t in tracks
            if _words(asked[1]) & _words(t["artist"]["name"])
            and _words(asked[2]) & _words(t["title"])
        ]
        return as_json({"data": data, "total": len(data)})

    with ScriptedServer(answer) as server:
        yield server


def _words(text: str) -> set[str]:
    return set(text.lower().split())
