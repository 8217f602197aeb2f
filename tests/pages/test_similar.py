"""The page of similar tracks: which are near, why, and whether the list can be trusted."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest

from music_explorer.store.batch import Batch
from music_explorer.store.writer import writing
from tests.pages.test_pages import figures, numbers, texts

FEATURES = ["danceability", "energy", "valence", "liveness"]


def listed(at) -> pd.DataFrame:
    return next(frame.value for frame in at.dataframe if "alike in" in frame.value)


def query(at) -> str:
    return at.text[0].value


@pytest.fixture
def keep(tmp_path):
    """Keep tracks in a store."""

    def keep(tracks: pd.DataFrame):
        path = tmp_path / "kept.duckdb"
        with writing(path) as merge:
            merge.stage(Batch(tracks, n_read=len(tracks)))
            merge.merge(source="t", location="t.csv", started_at=datetime(2026, 1, 1))
        return path

    return keep


@pytest.fixture
def line():
    """Twenty tracks along one line; number 1 and 2 are by one artist."""
    values = np.linspace(0.1, 0.9, 20)
    tracks = pd.DataFrame({name: values for name in FEATURES})
    tracks["spotify_origin"] = "table"
    tracks["track_id"] = [f"row:{i:02d}" for i in range(20)]
    tracks["title"] = [f"Song {i:02d}" for i in range(20)]
    tracks["artist"] = [f"Artist {i:02d}" if i not in (1, 2) else "Two" for i in range(20)]
    return tracks


def test_the_neighbours_of_the_track_in_the_address_are_listed_the_nearest_first(
    open_page, keep, line
):
    at = open_page("similar", keep(line), track="row:00", k="2")
    assert not at.exception
    assert query(at) == "Song 00 – Artist 00"
    table = listed(at)
    assert list(table["title"]) == [f"Song {i:02d}" for i in range(1, 16)]
    assert table["distance"].is_monotonic_increasing
    assert "Nearest to **Song 00 – Artist 00** is **Song 01 – Two**" in texts(at)
    assert "in 4 scaled features" in texts(at)


def test_the_same_artist_is_left_out_until_switched_on(open_page, keep, line):
    at = open_page("similar", keep(line), track="row:01", k="2")
    assert "Song 02" not in set(listed(at)["title"])
    at.segmented_control(key="of").set_value("all").run()
    assert "Song 02" in set(listed(at)["title"])


def test_a_track_is_found_by_its_words_and_opened(open_page, keep, line):
    at = open_page("similar", keep(line), k="2")
    at.text_input(key="find_track").input("song artist 17").run()
    found = at.selectbox(key="found_track")
    assert found.options == ["Song 17 – Artist 17"]
    found.select("row:17").run()
    assert query(at) == "Song 17 – Artist 17"
    at.text_input(key="find_track").input("nobody").run()
    assert "No track of this analysis has all of these words" in texts(at)


def test_the_link_opens_the_same_track_with_the_same_choices(open_page, keep, line):
    store = keep(line)
    at = open_page("similar", store, track="row:05", k="3")
    link = at.get("link_button")[0].proto.url
    address = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    assert address == {"track": "row:05", "k": "3"}
    assert query(open_page("similar", store, **address)) == "Song 05 – Artist 05"


def test_the_neighbour_can_be_opened_in_its_turn(open_page, keep, line):
    at = open_page("similar", keep(line), track="row:00", k="2")
    next(b for b in at.button if b.label == "Similar to this one").click().run()
    assert query(at) == "Song 01 – Two"


def test_a_track_that_is_not_in_the_analysis_is_told_in_one_line(open_page, keep, line):
    at = open_page("similar", keep(line), track="row:*", k="2")
    assert not at.exception
    assert r"The track row\:\* is not in this analysis" in at.info[0].value
    assert len(listed(at)) == 15


def test_a_collection_of_one_artist_has_no_neighbours_by_another(open_page, keep, line):
    at = open_page("similar", keep(line.assign(artist="One")), k="2")
    assert not at.exception
    assert "all are by the same artist" in at.info[0].value
    at.segmented_control(key="of").set_value("all").run()
    assert len(listed(at)) == 15


def test_the_bars_share_out_the_distance_of_the_selected_neighbour(open_page, keep, line):
    tracks = line.assign(valence=np.where(line.index == 3, 0.9, line["valence"]))
    at = open_page("similar", keep(tracks), track="row:04", k="2")
    row = list(listed(at)["title"]).index("Song 03")
    at.session_state["table_similar"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    at.run()
    fig = next(fig for fig in figures(at) if "distance is made of" in fig.layout.title.text)
    shares = {
        name: share
        for trace in fig.data
        for name, share in zip(trace.y, numbers(trace.x), strict=True)
    }
    assert sum(shares.values()) == pytest.approx(100)
    assert shares["valence"] > 90
    apart = next(trace for trace in fig.data if trace.name.startswith("apart"))
    assert list(apart.y) == ["valence"]
    assert listed(at)["apart: it is"].iloc[row] == "happier"


def test_a_track_that_is_near_to_very_many_is_called_a_hub(open_page, keep):
    # Tracks on a sphere, nearer to its middle than to most others.
    points = np.random.default_rng(0).normal(size=(200, 20))
    points /= np.linalg.norm(points, axis=1)[:, None]
    tracks = pd.DataFrame(
        np.vstack([np.zeros(20), points]), columns=[f"mfcc_{i:02d}_mean" for i in range(1, 21)]
    )
    tracks["track_id"] = tracks["artist"] = [f"row:{i:03d}" for i in range(201)]
    tracks["title"] = ["The [middle]", *(f"Song {i}" for i in range(200))]
    tracks["librosa_origin"] = "table"
    at = open_page("similar", keep(tracks), track="row:000", k="2")
    hubs = next(box.value for box in at.warning if "Hubs" in box.value)
    assert r"The \[middle\]" in hubs
    assert "Song" not in hubs


def test_no_hub_is_told_of_where_there_is_none(open_page, keep, line):
    assert "Hubs" not in texts(open_page("similar", keep(line), track="row:00", k="2"))


def test_the_address_names_the_track_that_is_open(open_page, keep, line):
    at = open_page("similar", keep(line), track="row:05", k="3")
    next(b for b in at.button if b.label == "Similar to this one").click().run()
    assert dict(at.query_params) == {"track": "row:04", "k": "3"}
