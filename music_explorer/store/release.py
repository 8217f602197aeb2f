"""Taking tracks away from a source: what only it gave goes, what others gave stays."""

import duckdb

FEATURE_TABLES = ("spotify_features", "librosa_features")
_ORPHANS = "track_id NOT IN (SELECT track_id FROM track_sources)"
# What a lookup is for -> where the answer is.
_GIVEN = {
    "features": "spotify_features",
    "preview": "librosa_features",
    "genre": "track_genres",
    "artist genre": "track_genres",
}
# Found online by the track's id, so they belong to whichever playlist of that service has it.
_ONLINE = {"spotify_features": ("spotify", "reccobeats"), "librosa_features": ("preview",)}


def release(con: duckdb.DuckDBPyConnection, source: str) -> dict[str, int]:
    """Take the tracks in the temporary table ``released`` away from a source.

    Returns
    -------
    dict
        ``tracks_removed``; ``tracks_kept`` (other sources have them); ``features_lost``: kept
        tracks whose feature values came from this source.
    """
    mine = "source = $1 AND track_id IN (SELECT track_id FROM released)"
    con.execute(f"DELETE FROM track_sources WHERE {mine}", [source])
    n_all = con.execute("SELECT count(*) FROM released").fetchone()[0]
    n_removed = con.execute(f"SELECT count(*) FROM released WHERE {_ORPHANS}").fetchone()[0]
    _hand_over(con, source)
    lost = " UNION ".join(
        f"SELECT track_id FROM {table} WHERE {mine} AND NOT ({_ORPHANS})"
        for table in FEATURE_TABLES
    )
    n_lost = con.execute(f"SELECT count(*) FROM ({lost})", [source]).fetchone()[0]
    for table in ("track_genres", "track_playlists", "track_plays", *FEATURE_TABLES, "embeddings"):
        con.execute(f"DELETE FROM {table} WHERE ({mine}) OR {_ORPHANS}", [source])
    con.execute(f"DELETE FROM tracks WHERE {_ORPHANS}")
    con.execute(
        "DELETE FROM spotify_features WHERE origin = 'estimated' AND track_id IN "
        "(SELECT track_id FROM released EXCEPT SELECT track_id FROM librosa_features)"
    )
    con.execute(
        "DELETE FROM estimates WHERE NOT EXISTS (FROM spotify_features WHERE origin = 'estimated')"
    )
    # Whoever gave a value that is gone may be asked for it again.
    for kind, table in _GIVEN.items():
        con.execute(
            f"DELETE FROM lookups WHERE {_ORPHANS} OR (kind = $1 AND evidence IS NOT NULL AND "
            "track_id IN (SELECT track_id FROM released) AND "
            f"track_id NOT IN (SELECT track_id FROM {table}))",
            [kind],
        )
    # A path that this source gave may be that of another one's file from now on.
    con.execute(
        "UPDATE tracks SET audio_path = (SELECT min(path) FROM audio_files AS f "
        "WHERE f.track_id = tracks.track_id AND f.reason IS NULL) "
        "WHERE audio_path IS NOT NULL AND track_id IN (SELECT track_id FROM released)"
    )
    return {"tracks_removed": n_removed, "tracks_kept": n_all - n_removed, "features_lost": n_lost}


def _hand_over(con: duckdb.DuckDBPyConnection, source: str) -> None:
    """Let another playlist of the same service keep what was found online about its tracks."""
    for table, origins in _ONLINE.items():
        con.execute(
            f"UPDATE {table} SET source = heirs.heir FROM (SELECT track_id, min(source) AS heir "
            "FROM track_sources WHERE starts_with(source, 'spotify:') GROUP BY ALL) AS heirs "
            f"WHERE heirs.track_id = {table}.track_id AND {table}.source = $source "
            f"AND origin IN $origins AND {table}.track_id IN (SELECT track_id FROM released)",
            {"source": source, "origins": list(origins)},
        )
