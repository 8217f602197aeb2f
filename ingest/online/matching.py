"""Whether a recording that a service found is the one that is wanted: evidence, not likeness."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

_MAX_APART_MS = 3000  # as for audio files; services cut and round lengths in their own ways
_ID = re.compile(r"[0-9A-Za-z]+")
_NO_LETTER = re.compile(r"[\W_]+")
_NOT_ISRC = re.compile(r"[^A-Za-z0-9]+")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}", re.ASCII)
_BRACKETED_GUEST = re.compile(r" ?[(\[](?:feat|ft|featuring)\b[^()\[\]]*[)\]]", re.IGNORECASE)
_TRAILING_GUEST = re.compile(r" (?:feat\.?|ft\.|featuring) .*?(?= - | ?[(\[]|$)", re.IGNORECASE)
# "(with Guest)" names somebody; "(With Me)" is the title's own, "(with Strings)" another recording.
_BRACKETED_WITH = re.compile(
    r" ?[(\[](?:with\b|w/)(?![^()\[\]]*\b(?:m[ey]|mine|yours?|yo?u|us|ours?|his|hers?|him|them|"
    r"their|it|this|that|love|a|an|chorus|choir|commentary|intro|lyrics|orchestra|outro|philharmonic|"
    r"piano|strings|symphony|vocals?)\b)[^()\[\]]+[)\]]",
    re.IGNORECASE,
)
_GUESTS = (_BRACKETED_GUEST, _BRACKETED_WITH, _TRAILING_GUEST)
_NO_NAME = {"and", "feat", "featuring", "ft", "the", "w", "with"}
_VERSION = re.compile(
    r"\b(?:acoustic|cover|demo|edit|instrumental|karaoke|live|mix|remix|session|unplugged|version)\b",
    re.IGNORECASE,
)
# A remaster is the same performance; "live", "remix", "mono", "radio edit" are other recordings.
_REMASTER = r"(?:\d{4} )?(?:digital(?:ly)? )?remaster(?:ed)?(?: version)?(?: \d{4})?"
_EDITION = re.compile(rf" (?:- {_REMASTER}|\({_REMASTER}\)|\[{_REMASTER}\])$", re.IGNORECASE)


class Wanted(NamedTuple):
    """A track of the store that services are asked about; artists are joined by ``; ``."""

    track_id: str
    title: str | None
    artist: str | None
    duration_ms: int | None
    isrc: str | None
    preview_url: str | None = None

    @property
    def known_isrc(self) -> str | None:
        """The ISRC as services take it; None if it is no ISRC.

        >>> Wanted("row:1", None, None, None, "gb-dUW-00-00059").known_isrc
        'GBDUW0000059'
        """
        isrc = folded_isrc(self.isrc)
        return isrc if isrc and _ISRC.fullmatch(isrc) else None

    @property
    def spotify_id(self) -> str | None:
        """The bare id of a track of Spotify's, else None.

        >>> Wanted("spotify:2wrJq5", None, None, None, None).spotify_id
        '2wrJq5'
        """
        namespace, _, bare = self.track_id.partition(":")
        return bare if namespace == "spotify" and _ID.fullmatch(bare) else None


class Found(NamedTuple):
    """A recording that a service has, and where its preview is at the moment."""

    reference: str
    title: str | None
    artist: str | None
    duration_ms: int | None
    isrc: str | None
    url: str | None


def evidence(wanted: Wanted, found: Found) -> str | None:
    """Say why a recording is the wanted one: ``isrc`` or ``names``; None if it may be another.

    Names: artist and title are equal after folding and the lengths, both known, differ by at most
    3 s. The found artist is either the first wanted one or all of them. Guests may be named on one
    side only; where both sides name some, they share one.
    """
    if (isrc := folded_isrc(wanted.isrc)) and isrc == folded_isrc(found.isrc):
        return "isrc"
    if wanted.duration_ms is None or found.duration_ms is None:
        return None
    if abs(wanted.duration_ms - found.duration_ms) > _MAX_APART_MS:
        return None
    title, artist = folded(plain(found.title)), folded(plain(found.artist))
    artists = {folded(plain(first_artist(wanted.artist))), folded(wanted.artist)}
    if None in (title, artist) or title != folded(plain(wanted.title)) or artist not in artists:
        return None
    ours, theirs = _guests(wanted.title), _guests(found.title)
    return None if ours and theirs and not ours & theirs else "names"


def best(wanted: Wanted, candidates: Iterable[Found]) -> tuple[str, Found] | None:
    """Return the evidence and the candidate that fits best: ISRC first, then the nearest length."""
    fitting = [(why, found) for found in candidates if (why := evidence(wanted, found))]
    return min(fitting, key=lambda pair: (pair[0], _apart_ms(wanted, pair[1])), default=None)


def first_artist(artist: str | None) -> str | None:
    """Return the primary artist.

    >>> first_artist("Jay-Z; Kanye West")
    'Jay-Z'
    """
    return None if artist is None else artist.split("; ")[0]


def plain(name: str | None) -> str | None:
    """Return a title or an artist without featured artists and without "Remastered".

    Words that make it another recording, as "Live" or "Remix", stay.

    >>> plain("Song (feat. B) - Remastered 2009"), plain("Song - Live"), plain("Song (B Remix)")
    ('Song', 'Song - Live', 'Song (B Remix)')
    """
    if name is None:
        return None
    text = " ".join(name.split())
    for guest in _GUESTS:
        text = guest.sub(lambda found: found[0] if _VERSION.search(found[0]) else "", text)
    return _EDITION.sub("", text)


def folded(name: str | None) -> str | None:
    """Return a name without case, accents, punctuation and blanks; None if nothing is left.

    The same meaning as the store's, which attaches audio files to tracks.

    >>> folded("Beyoncé"), folded("AC/DC"), folded("!!!")
    ('beyonce', 'acdc', None)
    """
    if name is None:
        return None
    parts = unicodedata.normalize("NFD", name)
    bare = "".join(c for c in parts if not unicodedata.category(c).startswith("M"))
    return _NO_LETTER.sub("", unicodedata.normalize("NFC", bare).lower()) or None


def folded_isrc(isrc: str | None) -> str | None:
    """Return an ISRC in capitals without hyphens; None if nothing is left.

    >>> folded_isrc("gb-dUW-00-00059")
    'GBDUW0000059'
    """
    return _NOT_ISRC.sub("", isrc).upper() or None if isrc else None


def _guests(title: str) -> set[str | None]:
    """Return the words of the names that `plain` leaves out."""
    text = " ".join(unicodedata.normalize("NFC", title).split())
    named = " ".join(found for guest in _GUESTS for found in guest.findall(text))
    return {folded(word) for word in re.findall(r"\w+", named)} - _NO_NAME


def _apart_ms(wanted: Wanted, found: Found) -> float:
    known = wanted.duration_ms is not None and found.duration_ms is not None
    return abs(wanted.duration_ms - found.duration_ms) if known else float("inf")
