"""Keeping, comparing and exporting runs, from the page's side."""

import io
import json
import shutil
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from music_explorer.analysis.compare import compare
from music_explorer.headless.folder import zipped
from music_explorer.store import runs
from music_explorer.store.reader import data_version, open_store
from music_explorer.ui.ledger import MAX_RUNS
from music_explorer.ui.run_charts import sankey
from music_explorer.ui.run_table import SCORE_COLUMNS
from music_explorer.ui.spreadsheet import safe_cells
from tests.headless.conftest import run_headless, run_notebook
from tests.pages.test_pages import figures, numbers, texts

KEPT = "_kept_runs"


def page_with_the_button():
    from music_explorer.ui.ledger import keep_button
    from music_explorer.ui.page import page
    from music_explorer.ui.state import run

    with page("Keep", "A page with the button.") as view:
        keep_button(view.store, run(view.store, view.choices.config))


@pytest.fixture
def keeping(monkeypatch, small_store, tmp_path):
    """Open a page with the button on a store that the test may change."""
    store = tmp_path / "music.duckdb"
    shutil.copy(small_store, store)
    monkeypatch.setenv("MUSIC_STORE", str(store))
    monkeypatch.delenv("MUSIC_WRITABLE", raising=False)
    st.cache_data.clear()
    at = AppTest.from_function(page_with_the_button, default_timeout=120)
    at.query_params["set"] = "spotify"
    return store, at


def keep(at: AppTest, k: int) -> None:
    at.slider(key="k").set_value(k).run()
    at.button(key="keep_run").click().run()
    assert not at.exception
    assert not at.error


