"""Importing the Free Music Archive's dataset at full scale: seconds, tracks a second, peak memory.

``python -m bench.fma [TRACKS]`` writes the four files with the dataset's header rows and generated
values, and imports them with the command that a person would run, twice.
"""

import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from bench.contest import measured
from tests.ingest.fma import dataset

_N_TRACKS = 106_574
_N_ECHONEST = 13_129
_ROWS_AT_ONCE = 5_000
_NO_HEADER = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")


def write_dataset(folder: Path, n_tracks: int) -> None:
    """Write the files block by block, so that this program's memory stays small too."""
    rng = np.random.default_rng(0)
    ids = dataset.numbers(n_tracks)
    dataset.genres().to_csv(folder / "genres.csv")
    for name, make, some in (
        ("tracks.csv", dataset.tracks, ids),
        ("features.csv", dataset.features, ids),
        ("echonest.csv", dataset.echonest, ids[: n_tracks * _N_ECHONEST // _N_TRACKS]),
    ):
        make(ids[:1], rng).iloc[:0].to_csv(folder / name)
        with (folder / name).open("ab") as file:
            for first in range(0, len(some), _ROWS_AT_ONCE):
                _append(file, make(some[first : first + _ROWS_AT_ONCE], rng))


def _append(file, rows: pd.DataFrame) -> None:
    cells = {str(n): rows.iloc[:, n].to_numpy() for n in range(rows.shape[1])}
    pyarrow.csv.write_csv(pa.table({"id": rows.index.to_numpy(), **cells}), file, _NO_HEADER)


def main(n_tracks: int = _N_TRACKS) -> None:
    """Import a generated dataset of ``n_tracks`` and print what it cost."""
    print(
        f"Python {platform.python_version()}, duckdb {duckdb.__version__}, "
        f"pandas {pd.__version__}, {os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}; "
        "generated data"
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder, store = Path(name), Path(name) / "music.duckdb"
        started = time.perf_counter()
        write_dataset(folder, n_tracks)
        sizes = ", ".join(
            f"{path.name} {path.stat().st_size / 1e6:.0f} MB" for path in folder.glob("*.csv")
        )
        print(f"(written in {time.perf_counter() - started:.0f} s: {sizes})", flush=True)
        command = [sys.executable, "-m", "ingest", "fma", str(folder), "--store", str(store)]
        for what in ("python -m ingest fma", "the same again"):
            cost = measured(command)
            figures = ", ".join(f"{what} {value:.1f}" for what, value in cost.items())
            print(f"{what}: {n_tracks / cost['wall_s']:,.0f} tracks/s; {figures}", flush=True)
        print(f"store {store.stat().st_size / 1e6:.0f} MB, load after {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
