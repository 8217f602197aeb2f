"""Running the command line in this process, and writing small tables."""

import csv
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.cli import main
from music_explorer.store.reader import open_store
from tests.conftest import run_ingest


@dataclass(frozen=True)
class Done:
    """What a run of the command line left."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line on standard error; anything more is a failure."""
        assert "Traceback" not in self.err
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        return lines[0]


@pytest.fixture
def store(tmp_path, monkeypatch) -> Path:
    """A path for a store, which no environment variable overrules."""
    monkeypatch.delenv("MUSIC_STORE", raising=False)
    return tmp_path / "store" / "music.duckdb"


@pytest.fixture
def run(store, capsys):
    """Run a command against the store; ``at=None`` leaves ``--store`` out."""

    def run_one(*arguments: object, at: Path | None = store) -> Done:
        more = ["--store", str(at)] if at else []
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            main([*map(str, arguments), *more])
        return Done(caught.value.code, *capsys.readouterr())

    return run_one


@pytest.fixture
def ask(store):
    """Ask the published store."""

    def rows(sql: str, *values: object, at: Path = store) -> list[tuple]:
        with open_store(at) as con:
            return con.execute(sql, list(values)).fetchall()

    return rows


@pytest.fixture
def table(tmp_path):
    """Write a CSV: a name, a header of words, and rows of cells."""

    def write(name: str, header: str, *rows: tuple) -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header.split(), *rows])
        return path

    return write


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def known_values(con) -> dict[str, dict[str, object]]:
    """Return every value that a store knows of every track: id -> column -> value."""
    rows = con.execute("FROM features").fetchall()
    names = [column[0] for column in con.description]
    return {
        row[0]: {
            name: value
            for name, value in zip(names, row, strict=True)
            if value is not None and not name.endswith(("track_id", "_origin"))
        }
        for row in rows
    }


@pytest.fixture
def stored(store):
    """Read every value of the published store back."""

    def read() -> dict[str, dict[str, object]]:
        with open_store(store) as con:
            return known_values(con)

    return read


@pytest.fixture(scope="session")
def first_store(tmp_path_factory):
    """A store of one track."""
    folder = tmp_path_factory.mktemp("first")
    (folder / "first.csv").write_text("title,genre\nFirst,pop\n")
    done = run_ingest("table", folder / "first.csv", "--store", folder / "first.duckdb")
    assert done.returncode == 0, done.stderr
    return folder / "first.duckdb"


@pytest.fixture
def filled(first_store, store):
    """Put the store of one track where commands look for it; returns its digest."""
    store.parent.mkdir()
    shutil.copy(first_store, store)
    return digest(store)
