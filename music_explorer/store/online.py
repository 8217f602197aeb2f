"""The tables ``playlists`` and ``lookups``, and what services gave to known tracks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import duckdb
import pandas as pd
import pyarrow as pa

from music_explorer.store.batch import Batch, Playlist
from music_explorer.store.release import FEATURE_TABLES, release
from music_explorer.store.schema import columns

_KINDS = {"features": "spotify_features", "preview": "librosa_features"}


def playlists(con: duckdb.DuckDBPyConnection) -> list[Playlist]:
    """Return how far each playlist was read."""
    names = ", ".join(Playlist.__dataclass_fields__)
    rows = con.execute(f"SELECT {names} FROM playlists ORDER BY source").fetchall()
    return [Playlist(*row) for row in rows]


def put_playlist(con: duckdb.DuckDBPyConnection, playlist: Playlist, ingest_id: int) -> int:
    """Write how far a playlist was read; once all of it is, tracks that left it are released.

    Returns
    -------
    int
        How many tracks left it.
    """
    row, n_left = vars(playlist) | {"ingest_id": ingest_id}, 0
    if playlist.state != "begun":
        con.execute(
            "CREATE OR REPLACE TEMP TABLE released AS SELECT track_id FROM track_sources "
            "WHERE source = $1 AND track_id NOT IN (SELECT unnest($2::VARCHAR[]))",
            [playlist.source, playlist.seen],
        )
        n_left = con.execute("SELECT count(*) FROM released").fetchone()[0]
        if n_left:
            release(con, playlist.source)
        row["seen"] = []
    marks = ", ".join(f"${name}" for name in row)
    con.execute(f"INSERT OR REPLACE INTO playlists ({', '.join(row)}) VALUES ({marks})", row)
    return n_left


def settle_playlists(con: duckdb.DuckDBPyConnection, sources: Sequence[str]) -> None:
    """Let the next run ask whether the playlists that this one read have changed."""
    con.execute(
        "UPDATE playlists SET state = 'done' WHERE state = 'read' AND source IN $sources",
        {"sources": list(sources)},
    )


def put_lookups(con: duckdb.DuckDBPyConnection, lookups: pd.DataFrame) -> None:
    """Write what providers answered: ``track_id, provider, kind, evidence, reference``."""
    con.register("arriving", _arrow(lookups, columns("lookups"), without="asked_at"))
    con.execute(
        "INSERT OR REPLACE INTO lookups BY NAME SELECT *, $1::TIMESTAMP AS asked_at FROM arriving",
        [datetime.now(UTC).replace(tzinfo=None)],
    )
    con.unregister("arriving")


def fill(con: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Give feature values and genres to tracks that have none; only estimates give way to them.

    A row of values belongs to a source of the track's of the service that named it, so that it
    goes when the last of them is removed. A genre belongs to the service, and goes with the track.

    Parameters
    ----------
    con
        The store.
    batch
        ``tracks`` with the columns of one or both feature tables and their origins, ``genres``,
        whose origin is the service, and ``lookups``; nothing else of it counts.
    """
    for table in FEATURE_TABLES:
        origin = f"{table.removesuffix('_features')}_origin"
        if origin not in batch.tracks or batch.tracks[origin].isna().all():
            continue
        names = [name for name in columns(table) if name in batch.tracks]
        kinds = {name: columns(table)[name] for name in names}
        given = batch.tracks[batch.tracks[origin].notna()][[*names, origin]]
        con.register("arriving", pa.Table.from_pandas(given, preserve_index=False))
        picked = ", ".join(f"a.{name}::{kind} AS {name}" for name, kind in kinds.items())
        updates = ", ".join(
            f"{n} = {f'excluded.{n}' if n in (*names, 'origin', 'source') else 'NULL'}"
            for n in columns(table)
            if n != "track_id"
        )
        con.execute(
            f"INSERT INTO {table} BY NAME "
            f"SELECT {picked}, a.{origin} AS origin, s.source FROM arriving AS a JOIN ("
            "SELECT track_id, min(source) AS source FROM track_sources "
            "WHERE starts_with(source, $1) GROUP BY ALL) AS s USING (track_id) "
            f"ON CONFLICT (track_id) DO UPDATE SET {updates} WHERE {table}.origin = 'estimated'",
            ["spotify:"],
        )
        con.unregister("arriving")
    if batch.genres is not None and len(batch.genres):
        con.register("arriving", pa.Table.from_pandas(batch.genres, preserve_index=False))
        con.execute(
            "INSERT INTO track_genres BY NAME "
            "SELECT track_id, genre, genre_as_given, origin, origin AS source FROM arriving "
            "WHERE track_id NOT IN (SELECT track_id FROM track_genres)"
        )
        con.unregister("arriving")
    if batch.lookups is not None and len(batch.lookups):
        put_lookups(con, batch.lookups)


