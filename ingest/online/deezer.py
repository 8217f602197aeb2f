"""Deezer: recordings and their 30 s previews by ISRC or by names; no key, no account.

The address of a preview is signed and expires, so that it is asked for anew each time.

References
----------
https://developers.deezer.com/api
"""

import os
from typing import Any

from ingest.online.http import Busy, Http, Nothing, Unavailable
from ingest.online.matching import Found, Wanted, first_artist, plain
from ingest.online.values import number, text

PROVIDER = "Deezer"
_NO_DATA, _QUOTA, _BUSY = 800, 4, 700
_CANDIDATES = 5


def connect(**patience: Any) -> Http:
    """Return the service, at ``$MUSIC_DEEZER_URL`` if that is set: 50 calls in 5 s."""
    base = os.environ.get("MUSIC_DEEZER_URL", "https://api.deezer.com")
    return Http(PROVIDER, base, calls=50, period_s=5, judge=_judge, **patience)


def by_isrc(http: Http, wanted: Wanted) -> list[Found]:
    """Return the recording with the track's ISRC, if there is one."""
    if wanted.known_isrc is None:
        return []
    try:
        return [_found(http.get(f"/track/isrc:{wanted.known_isrc}"))]
    except Nothing:
        return []


def by_names(http: Http, wanted: Wanted) -> list[Found]:
    """Search for recordings with the track's first artist and title."""
    if not wanted.title or not wanted.artist:
        return []
    artist, title = (
        (plain(name) or "").replace('"', " ")
        for name in (first_artist(wanted.artist), wanted.title)
    )
    query = f'artist:"{artist}" track:"{title}"'
    try:
        data = http.get("/search/track", q=query, limit=_CANDIDATES).get("data")
    except Nothing:
        return []
    if not isinstance(data, list):
        raise Unavailable(PROVIDER, "sent no list of tracks")
    return [_found(item) for item in data if isinstance(item, dict)]


def _found(item: dict) -> Found:
    artist, seconds = item.get("artist"), number(item.get("duration"))
    return Found(
        reference=text(item.get("id")) or "",
        title=text(item.get("title")),
        artist=text(artist.get("name")) if isinstance(artist, dict) else None,
        duration_ms=round(seconds * 1000) if seconds else None,
        isrc=text(item.get("isrc")),
        url=text(item.get("preview")),
    )


def _judge(body: dict) -> None:
    """Raise what an answer reports: ``{"error": {"code": 800, …}}``, with HTTP status 200."""
    error = body.get("error")
    if not error:
        return
    code = error.get("code") if isinstance(error, dict) else None
    if code in (_QUOTA, _BUSY):
        raise Busy(f"reports error {code}", is_limit=code == _QUOTA)
    kind = Nothing if code == _NO_DATA else Unavailable
    raise kind(PROVIDER, f"reports error {code if isinstance(code, int) else '?'}")
