"""The table ``audio_files``: replacing what a scan read again, and finding known recordings."""

from collections.abc import Sequence

import duckdb
import pandas as pd
import pyarrow as pa

from music_explorer.store.release import release
from music_explorer.store.schema import columns

# Names meet whatever their case, accents and punctuation; the first artist stands for all.
_FOLDED = "nullif(regexp_replace(lower(strip_accents({0})), '[^\\p{{L}}\\p{{N}}]+', '', 'g'), '')"
_FIRST_ARTIST, _TITLE = _FOLDED.format("split_part(artist, '; ', 1)"), _FOLDED.format("title")
_NAMES = f"{_FIRST_ARTIST} || chr(31) || {_TITLE}"
_ISRC = "nullif(upper(regexp_replace(isrc, '[^A-Za-z0-9]', '', 'g')), '')"


def replace(
    con: duckdb.DuckDBPyConnection, source: str, files: Sequence[pd.DataFrame], gone: Sequence[str]
) -> None:
    """Put rows in the place of those with the same path; tracks left without a file are released.

    A file that cannot be read any more keeps the track that it was.
    """
    if not files and not gone:
        return
    names = [name for name in columns("audio_files") if name != "source"]
    kinds = ", ".join(f"{name} {columns('audio_files')[name]}" for name in names)
    con.execute(f"CREATE OR REPLACE TEMP TABLE stage_files ({kinds})")
    for frame in files:
        rows = pa.Table.from_pandas(frame[names], preserve_index=False)
        con.register("arriving", rows)
        con.execute("INSERT INTO stage_files BY NAME SELECT * FROM arriving")
        con.unregister("arriving")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE released AS SELECT DISTINCT track_id FROM audio_files "
        "WHERE source = $1 AND track_id IS NOT NULL "
        "AND (path IN (SELECT path FROM stage_files) OR path IN (SELECT unnest($2::VARCHAR[])))",
        [source, list(gone)],
    )
    con.execute(
        "DELETE FROM audio_files WHERE source = $1 AND path IN (SELECT unnest($2::VARCHAR[]))",
        [source, list(gone)],
    )
    kept = ("audio_id", "track_id", "link")
    updates = [
        f"{n} = CASE WHEN excluded.reason IS NULL THEN excluded.{n} ELSE {n} END" for n in kept
    ]
    updates += [f"{n} = excluded.{n}" for n in names if n not in (*kept, "path")]
    con.execute(
        f"INSERT INTO audio_files BY NAME SELECT *, $1 AS source FROM stage_files "
        f"ON CONFLICT DO UPDATE SET {', '.join(updates)}",
        [source],
    )
    con.execute(
        "DELETE FROM released WHERE track_id IN "
        "(SELECT track_id FROM audio_files WHERE source = ? AND track_id IS NOT NULL)",
        [source],
    )
    release(con, source)


def known(con: duckdb.DuckDBPyConnection, source: str) -> list[tuple]:
    """Return the files of a source, each as the columns of ``audio_files`` but ``source``."""
    names = ", ".join(name for name in columns("audio_files") if name != "source")
    return con.execute(
        f"SELECT {names} FROM audio_files WHERE source = ? ORDER BY path", [source]
    ).fetchall()


def recordings(con: duckdb.DuckDBPyConnection, wanted: pd.DataFrame) -> list[tuple]:
    """Find the tracks that may be the recordings in some files.

    Parameters
    ----------
    con
        An open store.
    wanted
        ``row_no, audio_id, isrc, artist, title``, a row a file.

    Returns
    -------
    list of tuple
        ``row_no, track_id, evidence, link, isrc_key, names_key, duration_ms``: at least one for
        each file, and one for each track that has its audio (evidence ``audio``, with the link of
        the file that it has it from), its ISRC or its artist and title. ``track_id`` is None where
        there is none; ``duration_ms`` is the track's.
    """
    kinds = {name: pa.string() for name in wanted.columns} | {"row_no": pa.int64()}
    con.register("arriving", pa.Table.from_pandas(wanted, pa.schema(kinds), preserve_index=False))
    found = con.execute(
        f"""
        WITH wanted AS MATERIALIZED (
            SELECT row_no, audio_id, {_ISRC} AS isrc_key, {_NAMES} AS names_key FROM arriving
        ),
        keyed AS MATERIALIZED (
            SELECT track_id, {_ISRC} AS isrc_key, {_NAMES} AS names_key, duration_ms FROM tracks
        ),
        found AS (
            SELECT row_no, f.track_id, 'audio' AS evidence, min(link) AS link,
                   NULL::BIGINT AS duration_ms
            FROM wanted JOIN audio_files AS f USING (audio_id) WHERE f.track_id IS NOT NULL
            GROUP BY ALL
            UNION ALL
            SELECT row_no, t.track_id, 'isrc', 'isrc', t.duration_ms
            FROM wanted JOIN keyed AS t USING (isrc_key)
            UNION ALL
            SELECT row_no, t.track_id, 'names', 'names', t.duration_ms
            FROM wanted JOIN keyed AS t USING (names_key)
        )
        SELECT row_no, track_id, evidence, link, isrc_key, names_key, duration_ms
        FROM wanted LEFT JOIN found USING (row_no) ORDER BY row_no, track_id, evidence
        """
    ).fetchall()
    con.unregister("arriving")
    return found
