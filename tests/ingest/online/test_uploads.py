"""Sending one's own files to ReccoBeats: only on request, once a track, and with the rest kept."""

import contextlib
import io
import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime

import pandas as pd
import pytest
import soundfile

from ingest.audio import workers
from ingest.audio.identity import identify
from ingest.online.uploads import excerpt
from ingest.sources.audio import Options, import_audio
from music_explorer.store.batch import Batch
from music_explorer.store.writer import writing
from tests.ingest.conftest import digest
from tests.ingest.online import fake_reccobeats as fake
from tests.ingest.online.scripted import DROPPED, Reply, as_json
from tests.ingest.sound import sound, tag

VALUES = (
    "SELECT track_id, energy, tempo, key, origin, source FROM spotify_features "
    "WHERE origin <> 'table' ORDER BY ALL"
)
LOOKUPS = "SELECT track_id, provider, kind, evidence, reference FROM lookups ORDER BY ALL"


@contextlib.contextmanager
def one_thread(_=1):
    """Do the work in this process: the same work, without the wait for processes to start."""
    pool = workers.Workers(lambda: ThreadPoolExecutor(1), 1, BrokenProcessPool)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A folder and a store that knows it: four songs, and what is no song.

    The track of one song has values of a table already.
    """
    folder = tmp_path_factory.mktemp("library")
    songs = folder / "Music"
    tag(sound(songs / "a.mp3", 1), genre="Rock", title="One", artist="Band")
    sound(songs / "b.wav", 2)
    sound(songs / "c.flac", 3)
    tag(sound(songs / "known.mp3", 4), title="Two", artist="Band", isrc="USABC1234567")
    (songs / "d.mp3").write_text("no audio")
    known = pd.DataFrame(
        {"track_id": ["row:2"], "isrc": "USABC1234567", "energy": 0.5, "spotify_origin": "table"}
    )
    with writing(folder / "music.duckdb") as merge:
        merge.stage(Batch(known, n_read=1))
        merge.merge(source="table:t", location="t", started_at=datetime(2026, 1, 1))
    list(import_audio(folder / "music.duckdb", [songs], Options(), one_thread))
    return folder


@pytest.fixture
def music(library, store, monkeypatch):
    """The folder, with its store where commands look for it."""
    monkeypatch.setattr(workers, "processes", one_thread)
    store.parent.mkdir()
    shutil.copy(library / "music.duckdb", store)
    return library / "Music"


@pytest.fixture
def service(monkeypatch):
    with fake.serving() as server:
        monkeypatch.setenv("MUSIC_RECCOBEATS_URL", server.address)
        yield server


def track_of(path):
    return f"file:{identify(str(path)).audio_id}"


def test_no_file_leaves_the_machine_unasked(run, ask, service, music):
    assert run("audio", music).code == 3  # one file is no audio
    assert service.requests == []
    assert ask(VALUES) == []


def test_a_person_is_told_and_tracks_get_values_with_origin_and_evidence(run, ask, service, music):
    done = run("audio", music, "--analyse-online")
    assert done.code == 3
    assert done.out.splitlines()[0] == (
        "the first 30 s of each file without Spotify-style values are sent to ReccoBeats "
        "(127.0.0.1; terms at https://reccobeats.com)"
    )
    assert "3 of 3 tracks got Spotify-style values online" in done.out
    tracks = sorted(track_of(music / name) for name in ("a.mp3", "b.wav", "c.flac"))
    assert ask(VALUES) == [(t, 0.69, 147.78, None, "reccobeats", "audio:Music") for t in tracks]
    assert ask(LOOKUPS) == [(t, "reccobeats", "features", "audio", None) for t in tracks]
    # What the source gave before is still there, and so are values of others.
    assert ask("SELECT genre_as_given, origin FROM track_genres") == [("Rock", "tag")]
    assert ask("SELECT count(*) FROM librosa_features") == [(4,)]
    assert ask("SELECT energy, origin FROM spotify_features WHERE track_id = 'row:2'") == [
        (0.5, "table")
    ]


def test_a_second_run_uploads_nothing_and_leaves_the_store_as_it_was(run, store, service, music):
    run("audio", music, "--analyse-online")
    service.requests.clear()
    before = digest(store)
    done = run("audio", music, "--analyse-online")
    assert service.requests == []
    assert "0 of 0 tracks got Spotify-style values online" in done.out
    assert digest(store) == before


def test_a_run_that_the_service_stops_keeps_what_it_has_and_is_continued(run, ask, service, music):
    service.faults += [as_json(fake.VALUES), as_json({}, 429, Retry_After="86000")]
    done = run("audio", music, "--analyse-online")
    assert done.code == 4
    assert "1 of 3 tracks got Spotify-style values online" in done.out
    assert "ended early: ReccoBeats answered 429; ask again in 86,000 s" in done.out
    assert done.error == "stopped; what was finished is kept, run again to go on"
    assert len(ask(VALUES)) == 1
    service.requests.clear()
    assert run("audio", music, "--analyse-online").code == 3
    assert len(ask(VALUES)) == 3
    assert len(service.requests) == 2


def test_ctrl_c_keeps_what_was_answered(run, ask, service, music):
    answer = service.answer

    def press_ctrl_c(request):
        if len(service.requests) == 3:
            os.kill(os.getpid(), signal.SIGINT)
            service.released.wait()
        return answer(request)

    service.answer = press_ctrl_c
    done = run("audio", music, "--analyse-online")
    assert done.code == 4
    assert len(ask(VALUES)) == 2


def test_what_the_service_has_no_values_for_is_counted_and_tried_again_another_time(
    run, ask, service, music
):
    service.faults += [fake.error(4002), as_json({"energy": None})]
    done = run("audio", music, "--analyse-online")
    assert "1 of 3 tracks got Spotify-style values online" in done.out
    assert "1 did not: ReccoBeats reports error 4002" in done.out
    assert "1 did not: ReccoBeats gave no values" in done.out
    assert len(ask(LOOKUPS)) == len(ask(VALUES)) == 1
    run("audio", music, "--analyse-online")
    assert len(ask(VALUES)) == 3


def test_trouble_that_passes_costs_no_track(run, ask, service, music):
    service.faults += [Reply(status=500), DROPPED]
    run("audio", music, "--analyse-online")
    assert len(ask(VALUES)) == 3


def test_impossible_values_are_left_out_and_counted(run, ask, service, music):
    service.faults.append(as_json({"energy": 7, "tempo": 0, "valence": 0.5}))
    done = run("audio", music, "--analyse-online")
    assert "1 values were impossible and left out" in done.out
    found = ask("SELECT energy, tempo, valence FROM spotify_features WHERE valence = 0.5")
    assert found == [(None, None, 0.5)]


def test_only_files_that_are_there_and_in_the_folder_are_sent(run, service, music, tmp_path):
    same_name = tmp_path / "Music"  # and therefore the same source
    sound(same_name / "gone.wav", 5)
    run("audio", same_name)
    (same_name / "gone.wav").unlink()
    sound(same_name / "there.wav", 6)
    done = run("audio", same_name, "--analyse-online")
    assert "1 of 1 tracks got Spotify-style values online" in done.out
    assert len(service.requests) == 1


def test_removing_the_source_removes_the_values(run, ask, service, music):
    run("audio", music, "--analyse-online")
    run("remove", "audio:Music")
    assert ask(VALUES) == []


def test_thirty_seconds_of_a_long_file_are_sent_as_wav(tmp_path):
    data = excerpt(str(sound(tmp_path / "a.mp3", seconds=40)))
    y, sr = soundfile.read(io.BytesIO(data))
    assert (len(y), sr) == (30 * 22_050, 22_050)
    assert len(data) < 5_000_000
    assert abs(y).max() > 0.1
