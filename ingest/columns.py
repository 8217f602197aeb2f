"""Which column of a table is which: the many names that real tables give the same thing."""

import re
import unicodedata

from music_explorer.store.schema import columns

# canonical name -> other names, folded by ``folded``
_NAMES: dict[str, tuple[str, ...]] = {
    "track_id": (
        "id",
        "track uri",
        "uri",
        "spotify id",
        "spotify uri",
        "spotify track id",
        "track url",
    ),
    "title": (
        "track name",
        "name",
        "track",
        "song",
        "song name",
        "song title",
        "track title",
        "filename",
    ),
    "artist": (
        "artists",
        "artist name",
        "artist names",
        "track artist",
        "artist s",
        "artist name s",
    ),
    "album": ("album name", "track album name"),
    "release_date": ("album release date", "track album release date", "released", "year"),
    "duration_ms": ("track duration ms", "duration", "length"),
    "popularity": ("track popularity",),
    "explicit": (),
    "isrc": (),
    "preview_url": ("track preview", "track preview url"),
    "cover_url": ("album image", "album image url"),
    "genre": ("track genre", "genres", "playlist genre", "top genre", "label"),
    "subgenre": ("playlist subgenre",),
    "playlist": ("playlist name",),
    "added_at": (),
}


def folded(header: str) -> str:
    """Return a header without case, punctuation and the white space around it."""
    text = unicodedata.normalize("NFKC", header).casefold()
    return " ".join(re.sub(r"[^\w]|_", " ", text).split())


def _names() -> dict[str, str]:
    found = {}
    for table in ("spotify_features", "librosa_features"):
        for name in columns(table):
            if name not in ("track_id", "origin", "source"):
                found[folded(name)] = name
    for number in range(1, 21):
        found |= {f"mfcc{number}": f"mfcc_{number:02d}_mean"}
    for band in range(1, 8):
        found |= {f"spectral contrast freq band{band}": f"spectral_contrast_{band}_mean"}
    for name, others in _NAMES.items():
        found |= {alias: name for alias in (folded(name), *others)}
    return found


def recognise(headers: list[str]) -> dict[str, str]:
    """Return canonical name -> header, for each header that is known.

    Where two headers mean the same, the first in the table is taken.
    """
    names = _names()
    found: dict[str, str] = {}
    for header in headers:
        if name := names.get(folded(header)):
            found.setdefault(name, header)
    return found
