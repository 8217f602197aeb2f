"""A table of any size: the demo's rows drawn again and again, their values moved a little.

The marginals, the gaps, the genres and the odd characters of real titles stay; tracks, and what
they would say of music, are made up.
"""

from pathlib import Path

import numpy as np
import pandas as pd

_DEMO = Path(__file__).parents[1] / "data" / "spotify_by_genre.parquet"
_MOVED = {  # column -> its range
    "danceability": (0, 1),
    "energy": (0, 1),
    "loudness": (-60, 5),
    "speechiness": (0, 1),
    "acousticness": (0, 1),
    "instrumentalness": (0, 1),
    "liveness": (0, 1),
    "valence": (0, 1),
    "tempo": (0, 300),
    "duration_ms": (1_000, 3_600_000),
}
_JITTER = 0.05  # of a value
_BASE = np.array([*"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"])
_AT_ONCE = 100_000


def generated(n_rows: int, *, first: int = 0, random_state: int = 0) -> pd.DataFrame:
    """Return rows of the generated table from ``first`` on, laid out as the demo's.

    Each copy of the demo has artists, albums and ids of its own.
    """
    demo = pd.read_parquet(_DEMO)
    rng = np.random.default_rng([random_state, first])
    rows = demo.iloc[rng.integers(len(demo), size=n_rows)].reset_index(drop=True)
    number = np.arange(first, first + n_rows)
    copy = pd.Series(number // len(demo)).astype("str")
    for column, (low, high) in _MOVED.items():
        # In proportion, so that what is 0 stays 0: it means that nothing was found.
        moved = rows[column].to_numpy(dtype=float) * rng.normal(1, _JITTER, n_rows)
        rows[column] = np.clip(moved, low, high).round(6).astype(demo[column].dtype)
    ids = _BASE[rng.integers(len(_BASE), size=(n_rows, 22))]
    rows["track_id"] = ids.view(f"<U{ids.shape[1]}").ravel()
    rows["track_name"] = rows["track_name"].astype("str") + " #" + pd.Series(number).astype("str")
    for column in ("artists", "album_name"):
        rows[column] = rows[column].astype("str") + " of " + copy
    return rows


def write(path: Path, n_rows: int) -> Path:
    """Write the generated table as CSV or Parquet, by the ending of ``path``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    for first in range(0, n_rows, _AT_ONCE):
        rows = generated(min(_AT_ONCE, n_rows - first), first=first)
        if path.suffix == ".csv":
            rows.to_csv(path, mode="a" if first else "w", header=not first, index=False)
            continue
        table = pa.Table.from_pandas(rows, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()
    return path
