"""Which track a file is a recording of: one that the store knows, or one of its own."""

from collections.abc import Sequence
from typing import NamedTuple

import duckdb
import pandas as pd

from ingest.audio.stream import Result
from music_explorer.store.audio_files import recordings

_MAX_APART_MS = 3000
_STRENGTH = ("audio", "isrc", "names")


class Link(NamedTuple):
    """A track, why a file is attached to it (None for one of its own), and whether it is new."""

    track_id: str
    evidence: str | None = None
    is_new: bool = False


class _Candidate(NamedTuple):
    strength: int
    is_file: bool  # a track that a table knows comes before one that another file made
    apart_ms: float
    track_id: str
    link: str


def own_track(audio_id: str) -> str:
    """Return the id of the track that a file makes which is attached to no other."""
    return f"file:{audio_id}"


def find_links(
    con: duckdb.DuckDBPyConnection, results: Sequence[Result], avoid: Sequence[str | None]
) -> list[Link]:
    """Decide for each file, in order, as if they came one at a time.

    Same audio comes first, then the same ISRC, then the same first artist and title with lengths
    at most 3 s apart; of several tracks the one whose length is nearest.

    Parameters
    ----------
    con
        The store.
    results
        Files with a recording and tags.
    avoid
        For each file a track that it is about to leave, or None.
    """
    found = _asked(con, results)
    new: dict[str, list[tuple[str, int | None]]] = {}
    links = []
    for result, candidates, keys, old in zip(results, *found, avoid, strict=True):
        length = result.recording.duration_ms
        for strength, key in enumerate(keys, start=1):
            candidates += [
                (_STRENGTH[strength], _STRENGTH[strength], *track) for track in new.get(key, ())
            ]
        judged = [_judge(*candidate, length) for candidate in candidates]
        good = [c for c in judged if c is not None and c.track_id != old]
        if good:
            links.append(Link(min(good).track_id, min(good).link or None))
            continue
        track_id = own_track(result.recording.audio_id)
        links.append(Link(track_id, is_new=True))
        for key in filter(None, keys):
            new.setdefault(key, []).append((track_id, length))
    return links


def _asked(con: duckdb.DuckDBPyConnection, results: Sequence[Result]) -> tuple[list, list]:
    """Return for each file the tracks of the store, and its keys for ISRC and names."""
    candidates = [[] for _ in results]
    keys: list[tuple] = [(None, None) for _ in results]
    wanted = pd.DataFrame(
        [
            (i, r.recording.audio_id, r.tags.isrc, r.tags.artist, r.tags.title)
            for i, r in enumerate(results)
        ],
        columns=["row_no", "audio_id", "isrc", "artist", "title"],
    )
    for row_no, track_id, evidence, link, isrc, names, duration_ms in recordings(con, wanted):
        keys[row_no] = (isrc and f"isrc {isrc}", names and f"names {names}")
        if track_id is not None:
            candidates[row_no].append((evidence, link, track_id, duration_ms))
    return candidates, keys


def _judge(
    evidence: str, link: str | None, track_id: str, duration_ms: int | None, length_ms: int | None
) -> _Candidate | None:
    known = duration_ms is not None and length_ms is not None
    apart = abs(duration_ms - length_ms) if known else float("inf")
    if evidence == "names" and apart > _MAX_APART_MS:
        return None
    is_file = track_id.startswith("file:")
    return _Candidate(_STRENGTH.index(evidence), is_file, apart, track_id, link or "")
