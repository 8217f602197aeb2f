"""Estimated Spotify-style values in ``spotify_features``: never beside measured ones in one row.

How far they can be trusted is in the table ``estimates``.
"""

from collections.abc import Iterable, Sequence

import duckdb
import pandas as pd
import pyarrow as pa

from music_explorer.store.schema import columns

SOURCE = "estimate"


def analysed(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> pd.DataFrame:
    """Return the tracks with Librosa features, one row a track.

    Parameters
    ----------
    con
        An open store.
    names
        Columns of the view ``features``.

    Returns
    -------
    DataFrame
        ``track_id``, ``artist``, ``spotify_origin`` (NULL without Spotify-style values),
        ``extraction`` (which Librosa features can be compared: the extractor that made them, or the
        source where it is not known) and the named columns.
    """
    picked = ", ".join(f"f.{name}" for name in names)
    return con.execute(
        "SELECT f.track_id, f.artist, f.spotify_origin, "
        f"coalesce(l.extractor_version, l.source) AS extraction, {picked} "
        "FROM features AS f JOIN librosa_features AS l ON l.track_id = f.track_id "
        "ORDER BY f.track_id"
    ).df()


def replace(
    con: duckdb.DuckDBPyConnection, values: pd.DataFrame, trust: pd.DataFrame
) -> tuple[int, int, int]:
    """Put estimates in the place of all earlier ones; measured values are not touched.

    Parameters
    ----------
    con
        The store.
    values
        ``track_id`` and columns of ``spotify_features``.
    trust
        Rows of the table ``estimates``.

    Returns
    -------
    tuple of int
        Tracks whose estimates are new or changed, unchanged, gone.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE estimated AS FROM spotify_features LIMIT 0")
    con.register("arriving", pa.Table.from_pandas(values, preserve_index=False))
    con.execute(
        "INSERT INTO estimated BY NAME SELECT *, 'estimated' AS origin, $1 AS source FROM arriving "
        "WHERE track_id NOT IN (SELECT track_id FROM spotify_features WHERE origin <> 'estimated')",
        [SOURCE],
    )
    con.unregister("arriving")
    counted = con.execute(
        "SELECT count(*), (SELECT count(*) FROM "
        "(FROM estimated INTERSECT FROM spotify_features)) FROM estimated"
    )
    n_all, n_same = counted.fetchone()
    gone = con.execute(
        "DELETE FROM spotify_features WHERE origin = 'estimated' "
        "AND track_id NOT IN (SELECT track_id FROM estimated) RETURNING track_id"
    )
    n_gone = len(gone.fetchall())
    updates = ", ".join(f"{name} = excluded.{name}" for name in value_columns())
    con.execute(
        "INSERT INTO spotify_features BY NAME FROM estimated "
        f"ON CONFLICT (track_id) DO UPDATE SET {updates}"
    )
    con.execute("DELETE FROM estimates")
    con.register("arriving", pa.Table.from_pandas(trust, preserve_index=False))
    con.execute("INSERT INTO estimates BY NAME FROM arriving")
    con.unregister("arriving")
    return n_all - n_same, n_same, n_gone


def give_way(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Empty the estimated rows of tracks that the table ``incoming`` has measured values for.

    Parameters
    ----------
    con
        The store; whoever calls this then writes the measured values and their origin.
    names
        The columns of ``incoming`` that are Spotify-style values; may be none.
    """
    if not names:
        return
    some = " OR ".join(f"{name} IS NOT NULL" for name in names)
    emptied = ", ".join(f"{name} = NULL" for name in value_columns())
    con.execute(
        f"UPDATE spotify_features SET {emptied} WHERE origin = 'estimated' "
        f"AND track_id IN (SELECT track_id FROM incoming WHERE {some})"
    )


def value_columns() -> list[str]:
    """Return the columns of ``spotify_features`` that are values, measured or estimated."""
    return [n for n in columns("spotify_features") if n not in ("track_id", "origin", "source")]
