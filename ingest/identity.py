"""Who a track is: its identifier, from an id of Spotify's or from title, artist and album."""

import hashlib
import re
import unicodedata

import pandas as pd

_SPOTIFY_ID = re.compile(
    r"(?:^|spotify:track:|open\.spotify\.com/(?:intl-\w+/)?track/)([0-9A-Za-z]{22})(?:$|[?#])"
)
_USUAL = "(?:spotify:track:)?[0-9A-Za-z]{22}"


def spotify_track_id(text: str) -> str | None:
    """Return ``spotify:<id>`` from an id, a URI or a link; None if it is neither.

    >>> spotify_track_id("spotify:track:2wrJq5XKLnmhRXHIAf9xBa")
    'spotify:2wrJq5XKLnmhRXHIAf9xBa'
    """
    match = _SPOTIFY_ID.search(text.strip())
    return f"spotify:{match[1]}" if match else None


def spotify_track_ids(cells: pd.Series) -> pd.Series:
    """Return `spotify_track_id` of each cell; NA where it is none."""
    plain = cells.str.fullmatch(_USUAL).fillna(False).astype(bool)
    ids = ("spotify:" + cells.str.slice(-22)).where(plain)
    rest = cells[~plain & cells.notna()]
    ids[rest.index] = rest.map(spotify_track_id).astype("string")
    return ids


def row_track_id(title: str, artist: str, album: str) -> str:
    """Return ``row:<SHA-256>`` of title, artist and album, alike whatever their case and form."""
    text = "\x1f".join(
        unicodedata.normalize("NFKC", " ".join(part.split())).casefold()
        for part in (title, artist, album)
    )
    return f"row:{hashlib.sha256(text.encode()).hexdigest()}"
