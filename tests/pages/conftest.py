"""Running pages without a browser."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from music_explorer.analysis.feature_sets import FEATURE_SETS
from music_explorer.store.batch import Batch
from music_explorer.store.schema import ranges
from music_explorer.store.writer import writing

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


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
        track_id=ids, title=ids, artist="A", spotify_origin="table", librosa_origin="table"
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
