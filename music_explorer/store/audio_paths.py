"""Which tracks have an audio file."""

import duckdb


def audio_paths(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the path of the audio file of each track that has one, by ``track_id``."""
    rows = con.execute(
        "SELECT track_id, audio_path FROM tracks WHERE audio_path IS NOT NULL ORDER BY track_id"
    )
    return dict(rows.fetchall())
