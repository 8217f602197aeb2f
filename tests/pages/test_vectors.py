"""Vectors of a model on the pages: a feature set as others are, but for what has no name."""

import shutil

import numpy as np
import pytest

from music_explorer.store.reader import open_store
from music_explorer.store.writer import writing
from tests.pages.conftest import PAGES
from tests.pages.test_pages import figures, numbers, texts

MODEL = {"set": "model:toy"}


@pytest.fixture(scope="module")
def with_vectors(small_store, tmp_path_factory):
    """Return a store of which every track but three has a vector: its features, turned around."""
    path = tmp_path_factory.mktemp("vectors") / "vectors.duckdb"
    shutil.copyfile(small_store, path)
    with open_store(path) as con:
        found = con.execute(
            "SELECT track_id, danceability, energy, valence, acousticness FROM features "
            "WHERE energy IS NOT NULL ORDER BY track_id OFFSET 3"
        ).fetchnumpy()
    rng = np.random.default_rng(0)
    columns = np.column_stack([np.asarray(v, float) for n, v in found.items() if n != "track_id"])
    vectors = (columns @ rng.normal(size=(4, 16))).astype(np.float32)
    names = [str(one) for one in found["track_id"]]
    with writing(path) as merge:
        merge.put_vectors(
            [(names, names, vectors)], model="toy", source="vectors:t", location="t", rejects=[]
        )
    return path


@pytest.mark.parametrize("stem", [stem for stem in PAGES if stem != "study"])
def test_every_page_works_on_vectors(open_page, with_vectors, stem):
    at = open_page(stem, with_vectors, **MODEL)
    assert not at.exception
    assert not at.error
    assert at.sidebar.selectbox(key="set").value == "model:toy"


def test_axes_and_clusters_are_told_by_features_with_names(open_page, with_vectors):
    at = open_page("clusters", with_vectors, **MODEL)
    shown = texts(at)
    assert "dim_0" not in shown
    assert "3 tracks left out, since a feature is missing" in shown
    profiles = next(f.value for f in at.dataframe if "compared with the rest" in f.value)
    assert not profiles["compared with the rest"].str.contains("dim").any()
    words = "danceability|energy|valence|acousticness|loudness|instrumentalness|speechiness"
    assert any(word in shown for word in words.split("|"))


@pytest.mark.usefixtures("no_evidence")
def test_vectors_are_compared_by_angle_unless_another_scaling_is_asked_for(open_page, with_vectors):
    at = open_page("clusters", with_vectors, **MODEL)
    assert at.selectbox(key="vscale").value == "unit"
    assert "16 dimensions by angle" in texts(at)
    at.selectbox(key="vscale").select("none").run()
    assert at.query_params["vscale"] in ("none", ["none"])
    assert "16 unscaled dimensions" in texts(at)


def test_the_sidebar_and_the_store_page_count_the_tracks_with_vectors(open_page, with_vectors):
    at = open_page("store", with_vectors, **MODEL)
    bars = next(fig for fig in figures(at) if "covers" in fig.layout.title.text).data[0]
    shares = dict(zip(bars.y, numbers(bars.x), strict=True))
    n = at.metric[0].value.replace(",", "")
    assert shares["Vectors of toy"] == pytest.approx(100 * (int(n) - 3) / int(n))


@pytest.mark.usefixtures("no_evidence")
def test_a_model_that_the_store_has_not_is_ignored_in_a_link(open_page, small_store):
    at = open_page("clusters", small_store, **MODEL)
    assert not at.error
    assert at.sidebar.selectbox(key="set").value == "spotify"


def test_similar_tracks_of_vectors_have_no_parts_of_a_distance(open_page, with_vectors):
    at = open_page("similar", with_vectors, **MODEL)
    near = next(frame.value for frame in at.dataframe if "alike in" in frame.value)
    assert len(near) == 15
    assert not any(
        "What their distance is made of" in str(f.layout.title.text) for f in figures(at)
    )
