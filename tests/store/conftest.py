"""Tiny stores whose contents fit in the head."""

import hashlib
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from music_explorer.store.batch import Batch
from music_explorer.store.reader import open_store
from music_explorer.store.writer import writing
from tests.conftest import ROOT


class Bench:
    """Write to one store and look at it, in few words."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self, source, *, genres=None, playlists=None, plays=None, rejects=(), **columns):
        """Import a batch given by columns; scalars count for every row."""
        tracks = pd.DataFrame(columns)
        for kind in ("spotify", "librosa"):
            known = {"spotify": "tempo key energy", "librosa": "mfcc_01_mean rms_mean"}[kind]
            if set(known.split()) & set(columns):
                tracks[f"{kind}_origin"] = "table"
        names = ["track_id", "genre", "subgenre", "genre_as_given", "origin"]
        frame = pd.DataFrame([(t, g, s, g, "column") for t, g, s in genres or []], columns=names)
        batch = Batch(
            tracks=tracks,
            genres=frame if genres else None,
            playlists=pd.DataFrame(
                playlists or [], columns=["track_id", "playlist", "position", "added_at"]
            ),
            plays=pd.DataFrame(plays or [], columns=["track_id", "month", "n_plays", "ms_played"]),
            rejects=list(rejects),
            n_read=len(tracks) + len(rejects),
        )
        with writing(self.path) as merge:
            merge.stage(batch)
            return merge.merge(
                source=source, location=f"{source}.csv", started_at=datetime(2026, 1, 2)
            )

    def rows(self, sql, *values):
        """Ask the published store."""
        with open_store(self.path) as con:
            return con.execute(sql, list(values)).fetchall()

    def hash(self):
        """Return the SHA-256 of the published file."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


@pytest.fixture
def bench(tmp_path, empty_store) -> Bench:
    """A store without tracks, which every test may change."""
    shutil.copy(empty_store, tmp_path / "music.duckdb")
    return Bench(tmp_path / "music.duckdb")


@pytest.fixture
def make_bench(tmp_path):
    """Make further ones, which do not exist until something is put into them."""
    return lambda name: Bench(tmp_path / f"{name}.duckdb")


@pytest.fixture
def beside(bench):
    """Start ``publisher.py`` on the bench's store; returns when it says that it is ready."""
    started = []

    def start(*task: object) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.store.publisher", str(bench.path), *map(str, task)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline(), f"{task} did not start"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
