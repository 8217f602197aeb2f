"""ReccoBeats: Spotify-style audio features by Spotify id or ISRC, or from uploaded audio; no key.

References
----------
https://reccobeats.com/docs/apis/get-audio-features
https://reccobeats.com/docs/documentation/Analysis/audio-features-extraction
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ingest.online.http import Busy, Http, Nothing, Unavailable
from ingest.online.matching import Wanted, folded_isrc
from ingest.online.values import number, text
from music_explorer.store.schema import ranges

PROVIDER = "ReccoBeats"
MAX_UPLOAD_BYTES = 5_000_000
MAX_UPLOAD_S = 30.0  # what it looks at of an upload
FEATURES = (
    "acousticness", "danceability", "energy", "instrumentalness", "key", "liveness", "loudness",
    "mode", "speechiness", "tempo", "valence",
)  # fmt: skip
_MOST_IDS = 40  # those beyond are left out of the answer in silence
_WHOLE = ("key", "mode")
_NOT_DETECTED = {"tempo": 0, "key": -1}
_NOT_FOUND, _LIMIT, _BROKEN = 4041, 4291, 5001


class Match(NamedTuple):
    """Why values are those of a track (``spotify`` or ``isrc``), and the provider's id of it."""

    evidence: str
    reference: str


class Answer(NamedTuple):
    """What came of asking about some tracks.

    Attributes
    ----------
    asked
        The tracks; those that are not in ``found`` are unknown to the provider.
    found
        Values of ``spotify_features`` by track id; missing ones are left out.
    matches
        Why they are that track's.
    n_dropped
        Values that no such feature can have.
    """

    asked: list[Wanted]
    found: dict[str, dict[str, float | int]]
    matches: dict[str, Match]
    n_dropped: int


def connect(**patience: Any) -> Http:
    """Return the service, at ``$MUSIC_RECCOBEATS_URL`` if that is set.

    Its limits are not published; 429 and ``Retry-After`` tell.
    """
    base = os.environ.get("MUSIC_RECCOBEATS_URL", "https://api.reccobeats.com")
    return Http(PROVIDER, base, calls=10, period_s=5, judge=_judge, **patience)


def features(http: Http, wanted: Sequence[Wanted]) -> Iterator[Answer]:
    """Ask for the features of tracks, at most 40 at a time, by Spotify id, else by ISRC.

    Tracks that have neither are not asked about.

    Yields
    ------
    Answer
        One a batch; each track that is asked about is in exactly one.

    Raises
    ------
    Stopped
        If the service asks for a pause that is too long; what was yielded stands.
    Unavailable
        If it gives no usable answer.
    """
    known = [track for track in wanted if track.spotify_id or track.known_isrc]
    for first in range(0, len(known), _MOST_IDS):
        asked = known[first : first + _MOST_IDS]
        rows = _by_spotify_id(http, asked)
        rest = [track for track in asked if track.track_id not in rows]
        rows |= _by_isrc(http, rest)
        found, n_dropped = {}, 0
        for track_id, (_, row) in rows.items():
            found[track_id], n_bad = values(row)
            n_dropped += n_bad
        matches = {
            track_id: Match(evidence, str(row.get("id") or ""))
            for track_id, (evidence, row) in rows.items()
        }
        yield Answer(asked, found, matches, n_dropped)


def analyse(http: Http, audio: bytes, name: str) -> tuple[dict[str, float | int], int]:
    """Upload audio and return what `values` makes of the answer: all features but key and mode.

    Parameters
    ----------
    http
        The service.
    audio
        A file of at most 5 MB in MP3, Ogg Vorbis, WAV or AIFF; its first 30 s are looked at.
    name
        A file name whose ending tells the format.

    Raises
    ------
    Stopped
        If the service asks for a pause that is too long.
    Unavailable
        If it gives no usable answer, which may lie in the audio.
    """
    return values(
        http.post_file("/v1/analysis/audio-features", field="audioFile", name=name, data=audio)
    )


def values(row: dict[str, Any]) -> tuple[dict[str, float | int], int]:
    """Return the features that are there and possible, and how many were impossible.

    Codes for "not detected" (tempo 0, key -1) are missing, not impossible.

    >>> values({"key": -1, "tempo": 120, "energy": 2, "valence": None})
    ({'tempo': 120.0}, 1)
    """
    good, n_bad = {}, 0
    for name in FEATURES:
        value = row.get(name)
        if value is None or value == _NOT_DETECTED.get(name):
            continue
        if _is_possible(name, value):
            good[name] = int(value) if name in _WHOLE else float(value)
        else:
            n_bad += 1
    return good, n_bad


def _is_possible(name: str, value: object) -> bool:
    finite = number(value)
    if finite is None:
        return False
    low, high = ranges()[name]
    return low <= finite <= high and (name not in _WHOLE or finite.is_integer())


def _by_spotify_id(http: Http, tracks: Sequence[Wanted]) -> dict[str, tuple[str, dict]]:
    ids = {track.spotify_id: track for track in tracks if track.spotify_id}
    found = {}
    for row in _rows(http, ids):
        tail = _tail(row)
        if tail in ids:
            found.setdefault(ids[tail].track_id, ("spotify", row))
    return found


def _by_isrc(http: Http, tracks: Sequence[Wanted]) -> dict[str, tuple[str, dict]]:
    """One recording may be in the catalogue several times; the one with the least id is taken."""
    isrcs = {track.known_isrc for track in tracks if track.known_isrc}
    rows: dict[str, dict] = {}
    for row in _rows(http, isrcs):
        isrc = folded_isrc(text(row.get("isrc")))
        if isrc in isrcs:
            rows.setdefault(isrc, row)
    return {
        track.track_id: ("isrc", rows[track.known_isrc])
        for track in tracks
        if track.known_isrc in rows
    }


def _rows(http: Http, ids: Iterable[str]) -> list[dict]:
    ids = sorted(ids)
    if not ids:
        return []
    try:
        content = http.get("/v1/audio-features", ids=",".join(ids)).get("content")
    except Nothing:
        return []
    if not isinstance(content, list):
        raise Unavailable(PROVIDER, "sent no list of features")
    # In an order that does not depend on the answer's, which is not promised.
    return sorted((r for r in content if isinstance(r, dict)), key=lambda row: str(row.get("id")))


def _tail(row: dict) -> str:
    return str(row.get("href") or "").rpartition("/")[2].partition("?")[0]


def _judge(body: dict) -> None:
    """Raise what an answer reports: ``{"status": 4002, "error": …}``, with whatever HTTP status."""
    if not {"status", "error", "errors"} & body.keys():
        return
    code = body.get("status")
    if code == _LIMIT:
        raise Busy(f"reports error {code}", is_limit=True)
    if code == _BROKEN:
        raise Busy(f"reports error {code}")
    error = Nothing if code == _NOT_FOUND else Unavailable
    raise error(PROVIDER, f"reports error {code if isinstance(code, int) else '?'}")
