"""Stores and files that the tests of several rooms share."""

import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from music_explorer.analysis.feature_sets import FEATURE_SETS
from music_explorer.store.batch import Batch
from music_explorer.store.schema import ranges
from music_explorer.store.writer import writing
from tests.server import FileServer

ROOT = Path(__file__).resolve().parents[1]
# Rooms below the app: they import and pass their tests as if Streamlit were not installed.
WITHOUT_STREAMLIT = ("analysis", "ingest", "store")


@pytest.fixture(autouse=True)
def _streamlit_absent(request, monkeypatch):
    """Let `import streamlit` fail in the tests of the rooms below the app."""
    if request.path.relative_to(ROOT / "tests").parts[0] in WITHOUT_STREAMLIT:
        monkeypatch.setitem(sys.modules, "streamlit", None)


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


@pytest.fixture(scope="session")
def small_store(tmp_path_factory) -> Path:
    """Return a store of 120 tracks with the study's 40 features, in two far-apart groups."""
    path = tmp_path_factory.mktemp("small") / "small.duckdb"
    columns = FEATURE_SETS["study"].columns
    rng = np.random.default_rng(0)
    upper = {name: ranges()[name][1] for name in columns}
    middle = np.array([(sum(ranges()[name])) / 2 for name in columns])
    away = np.array([0.2 if upper[name] == 1 else 20.0 for name in columns])
    group = np.repeat([0, 1], 60)
    values = middle + np.outer(group, away) + rng.normal(scale=away / 20, size=(120, len(columns)))
    tracks = pd.DataFrame(values, columns=columns)
    tracks = tracks.assign(key=group * 7, mode=group, time_signature=3 + group)
    tracks["duration_ms"] = tracks["duration_ms"].round().astype(int)
    ids = [f"row:{i:03d}" for i in range(120)]
    tracks = tracks.assign(
        track_id=ids,
        title=ids,
        artist=[f"Artist {i % 30}" for i in range(120)],
        spotify_origin="table",
        librosa_origin="table",
    )
    genre = np.where(group == 0, "Left", "Right")
    genres = pd.DataFrame(
        {
            "track_id": ids,
            "genre": genre,
            "subgenre": None,
            "genre_as_given": genre,
            "origin": "column",
        }
    )
    with writing(path) as merge:
        merge.stage(Batch(tracks, genres, n_read=120))
        merge.merge(source="small", location="small.csv", started_at=datetime(2026, 1, 1))
    return path


@pytest.fixture(scope="session")
def estimated_store(tmp_path_factory, small_store) -> Path:
    """Return the small store with 30 more tracks, some of whose values are estimated."""
    path = tmp_path_factory.mktemp("estimated") / "music.duckdb"
    shutil.copy(small_store, path)
    ids = [f"row:e{i:02d}" for i in range(30)]
    tracks = pd.DataFrame({"track_id": ids, "title": ids, "artist": "Mine", "mfcc_01_mean": -9.0})
    tracks = tracks.assign(release_date="2001", librosa_origin="audio")
    genres = pd.DataFrame({"track_id": ids, "genre": "Left", "genre_as_given": "Left"})
    values = pd.DataFrame({"track_id": ids, "energy": np.linspace(0, 1, 30), "valence": 0.25})
    values["loudness"] = -9.5
    trust = pd.DataFrame(
        {"feature": ["energy", "loudness", "valence"], "extraction": "own", "r2": [0.83, 0.9, 0.34]}
    )
    started_at = datetime(2026, 1, 2)
    with writing(path) as merge:
        genres = genres.assign(subgenre=None, origin="column")
        merge.stage(Batch(tracks, genres, n_read=30))
        merge.merge(source="audio:mine", location="mine", started_at=started_at)
        merge.estimate(values, trust.assign(n_learnt=300, n_artists=60), started_at=started_at)
    return path
