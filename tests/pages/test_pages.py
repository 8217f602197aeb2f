import base64
import json
from datetime import datetime

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from music_explorer.store.batch import Batch
from music_explorer.store.writer import writing
from tests.pages.conftest import PAGES, ROOT

DEMO_GENRES = {"Country", "Deep House", "Dubstep", "Hip Hop", "Metal", "Rock"}


def figures(at: AppTest) -> list[go.Figure]:
    return [go.Figure(json.loads(chart.proto.spec)) for chart in at.get("plotly_chart")]


def numbers(array) -> np.ndarray:
    """Decode an array as Plotly sends it."""
    if not isinstance(array, dict):
        return np.asarray(array)
    shape = [int(n) for n in str(array.get("shape", "-1")).split(",")]
    return np.frombuffer(base64.b64decode(array["bdata"]), array["dtype"]).reshape(shape)


def texts(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.info, *at.success, *at.warning, *at.error]
    return "\n".join(part.value for part in parts)


def test_every_page_is_in_the_menu():
    from music_explorer.ui.menu import MENU

    assert sorted(entry.stem for section in MENU.values() for entry in section) == PAGES


@pytest.mark.parametrize("stem", [stem for stem in PAGES if stem != "study"])
@pytest.mark.parametrize("store", ["demo_store", "study_store"])
def test_a_page_shows_a_filled_store_without_an_error(open_page, request, stem, store):
    at = open_page(stem, request.getfixturevalue(store))
    assert not at.exception
    assert not at.error
    assert at.title[0].value
    assert len(at.get("plotly_chart")) >= (stem not in ("sql", "add", "runs", "listen"))


@pytest.mark.parametrize("stem", PAGES)
def test_a_page_says_how_to_fill_an_empty_store(open_page, empty_store, stem):
    at = open_page(stem, empty_store)
    assert not at.exception
    assert not at.error
    assert stem in ("sql", "add", "runs") or "has no tracks yet" in at.info[0].value


@pytest.mark.parametrize("stem", PAGES)
def test_a_page_says_in_one_line_that_the_store_is_missing(open_page, tmp_path, stem):
    at = open_page(stem, tmp_path / "nowhere.duckdb")
    assert not at.exception
    assert len(at.error) == 1
    assert "no store at" in at.error[0].value


@pytest.mark.parametrize("stem", [stem for stem in PAGES if stem != "study"])
def test_a_page_runs_without_the_entry_script(monkeypatch, demo_store, stem):
    monkeypatch.setenv("MUSIC_STORE", str(demo_store))
    at = AppTest.from_file(ROOT / "pages" / f"{stem}.py", default_timeout=120).run()
    assert not at.exception
    assert not at.error


def test_the_store_page_counts_the_demo(open_page, demo_store):
    at = open_page("store", demo_store)
    values = {metric.label: metric.value for metric in at.metric}
    assert values == {"Tracks": "5,950", "Artists": "1,271", "Genres": "6", "Sources": "2"}
    assert set(figures(at)[0].data[0].y) == DEMO_GENRES


def test_a_search_finds_the_tracks_with_every_word(open_page, demo_store):
    at = open_page("store", demo_store)
    at.text_input(key="search").input("10,000 hours bieber").run()
    found = at.dataframe[0].value
    assert 0 < len(found) < 50
    assert found["title"].str.contains("10,000 Hours").all()
    assert found["artist"].str.contains("Justin Bieber").any()


@pytest.mark.usefixtures("no_evidence")
def test_the_map_has_a_point_for_every_track_and_a_trace_for_every_cluster(open_page, demo_store):
    at = open_page("clusters", demo_store, k="4", rec="no")
    fig = figures(at)[0]
    assert [trace.name for trace in fig.data] == [f"cluster {i}" for i in range(4)]
    assert sum(len(numbers(trace.x)) for trace in fig.data) == 5849
    sizes = [len(numbers(trace.x)) for trace in fig.data]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.usefixtures("no_evidence")
def test_a_track_name_is_no_markup_in_a_hover(open_page, tmp_path):
    store = tmp_path / "markup.duckdb"
    rng = np.random.default_rng(0)
    tracks = pd.DataFrame(rng.uniform(size=(30, 3)), columns=["energy", "valence", "liveness"])
    tracks["track_id"] = [f"row:{i}" for i in range(30)]
    tracks["title"] = "<b>x</b>"
    with writing(store) as merge:
        merge.stage(Batch(tracks.assign(spotify_origin="table", artist="A"), n_read=30))
        merge.merge(source="t", location="t.csv", started_at=datetime(2026, 1, 1))
    fig = figures(open_page("clusters", store, k="2"))[0]
    assert "&lt;b&gt;x&lt;/b&gt;" in fig.data[0].text[0]


@pytest.mark.usefixtures("no_evidence")
def test_choices_in_the_address_reach_the_clustering(open_page, study_store):
    at = open_page("clusters", study_store, set="study", space="projection", k="6")
    scores = at.dataframe[0].value.set_index(["score", "taken in"])["here"]
    calinski_harabasz = scores["Calinski-Harabasz (higher is better)"]
    assert list(calinski_harabasz.index) == ["PCA-3", "40 scaled features"]
    assert calinski_harabasz["PCA-3"] == pytest.approx(1856, rel=0.01)
    assert calinski_harabasz["40 scaled features"] == pytest.approx(326, rel=0.01)


