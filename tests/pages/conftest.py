"""Running pages without a browser."""

import sys
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from music_explorer.analysis.feature_sets import FEATURE_SETS
from music_explorer.analysis.gap import gap_statistic
from music_explorer.analysis.stability import stability_curve
from music_explorer.store.batch import Batch
from music_explorer.store.schema import ranges
from music_explorer.store.writer import writing
from music_explorer.ui import evidence, jobs

ROOT = Path(__file__).parents[2]
_MAIN = sys.modules["__main__"]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.fixture(autouse=True)
def _own_main():
    """Put back what AppTest puts in the place of the main program, as new processes import that."""
    yield
    sys.modules["__main__"] = _MAIN


@pytest.fixture(autouse=True)
def _little_evidence(monkeypatch):
    """Take the evidence of few tracks, k and samples: how firm it is, its own tests ask."""
    monkeypatch.setattr(evidence, "MAX_K", 4)
    monkeypatch.setattr(evidence, "N_NULL", 19)
    monkeypatch.setattr(evidence, "MOST_SAMPLES", 300)
    monkeypatch.setattr(evidence, "KS_OF_MIXTURES", (1, 2, 3))
    monkeypatch.setattr(evidence, "gap_statistic", partial(gap_statistic, n_refs=5))
    monkeypatch.setattr(evidence, "stability_curve", partial(stability_curve, n_boot=3))


@pytest.fixture
def no_evidence(monkeypatch):
    """Leave the evidence out, as if the visitor had stopped it: nothing of the test looks at it."""
    monkeypatch.setattr(evidence, "with_progress", lambda *_, **__: None)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    """Look for results more often than a visitor would notice."""
    monkeypatch.setattr(jobs, "_STEP_S", 0.05)


@pytest.fixture
def open_page(monkeypatch):
    """Open a page of the app on a store, with the given query parameters."""

    def opener(stem: str, store: Path, **choices: str) -> AppTest:
        monkeypatch.setenv("MUSIC_STORE", str(store))
        st.cache_data.clear()
        at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=120)
        at.switch_page(f"pages/{stem}.py")
        for name, value in choices.items():
            at.query_params[name] = value
        return at.run()

    return opener


@pytest.fixture(scope="session")
def one_cloud(tmp_path_factory) -> Path:
    """Return a store of 150 tracks in one normal cloud of the study's 40 features."""
    columns = FEATURE_SETS["study"].columns
    limits = np.array([ranges()[name] for name in columns])
    spread = np.minimum(np.ptp(limits, axis=1) / 20, 20)
    values = np.random.default_rng(0).normal(limits.mean(axis=1), spread, (150, len(columns)))
    # Whole numbers would be lines in the cloud.
    tracks = pd.DataFrame(values, columns=columns).assign(key=0, mode=0, time_signature=4)
    tracks["duration_ms"] = tracks["duration_ms"].round().astype(int)
    ids = [f"row:{i:03d}" for i in range(150)]
    genre = np.where(np.arange(150) % 2 == 0, "Even", "Odd")
    tracks = tracks.assign(
        track_id=ids, title=ids, artist=ids, spotify_origin="table", librosa_origin="table"
    )
    genres = pd.DataFrame({"track_id": ids, "genre": genre, "genre_as_given": genre})
    path = tmp_path_factory.mktemp("cloud") / "cloud.duckdb"
    with writing(path) as merge:
        merge.stage(Batch(tracks, genres.assign(subgenre=None, origin="column"), n_read=150))
        merge.merge(source="cloud", location="cloud.csv", started_at=datetime(2026, 1, 1))
    return path
