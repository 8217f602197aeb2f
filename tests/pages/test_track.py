from datetime import datetime

import numpy as np
import pandas as pd
import pytest
import soundfile

from music_explorer.store.batch import Batch
from music_explorer.store.writer import writing
from tests.pages.test_pages import figures, numbers, texts

SELECTED = {"selection": {"rows": [0], "columns": [], "cells": []}}


def titles(at) -> list[str]:
    return [figure.layout.title.text for figure in figures(at)]


@pytest.fixture
def sounding_store(tmp_path):
    """Return a store of three tracks, the first with a file of 4 s, of which 2 s were analysed."""
    tone = np.sin(2 * np.pi * 440 * np.arange(4 * 22_050) / 22_050)
    soundfile.write(tmp_path / "tone.wav", tone, 22_050)
    tracks = pd.DataFrame(
        {
            "track_id": ["file:a", "file:b", "file:c"],
            "title": ["A tone", "B", "C"],
            "audio_path": [str(tmp_path / "tone.wav"), None, str(tmp_path / "gone.wav")],
            "energy": [0.5, 0.1, 0.9],
            "rms_mean": [0.7, 0.1, 0.2],
            "offset_s": 1.0,
            "analysed_s": 2.0,
            "spotify_origin": "table",
            "librosa_origin": "audio",
        }
    )
    path = tmp_path / "sound.duckdb"
    with writing(path) as merge:
        merge.stage(Batch(tracks, n_read=3))
        merge.merge(source="t", location="t.csv", started_at=datetime(2026, 1, 1))
    return path


def test_a_selected_spotify_track_gets_the_public_player_and_its_percentiles(open_page, demo_store):
    at = open_page("store", demo_store)
    track_id = at.dataframe[0].value.iloc[0]["track_id"]
    at.session_state["table_tracks"] = SELECTED
    at.run()
    assert not at.exception
    address = f"https://open.spotify.com/embed/track/{track_id.removeprefix('spotify:')}"
    assert address in str(at.get("iframe")[0].proto)
    assert "Where this track stands in the collection" in titles(at)


def test_a_percentile_is_the_share_of_tracks_with_a_lower_value(open_page, sounding_store):
    at = open_page("store", sounding_store)
    at.session_state["table_tracks"] = SELECTED
    at.run()
    bars = figures(at)[-1].data[0]
    assert list(bars.y) == ["energy"]
    assert numbers(bars.x)[0] == pytest.approx(100 / 3)


def test_a_local_file_plays_and_shows_the_analysed_excerpt(open_page, sounding_store):
    at = open_page("store", sounding_store)
    at.session_state["table_tracks"] = SELECTED
    at.run()
    assert not at.exception
    assert len(at.get("audio")) == 1
    assert "from 0:01 to 0:03" in texts(at)
    picture = figures(at)[titles(at).index("Mel spectrogram of the analysed excerpt")].data[0]
    assert numbers(picture.x)[-1] == pytest.approx(2.0)
    loudest_band = numbers(picture.z).mean(axis=1).argmax()
    hertz = numbers(picture.customdata)[loudest_band, 0]
    assert hertz == pytest.approx(440, rel=0.1)


def test_a_file_that_is_gone_has_no_player_and_no_error(open_page, sounding_store):
    at = open_page("store", sounding_store)
    at.session_state["table_tracks"] = {"selection": {"rows": [2], "columns": [], "cells": []}}
    at.run()
    assert not at.exception
    assert not at.get("audio")
    assert "there is no player" in texts(at)
