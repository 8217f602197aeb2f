"""What is selected stays bright, and leaves by its exits."""

import duckdb
import numpy as np

from music_explorer.store.selected import named
from music_explorer.ui.selection import of_tracks
from tests.pages.test_pages import figures, numbers, texts


def test_selected_tracks_stay_bright_and_the_rest_turn_grey_and_stay(open_page, small_store):
    at = open_page("clusters", small_store, k="2", set="both")
    button = next(b for b in at.button if b.label == "Select these 60 tracks")
    button.click().run()
    assert not at.exception
    rest, *bright = figures(at)[0].data
    assert rest.name == "not selected"
    assert len(numbers(rest.customdata)) == 60
    shown = np.concatenate([numbers(trace.customdata) for trace in bright])
    assert len(shown) == 60
    assert "60 tracks selected" in texts(at)
    next(b for b in at.button if b.label == "Clear").click().run()
    assert [trace.name for trace in figures(at)[0].data] == ["cluster 0", "cluster 1"]


def test_what_is_encircled_in_a_flat_map_can_be_selected(open_page, small_store):
    at = open_page("clusters", small_store, k="2", set="both", dims="2")
    flat = figures(at)[0]
    assert {trace.type for trace in flat.data} == {"scattergl"}
    points = [{"customdata": [3]}, {"customdata": 7}]
    at.session_state["chart_flat"] = {"selection": {"points": points}}
    at.run()
    next(b for b in at.button if b.label == "Select the 2 tracks encircled").click().run()
    assert not at.exception
    chosen = at.session_state["selection"].track_ids
    assert chosen == ("row:003", "row:007")


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
