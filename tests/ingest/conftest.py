"""Running the command line in this process, and writing small tables."""

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.cli import main
from music_explorer.store.reader import open_store


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
