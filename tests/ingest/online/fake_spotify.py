"""Spotify's Web API and its accounts service, in the shapes of 2021 and of 2026."""

import base64
import hashlib
from collections import defaultdict, deque
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode

from tests.ingest.online.scripted import Reply, Request, ScriptedServer, as_json

CLIENT_ID = "the-client-id"
ME = "me"
FEATURES = {
    "danceability": 0.5, "energy": 0.6, "key": 7, "loudness": -7.5, "mode": 1, "speechiness": 0.05,
    "acousticness": 0.1, "instrumentalness": 0.0, "liveness": 0.2, "valence": 0.4, "tempo": 121.5,
    "time_signature": 4,
}  # fmt: skip


def spotify_id(number: int, letter: str = "T") -> str:
    """Return an id of 22 letters and digits."""
    return f"{letter}{number:021d}"


def isrc(number: int) -> str:
    return f"GBAAA21{number:05d}"


def track(number: int, **more: object) -> dict:
    """Return a track; what a generation lacks is taken out when it is sent."""
    return {
        "type": "track",
        "id": spotify_id(number),
        "name": f"Song {number}",
        "is_local": False,
        "artists": [{"id": spotify_id(number % 7, "A"), "name": f"Artist {number % 7}"}],
        "album": {
            "name": f"Album {number % 5}",
            "release_date": f"20{number % 20:02d}-05-01",
            "images": [
                {"url": f"https://i.scdn.co/image/{number}-{width}", "width": width}
                for width in (640, 300, 64)
            ],
            "available_markets": ["GB"],
        },
        "duration_ms": 180_000 + number,
        "explicit": bool(number % 2),
        "external_ids": {"isrc": isrc(number)},
        "popularity": number % 101,
        "preview_url": f"https://p.scdn.co/mp3-preview/{number:040d}?cid={CLIENT_ID}",
        "available_markets": ["GB"],
    } | more


def episode(number: int) -> dict:
    return {"type": "episode", "id": spotify_id(number, "E"), "name": f"Episode {number}"}


def local(number: int) -> dict:
    return {"type": "track", "id": None, "name": f"Local {number}", "is_local": True, "artists": []}


@dataclass
class Playlist:
    """A playlist: items are tracks, episodes, local files or None."""

    name: str
    items: list[dict | None]
    owner: str = ME
    snapshot_id: str = "snapshot 1"
    is_missing: bool = False


