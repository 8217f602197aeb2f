"""MusicBrainz: genres that people voted for, by ISRC or by the artist's name; no key, no account.

References
----------
https://musicbrainz.org/doc/MusicBrainz_API
https://musicbrainz.org/doc/MusicBrainz_API/Rate_Limiting
"""

import os
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from ingest.errors import IngestError, shown
from ingest.online.http import USER_AGENT, Http, Nothing, Unavailable
from ingest.online.matching import folded
from ingest.online.values import number, text

PROVIDER = "MusicBrainz"
PERIOD_S = 1.0  # between two requests; asked more often, it answers 503 to everything
_CONTACT = re.compile(r"[!-'*-~]+@[!-'*-~]+|https?://[!-'*-~]+")
_CANDIDATES = 25
_SEVERAL = "Various Artists"


class Given(NamedTuple):
    """A genre as MusicBrainz spells it, and whose it is: ``recording/<id>`` or ``artist/<id>``."""

    genre: str
    reference: str


def connect(contact: str | None, *, period_s: float | None = None, **patience: Any) -> Http:
    """Return the service, at ``$MUSIC_MUSICBRAINZ_URL`` if that is set.

    Parameters
    ----------
    contact
        An e-mail address or a web address of whoever asks; MusicBrainz blocks who gives none.
    period_s
        Seconds from the beginning of one request to that of the next; by default 1, or, of a
        mirror of one's own, ``$MUSIC_MUSICBRAINZ_PERIOD_S``.

    Raises
    ------
    IngestError
        If the contact is none.
    """
    if not contact or not _CONTACT.fullmatch(contact):
        raise IngestError(
            f"{shown(contact or '')!r} is no contact; MusicBrainz wants to know who asks: set "
            "MUSIC_CONTACT, or give --contact, to an e-mail address or a https:// address of yours"
        )
    base = os.environ.get("MUSIC_MUSICBRAINZ_URL")
    if period_s is None:
        period_s = (
            float(os.environ.get("MUSIC_MUSICBRAINZ_PERIOD_S", PERIOD_S)) if base else PERIOD_S
        )
    return Http(
        PROVIDER,
        base or "https://musicbrainz.org",
        calls=1,
        period_s=period_s,
        user_agent=f"{USER_AGENT} ( {contact} )",
        limit_codes=(429, 503),
        judge=_judge,
        **patience,
    )


def of_isrc(http: Http, isrc: str) -> Given | None:
    """Return the genre of the recordings with an ISRC, else of their first artists.

    The genre with the most votes; of several, the first in the alphabet.

    Raises
    ------
    Stopped
        If the service asks for a pause that is too long.
    Unavailable
        If it gives no usable answer.
    """
    try:
        answer = http.get(f"/ws/2/isrc/{isrc}", fmt="json", inc="artist-credits genres")
    except Nothing:
        return None
    recordings = _listed(answer, "recordings")
    credits = (next(iter(_dicts(one.get("artist-credit"))), {}) for one in recordings)
    artists = {
        text(one.get("id")): one for credit in credits for one in _dicts([credit.get("artist")])
    }
    return _most_voted("recording", recordings) or _most_voted("artist", artists.values())


def of_artist(http: Http, name: str) -> Given | None:
    """Return the genre of the artist of a name; None if several artists have that name.

    The genre with the most votes; of several, the first in the alphabet.

    Raises
    ------
    Stopped, Unavailable
        As in `of_isrc`.
    """
    query = re.sub(r'["\\]', " ", name)
    answer = http.get("/ws/2/artist", query=f'artist:"{query}"', limit=_CANDIDATES, fmt="json")
    ids = {
        text(one.get("id"))
        for one in _listed(answer, "artists")
        if _is_name_of(name, text(one.get("name")))
    }
    if len(ids) != 1 or None in ids:
        return None
    try:
        return _most_voted(
            "artist", [http.get(f"/ws/2/artist/{ids.pop()}", fmt="json", inc="genres")]
        )
    except Nothing:
        return None


def _is_name_of(name: str, found: str | None) -> bool:
    """Compare names; "Various Artists" and "[unknown]" are nobody's."""
    if not found or found == _SEVERAL or found.startswith("["):
        return False
    return (folded(name) or name) == (folded(found) or found)


def _most_voted(kind: str, entities: Iterable[dict]) -> Given | None:
    votes, of = Counter(), {}
    for entity in sorted(entities, key=lambda one: str(one.get("id"))):
        for genre in _dicts(entity.get("genres")):
            name, count = text(genre.get("name")), number(genre.get("count"))
            if name and count and count > 0:
                votes[name] += count
                of.setdefault(name, f"{kind}/{text(entity.get('id'))}")
    if not votes:
        return None
    best = min(votes, key=lambda name: (-votes[name], name))
    return Given(best, of[best])


def _listed(answer: dict, name: str) -> list[dict]:
    if not isinstance(answer.get(name), list):
        raise Unavailable(PROVIDER, f"sent no list of {name}")
    return _dicts(answer[name])


def _dicts(value: object) -> list[dict]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _judge(body: dict) -> None:
    """Raise its own way to say that it has no such thing, which comes with HTTP status 404."""
    if body.get("error") == "Not Found":
        raise Nothing(PROVIDER, "has no such thing")
