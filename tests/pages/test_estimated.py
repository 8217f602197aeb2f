"""Estimated values on the pages: left out unless asked for, and never without saying so."""

import numpy as np
import pytest

from music_explorer.store.reader import open_store
from tests.pages.test_pages import figures, numbers, texts
from tests.pages.test_track import SELECTED

TRUST = "R² for artists that were not learnt from: loudness 0.90, energy 0.83, valence 0.34"


def labels(at) -> list[str]:
    return [widget.label for widget in at.segmented_control]


def test_nothing_asks_for_estimates_where_the_store_has_none(open_page, small_store):
    at = open_page("store", small_store, set="spotify", est="yes")
    assert "With estimated values" not in labels(at)
    assert "est" not in at.query_params


@pytest.mark.parametrize(("features", "asks"), [("spotify", True), ("librosa", False)])
def test_the_sidebar_asks_where_the_features_can_be_estimated(
    open_page, estimated_store, features, asks
):
    at = open_page("store", estimated_store, set=features)
    assert ("With estimated values" in labels(at)) == asks


def test_estimates_are_left_out_unless_they_are_asked_for(open_page, estimated_store):
    at = open_page("overview", estimated_store, set="spotify", rec="no")
    fig = figures(at)[0]
    assert fig.layout.title.text.startswith("120 tracks")
    assert "estimated" not in fig.layout.title.subtitle.text
    assert TRUST not in texts(at)


def test_estimates_that_are_asked_for_are_counted_beside_their_r2(open_page, estimated_store):
    at = open_page("overview", estimated_store, set="spotify", rec="no", est="yes")
    fig = figures(at)[0]
    assert fig.layout.title.text.startswith("150 tracks")
    assert "with estimated values" in fig.layout.title.subtitle.text
    said = f"Of 150 tracks here, 30 have estimated values, not measured ones: {TRUST}."
    assert said in texts(at)
    at.segmented_control(key="est").set_value("no").run()
    assert figures(at)[0].layout.title.text.startswith("120 tracks")
    assert said not in texts(at)


def test_the_boxes_of_a_feature_have_estimates_only_if_asked(open_page, estimated_store):
    with open_store(estimated_store) as con:
        of_left = "SELECT track_id FROM track_genres WHERE genre = 'Left'"
        rows = f"SELECT energy, spotify_origin FROM features WHERE track_id IN ({of_left})"
        left = con.execute(f"{rows} AND energy IS NOT NULL").df()
    measured = left.loc[left["spotify_origin"] != "estimated", "energy"]
    assert (len(measured), len(left)) == (60, 90)
    for est, values in (("no", measured), ("yes", left["energy"])):
        at = open_page("features", estimated_store, set="spotify", est=est, feature="energy")
        (boxes,) = figures(at)[0].data
        at_left = list(boxes.y).index("Left")
        drawn = [numbers(boxes[name])[at_left] for name in ("q1", "median", "q3")]
        assert drawn == pytest.approx(np.quantile(values, [0.25, 0.5, 0.75], method="hazen"))
        assert numbers(boxes.upperfence)[at_left] <= values.max()


def test_the_store_page_counts_who_computed_what_and_lists_r2(open_page, estimated_store):
    at = open_page("store", estimated_store)
    tables = [table.value for table in at.dataframe]
    origins = next(table for table in tables if "origin" in table)
    assert ("Spotify-style", "estimated", 30) in set(origins.itertuples(index=False, name=None))
    listed = next(table for table in tables if "r2" in table)
    assert dict(zip(listed["feature"], listed["r2"], strict=True)) == {
        "loudness": 0.9,
        "energy": 0.83,
        "valence": 0.34,
    }


@pytest.mark.parametrize(("est", "percent"), [("no", 80), ("yes", 100)])
def test_the_coverage_of_a_set_has_estimates_only_if_asked(
    open_page, estimated_store, est, percent
):
    at = open_page("store", estimated_store, set="spotify", est=est)
    bars = figures(at)[1].data[0]
    assert dict(zip(bars.y, numbers(bars.x), strict=True))["Spotify, 9 continuous"] == percent
    assert ("By measured values alone" in texts(at)) == (est == "no")


def test_a_track_marks_its_estimated_values_and_stands_among_measured_ones(
    open_page, estimated_store
):
    at = open_page("store", estimated_store, set="spotify")
    at.text_input(key="search").input("row:e29").run()
    at.session_state["table_tracks"] = SELECTED
    at.run()
    bars = figures(at)[-1].data[0]
    assert set(bars.y) == {f"{name} (estimated)" for name in ("energy", "loudness", "valence")}
    percentiles = dict(zip(bars.y, numbers(bars.x), strict=True))
    assert percentiles["energy (estimated)"] == 100  # its 1.0 is above all 120 that are measured
    assert "stand among measured ones" in texts(at)
    assert TRUST in texts(at)


def test_a_measured_track_has_no_such_mark(open_page, estimated_store):
    at = open_page("store", estimated_store, set="spotify")
    at.text_input(key="search").input("row:000").run()
    at.session_state["table_tracks"] = SELECTED
    at.run()
    assert "energy" in figures(at)[-1].data[0].y
    assert "(estimated)" not in " ".join(figures(at)[-1].data[0].y)