@dataclass
class FakeSpotify:
    """What the server knows, and how it is disposed.

    Attributes
    ----------
    generation
        2021: everybody's playlists, audio features, previews; 2026: a new development app.
    playlists, saved
        By id; the saved tracks.
    features
        Values by number that replace the ordinary ones; None for a track without any.
    faults_at
        Replies to the next requests to a path, instead of the proper ones.
    tokens
        Access tokens that are accepted.
    lifetime_s
        How long a new access token lasts.
    clips
        Previews under ``/clips/``.
    """

    generation: int = 2026
    playlists: dict[str, Playlist] = field(default_factory=dict)
    saved: list[dict | None] = field(default_factory=list)
    features: dict[str, dict | None] = field(default_factory=dict)
    faults_at: dict[str, deque] = field(default_factory=lambda: defaultdict(deque))
    tokens: dict[str, str] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    lifetime_s: int = 3600
    clips: dict[str, bytes] = field(default_factory=dict)
    n_tokens: int = 0
    _codes: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> "FakeSpotify":
        self.server = ScriptedServer(self.answer).__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    @property
    def environment(self) -> dict[str, str]:
        return {
            "MUSIC_SPOTIFY_API_URL": f"{self.server.address}/v1",
            "MUSIC_SPOTIFY_ACCOUNTS_URL": self.server.address,
            "SPOTIPY_CLIENT_ID": CLIENT_ID,
        }

    def asked(self, start: str = "/v1/") -> list[str]:
        """Return paths with offset or ids of the requests that begin so, in order."""
        found = []
        for request in self.server.requests:
            if request.path.startswith(start):
                more = request.query.get("offset") or ""
                found.append(f"{request.path.removeprefix('/v1/')}{'@' if more else ''}{more}")
        return found

    def answer(self, request: Request) -> Reply:
        if self.faults_at.get(request.path):
            return self.faults_at[request.path].popleft()
        if request.path == "/authorize":
            return self._authorize(request)
        if request.path == "/api/token":
            return self._token(request)
        if request.path.startswith("/clips/"):
            clip = self.clips.get(request.path.removeprefix("/clips/"))
            return Reply(status=404) if clip is None else Reply(clip)
        grant = self.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if grant is None:
            return _error(401, "The access token expired")
        return self._api(request, request.path.removeprefix("/v1/").strip("/").split("/"), grant)

    def _api(self, request: Request, path: list[str], grant: str) -> Reply:
        match path:
            case ["me"]:
                return as_json({"id": ME, "display_name": "Me"})
            case ["me", "tracks"]:
                rows = [{"added_at": _added(i), "track": t} for i, t in enumerate(self.saved)]
                return self._page(request, rows, 50)
            case ["me", "playlists"]:
                rows = [self._head(name, one) for name, one in self.playlists.items()]
                return self._page(request, rows, 50)
            case ["playlists", name] if self._is_readable(name):
                return as_json(self._head(name, self.playlists[name]))
            case ["playlists", name, "items" | "tracks" as kind] if self._is_readable(name):
                return self._items(request, self.playlists[name], kind, grant)
            case ["audio-features"]:
                return self._audio_features(request)
        return _error(404, "Resource not found")

    def _is_readable(self, name: str) -> bool:
        return name in self.playlists and not self.playlists[name].is_missing

    def _head(self, name: str, playlist: Playlist) -> dict:
        return {
            "id": name,
            "name": playlist.name,
            "snapshot_id": playlist.snapshot_id,
            "owner": {"id": playlist.owner},
            "collaborative": False,
        }

    def _items(self, request: Request, playlist: Playlist, kind: str, grant: str) -> Reply:
        if self.generation == 2026:
            if grant == "app":
                return _error(401, "Valid user authentication required")
            if kind == "tracks" or playlist.owner != ME:
                return _error(403, "Forbidden")
        key = "item" if self.generation == 2026 else "track"
        rows = [
            {
                "added_at": _added(i),
                "added_by": {"id": "somebody", "email": "somebody@example.org"},
                "is_local": bool(one and one.get("is_local")),
                key: one,
            }
            for i, one in enumerate(playlist.items)
        ]
        return self._page(request, rows, 50 if self.generation == 2026 else 100)

    def _page(self, request: Request, rows: list[dict], most: int) -> Reply:
        limit, offset = int(request.query.get("limit", 20)), int(request.query.get("offset", 0))
        if limit > most:
            return _error(400, "Invalid limit")
        page = rows[offset : offset + limit]
        more = f"{self.server.address}{request.path}?offset={offset + limit}&limit={limit}"
        is_last = offset + limit >= len(rows)
        return as_json(
            {
                "href": f"{self.server.address}{request.path}",
                "items": [self._as_sent(row) for row in page],
                "limit": limit,
                "next": None if is_last else more,
                "offset": offset,
                "total": len(rows),
            }
        )

    def _as_sent(self, row: dict) -> dict:
        """Return a row without the fields that new apps no longer get."""
        if self.generation == 2021:
            return row
        gone = ("popularity", "available_markets", "linked_from")
        key = next((key for key in ("item", "track") if isinstance(row.get(key), dict)), None)
        if key is None:
            return row
        one = {name: value for name, value in row[key].items() if name not in gone}
        if "preview_url" in one:
            one["preview_url"] = None
        return row | {key: one}

    def _audio_features(self, request: Request) -> Reply:
        if self.generation == 2026:
            return _error(403, "Forbidden")
        ids = request.query["ids"].split(",")
        if len(ids) > 100:
            return _error(400, "too many ids requested")
        rows = []
        for one in ids:
            values = self.features.get(one, {})
            rows.append(None if values is None else {"id": one, **FEATURES, **values})
        return as_json({"audio_features": rows})

    def _authorize(self, request: Request) -> Reply:
        asked = request.query
        if asked.get("client_id") != CLIENT_ID or asked["code_challenge_method"] != "S256":
            return _error(400, "INVALID_CLIENT")
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked["code_challenge"]
        back = urlencode({"code": code, "state": asked["state"]})
        return Reply(status=302, headers={"Location": f"{asked['redirect_uri']}?{back}"})

    def _token(self, request: Request) -> Reply:
        given = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        match given["grant_type"]:
            case "client_credentials":
                return as_json(self._new_token("app"))
            case "authorization_code":
                digest = hashlib.sha256(given["code_verifier"].encode()).digest()
                challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
                if self._codes.get(given["code"]) == challenge:
                    return as_json(self._new_token("person"))
            case "refresh_token" if given["refresh_token"] in self.refresh_tokens:
                return as_json(self._new_token("person"))
        return as_json({"error": "invalid_grant", "error_description": "revoked"}, 400)

    def _new_token(self, grant: str) -> dict:
        self.n_tokens += 1
        token = f"access-{grant}-{self.n_tokens}"
        self.tokens[token] = grant
        body = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.lifetime_s,
            "scope": "playlist-read-private playlist-read-collaborative user-library-read",
        }
        if grant == "person":
            refresh = f"refresh-{self.n_tokens}"
            self.refresh_tokens.add(refresh)
            body["refresh_token"] = refresh
        return body


def too_many(seconds: int | None, *, quota: bool = False) -> Reply:
    """Return 429, which asks for a pause."""
    error = {"status": 429, "message": "Too many requests"}
    if quota:
        error["reason"] = "QUOTA_EXCEEDED"
    headers = {} if seconds is None else {"Retry_After": str(seconds)}
    return as_json({"error": error}, 429, **headers)


def _error(status: int, message: str) -> Reply:
    return as_json({"error": {"status": status, "message": message}}, status)


def _added(i: int) -> str:
    return f"2020-01-01T00:{i // 60 % 60:02d}:{i % 60:02d}Z"
