"""Tags of an audio file in the store's own words, whatever the format calls them."""

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

import mutagen
from mutagen.id3 import TCON

from ingest.tables.artists import separate

# ours -> ID3, MP4, Vorbis comments (any case), APEv2 (any case), ASF
_NAMES = {
    "title": ("TIT2", "\xa9nam", "title", "Title"),
    "artist": ("TPE1", "\xa9ART", "artist", "Author"),
    "album": ("TALB", "\xa9alb", "album", "WM/AlbumTitle"),
    "date": ("TDRC", "\xa9day", "date", "year", "WM/Year"),
    "isrc": ("TSRC", "----:com.apple.iTunes:ISRC", "isrc", "WM/ISRC"),
    "genre": ("TCON", "\xa9gen", "genre", "WM/Genre"),
}
# Mutagen's own error, and what it stumbles on where a length or a type in the bytes is wrong.
_DAMAGE = (
    mutagen.MutagenError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
    struct.error,
)
_MOST_TEXT = 100_000  # characters: more are no names, but fill memory and the store
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")


@dataclass(frozen=True)
class Tags:
    """What the tags say; None where they say nothing or nothing usable."""

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    release_date: str | None = None
    isrc: str | None = None
    genres: tuple[str, ...] = ()
    is_damaged: bool = False


def read_tags(path: str) -> Tags:
    """Read the tags of a file; damaged ones count as none and say so: the audio may be fine."""
    try:
        file = mutagen.File(path)
    except _DAMAGE:
        return Tags(is_damaged=True)
    if file is None or not file.tags:
        return Tags()
    given = {name: _texts(file.tags, keys) for name, keys in _NAMES.items()}
    if sum(len(text) for texts in given.values() for text in texts) > _MOST_TEXT:
        return Tags(is_damaged=True)
    date = _DATE.match(given["date"][0]) if given["date"] else None
    isrc = re.sub(r"[^A-Z0-9]", "", given["isrc"][0].upper()) if given["isrc"] else ""
    return Tags(
        title=next(iter(given["title"]), None),
        artist="; ".join(name.replace(";", ",") for name in given["artist"]) or None,
        album=next(iter(given["album"]), None),
        release_date=date[0] if date else None,
        isrc=isrc if _ISRC.fullmatch(isrc) else None,
        genres=tuple(dict.fromkeys(g for text in given["genre"] for g in separate(text))),
    )


def _texts(tags: mutagen.Tags, keys: Iterable[str]) -> list[str]:
    """Return the values of the first key that there is, without those that are blank."""
    for key in keys:
        try:
            value = tags[key]
        except (KeyError, ValueError):  # ValueError: a key that the format cannot have
            continue
        texts = [_clean(text) for text in _values(value)]
        if any(texts):
            return [text for text in texts if text]
    return []


def _clean(text: str) -> str:
    """Return text without NUL, half characters (lone surrogates), and doubled blanks."""
    return " ".join(text.replace("\0", " ").encode("utf-8", "replace").decode().split())


def _values(value: object) -> list[str]:
    if isinstance(value, TCON):
        return value.genres  # spelt out where ID3 gives numbers
    several = getattr(value, "text", value)
    if isinstance(several, str):
        return [several]
    return [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in several]
