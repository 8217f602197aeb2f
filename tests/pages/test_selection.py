"""What is selected stays bright, and leaves by its exits."""

import duckdb
import numpy as np
import pytest

from music_explorer.analysis.pipeline import Config, run
from music_explorer.store import queries
from music_explorer.store.reader import open_store
from music_explorer.store.selected import named
from music_explorer.ui import show
from music_explorer.ui.cluster_map import encircled
from music_explorer.ui.definitions import of_tracks
from tests.pages.test_pages import figures, numbers, texts


def test_selected_tracks_stay_bright_and_the_rest_turn_grey_and_stay(open_page, small_store):
    at = open_page("clusters", small_store, k="2", set="both")
    button = next(b for b in at.button if b.label == "Select these 60 tracks")
    button.click().run()
    assert not at.exception
    rest, *bright = figures(at)[0].data
    assert rest.name == "not selected"
    assert len(numbers(rest.customdata)) == 60
    shown = np.concatenate([numbers(trace.customdata) for trace in bright if trace.name])
    # A theme gives its ten colours in turn: the groups keep theirs.
    assert [trace.name for trace in bright].index("cluster 0") == 9
    assert len(shown) == 60
    assert "60 tracks selected" in texts(at)
    next(b for b in at.button if b.label == "Clear").click().run()
    assert [trace.name for trace in figures(at)[0].data] == ["cluster 0", "cluster 1"]


def in_address(at):
    """Return the selection of the address; before anything is written it is not a list yet."""
    return np.atleast_1d(at.query_params.get("sel", [None]))[-1]


def selected(at):
    return set(at.session_state["selection"].track_ids)


LEFT, RIGHT = ({f"row:{i:03d}" for i in range(*ends)} for ends in ((0, 60), (60, 120)))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("cluster:0", [LEFT, RIGHT]),
        ("label:genre:Left", [LEFT]),
        ("cell:0:genre:Left", [LEFT, set()]),
        ("search:row:11", [{f"row:11{i}" for i in range(10)}]),
        ("ids:row:007,row:100", [{"row:007", "row:100"}]),
        ("lasso:01:-99,-99;0,-99;0,99;-99,99", [LEFT, RIGHT]),
    ],
)
def test_a_link_selects_the_same_tracks_on_every_page(open_page, small_store, spec, expected):
    at = open_page("genres", small_store, k="2", set="both", sel=spec)
    assert not at.exception
    if set() in expected and "selection" not in at.session_state:
        assert "no track of this store is that" in texts(at)
        return
    assert selected(at) in expected
    assert f"{len(selected(at))} tracks selected" in texts(at)
    assert in_address(at) == spec
    with duckdb.connect(str(small_store), read_only=True) as con:
        found = con.execute(at.session_state["selection"].sql).fetchall()
    assert {track_id for (track_id,) in found} == selected(at)


@pytest.mark.parametrize(
    "spec", ["cluster:x", "cluster:9", "nothing", "label:colour:red", "ids:row:*", "lasso:09:1,2"]
)
def test_a_link_that_selects_nothing_says_so_in_one_line(open_page, small_store, spec):
    at = open_page("clusters", small_store, k="2", set="both", sel=spec)
    assert not at.exception
    assert any("the link selects" in w.value or "not in this map" in w.value for w in at.warning)
    assert "selection" not in at.session_state


@pytest.mark.usefixtures("no_evidence")
def test_a_selection_leaves_the_address_when_it_would_mean_other_tracks(open_page, small_store):
    at = open_page("clusters", small_store, k="2", set="both", sel="cluster:0")
    before = selected(at)
    at.slider(key="k").set_value(3).run()
    assert selected(at) == before
    assert in_address(at) is None
    assert "found with other choices" in texts(at)
    at.slider(key="k").set_value(2).run()
    assert in_address(at) == "cluster:0"


def test_the_query_of_a_link_runs_only_when_somebody_says_so(open_page, small_store):
    query = "SELECT track_id FROM tracks WHERE track_id < 'row:005'"
    at = open_page("clusters", small_store, k="2", set="both", sel=f"sql:{query}")
    assert "selection" not in at.session_state
    assert query in {code.value for code in at.code}
    next(b for b in at.button if b.label == "Run it and select its tracks").click().run()
    assert not at.exception
    assert selected(at) == {f"row:00{i}" for i in range(5)}
    assert in_address(at) == f"sql:{query}"


