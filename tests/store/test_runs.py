"""Kept runs: what goes in comes out, and the data stays what it was."""

from datetime import datetime

import pandas as pd
import pytest

from music_explorer.store import runs
from music_explorer.store.errors import StoreError
from music_explorer.store.reader import data_version, identity, open_store

ASSIGNMENTS = pd.DataFrame(
    {
        "track_id": ["file:b", "file:a", "file:b"],
        "cluster": pd.array([1, None, 0], dtype="Int64"),
        "x": [0.1 + 0.2, -1e-300, 3.0],
        "y": [1.0, 2.0, 3.0],
        "z": [float("nan")] * 3,
    }
)


@pytest.fixture
def filled(bench):
    bench.put("s", track_id=["file:a", "file:b"], title=["a", "b"], tempo=[100.0, 120.0])
    return bench


def run(bench, run_id="r", day=1):
    return {
        "run_id": run_id,
        "created_at": datetime(2026, 1, day, 3, 4, 5, 678901),
        "config": {"n_clusters": 2, "genres": ["Ünï 'quoted'"], "cap": None},
        "environment": {"python": "3.11", "n_threads": 2},
        "data_version": data_version(bench.path),
        "scores": {"features": {"space": "1 scaled features", "silhouette": None}},
    }


def listed(bench):
    with open_store(bench.path) as con:
        return runs.listing(con)


def test_a_run_comes_back_as_it_was_kept(filled):
    assert runs.keep(filled.path, run(filled), ASSIGNMENTS)
    with open_store(filled.path) as con:
        found, assignments = runs.read(con, "r")
    assert found == run(filled)
    pd.testing.assert_frame_equal(assignments, ASSIGNMENTS)


def test_keeping_and_forgetting_changes_the_file_but_not_the_data_version(filled):
    version, published = data_version(filled.path), identity(filled.path)
    runs.keep(filled.path, run(filled), ASSIGNMENTS)
    assert data_version(filled.path) == version
    assert identity(filled.path) != published
    runs.forget(filled.path, "r")
    assert data_version(filled.path) == version


def test_a_run_is_kept_once(filled):
    runs.keep(filled.path, run(filled), ASSIGNMENTS)
    before = filled.hash()
    assert not runs.keep(filled.path, run(filled, day=2), ASSIGNMENTS)
    assert filled.hash() == before


def test_a_run_on_other_data_is_refused_and_nothing_is_written(filled):
    old = run(filled)
    filled.put("s", track_id=["file:c"], title=["c"])
    before = filled.hash()
    with pytest.raises(StoreError, match=f"of data version {old['data_version']}, but"):
        runs.keep(filled.path, old, ASSIGNMENTS)
    assert filled.hash() == before


def test_runs_are_listed_with_their_counts_the_last_one_first(filled):
    runs.keep(filled.path, run(filled, "first", day=1), ASSIGNMENTS)
    runs.keep(filled.path, run(filled, "second", day=2), ASSIGNMENTS[:1])
    counts = [
        {name: found[name] for name in ("run_id", "n_tracks", "n_clusters", "n_noise")}
        for found in listed(filled)
    ]
    assert counts == [
        {"run_id": "second", "n_tracks": 1, "n_clusters": 1, "n_noise": 0},
        {"run_id": "first", "n_tracks": 3, "n_clusters": 2, "n_noise": 1},
    ]
    assert listed(filled)[1]["config"] == run(filled)["config"]


def test_forgetting_a_run_leaves_the_others(filled):
    for name in ("gone", "stays"):
        runs.keep(filled.path, run(filled, name), ASSIGNMENTS)
    runs.forget(filled.path, "gone")
    assert [found["run_id"] for found in listed(filled)] == ["stays"]
    assert filled.rows("SELECT DISTINCT run_id FROM assignments") == [("stays",)]


def test_a_run_that_does_not_exist_is_told(filled):
    with pytest.raises(StoreError, match="no run 'x' in this store"):
        runs.forget(filled.path, "x")
    with open_store(filled.path) as con, pytest.raises(StoreError, match="no run 'x'"):
        runs.read(con, "x")


def test_clusters_can_be_asked_for_by_sql(filled):
    runs.keep(filled.path, run(filled), ASSIGNMENTS)
    rows = filled.rows(
        "SELECT title, cluster, config->>'n_clusters', config->'environment'->>'python' "
        "FROM assignments JOIN tracks USING (track_id) JOIN runs USING (run_id) ORDER BY ALL"
    )
    assert rows == [("a", None, "2", "3.11"), ("b", 0, "2", "3.11"), ("b", 1, "2", "3.11")]
