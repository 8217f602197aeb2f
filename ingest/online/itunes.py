"""iTunes: recordings and their 30 s previews by names; no key; it cannot be asked by ISRC.

References
----------
https://developer.apple.com/library/archive/documentation/AudioVideo/Conceptual/iTuneSearchAPI/
"""

import os
from typing import Any

from ingest.online.http import Http, Unavailable
from ingest.online.matching import Found, Wanted, first_artist, plain
from ingest.online.values import number, text

PROVIDER = "iTunes"
_CANDIDATES = 5


def connect(**patience: Any) -> Http:
    """Return the service, at ``$MUSIC_ITUNES_URL`` if that is set: 20 calls a minute.

    Asked more often, it answers 403 with nothing in it.
    """
    base = os.environ.get("MUSIC_ITUNES_URL", "https://itunes.apple.com")
    return Http(PROVIDER, base, calls=20, period_s=60, limit_codes=(403, 429), **patience)


def by_names(http: Http, wanted: Wanted) -> list[Found]:
    """Search for recordings with the track's first artist and title."""
    if not wanted.title or not wanted.artist:
        return []
    term = f"{plain(first_artist(wanted.artist))} {plain(wanted.title)}"
    answer = http.get(
        "/search", term=term, media="music", entity="song", limit=_CANDIDATES, country="US"
    )
    results = answer.get("results")
    if not isinstance(results, list):
        raise Unavailable(PROVIDER, "sent no list of songs")
    return [_found(item) for item in results if isinstance(item, dict)]


def _found(item: dict) -> Found:
    milliseconds = number(item.get("trackTimeMillis"))
    return Found(
        reference=text(item.get("trackId")) or "",
        title=text(item.get("trackName")),
        artist=text(item.get("artistName")),
        duration_ms=round(milliseconds) if milliseconds else None,
        isrc=None,
        url=text(item.get("previewUrl")),
    )
