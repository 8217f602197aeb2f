"""Stores and files that the tests of several rooms share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from music_explorer.store.writer import writing
from tests.server import FileServer

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def study_csv() -> Path:
    """The published table of the study, which does not ship with the product."""
    default = ROOT.parent / "shared" / "data" / "study_tracks.csv"
    path = Path(os.environ.get("MUSIC_STUDY_CSV") or default)
    if not path.exists():
        pytest.skip(f"no study table at {path}; set MUSIC_STUDY_CSV")
    return path


def run_ingest(*arguments: object, **options) -> subprocess.CompletedProcess:
    """Run the command line as a person does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ingest", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory) -> Path:
    """The demo, built through the command line."""
    path = tmp_path_factory.mktemp("demo") / "demo.duckdb"
    done = run_ingest("demo", "--store", path)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="session")
def study_store(tmp_path_factory, study_csv) -> Path:
    """The study, imported through the command line."""
    path = tmp_path_factory.mktemp("study") / "study.duckdb"
    done = run_ingest("study", "--from", study_csv, "--store", path)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory) -> Path:
    """A published store with every table and not one track."""
    path = tmp_path_factory.mktemp("empty") / "empty.duckdb"
    with writing(path) as merge:
        merge.touched = True
    return path


@pytest.fixture
def server(tmp_path):
    """A server on this machine that serves what a test puts into ``server.folder``."""
    folder = tmp_path / "served"
    folder.mkdir()
    with FileServer(folder) as running:
        yield running
