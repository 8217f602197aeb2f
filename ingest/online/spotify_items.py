"""Items of playlists, as either generation of the Web API sends them: tracks, or why not."""

import re
from collections.abc import Iterator
from typing import Any

from ingest.errors import shown
from ingest.online.matching import folded_isrc
from ingest.online.values import number, text
from music_explorer.store.schema import ranges

COLUMNS = (
    "track_id", "title", "artist", "album", "release_date", "duration_ms", "popularity", "explicit",
    "isrc", "preview_url", "cover_url",
)  # fmt: skip
FEATURES = (
    "acousticness", "danceability", "energy", "instrumentalness", "key", "liveness", "loudness",
    "mode", "speechiness", "tempo", "valence", "time_signature",
)  # fmt: skip
_WHOLE = ("key", "mode", "time_signature")
_NOT_DETECTED = {"tempo": 0, "time_signature": 0}
_ID = re.compile(r"[0-9A-Za-z]{22}")
_DATE = re.compile(r"[1-9]\d{3}(-\d{2}(-\d{2})?)?")


def track_of(row: Any) -> tuple[dict[str, Any] | None, str]:
    """Return what a row of a playlist says of its track, as columns of ``tracks``.

    Returns
    -------
    track : dict or None
        None if it is no track that can be stored.
    reason : str
        Why it is none; empty if it is one.
    """
    item = (row.get("item") or row.get("track")) if isinstance(row, dict) else None
    if not isinstance(item, dict):
        return None, "the item is empty: the track was removed from Spotify"
    name = shown(item.get("name") or "")
    if row.get("is_local") or item.get("is_local"):
        return None, f"{name!r} is a local file, which Spotify knows nothing about"
    kind = item.get("type") or "track"
    if kind != "track" or item.get("episode") is True:
        return None, f"{name!r} is an episode of a podcast, not a track"
    bare_id = item.get("id")
    if not isinstance(bare_id, str) or not _ID.fullmatch(bare_id):
        return None, f"{name!r} has no id: the track was removed from Spotify"
    return _columns(bare_id, item), ""


def features_of(row: dict) -> dict[str, float | int]:
    """Return the audio features of a track that are there and possible; see `store.schema`."""
    found = {}
    for name in FEATURES:
        value = number(row.get(name))
        low, high = ranges()[name]
        is_detected = value != _NOT_DETECTED.get(name, float("nan"))
        if value is None or not low <= value <= high or not is_detected:
            continue
        if name in _WHOLE and not value.is_integer():
            continue
        found[name] = int(value) if name in _WHOLE else value
    return found


def _columns(bare_id: str, item: dict) -> dict[str, Any]:
    album = item.get("album") if isinstance(item.get("album"), dict) else {}
    codes = item.get("external_ids") if isinstance(item.get("external_ids"), dict) else {}
    explicit = item.get("explicit")
    return {
        "track_id": f"spotify:{bare_id}",
        "title": text(item.get("name")),
        "artist": "; ".join(_names(item.get("artists"))) or None,
        "album": text(album.get("name")),
        "release_date": _date(album.get("release_date")),
        "duration_ms": _whole(item, "duration_ms"),
        "popularity": _whole(item, "popularity"),
        "explicit": explicit if isinstance(explicit, bool) else None,
        "isrc": folded_isrc(text(codes.get("isrc"))),
        "preview_url": _bare_address(item.get("preview_url")),
        "cover_url": next(_covers(album.get("images")), None),
    }


def _names(artists: Any) -> list[str]:
    rows = artists if isinstance(artists, list) else []
    return [name for row in rows if isinstance(row, dict) and (name := text(row.get("name")))]


def _covers(images: Any) -> Iterator[str]:
    """Yield the addresses of the covers, the one nearest to 300 pixels first."""
    rows = [row for row in images if isinstance(row, dict)] if isinstance(images, list) else []
    for row in sorted(rows, key=lambda row: abs((number(row.get("width")) or 0) - 300)):
        if address := _bare_address(row.get("url")):
            yield address


def _bare_address(value: Any) -> str | None:
    """Return an address without its query, which may hold a signature or the app's id."""
    address = text(value)
    if address is None or not address.startswith(("https://", "http://")):
        return None
    return re.split(r"[?#]", address, maxsplit=1)[0]


def _date(value: Any) -> str | None:
    date = text(value)
    return date if date is not None and _DATE.fullmatch(date) else None


def _whole(item: dict, name: str) -> int | None:
    value = number(item.get(name))
    low, high = ranges()[name]
    return int(value) if value is not None and low <= value <= high else None
