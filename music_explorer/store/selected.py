"""Sets of tracks: the SQL that finds them, and what the store knows of them."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

from music_explorer.store.queries import label_rows
from music_explorer.store.reader import open_store


def known_tracks(path: Path, track_ids: Sequence[str]) -> list[str]:
    """Return those ids that are tracks of the store, each once, in the order given."""
    with open_store(path) as con:
        rows = con.execute("SELECT track_id FROM tracks WHERE track_id IN $ids", {"ids": track_ids})
        known = {track_id for (track_id,) in rows.fetchall()}
    return [track_id for track_id in dict.fromkeys(track_ids) if track_id in known]


def found_by(path: Path, sql: str) -> list[str]:
    """Return the tracks that one of the statements of this module finds."""
    with open_store(path) as con:
        return [track_id for (track_id,) in con.execute(sql).fetchall()]


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
    return f"SELECT track_id FROM tracks WHERE track_id IN ({', '.join(map(_text, track_ids))})"


def with_label(kind: str, label: str) -> str:
    """Return a SELECT of the tracks with a label of one of the kinds in `queries.LABELS`."""
    return f"SELECT track_id FROM ({label_rows(kind)}) WHERE label = {_text(label)} ORDER BY ALL"


def matching(words: str) -> str:
    """Return a SELECT of the tracks whose title, artist, album or genre has all of the words."""
    conditions = "".join(
        f" AND contains(lower(line), lower({_text(word)}))" for word in words.split()
    )
    return (
        "SELECT track_id FROM (SELECT track_id, concat_ws(' ', title, artist, album, (SELECT "
        "string_agg(DISTINCT genre, ' ') FROM track_genres AS g WHERE g.track_id = t.track_id)) "
        f"AS line FROM tracks AS t) WHERE true{conditions} ORDER BY track_id"
    )


def everything_of(path: Path, track_ids: Sequence[str]) -> pd.DataFrame:
    """Return names, labels and features of some tracks, one row a track, in the order given.

    Where its audio lies on this machine is left out, as the rows are to be taken elsewhere.
    """
    with open_store(path) as con:
        return con.execute(
            """
            SELECT f.* EXCLUDE (audio_path), g.genres
            FROM (SELECT unnest($ids) AS track_id, unnest(range(len($ids))) AS place) AS chosen
            JOIN features AS f USING (track_id)
            LEFT JOIN (
                SELECT track_id, string_agg(DISTINCT genre, ', ' ORDER BY genre) AS genres
                FROM track_genres GROUP BY track_id
            ) AS g USING (track_id)
            ORDER BY place
            """,
            {"ids": list(track_ids)},
        ).df()


def files_of(path: Path, track_ids: Sequence[str]) -> pd.DataFrame:
    """Return ``title, artist, duration_ms, audio_path`` of those tracks that have a file."""
    with open_store(path) as con:
        return con.execute(
            "SELECT title, artist, duration_ms, audio_path "
            "FROM (SELECT unnest($ids) AS track_id, unnest(range(len($ids))) AS place) "
            "JOIN tracks USING (track_id) WHERE audio_path IS NOT NULL ORDER BY place",
            {"ids": list(track_ids)},
        ).df()


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _without_end(sql: str) -> str:
    """Return a statement without the semicolon that ends it, and what stands after that."""
    places = duckdb.tokenize(sql)  # comments are no tokens
    raw = sql.encode()
    last = places[-1][0] if places else len(raw)
    return (raw[:last] if raw[last : last + 1] == b";" else raw).decode().strip()
