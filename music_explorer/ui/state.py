"""The store and every result, cached on the store's data version and the choices.

Cached functions take all they need as arguments; none reads the session, so no visitor can see
what another one chose.
"""

import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from music_explorer.analysis import choose_k, pipeline
from music_explorer.analysis.feature_sets import FEATURE_SETS, MODEL, coverage
from music_explorer.analysis.pipeline import Config, Prepared, Run
from music_explorer.analysis.projection import PROJECTION_TITLES, Projection
from music_explorer.analysis.recordings import joined_labels
from music_explorer.analysis.tsne import warm_up
from music_explorer.headless.inputs import frame_of
from music_explorer.store import queries, schema
from music_explorer.store.errors import StoreError
from music_explorer.store.location import app_store, is_demo
from music_explorer.store.reader import Identity, data_version, identity, open_store
from music_explorer.ui import charts
from music_explorer.ui.jobs import MAP, Job, with_progress
from music_explorer.ui.upload import session_store

_ROOT = Path(__file__).resolve().parents[2]
_COMPILE_AFTER_S = 15.0
_building = threading.Lock()


@dataclass(frozen=True)
class Store:
    """The store that the app shows, at the version that is published now."""

    path: Path
    version: str
    is_demo: bool


def current_store() -> Store:
    """Find the store and its version; build the demo first if there is no store at all.

    A visitor who brought files sees the store that was made of them.

    Raises
    ------
    StoreError
        If the store is missing, damaged, or the demo cannot be built.
    """
    path = session_store() or app_store()
    if is_demo(path):
        _build_demo(path)
    _compile_later()
    return Store(path, _version(path, identity(path)), is_demo(path))


@st.cache_resource(show_spinner=False)
def _compile_later() -> None:
    """Compile t-SNE before somebody asks for it, but not while the first page is being drawn."""
    timer = threading.Timer(_COMPILE_AFTER_S, warm_up)
    timer.daemon = True
    timer.start()


