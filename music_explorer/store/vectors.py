"""The table ``embeddings``: vectors that a model made elsewhere of tracks that the store has."""

from collections.abc import Iterable

import duckdb
import numpy as np
import pyarrow as pa

from music_explorer.store.batch import Counts
from music_explorer.store.errors import StoreError

Rows = tuple[list[str], list[str], np.ndarray]
"""Where each row stands, the track it names, and float32 vectors of shape (n, n_dimensions)."""


def stage(con: duckdb.DuckDBPyConnection, batches: Iterable[Rows]) -> int:
    """Put vectors into the temporary table ``arrived`` and find their tracks.

    A track is named by its ``track_id`` or by the path of an audio file of the store.

    Returns
    -------
    int
        Numbers in a vector; 0 if none arrived.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE arrived "
        "(row_no BIGINT, locator VARCHAR, name VARCHAR, vector FLOAT[])"
    )
    n_rows = n_dimensions = 0
    for locators, names, vectors in batches:
        n_dimensions = vectors.shape[1]
        rows = pa.table(
            {
                "row_no": range(n_rows, n_rows + len(names)),
                "locator": locators,
                "name": names,
                "vector": pa.FixedSizeListArray.from_arrays(vectors.ravel(), n_dimensions),
            }
        )
        con.register("arriving", rows)
        con.execute("INSERT INTO arrived SELECT * FROM arriving")
        con.unregister("arriving")
        n_rows += len(names)
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE named AS
        SELECT row_no, locator, name, coalesce(t.track_id, f.track_id) AS track_id,
               row_no = max(row_no) OVER (PARTITION BY coalesce(t.track_id, f.track_id)) AS is_last
        FROM arrived
        LEFT JOIN tracks AS t ON t.track_id = name
        LEFT JOIN (SELECT path, min(track_id) AS track_id FROM audio_files GROUP BY path) AS f
            ON f.path = name
        """
    )
    return n_dimensions


def rejected(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Return the staged rows that give no track its vector: ``(locator, reason)``."""
    return con.execute(
        """
        SELECT locator,
               CASE WHEN track_id IS NULL
                    THEN 'no track or audio file of the store is ' || name
                    ELSE 'another vector of ' || name || ' comes later, and counts' END
        FROM named WHERE track_id IS NULL OR NOT is_last ORDER BY row_no
        """
    ).fetchall()


def put(con: duckdb.DuckDBPyConnection, *, model: str, source: str, n_dimensions: int) -> Counts:
    """Write what was staged; the vectors that the source gave before go.

    Raises
    ------
    StoreError
        If another source gave vectors of that model with another number of dimensions.
    """
    other = con.execute(
        "SELECT len(vector), source FROM embeddings "
        "WHERE model = $1 AND source <> $2 AND len(vector) <> $3 LIMIT 1",
        [model, source, n_dimensions],
    ).fetchone()
    if other:
        raise StoreError(
            f"vectors of {model!r} have {other[0]} dimensions in this store, from {other[1]}, and "
            f"{n_dimensions} here; give these another --model, or remove {other[1]} first"
        )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE known AS SELECT track_id, hash(vector) AS content, source "
        "FROM embeddings WHERE model = $1",
        [model],
    )
    con.execute(
        "DELETE FROM embeddings WHERE model = $1 AND "
        "(source = $2 OR track_id IN (SELECT track_id FROM named))",
        [model, source],
    )
    con.execute(
        "INSERT INTO embeddings SELECT track_id, $1, vector, $2 FROM arrived "
        "JOIN named USING (row_no) WHERE track_id IS NOT NULL AND is_last",
        [model, source],
    )
    return Counts(
        *con.execute(
            """
            SELECT (SELECT count(*) FROM arrived),
                   count(*) FILTER (WHERE k.track_id IS NULL),
                   count(*) FILTER (WHERE k.content <> hash(e.vector)),
                   count(*) FILTER (WHERE k.content = hash(e.vector)),
                   (SELECT count(*) FROM named WHERE track_id IS NULL OR NOT is_last)
            FROM embeddings AS e LEFT JOIN known AS k USING (track_id)
            WHERE e.model = $1 AND e.source = $2
            """,
            [model, source],
        ).fetchone()
    )
