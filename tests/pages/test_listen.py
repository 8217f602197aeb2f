import io
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
import soundfile
import soxr
import streamlit as st
from scipy.signal import correlate
from streamlit.testing.v1 import AppTest

from music_explorer.store.audio_paths import audio_paths
from music_explorer.store.batch import Batch
from music_explorer.store.reader import open_store
from music_explorer.store.writer import writing
from music_explorer.ui.player import excerpt
from tests.ingest.sound import FORMATS, RATE, sound
from tests.pages.test_pages import texts

N_TRACKS = 16
QUEUE = """
from music_explorer.ui.page import page
from music_explorer.ui.queue import play_queue
from music_explorer.ui.state import run

with page("A queue", "") as view:
    play_queue(view, run(view.store, view.choices.config), 0)
"""


def write_store(path, namespace: str, paths) -> None:
    """Write 16 tracks: eight quiet and sad ones, eight loud and happy ones."""
    rng = np.random.default_rng(0)
    group = np.arange(N_TRACKS) % 2
    level = np.where(group, 0.8, 0.2)
    tracks = pd.DataFrame(
        {
            "track_id": [f"{namespace}:{i}" for i in range(N_TRACKS)],
            "title": [f"Secret {i}" for i in range(N_TRACKS)],
            "artist": [f"Hidden {i}" for i in range(N_TRACKS)],
            "audio_path": paths,
            "cover_url": f"https://i.scdn.co/image/{namespace}.jpg",
            **{
                name: level + rng.normal(scale=0.05, size=N_TRACKS)
                for name in ("energy", "valence", "danceability")
            },
            "rms_mean": 0.1,
            "offset_s": 0.0,
            "analysed_s": 0.2,
            "spotify_origin": "table",
            "librosa_origin": "audio",
        }
    )
    with writing(path) as merge:
        merge.stage(Batch(tracks, n_read=N_TRACKS))
        merge.merge(source="t", location="t.csv", started_at=datetime(2026, 1, 1))


@pytest.fixture(scope="module")
def audible_store(tmp_path_factory):
    """Return a store of two groups of tracks, each with a tone of its own in a file."""
    folder = tmp_path_factory.mktemp("audible")
    paths = []
    for i in range(N_TRACKS):
        tone = 0.1 * np.sin(2 * np.pi * (200 + 50 * i) * np.arange(4410) / 22_050)
        paths.append(folder / f"secret_{i}.wav")
        soundfile.write(paths[-1], tone, 22_050)
    write_store(folder / "s.duckdb", "file", [str(path) for path in paths])
    return folder / "s.duckdb"


@pytest.fixture(scope="module")
def silent_store(tmp_path_factory):
    """Return a store of the same tracks with neither files nor Spotify ids."""
    path = tmp_path_factory.mktemp("silent") / "s.duckdb"
    write_store(path, "row", None)
    return path


@pytest.fixture(scope="module")
def spotify_store(tmp_path_factory):
    """Return a store of the same tracks with Spotify ids."""
    path = tmp_path_factory.mktemp("spotify") / "s.duckdb"
    write_store(path, "spotify", None)
    return path


def sent(at) -> str:
    """Return all that the browser is given."""
    return "\n".join(str(node.proto) for node in at.main if hasattr(node, "proto"))


def clips(at) -> list[str]:
    return [clip.proto.url for clip in at.get("audio")]


def answer(at, letter: str):
    return at.button(key=f"intruder_{letter}").click().run()


def go_on(at):
    return next(b for b in at.button if b.label == "Next trial").click().run()


def test_nothing_gives_the_answer_away_before_it_is_given(open_page, audible_store):
    at = open_page("listen", audible_store, k="2")
    assert not at.exception
    assert len(set(clips(at))) == 3
    assert all(url.endswith(".wav") for url in clips(at))
    before = sent(at).lower()
    assert "a is the intruder" in before
    assert not any(word in before for word in ("secret", "hidden", "cluster 0", "cluster 1"))
    assert "not blind" not in texts(at)
    answer(at, "A")
    assert sum(text.value.startswith("Secret") for text in at.text) == 3
    of_clips = [c.value for c in at.caption if c.value in ("cluster 0", "cluster 1")]
    assert sorted(map(of_clips.count, set(of_clips))) == [1, 2]


def test_a_trial_stays_until_it_is_answered_and_then_another_comes(open_page, audible_store):
    at = open_page("listen", audible_store, k="2")
    first = clips(at)
    at.selectbox(key="label").select_index(0).run()
    assert clips(at) == first
    answer(at, "B")
    assert clips(at) == first
    go_on(at)
    assert "Trial 2" in at.header[0].value
    assert clips(at) != first


def test_a_listener_who_hears_the_groups_is_right_every_time(open_page, audible_store):
    at = open_page("listen", audible_store, k="2")
    at.session_state["_listening_seed"] = 0  # a session draws its own, and some repeat few clips
    at.run()
    heard = {}  # which group a clip is of: known once its title was shown
    n_right = n_known = 0
    for number in range(12):
        groups = [heard.get(url) for url in clips(at)]
        odd = [i for i in range(3) if groups.count(groups[i]) == 1]
        is_known = None not in groups
        answer(at, "ABC"[odd[0] if is_known else 0])
        is_right = bool(at.success)
        n_right += is_right
        n_known += is_known
        assert is_right or not is_known
        titles = [text.value for text in at.text if text.value.startswith("Secret")]
        heard |= {
            url: int(title.split(" · ")[0].split()[1]) % 2
            for url, title in zip(clips(at), titles, strict=True)
        }
        table = at.dataframe[0].value
        assert table["trials"].tolist() == [number + 1]
        assert table["right"].tolist() == [n_right]
        go_on(at)
    assert n_known >= 3, "else the test has shown nothing"


