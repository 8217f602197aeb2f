"""The search of iTunes, as far as the program asks it."""

import contextlib
from collections.abc import Iterator

from tests.ingest.online.scripted import Reply, Request, ScriptedServer, as_json


def song(number: int, title: str, artist: str, milliseconds: int, *, preview: str | None = None):
    """Return a song as iTunes describes it."""
    found = {
        "wrapperType": "track",
        "kind": "song",
        "trackId": number,
        "artistName": artist,
        "trackName": title,
        "trackTimeMillis": milliseconds,
        "primaryGenreName": "Rock",
    }
    return found | ({"previewUrl": preview} if preview else {})


@contextlib.contextmanager
def serving(*songs: dict) -> Iterator[ScriptedServer]:
    """Serve a catalogue; songs that share a word with the term are found, five at most."""

    def answer(request: Request) -> Reply:
        if request.path != "/search" or request.query.get("entity") != "song":
            return as_json({"resultCount": 0, "results": []})
        words = set(request.query["term"].lower().split())
        found = [s for s in songs if words & set(s["trackName"].lower().split())]
        found = found[: int(request.query["limit"])]
        return as_json({"resultCount": len(found), "results": found})

    with ScriptedServer(answer) as server:
        yield server
