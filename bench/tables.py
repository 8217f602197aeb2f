"""Importing a large table: seconds, rows a second, and peak memory, beside DuckDB's bare read.

``python -m bench.tables [ROWS]`` writes a generated table in the layout of the public 1.2-million
song table (its header, Python lists of artists, quoted titles) and imports it with the command that
a person would run.
"""

import csv
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

HEADER = (
    "id,name,album,album_id,artists,artist_ids,track_number,disc_number,explicit,danceability,"
    "energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,"
    "duration_ms,time_signature,year,release_date"
).split(",")
_ROWS_AT_ONCE = 50_000
_ALPHABET = np.array([*"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"])


def write_table(path: Path, n_rows: int, *, random_state: int = 0) -> None:
    """Write ``n_rows`` generated rows in the layout of ``tracks_features.csv``."""
    rng = np.random.default_rng(random_state)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for first in range(0, n_rows, _ROWS_AT_ONCE):
            n = min(_ROWS_AT_ONCE, n_rows - first)
            writer.writerows(zip(*_columns(rng, n, first), strict=True))


def _columns(rng: np.random.Generator, n: int, first: int) -> list:
    def ids() -> list[str]:
        return ["".join(row) for row in _ALPHABET[rng.integers(62, size=(n, 22))]]

    unit = rng.random((7, n)).round(4).tolist()
    number = range(first, first + n)
    year = rng.integers(1960, 2021, n).tolist()
    return [
        ids(), [f"Song, the {i}th" for i in number], [f"Album {i // 12}" for i in number], ids(),
        [f"['Artist {i % 5000}', 'Guest {i % 77}']" for i in number], ids(), [1] * n, [1] * n,
        (rng.random(n) < 0.1).tolist(), unit[0], unit[1], rng.integers(0, 12, n).tolist(),
        rng.normal(-10, 4, n).clip(-60, 0).round(3).tolist(), rng.integers(0, 2, n).tolist(),
        *unit[2:7], rng.uniform(50, 220, n).round(3).tolist(),
        rng.integers(60_000, 600_000, n).tolist(), rng.integers(3, 6, n).astype(float).tolist(),
        year, [f"{y}-05-01" for y in year],
    ]  # fmt: skip


def measured(command: list[str]) -> dict[str, float]:
    """Run a command; return its wall seconds, CPU seconds and peak resident megabytes."""
    started = time.perf_counter()
    pid = os.spawnvp(os.P_NOWAIT, command[0], command)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return {
        "wall_s": time.perf_counter() - started,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def main(n_rows: int = 1_000_000) -> None:
    """Import a generated table of ``n_rows`` and print what it cost."""
    print(
        f"Python {platform.python_version()}, duckdb {duckdb.__version__}, "
        f"pandas {pd.__version__}, {os.cpu_count()} cores; generated data"
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        table, store = Path(folder) / "tracks_features.csv", Path(folder) / "music.duckdb"
        write_table(table, n_rows)
        bare = (
            "import duckdb, sys; duckdb.connect(sys.argv[1]).execute("
            "'CREATE TABLE t AS SELECT * FROM read_csv(?)', [sys.argv[2]])"
        )
        runs = {
            "duckdb read_csv, unchecked": [
                sys.executable,
                "-c",
                bare,
                str(Path(folder) / "bare.duckdb"),
                str(table),
            ],
            "python -m ingest table": [
                sys.executable,
                "-m",
                "ingest",
                "table",
                str(table),
                "--store",
                str(store),
            ],
            "the same again": [
                sys.executable,
                "-m",
                "ingest",
                "table",
                str(table),
                "--store",
                str(store),
            ],
        }
        for name, command in runs.items():
            cost = measured(command)
            figures = ", ".join(f"{what} {value:.1f}" for what, value in cost.items())
            print(f"{name}: {n_rows / cost['wall_s']:,.0f} rows/s; {figures}", flush=True)
        print(f"CSV {table.stat().st_size / 1e6:.0f} MB, store {store.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