def test_each_clustering_has_a_score_of_its_own(open_page, audible_store):
    at = open_page("listen", audible_store, k="2")
    answer(at, "A")
    at.slider(key="k").set_value(3).run()
    assert "Trial 1" in at.header[0].value
    answer(at, "C")
    go_on(at)
    answer(at, "C")
    table = at.dataframe[0].value
    assert table["trials"].tolist() == [1, 2]
    assert "2 clusters" in table["clustering"].iloc[0]
    assert "3 clusters" in table["clustering"].iloc[1]
    assert table["blind"].all()
    assert at.slider(key="k").set_value(2).run().header[0].value.startswith("Trial 1")
    assert at.metric[0].value.startswith(("0 of 1", "1 of 1"))


def test_spotifys_player_makes_a_test_that_says_it_is_not_blind(open_page, spotify_store):
    at = open_page("listen", spotify_store, k="2")
    assert not at.exception
    assert len(at.get("iframe")) == 3
    assert "this test is not blind" in texts(at)
    answer(at, "A")
    assert not at.dataframe[0].value["blind"].any()


def test_without_two_clusters_to_hear_the_page_says_what_to_do(open_page, silent_store):
    at = open_page("listen", silent_store, k="2")
    assert not at.exception
    assert "fewer than two clusters have two tracks that can be played" in at.info[0].value
    assert "python -m ingest audio" in at.code[0].value


def test_only_tracks_with_a_file_have_a_path(audible_store, silent_store):
    with open_store(audible_store) as con:
        paths = audio_paths(con)
    assert len(paths) == N_TRACKS
    assert paths["file:3"].endswith("secret_3.wav")
    with open_store(silent_store) as con:
        assert audio_paths(con) == {}


@pytest.mark.parametrize("ending", FORMATS)
def test_of_any_format_the_analysed_excerpt_is_heard(tmp_path, ending):
    path = sound(tmp_path / f"t.{ending}", seconds=2)
    y, sr = soundfile.read(io.BytesIO(excerpt(str(path), 0, 0.5, 1.0)))
    assert sr == RATE
    assert len(y) == RATE, "another length for each format would tell them apart"
    if ending == "m4a":  # libsndfile cannot read it
        whole = 0.1 * np.random.default_rng(0).standard_normal(2 * RATE)
    else:
        whole = soxr.resample(*soundfile.read(path), RATE)
    likeness = correlate(whole, y, "valid") / (len(y) * whole.std() * y.std())
    assert likeness.max() > 0.8  # AAC changes noise; at any other place it is under 0.05
    assert likeness.argmax() / RATE == pytest.approx(0.5, abs=0.06)


def test_what_is_no_audio_is_not_heard(tmp_path):
    (tmp_path / "t.mp3").write_text("no audio at all")
    assert excerpt(str(tmp_path / "t.mp3"), 0, 0.0, 1.0) is None


def test_a_file_that_goes_while_it_is_listed_leaves_a_word(open_page, tmp_path):
    file = sound(tmp_path / "secret.wav")
    write_store(tmp_path / "s.duckdb", "file", str(file))
    at = open_page("listen", tmp_path / "s.duckdb", k="2")
    assert len(clips(at)) == 3
    file.unlink()
    at.run()
    assert not at.exception
    assert "moved away" in texts(at)


@pytest.fixture
def queue(monkeypatch):
    def opener(store) -> AppTest:
        monkeypatch.setenv("MUSIC_STORE", str(store))
        st.cache_data.clear()
        at = AppTest.from_string(QUEUE, default_timeout=60)
        at.query_params["k"] = "2"
        return at.run()

    return opener


def test_a_queue_plays_the_medoid_first_and_says_how_each_track_differs(queue, audible_store):
    at = queue(audible_store)
    assert not at.exception
    assert not at.error
    table = at.dataframe[0].value
    assert table["where it lies"].iloc[0] == "in the middle of the cluster"
    assert table["where it lies"].str.startswith("at the border").sum() <= 3
    assert table["title"].is_unique
    assert table["what is different"].str.endswith("of its cluster").all()
    assert len({int(title.split()[1]) % 2 for title in table["title"]}) == 1
    assert len(clips(at)) == 1


def step(at, label):
    return next(b for b in at.button if b.label == label)


def test_a_queue_goes_on_and_back(queue, audible_store):
    at = queue(audible_store)
    first = clips(at)
    assert not at.get("audio")[0].proto.autoplay
    assert step(at, "Previous").disabled
    step(at, "Next").click().run()
    assert clips(at) != first
    assert at.get("audio")[0].proto.autoplay
    step(at, "Previous").click().run()
    assert clips(at) == first
    last = len(at.dataframe[0].value) - 1
    at.selectbox(key=next(s.key for s in at.selectbox if s.label == "Now playing")).select_index(
        last
    ).run()
    assert step(at, "Next").disabled


def test_a_queue_without_files_plays_by_spotify_or_says_why_not(queue, spotify_store, silent_store):
    at = queue(spotify_store)
    assert "open.spotify.com/embed/track" in str(at.get("iframe")[0].proto)
    assert "https://i.scdn.co/image/spotify.jpg" in sent(at)
    assert "there is no player" in texts(queue(silent_store))