def lacking(
    con: duckdb.DuckDBPyConnection, kind: str, sources: Sequence[str]
) -> list[Mapping[str, object]]:
    """Return the tracks of some sources that have no features, and who was asked already.

    Parameters
    ----------
    con
        An open store.
    kind
        ``features``: Spotify's, for which estimates do not count; ``preview``: Librosa's.
    sources
        Whose tracks.

    Returns
    -------
    list of dict
        ``track_id, title, artist, duration_ms, isrc, preview_url``, and ``asked``: the providers
        that answered, whatever they answered.
    """
    rows = con.execute(
        f"""
        SELECT t.track_id, t.title, t.artist, t.duration_ms, t.isrc, t.preview_url,
               (SELECT coalesce(list(provider ORDER BY provider), []) FROM lookups AS l
                WHERE l.track_id = t.track_id AND l.kind = $kind) AS asked
        FROM tracks AS t
        WHERE t.track_id IN (SELECT track_id FROM track_sources WHERE source IN $sources)
          AND t.track_id NOT IN (SELECT track_id FROM {_KINDS[kind]} WHERE origin <> 'estimated')
        ORDER BY t.track_id
        """,
        {"kind": kind, "sources": list(sources)},
    )
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def without_genre(con: duckdb.DuckDBPyConnection, provider: str) -> list[Mapping[str, object]]:
    """Return the tracks that have no genre, and what a provider was asked about them already.

    Returns
    -------
    list of dict
        As of `lacking`, but ``asked`` are the kinds of lookups, ``genre`` and ``artist genre``,
        that the provider answered, whatever it answered.
    """
    rows = con.execute(
        """
        SELECT t.track_id, t.title, t.artist, t.duration_ms, t.isrc, t.preview_url,
               (SELECT coalesce(list(kind ORDER BY kind), []) FROM lookups AS l
                WHERE l.track_id = t.track_id AND l.provider = $1
                  AND l.kind IN ('genre', 'artist genre')) AS asked
        FROM tracks AS t
        WHERE t.track_id NOT IN (SELECT track_id FROM track_genres)
        ORDER BY t.track_id
        """,
        [provider],
    )
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def new_tracks(con: duckdb.DuckDBPyConnection, track_ids: Iterable[str]) -> set[str]:
    """Return those of some tracks that the store does not have."""
    wanted = list(track_ids)
    known = con.execute(
        "SELECT track_id FROM tracks WHERE track_id IN $wanted", {"wanted": wanted}
    ).fetchall()
    return set(wanted) - {track_id for (track_id,) in known}


def n_lacking(
    con: duckdb.DuckDBPyConnection,
    kind: str,
    track_ids: Iterable[str],
    *,
    settled_by: Sequence[str],
) -> int:
    """Count those of some tracks, known or not, that have no features; see `lacking`.

    Those of which the providers ``settled_by`` have all answered that they have none do not count.
    """
    return con.execute(
        f"""
        SELECT count(*) FROM (SELECT unnest($wanted::VARCHAR[]) AS track_id)
        WHERE track_id NOT IN (SELECT track_id FROM {_KINDS[kind]} WHERE origin <> 'estimated')
          AND track_id NOT IN (
              SELECT track_id FROM lookups WHERE kind = $kind AND provider IN $settled_by
              GROUP BY track_id HAVING count(*) = len($settled_by))
        """,
        {"wanted": list(track_ids), "kind": kind, "settled_by": list(settled_by)},
    ).fetchone()[0]


def track_ids(con: duckdb.DuckDBPyConnection, sources: Sequence[str]) -> set[str]:
    """Return the tracks that at least one of some sources has."""
    rows = con.execute(
        "SELECT track_id FROM track_sources WHERE source IN $sources", {"sources": list(sources)}
    )
    return {track_id for (track_id,) in rows.fetchall()}


def _arrow(frame: pd.DataFrame, names: Iterable[str], *, without: str) -> pa.Table:
    picked = [name for name in names if name != without]
    kinds = pa.schema([(name, pa.string()) for name in picked])
    return pa.Table.from_pandas(frame.reindex(columns=picked), kinds, preserve_index=False)
