"""Whatever happens during an import, the old or the new store is there, and the next one succeeds.

``python -m tests.ingest.test_faults`` prints what happened at every stage as a table.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("resource", reason="processes are forked and limited, as on Linux and macOS")

from music_explorer.store.reader import open_store
from tests.conftest import ROOT
from tests.ingest.faults import ERRORS, STAGES, ask

OLD = [f"old {number}" for number in range(20)]
NEW = [f"new {number}" for number in range(3_000)]
FAULTS = [
    *(("kill -9", stage, {"stage": stage, "fault": "kill"}) for stage in STAGES),
    *((name, stage, {"stage": stage, "fault": error}) for name, (stage, error) in ERRORS.items()),
    ("no file may be over 1 MB", "the copy", {"most_bytes": 1_000_000}),
    ("no file may be over 4.5 MB", "the tables", {"most_bytes": 4_500_000}),
]
# At first there is nothing to copy, and the rest goes the same way.
AT_FIRST = ("rows are committed", "the file is synced", "the file is renamed", "the tables")
CASES = [
    (begin, name, where, fault)
    for begin in ("first import", "later import")
    for name, where, fault in FAULTS
    if begin == "later import" or where in AT_FIRST
]


class Outcome(NamedTuple):
    """What a fault left: the exit code, and the state before and after the next import."""

    code: int
    said: str
    state: str
    beside: list[str]
    status: int
    next_code: int
    next_state: str
    next_beside: list[str]


@contextlib.contextmanager
def commands() -> Iterator[partial]:
    """Start the process that runs commands; yields what gives it an order."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.ingest.faults"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TQDM_DISABLE": "1"},
    ) as child:
        yield partial(ask, child)
        child.stdin.close()


@pytest.fixture(scope="module")
def order():
    with commands() as give:
        yield give


def prepare(folder: Path, order: partial) -> None:
    """Write both tables, and a store of the old one beside."""
    for name, titles in (("old", OLD), ("new", OLD + NEW)):
        rows = "".join(f"{title},Ann,{number % 100 / 100}\n" for number, title in enumerate(titles))
        (folder / f"{name}.csv").write_text("title,artist,energy\n" + rows)
    code, said = order("table", folder / "old.csv", "--store", folder / "old.duckdb")
    assert code == 0, said


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, order):
    folder = tmp_path_factory.mktemp("faults")
    prepare(folder, order)
    return folder


def state(store: Path) -> str:
    """Return which version is published: none, old or new; anything else is half of one."""
    if not store.exists():
        return "none"
    with open_store(store) as con:
        titles = {title for (title,) in con.execute("SELECT title FROM features").fetchall()}
        sources = con.execute("SELECT source, count(*) FROM track_sources GROUP BY 1").fetchall()
    n_new = len(OLD) + len(NEW)
    if titles == {*OLD} and sources == [("table:old.csv", len(OLD))]:
        return "old"
    if titles == {*OLD, *NEW} and ("table:new.csv", n_new) in sources:
        return "new"
    return f"{len(titles)} titles from {sources}"


def beside(store: Path) -> list[str]:
    """Return what lies in the folder but the store and the lock, which may stay."""
    known = (store.name, f".{store.name}.lock")
    return sorted(path.name for path in store.parent.iterdir() if path.name not in known)


def meet(folder: Path, prepared: Path, order: partial, begin: str, fault: dict) -> Outcome:
    """Import the new table with a fault, look at what is left, and import it once more."""
    store = folder / "music.duckdb"
    if begin == "later import":
        shutil.copy(prepared / "old.duckdb", store)
    command = ("table", prepared / "new.csv", "--store", store)
    code, said = order(*command, **fault)
    after = state(store), beside(store), order("status", "--store", store)[0]
    next_code, _ = order(*command)
    return Outcome(code, said, *after, next_code, state(store), beside(store))


def expected_state(begin: str, fault: dict) -> str:
    stage = fault.get("stage")
    return "new" if stage and STAGES[stage].is_renamed else before(begin)


def before(begin: str) -> str:
    return "none" if begin == "first import" else "old"


@pytest.mark.parametrize(
    ("begin", "name", "where", "fault"),
    CASES,
    ids=[f"{begin}: {name}, {where}" for begin, name, where, _ in CASES],
)
def test_after_a_fault_the_old_or_the_new_store_is_there_and_the_next_import_succeeds(
    tmp_path, prepared, order, begin, name, where, fault
):
    found = meet(tmp_path, prepared, order, begin, fault)
    assert found.state == expected_state(begin, fault), found
    assert found.status == (1 if found.state == "none" else 0)
    if name == "kill -9":
        assert found.code == -9
    else:
        # One line says what failed, and nothing is left behind.
        assert found.code == 1, found.said
        assert "Traceback" not in found.said
        assert "error: cannot write the store" in found.said.splitlines()[-1]
        assert found.beside == []
    assert (found.next_code, found.next_state, found.next_beside) == (0, "new", [])


def main() -> None:
    """Print what each fault leaves."""
    print("| import | fault | where | exit | store after | left beside | next import | then |")
    print("|---|---|---|---|---|---|---|---|")
    with commands() as order, tempfile.TemporaryDirectory() as root:
        prepare(Path(root), order)
        for number, (begin, name, where, fault) in enumerate(CASES):
            folder = Path(root) / str(number)
            folder.mkdir()
            found = meet(folder, Path(root), order, begin, fault)
            left = ", ".join(found.beside) or "nothing"
            cells = (begin, name, where, found.code, found.state, left)
            print("|", " | ".join(map(str, (*cells, found.next_code, found.next_state))), "|")


if __name__ == "__main__":
    main()