@pytest.fixture(scope="module")
def kept(small_store):
    """Runs of 2 and of 3 clusters, as a session keeps them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUSIC_STORE", str(small_store))
        patch.delenv("MUSIC_WRITABLE", raising=False)
        at = AppTest.from_function(page_with_the_button, default_timeout=120)
        at.query_params["set"] = "spotify"
        at.run()
        for k in (2, 3):
            keep(at, k)
        return at.session_state[KEPT]


@pytest.fixture
def runs_page(open_page, small_store, kept):
    """The page Runs in a session that has kept both."""
    return with_runs(open_page("runs", small_store), kept)


def with_runs(at: AppTest, kept: dict) -> AppTest:
    at.session_state[KEPT] = dict(kept)
    return at.run()


def test_without_a_kept_run_the_page_says_how_to_keep_one(open_page, small_store):
    at = open_page("runs", small_store)
    assert not at.exception
    assert "press “Keep this run”" in at.info[0].value
    assert f"this session only, at most {MAX_RUNS} of them" in texts(at)


def test_a_kept_run_lives_in_the_session_and_not_in_the_store(keeping):
    store, at = keeping
    before = store.read_bytes()
    keep(at.run(), 3)
    assert "This run is kept" in texts(at)
    assert [r.summary()["n_clusters"] for r in at.session_state[KEPT].values()] == [3]
    assert store.read_bytes() == before


def test_a_session_keeps_a_bounded_number_of_runs(keeping):
    _, at = keeping
    keep(at.run(), 2)
    (record,) = at.session_state[KEPT].values()
    many = {str(i): replace(record, run_id=str(i)) for i in range(MAX_RUNS)}
    at.session_state[KEPT] = many
    at.run()
    assert at.button(key="keep_run").disabled
    assert f"{MAX_RUNS} runs are kept; forget one" in texts(at)


def test_on_a_machine_of_ones_own_runs_are_kept_in_the_store(keeping, open_page, monkeypatch):
    store, at = keeping
    monkeypatch.setenv("MUSIC_WRITABLE", "1")
    version = data_version(store)
    keep(at.run(), 2)
    keep(at, 3)
    assert data_version(store) == version
    with open_store(store) as con:
        kept = runs.listing(con)
    assert [run["n_clusters"] for run in kept] == [3, 2]
    page = open_page("runs", store)
    assert list(page.dataframe[0].value["run"]) == [run["run_id"][:8] for run in kept]
    assert len(figures(page)) == 1
    page.button(key="forget_run").click().run()
    assert list(page.dataframe[0].value["run"]) == [kept[1]["run_id"][:8]]


@pytest.mark.usefixtures("no_evidence")
def test_the_headless_run_equals_that_of_the_page(keeping, tmp_path):
    store, at = keeping
    at.query_params.update({"space": "projection", "method": "agglomerative", "seed": "7"})
    keep(at.run(), 4)
    (record,) = at.session_state[KEPT].values()
    config = tmp_path / "config.json"
    config.write_text(json.dumps(record.config))
    done = run_headless("run", config, "--store", store, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    account = json.loads((tmp_path / "out" / "run.json").read_text())
    assert account["config"]["random_state"] == 7
    for name, value in record.summary().items():
        assert name == "created_at" or account[name] == value
    exported = pd.read_parquet(tmp_path / "out" / "assignments.parquet")
    pd.testing.assert_frame_equal(exported, record.assignments, check_exact=True)
    packed = zipfile.ZipFile(io.BytesIO(zipped(store, record, label="genre")))
    for path in (tmp_path / "out").glob("*.parquet"):
        assert packed.read(f"run-{record.run_id}/{path.name}") == path.read_bytes()


def test_the_notebook_draws_the_figures_of_the_pages(open_page, small_store, kept, tmp_path):
    run_id, record = list(kept.items())[-1]
    with zipfile.ZipFile(io.BytesIO(zipped(small_store, record, label="genre"))) as archive:
        archive.extractall(tmp_path)
    notebook = run_notebook(tmp_path / f"run-{run_id}")
    choices = {"set": "spotify", "k": "3"}
    clusters = figures(open_page("clusters", small_store, **choices))[0]
    genres = figures(open_page("genres", small_store, **choices))[0]
    assert len(clusters.data) == len(notebook["map_figure"]) == 3
    for shown, drawn in zip(clusters.data, notebook["map_figure"], strict=True):
        assert shown.name.startswith(drawn.name)  # the page may add what it knows of a cluster
        for axis in "xyz":
            known = np.asarray(getattr(drawn, axis), dtype=np.float32)
            assert (numbers(getattr(shown, axis)) == known).all()
    (crosstab,) = notebook["labels_figure"]
    assert list(genres.data[0].x) == crosstab.x
    assert [name[: len("cluster 0")] for name in genres.data[0].y] == crosstab.y
    assert numbers(genres.data[0].z) == pytest.approx(np.asarray(crosstab.z), rel=1e-12)


def test_two_runs_stand_side_by_side(runs_page, kept):
    at = runs_page
    assert not at.exception
    found = compare(*kept.values())
    values = {metric.label: metric.value for metric in at.metric}
    assert values["ARI"] == f"{found.ari:.3f}"
    assert values["In both"] == "120"
    assert values["Moved"].startswith(f"{len(found.moved)} (")
    assert len(at.dataframe[1].value) == len(found.moved)
    differences = at.dataframe[2].value
    assert differences.to_numpy().tolist() == [["n clusters", "2", "3"]]


def test_the_table_sorts_by_any_score_the_best_run_first(runs_page):
    for column in SCORE_COLUMNS:
        runs_page.selectbox(key="runs_by").select(column).run()
        values = runs_page.dataframe[0].value[column].tolist()
        assert len(set(values)) == 2
        assert values == sorted(values, reverse=not column.startswith("Davies-Bouldin"))


def test_a_forgotten_run_is_gone(runs_page):
    at = runs_page
    at.button(key="forget_run").click().run()
    assert not at.exception
    assert list(at.dataframe[0].value["clusters"]) == [2]
    assert "Keep a second run" in texts(at)
    at.button(key="forget_run").click().run()
    assert "No run is kept yet" in at.info[0].value


def test_a_run_on_older_data_is_compared_but_not_exported(open_page, small_store, kept):
    older = {name: replace(record, data_version="older") for name, record in kept.items()}
    at = with_runs(open_page("runs", small_store), older)
    assert at.get("download_button")[1].proto.disabled
    assert "it is of data version older" in texts(at)
    assert len(figures(at)) == 1


def test_the_diagram_has_a_band_for_each_pair_of_clusters_and_two_colours(kept):
    found = compare(*kept.values())
    (drawn,) = sankey(found, first="a", second="b").data
    link, counts = drawn.link, found.contingency.to_numpy()
    bands = {
        (i, j - len(counts)): value
        for i, j, value in zip(link.source, link.target, link.value, strict=True)
    }
    assert bands == {(i, j): counts[i, j] for i, j in zip(*counts.nonzero(), strict=True)}
    moved = [
        value for value, said in zip(link.value, link.customdata, strict=True) if said == "moved"
    ]
    assert sum(moved) == len(found.moved) > 0
    assert len(set(link.color)) == 2
    assert drawn.node.label[:2] == ("cluster 0", "cluster 1")
    assert sorted("(new)" in name for name in drawn.node.label) == [False] * 4 + [True]


def test_no_text_of_a_file_becomes_a_formula():
    titles = ["=1+1", "+x", "-x", "@x", "\tx", "plain", None]
    mended = safe_cells(pd.DataFrame({"title": titles, "number": range(7)}))
    assert mended["title"].tolist()[:6] == ["'=1+1", "'+x", "'-x", "'@x", "'\tx", "plain"]
    assert mended["title"].isna().sum() == 1
    assert mended["number"].tolist() == list(range(7))
