"""Importing a table, beside DuckDB's bare read (the limit) and pandas into SQLite (the habit)."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.contest import Entry, Work, contest
from bench.generated import write
from bench.report import Point, Section, aim, table

SIZES = (10_000, 100_000, 1_000_000)
_FORMATS = ("csv", "parquet")
_AIM = 3.0
_WHY = (
    "every cell is read and checked, and the primary keys of three tables are indexed; the bare "
    "read has none"
)


def compare(sizes: Sequence[int] = SIZES) -> Section:
    """Import generated tables of every size and format."""
    rows, points, ratios = [], [], {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for size in sizes:
            for kind in _FORMATS:
                path = str(write(Path(folder) / f"{size}.{kind}", size))
                repeats = 3 if size < 1_000_000 else 2
                found = contest(
                    [
                        Entry("import", "bench.ingest:ours", (path,), repeats),
                        Entry("bare read", "bench.ingest:bare_read", (path,), repeats),
                        Entry("pandas, SQLite", "bench.ingest:pandas_to_sqlite", (path,), 1),
                    ]
                )
                ours, bare = found["import"], found["bare read"]
                rows += [
                    {
                        "rows": f"{size:,}",
                        "format": kind,
                        "what": name,
                        "s": figures.median,
                        "× bare read": figures.median / bare.median,
                        "rows/s": round(size / figures.median),
                        "MB at most": round(figures.peak_mb),
                    }
                    for name, figures in found.items()
                ]
                ratios[kind] = ours.median / bare.median
                points.append(Point(f"import of {kind}", size, ours.median, ours.peak_mb))
    return Section(
        "Importing tables",
        "`python -m ingest table` into a new store, every check and reject rule on; DuckDB's "
        "`CREATE TABLE AS` of the same file, which checks nothing; `pandas.read_…` and `to_sql` "
        "into SQLite.",
        table(rows),
        points,
        [
            aim(
                f"{sizes[-1]:,} rows in at most {_AIM:g} times the bare read",
                met=max(ratios.values()) <= _AIM,
                found=", ".join(f"{kind} {ratio:.1f}" for kind, ratio in ratios.items()),
                why=_WHY,
            )
        ],
    )


def ours(path: str) -> Work:
    """Import a table as the command does."""
    from ingest.cli import cli

    store = tempfile.mkdtemp(prefix="bench-")
    arguments = ["table", path, "--store", f"{store}/music.duckdb"]
    return lambda: cli.main(arguments, standalone_mode=False)


def bare_read(path: str) -> Work:
    """Read a table with DuckDB into a database file, unchecked."""
    import duckdb

    con = duckdb.connect(f"{tempfile.mkdtemp(prefix='bench-')}/bare.duckdb")
    reader = "read_csv" if path.endswith(".csv") else "read_parquet"

    def work() -> None:
        con.execute(f"CREATE TABLE t AS SELECT * FROM {reader}(?)", [path])
        con.close()

    return work


def pandas_to_sqlite(path: str) -> Work:
    """Read a table with pandas and write it to SQLite."""
    import sqlite3

    import pandas as pd

    con = sqlite3.connect(f"{tempfile.mkdtemp(prefix='bench-')}/habit.sqlite")
    read = pd.read_csv if path.endswith(".csv") else pd.read_parquet
    return lambda: read(path).to_sql("t", con, index=False)
