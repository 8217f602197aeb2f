from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from music_explorer.analysis.feature_sets import SPOTIFY_CONTINUOUS
from music_explorer.store.batch import Batch
from music_explorer.store.schema import ranges
from music_explorer.store.writer import writing
from music_explorer.ui import overview
from tests.pages.conftest import ROOT
from tests.pages.test_pages import figures, numbers, texts


def filled(path: Path, tracks: pd.DataFrame, genre: np.ndarray | None = None) -> Path:
    """Publish a store of tracks, each by one of twenty artists of its genre."""
    ids = [f"row:{i:03d}" for i in range(len(tracks))]
    of = np.full(len(tracks), "") if genre is None else genre
    artist = [f"{name} band {i % 20}" for i, name in enumerate(of)]
    tracks = tracks.assign(track_id=ids, title=ids, artist=artist, spotify_origin="table")
    genres = None
    if genre is not None:
        genres = pd.DataFrame({"track_id": ids, "genre": genre, "genre_as_given": genre})
        genres = genres.assign(subgenre=None, origin="column")
    with writing(path) as merge:
        merge.stage(Batch(tracks, genres, n_read=len(tracks)))
        merge.merge(source="table:mine", location="mine.csv", started_at=datetime(2026, 1, 31))
    return path


def songs(centres: list[float]) -> pd.DataFrame:
    """Draw sixty songs about each centre; a centre is where in its range each feature lies."""
    rng = np.random.default_rng(0)
    limits = np.array([ranges()[name] for name in SPOTIFY_CONTINUOUS])
    place = np.repeat(centres, 60)[:, None] + rng.normal(scale=0.02, size=(60 * len(centres), 9))
    values = limits[:, 0] + place * np.ptp(limits, axis=1)
    return pd.DataFrame(values, columns=SPOTIFY_CONTINUOUS)


@pytest.fixture
def genreless(tmp_path) -> Path:
    return filled(tmp_path / "genreless.duckdb", songs([0.3, 0.7]))


def said(at: AppTest) -> str:
    assert not at.exception
    assert not at.error
    return texts(at)


def clouds(at: AppTest) -> list:
    """List the traces of the map that are points."""
    [fig] = figures(at)
    return [trace for trace in fig.data if trace.mode == "markers"]


def pages_linked(at: AppTest) -> list[str]:
    """List the pages that the page itself links to, without the menu."""
    return [link.proto.page for link in at.main.get("page_link")]


def test_the_app_opens_with_the_overview(monkeypatch, small_store):
    monkeypatch.setenv("MUSIC_STORE", str(small_store))
    at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60).run()
    assert at.title[0].value == "Overview"


def test_it_counts_what_is_there_and_says_where_it_came_from(open_page, demo_store):
    at = open_page("overview", demo_store)
    counted = {metric.label: metric.value for metric in at.metric}
    assert counted == {
        "Tracks": "5,950",
        "Artists": "1,271",
        "Genres": "6",
        "With Spotify features": "5,849",
        "With Librosa features": "101",
    }
    text = said(at)
    assert "5,849 tracks" in text
    assert "accuracy" not in text
    # 5,950 tracks, of which the map has 4,507
    assert (
        "Not in the map: 101 tracks without a value for each of these features and 1,342 tracks "
        "whose recording another release stands for."
    ) in text


def test_the_genre_far_away_is_apart_and_the_two_beside_each_other_blur(open_page, tmp_path):
    genre = np.repeat(["Far", "Left", "Right"], 60)
    store = filled(tmp_path / "three.duckdb", songs([0.8, 0.3, 0.302]), genre)
    text = said(open_page("overview", store, k="2"))
    assert "**Far** stands most clearly apart: 100% of the tracks nearest" in text
    assert "**Left** and **Right** blur most into each other" in text
    assert "180 tracks with one genre, in 9 scaled features" in text


def test_the_map_has_every_track_in_its_cluster_named_by_what_is_special(open_page, genreless):
    traces = clouds(open_page("overview", genreless, k="2"))
    assert [len(numbers(trace.x)) for trace in traces] == [60, 60]
    names = {trace.name.partition(": ")[2] for trace in traces}
    assert len(names) == 2
    assert "" not in names


def test_a_large_collection_is_drawn_as_a_random_sample_and_says_so(
    open_page, genreless, monkeypatch
):
    monkeypatch.setattr(overview, "MOST_POINTS", 50)
    at = open_page("overview", genreless, k="2")
    [fig] = figures(at)
    assert sum(len(numbers(trace.x)) for trace in clouds(at)) == 50
    assert fig.layout.title.text.startswith("50 of 120 tracks")


def test_without_genres_it_says_what_sets_a_cluster_apart(open_page, genreless):
    at = open_page("overview", genreless, k="2")
    assert "differs most" in said(at)
    assert "standard deviations in" in said(at)
    assert pages_linked(at) == ["choose_k", "clusters", "add"]


def test_an_outlier_is_not_what_stands_out(open_page, tmp_path):
    odd = songs([0.3, 0.35])
    odd.loc[0, "energy"] = 1.0
    at = open_page("overview", filled(tmp_path / "odd.duckdb", odd), k="3")
    sizes = [len(numbers(trace.x)) for trace in clouds(at)]
    assert sizes[2] == 1
    assert "**Cluster 2**" not in said(at)


def test_without_features_there_is_one_clear_line_and_the_way_to_features(open_page, tmp_path):
    genre = np.repeat(["A", "B"], 15)
    at = open_page("overview", filled(tmp_path / "f.duckdb", pd.DataFrame(index=range(30)), genre))
    assert "No track has a complete set of audio features" in said(at)
    assert len(at.info) == 1
    assert not figures(at)
    assert pages_linked(at) == ["add", "store", "sql"]


def test_the_demo_says_that_it_is_one():
    [*_, own] = overview.next_steps(n_tracks=9, n_genres=1, is_demo=True, can_cluster=True)
    assert "only the demo" in own.about
    sources = pd.DataFrame({"source": ["demo"], "n_tracks": [9]})
    assert overview.where_from(sources, is_demo=True).startswith("This is the demo")


def test_the_largest_sources_are_named_and_the_others_counted():
    sources = pd.DataFrame({"source": list("abcde"), "n_tracks": [5, 4, 3, 2, 1]})
    said = overview.where_from(sources, is_demo=False)
    assert said == "From a (5 tracks), b (4 tracks), c (3 tracks), 2 more sources."


def test_an_empty_store_leads_to_the_page_that_fills_it(open_page, empty_store):
    at = open_page("overview", empty_store)
    assert "has no tracks yet" in said(at)
    assert pages_linked(at)[0] == "add"
    assert not at.metric


def test_too_many_clusters_for_the_tracks_is_told_in_one_line(open_page, tmp_path):
    store = filled(tmp_path / "few.duckdb", songs([0.5])[:5])
    at = open_page("overview", store, k="20")
    assert "There is no map: " in said(at)
    assert len(at.info) == 1