def test_a_cell_of_the_crosstab_becomes_the_selection(open_page, small_store):
    at = open_page("genres", small_store, k="2", set="both")
    next(b for b in at.button if b.label == "Select 60 tracks").click().run()
    assert selected(at) == LEFT
    assert "60 tracks selected:** genre Left" in texts(at)


def test_a_search_becomes_the_selection(open_page, small_store):
    at = open_page("store", small_store)
    at.text_input(key="search").input("right ROW:11").run()
    next(b for b in at.button if b.label == "Select 10 tracks").click().run()
    assert selected(at) == {f"row:11{i}" for i in range(10)}


def test_the_tray_says_how_the_selected_tracks_differ(open_page, small_store):
    at = open_page("store", small_store, set="spotify", sel="label:genre:Right")
    words = next(m.value for m in at.markdown if "60 tracks selected" in m.value)
    assert "than the rest" in words


def test_lines_around_points_select_what_they_encircle(small_store):
    config = Config(feature_set="both", n_clusters=2)
    with open_store(small_store) as con:
        result = run(config, queries.features(con, config.features.columns))
    account = {"box": [{"x": [-99, 0], "y": [-99, 99]}], "lasso": []}
    inside = np.flatnonzero(result.projection.embedding[:, 0] < 0)
    account["points"] = [{"customdata": [int(i)]} for i in inside]
    found = encircled(result, account, (0, 1))
    assert set(found.track_ids) == set(result.prepared.rows["track_id"].iloc[inside])
    assert found.spec == "lasso:01:-99,-99;0,-99;0,99;-99,99"
    # A group that is hidden is not encircled, so the tracks are named one by one.
    account["points"] = account["points"][:5]
    found = encircled(result, account, (0, 1))
    assert len(found.track_ids) == 5
    assert found.spec.startswith("ids:")


def test_the_sql_of_a_selection_finds_exactly_its_tracks(small_store):
    chosen = of_tracks(["row:001", "row:100", "row:001"], "two of them")
    with duckdb.connect(str(small_store), read_only=True) as con:
        found = {track_id for (track_id,) in con.execute(chosen.sql).fetchall()}
    assert found == set(chosen.track_ids) == {"row:001", "row:100"}


def test_a_quote_in_an_id_is_part_of_the_id():
    with duckdb.connect() as con:
        con.execute("CREATE TABLE tracks AS SELECT unnest(['row:it''s', 'row:b']) AS track_id")
        assert con.execute(named(["row:it's"])).fetchall() == [("row:it's",)]


def test_a_clicked_track_and_one_chosen_in_the_list_stand_on_one_page(open_page, small_store):
    at = open_page("clusters", small_store, k="2", set="both")
    at.session_state["clicked_track"] = "row:100"
    at.session_state["table_cluster_tracks"] = {
        "selection": {"rows": [0], "columns": [], "cells": []}
    }
    at.run()
    assert not at.exception
    names = [fig.layout.title.text for fig in figures(at)]
    assert names.count("Where this track stands in the collection") == 2


def test_the_map_shows_which_tracks_moved_since_a_kept_run(open_page, small_store):
    at = open_page("clusters", small_store, k="2", set="both")
    next(b for b in at.button if b.label == "Keep this run").click().run()
    at.slider(key="k").set_value(3).run()
    colour = at.selectbox(key="colour")
    colour.select(next(option for option in colour.options if option.startswith("moved"))).run()
    assert not at.exception
    counts = {trace.name: len(numbers(trace.customdata)) for trace in figures(at)[0].data}
    # One of the two groups was divided: its larger part is still what it was.
    assert set(counts) == {"as then", "in another cluster"}
    assert sum(counts.values()) == 120
    assert 0 < counts["in another cluster"] <= 30


def test_a_map_of_very_many_tracks_is_an_honest_sample(open_page, small_store, monkeypatch):
    monkeypatch.setattr(show, "MOST_POINTS", 50)
    at = open_page("clusters", small_store, k="2", set="both")
    assert "A random 50 of 120 tracks are drawn" in texts(at)
    turned, flat = figures(at)[:2]
    for figure in (turned, flat):
        assert sum(len(numbers(trace.customdata)) for trace in figure.data) == 50
    assert turned.layout.title.text.startswith("120 tracks")
