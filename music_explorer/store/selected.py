"""The tracks that a query's result names."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from music_explorer.store.reader import open_store


def known_tracks(path: Path, track_ids: Sequence[str]) -> list[str]:
    """Return those ids that are tracks of the store, each once, in the order given."""
    with open_store(path) as con:
        rows = con.execute("SELECT track_id FROM tracks WHERE track_id IN $ids", {"ids": track_ids})
        known = {track_id for (track_id,) in rows.fetchall()}
    return [track_id for track_id in dict.fromkeys(track_ids) if track_id in known]


def tracks_of(sql: str) -> str:
    """Return a SELECT of the tracks that another SELECT names in its column ``track_id``."""
    return (
        "SELECT track_id FROM tracks WHERE track_id IN (SELECT track_id FROM (\n"
        f"{_without_end(sql)}\n))"
    )


def named(track_ids: Sequence[str]) -> str:
    """Return a SELECT of exactly these tracks.

    >>> named(["row:a", "row:it's"])
    "SELECT track_id FROM tracks WHERE track_id IN ('row:a', 'row:it''s')"
    """
    listed = ", ".join("'" + track_id.replace("'", "''") + "'" for track_id in track_ids)
    return f"SELECT track_id FROM tracks WHERE track_id IN ({listed})"


def _without_end(sql: str) -> str:
    """Return a statement without the semicolon that ends it, and what stands after that."""
    places = duckdb.tokenize(sql)  # comments are no tokens
    raw = sql.encode()
    last = places[-1][0] if places else len(raw)
    return (raw[:last] if raw[last : last + 1] == b";" else raw).decode().strip()
