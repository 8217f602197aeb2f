"""MusicBrainz, as far as the program asks it."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

from tests.ingest.online.scripted import Reply, Request, ScriptedServer, as_json

_INC = {"isrc": {"artist-credits", "genres"}, "artist": {"genres"}}


def votes(**counts: int) -> list[dict]:
    """Return genres with their votes; ``hip_hop=3`` is spelled with a blank."""
    return [
        {"id": "g", "name": name.replace("_", " "), "count": n, "disambiguation": ""}
        for name, n in counts.items()
    ]


def artist(number: int, name: str, **counts: int) -> dict:
    """Return an artist with its genres and their votes."""
    return {"id": f"artist-{number}", "name": name, "genres": votes(**counts)}


def recording(number: int, *credited: dict, **counts: int) -> dict:
    """Return a recording with its artists, and its genres and their votes."""
    credit = [{"name": one["name"], "artist": one, "joinphrase": ""} for one in credited]
    return {"id": f"recording-{number}", "artist-credit": credit, "genres": votes(**counts)}


def not_found() -> Reply:
    """Return its way to say that it has no such thing."""
    return as_json({"error": "Not Found", "help": "For usage, please see: …"}, 404)


@contextlib.contextmanager
def serving(
    isrcs: Mapping[str, Sequence[dict]] | None = None, artists: Sequence[dict] = ()
) -> Iterator[ScriptedServer]:
    """Serve recordings by ISRC, and artists; the search finds who shares a word, as a search does.

    What the real one would refuse is refused: another format, an ``inc`` that it does not know.
    """
    isrcs = isrcs or {}

    def answer(request: Request) -> Reply:
        _, _, _, kind, *rest = request.path.split("/")
        asked = set(request.query.get("inc", "").split())
        if request.query.get("fmt") != "json" or not asked <= _INC[kind]:
            return as_json({"error": "bad request"}, 400)
        if kind == "isrc":
            found = isrcs.get(rest[0])
            return as_json({"isrc": rest[0], "recordings": found}) if found else not_found()
        if rest:
            known = [one for one in artists if one["id"] == rest[0]]
            return as_json(known[0]) if known else not_found()
        words = set(request.query["query"].removeprefix("artist:").strip('"').lower().split())
        found = [
            {"id": one["id"], "name": one["name"], "score": 100}
            for one in artists
            if words & set(one["name"].lower().split())
        ]
        return as_json({"count": len(found), "artists": found})

    with ScriptedServer(answer) as server:
        yield server