def _build_demo(path: Path) -> None:
    with _building:
        if path.exists():
            return
        command = [sys.executable, "-m", "ingest", "demo", "--store", str(path)]
        done = subprocess.run(
            command, cwd=_ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode and not path.exists():
            raise StoreError(f"the demo could not be built: {done.stderr.strip()}")


@st.cache_data(max_entries=8, show_spinner=False)
def _version(path: Path, published: Identity) -> str:
    return data_version(path)


def ask(store: Store, question: str, *arguments: Any, **options: Any) -> Any:
    """Ask the store one of the questions in `store.queries`, by its name; the answer is cached."""
    answer = _answer(store.version, store.path, question, arguments, options)
    # What is written to such a copy does not reach the frame that everybody has.
    return answer.copy(deep=False) if isinstance(answer, pd.DataFrame) else answer


# As a resource: to copy a large frame for each would take longer than to draw the page.
@st.cache_resource(max_entries=48, show_spinner=False)
def _answer(version: str, path: Path, question: str, arguments: tuple, options: dict) -> Any:
    # The path too: two visitors may bring the same tracks in files of other names.
    with open_store(path, expect=version) as con:
        return getattr(queries, question)(con, *arguments, **options)


def table_columns() -> list[str]:
    """Return what a column of an imported table can be."""
    names = [
        name
        for table in ("tracks", "spotify_features", "librosa_features")
        for name in schema.columns(table)
        if name not in ("origin", "source", "audio_path")
    ]
    return sorted({*names, "genre", "subgenre", "playlist", "duration_s"})


def meaning(column: str) -> str:
    """Return what a column of the store means, with its unit and range."""
    return schema.comments()[column]


def set_coverage(store: Store, *, estimated: bool = False) -> dict[str, float]:
    """Return the share of tracks that each feature set can cluster, 0 to 1."""
    return _set_coverage(store.version, estimated, _store=store)


@st.cache_data(max_entries=8, show_spinner=False)
def _set_coverage(version: str, estimated: bool, _store: Store) -> dict[str, float]:
    shares = ask(_store, "coverage")
    names = dict.fromkeys(name for chosen in FEATURE_SETS.values() for name in chosen.columns)
    known = tuple(name for name in names if shares.get(name))
    patterns = ask(_store, "presence", known, estimated=estimated)
    found = coverage(patterns, weights=patterns["n_tracks"].to_numpy(dtype=float))
    n_tracks = max(ask(_store, "counts")["tracks"], 1)
    models = ask(_store, "models")
    return found | {MODEL + m.model: m.n_tracks / n_tracks for m in models.itertuples()}


def pairs(store: Store, kind: str) -> pd.DataFrame:
    """Return the label pairs of one kind as ``track_id, genre``, as the analysis names them."""
    return ask(store, "labels", kind).rename(columns={"label": "genre"})


def labels(store: Store, config: Config, kind: str) -> pd.DataFrame:
    """Return the label pairs of the tracks of a configuration.

    Where one track stands for all releases of a recording, it has the labels of all.
    """
    if not config.one_per_recording:
        return pairs(store, kind)
    return _joined_labels(store.version, config.prepare_key, kind, _store=store, _config=config)


@st.cache_resource(max_entries=16, show_spinner=False)
def _joined_labels(
    version: str, key: tuple, kind: str, _store: Store, _config: Config
) -> pd.DataFrame:
    return joined_labels(pairs(_store, kind), prepared(_store, _config).stands_for)


def prepared(store: Store, config: Config) -> Prepared:
    """Return the selected tracks and their scaled features."""
    return _prepared(store.version, config.prepare_key, _store=store, _config=config)


@st.cache_resource(max_entries=8, show_spinner=False)
def _prepared(version: str, key: tuple, _store: Store, _config: Config) -> Prepared:
    with open_store(_store.path, expect=version) as con:
        frame = frame_of(con, _config)
    return pipeline.prepare(_config, frame, genres=pairs(_store, "genre"))


def projection(store: Store, config: Config) -> Projection:
    """Return the projection; a slow one shows its progress and is computed once for everybody."""
    ready = prepared(store, config)
    key = (store.version, *config.project_key)
    if config.projection == "pca":
        return _pca(key, _config=config, _ready=ready)
    n_tracks, n_features = ready.X.shape

    def work(job: Job) -> Projection:
        def unfold(iteration: int, max_iter: int, embedding: np.ndarray) -> None:
            job.report(iteration, max_iter)
            job.show(embedding)

        return pipeline.project(config, ready.X, callback=unfold)

    title = PROJECTION_TITLES[config.projection]
    placed = with_progress(
        key,
        work,
        f"{title} of {n_tracks:,} tracks × {n_features} features",
        lane=MAP,
        draw=lambda embedding: st.plotly_chart(
            charts.unfolding(embedding, title=f"{title}, while it unfolds")
        ),
    )
    return placed or st.stop()


@st.cache_resource(max_entries=8, show_spinner=False)
def _pca(key: tuple, _config: Config, _ready: Prepared) -> Projection:
    return pipeline.project(_config, _ready.X)


def run(store: Store, config: Config) -> Run:
    """Return the clusters of the selected tracks, scored in both spaces."""
    placed = projection(store, config)
    return _run(store.version, config, _ready=prepared(store, config), _placed=placed)


@st.cache_resource(max_entries=24, show_spinner="Clustering…")
def _run(version: str, config: Config, _ready: Prepared, _placed: Projection) -> Run:
    return pipeline.cluster(config, _ready, _placed)


def scan(store: Store, config: Config, ks: tuple[int, ...]) -> pd.DataFrame:
    """Return every criterion for each k, in both spaces; see `analysis.choose_k.scan_k`."""
    ready, placed = prepared(store, config), projection(store, config)
    scored_in = pipeline.spaces(config, ready, placed)
    key = ("scan", store.version, *config.project_key, config.space, config.method, ks)

    def work(job: Job) -> pd.DataFrame:
        return choose_k.scan_k(
            next(iter(scored_in.values())),
            ks=ks,
            method=config.method,
            random_state=config.random_state,
            spaces=scored_in,
            progress=job.report,
        )

    scanned = with_progress(key, work, f"Clustering with {len(ks)} numbers of clusters", lane=MAP)
    return st.stop() if scanned is None else scanned
