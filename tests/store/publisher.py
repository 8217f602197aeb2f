"""Another process that writes: what a test starts beside itself.

``publish N``: publish N versions, each with its number as the title of every track.
``hold``: stay in the middle of an import. ``hold-foreign``: keep the file open for writing with
plain DuckDB. ``wal``: die with changes that DuckDB has not yet written into the file.
A line on standard output says when the process is where it should be; it leaves a hold when its
standard input closes.
"""

import os
import sys
from pathlib import Path

import duckdb

from music_explorer.store.writer import writing


def main(path: Path, task: str, *arguments: str) -> None:
    if task == "publish":
        for number in range(1, int(arguments[0]) + 1):
            with writing(path) as merge:
                merge.con.execute("UPDATE tracks SET title = ?", [f"{number:06d}"])
                merge.touched = True
            print(number, flush=True)
    elif task == "hold":
        with writing(path) as merge:
            merge.con.execute("UPDATE tracks SET title = 'half'")
            merge.touched = True
            wait()
    elif task == "hold-foreign":
        with duckdb.connect(str(path)):
            wait()
    elif task == "wal":
        con = duckdb.connect(str(path))
        con.execute("SET wal_autocheckpoint = '1GB'")
        con.execute("CREATE TABLE notes (i INTEGER)")
        print("ready", flush=True)
        os._exit(1)


def wait() -> None:
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
