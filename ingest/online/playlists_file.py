"""Which playlists are to be read: from the command line, or from a TOML file of genres."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import IngestError, shown

_REFERENCE = re.compile(
    r"(?:spotify:(?:user:[^:]+:)?playlist:|"
    r"(?:https?://)?open\.spotify\.com/(?:intl-\w+/)?(?:user/[^/]+/)?playlist/)?"
    r"([0-9A-Za-z]{22})(?:[?#].*)?"
)
_SHAPE = '[genres] with lines such as Rock = ["https://open.spotify.com/playlist/…"]'


@dataclass(frozen=True)
class Asked:
    """A playlist that is to be read, and the genres that its tracks are to get."""

    playlist_id: str
    genres: tuple[str, ...] = ()


def playlist_id(reference: str) -> str:
    """Return the id in a playlist's address, URI or id.

    >>> playlist_id("https://open.spotify.com/playlist/37i9dQZF1DXcBWIGoYBM5M?si=1")
    '37i9dQZF1DXcBWIGoYBM5M'

    Raises
    ------
    IngestError
        If it is none of these.
    """
    match = _REFERENCE.fullmatch(reference.strip())
    if match is None:
        raise IngestError(
            f"{shown(reference)!r} is no playlist; give its address "
            "(https://open.spotify.com/playlist/…), its URI (spotify:playlist:…) or its id of 22 "
            "letters and digits"
        )
    return match[1]


def read_playlists(path: Path) -> list[Asked]:
    """Read a file that says which playlists stand for which genre.

    A playlist under several genres gives its tracks all of them.

    Raises
    ------
    IngestError
        If the file cannot be read or does not have that shape.
    """
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise IngestError(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IngestError(f"{path} is no TOML: {shown(error)}") from None
    genres = content.get("genres")
    if not isinstance(genres, dict) or not genres or len(content) > 1:
        names = ", ".join(content) or "nothing"
        raise IngestError(f"{path} needs {_SHAPE}, and no other table; it has: {shown(names)}")
    given: dict[str, list[str]] = {}
    for genre, references in genres.items():
        for reference in _texts(path, genre, references):
            try:
                genres_of = given.setdefault(playlist_id(reference), [])
            except IngestError as error:
                raise IngestError(f"{path}, {shown(genre)}: {error}") from None
            if genre not in genres_of:
                genres_of.append(genre)
    return [Asked(name, tuple(sorted(genres))) for name, genres in given.items()]


def _texts(path: Path, genre: str, references: Any) -> list[str]:
    is_list = isinstance(references, list) and all(isinstance(r, str) for r in references)
    if not genre.strip() or not is_list or not references:
        raise IngestError(
            f"{path}: {shown(genre)!r} = {shown(references)!r} is no genre with a list of "
            f"playlists; it needs {_SHAPE}"
        )
    return references
