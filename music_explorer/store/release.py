"""Taking tracks away from a source: what only it gave goes, what others gave stays."""

import duckdb

FEATURE_TABLES = ("spotify_features", "librosa_features")
_ORPHANS = "track_id NOT IN (SELECT track_id FROM track_sources)"


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
    lost = " UNION ".join(
        f"SELECT track_id FROM {table} WHERE {mine} AND NOT ({_ORPHANS})"
        for table in FEATURE_TABLES
    )
    n_lost = con.execute(f"SELECT count(*) FROM ({lost})", [source]).fetchone()[0]
    for table in ("track_genres", "track_playlists", *FEATURE_TABLES, "embeddings"):
        con.execute(f"DELETE FROM {table} WHERE ({mine}) OR {_ORPHANS}", [source])
    con.execute(f"DELETE FROM tracks WHERE {_ORPHANS}")
    # A path that this source gave may be that of another one's file from now on.
    con.execute(
        "UPDATE tracks SET audio_path = (SELECT min(path) FROM audio_files AS f "
        "WHERE f.track_id = tracks.track_id AND f.reason IS NULL) "
        "WHERE audio_path IS NOT NULL AND track_id IN (SELECT track_id FROM released)"
    )
    return {"tracks_removed": n_removed, "tracks_kept": n_all - n_removed, "features_lost": n_lost}