@pytest.mark.usefixtures("no_evidence")
def test_a_choice_that_does_not_exist_is_ignored(open_page, demo_store):
    at = open_page("clusters", demo_store, k="99", set="nonsense", source="nobody")
    assert not at.exception
    assert at.slider(key="k").value == 6


@pytest.mark.usefixtures("no_evidence")
def test_columns_that_few_tracks_have_are_left_out_by_name(open_page, demo_store):
    at = open_page("clusters", demo_store, set="study")
    assert "mfcc_01_mean (2%)" in texts(at)


@pytest.mark.usefixtures("no_evidence")
def test_a_scatter_can_be_coloured_by_genre_and_by_a_feature(open_page, demo_store):
    at = open_page("clusters", demo_store)
    at.selectbox(key="colour").select("genre").run()
    assert DEMO_GENRES <= {trace.name for trace in figures(at)[0].data}
    at.selectbox(key="colour").select("energy").run()
    assert figures(at)[0].data[0].marker.showscale


@pytest.mark.usefixtures("no_evidence")
def test_releases_of_one_recording_are_one_point_and_counted(open_page, demo_store):
    at = open_page("clusters", demo_store, k="4")
    n_points = sum(len(numbers(trace.x)) for trace in figures(at)[0].data)
    assert 4000 < n_points < 5849
    assert f"{5849 - n_points:,} releases of a recording" in texts(at)


@pytest.mark.usefixtures("no_evidence")
def test_the_crosstab_counts_every_track_once(open_page, demo_store):
    at = open_page("genres", demo_store, rec="no")
    at.segmented_control(key="unit").set_value("tracks").run()
    assert numbers(figures(at)[0].data[0].z).sum() == pytest.approx(5849)
    at.segmented_control(key="unit").set_value("% of the cluster").run()
    assert numbers(figures(at)[0].data[0].z).sum(axis=1) == pytest.approx([100] * 6)


@pytest.mark.usefixtures("no_evidence")
def test_the_study_preset_counts_a_track_once_for_each_genre(open_page, study_store):
    at = open_page("genres", study_store, set="study")
    at.segmented_control(key="unit").set_value("tracks").run()
    assert numbers(figures(at)[0].data[0].z).sum() == 3081


def test_the_page_says_association_and_never_accuracy_of_a_clustering(open_page, demo_store):
    said = texts(open_page("genres", demo_store))
    assert "Association of the clusters with genre" in said
    assert "association, not accuracy" in said


def test_the_scores_over_k_name_their_space(open_page, demo_store):
    at = open_page("choose_k", demo_store, space="projection", method="agglomerative")
    names = {trace.name for trace in figures(at)[0].data}
    assert names == {"in PCA-3", "in 9 scaled features", "one shapeless cloud"}


def test_the_app_shows_new_data_on_its_next_rerun(open_page, tmp_path):
    store = tmp_path / "growing.duckdb"
    for n_tracks in (3, 7):
        tracks = pd.DataFrame({"track_id": [f"row:{i}" for i in range(n_tracks)], "title": "x"})
        with writing(store) as merge:
            merge.stage(Batch(tracks, n_read=n_tracks))
            merge.merge(source="t", location="t.csv", started_at=datetime(2026, 1, 1))
        if n_tracks == 3:
            at = open_page("store", store)
        else:
            at.run()
        assert at.metric[0].value == str(n_tracks)


@pytest.mark.usefixtures("no_evidence")
def test_the_button_chooses_as_the_study_did(open_page, study_store):
    at = open_page("clusters", study_store)
    at.sidebar.button[0].click().run()
    assert at.selectbox(key="set").value == "study"
    assert list(at.dataframe[0].value["taken in"].unique()) == ["PCA-3", "40 scaled features"]


@pytest.mark.usefixtures("no_evidence")
def test_the_study_page_scores_all_eight_runs_in_both_spaces(open_page, small_store):
    at = open_page("study", small_store)
    assert not at.exception
    table = at.dataframe[0].value
    assert len(table) == 8
    assert list(table["clustered in"]) == ["PCA-3"] * 4 + ["t-SNE-3"] * 4
    assert table["CH in 40 scaled features"].gt(0).all()
    assert "published CH" not in table
    assert "does not hold the study" in at.info[0].value


@pytest.mark.usefixtures("no_evidence")
def test_a_row_of_the_study_opens_its_picture(open_page, small_store):
    at = open_page("study", small_store)
    assert "6 clusters in PCA-3" in figures(at)[0].layout.title.text
    at.session_state["table_study"] = {"selection": {"rows": [5], "columns": [], "cells": []}}
    at.run()
    assert "11 clusters in t-SNE-3" in figures(at)[0].layout.title.text


@pytest.mark.usefixtures("no_evidence")
def test_the_demo_has_a_librosa_set_to_cluster(open_page, demo_store):
    at = open_page("clusters", demo_store, set="librosa_all", label="playlist", k="3")
    assert not at.exception
    assert not at.error
    assert sum(len(numbers(trace.x)) for trace in figures(at)[0].data) == 101
    assert set(at.dataframe[0].value["taken in"]) == {"104 scaled features"}


@pytest.mark.parametrize("stem", ["features", "clusters", "genres"])
def test_every_figure_says_what_data_it_is_drawn_from(open_page, small_store, stem):
    at = open_page(stem, small_store, k="2", set="both")
    said = {figure.layout.title.subtitle.text for figure in figures(at)}
    assert len(said) == 1
    assert said.pop().startswith("Music Clustering Explorer: small, data version ")
