"""Genres from MusicBrainz, through the command line: asked once, kept, gone on with."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from datetime import datetime

import pandas as pd
import pytest

from music_explorer.store.batch import Batch
from music_explorer.store.writer import writing
from tests.conftest import ROOT
from tests.ingest.conftest import digest
from tests.ingest.online import fake_musicbrainz as fake
from tests.ingest.online.scripted import HANGING, Reply, as_json

ASK = ("genres", "--from", "musicbrainz", "--contact", "me@example.org")
GENRES = "SELECT track_id, genre, genre_as_given, origin, source FROM track_genres ORDER BY ALL"
LOOKUPS = (
    "SELECT track_id, kind, evidence, reference FROM lookups WHERE provider = 'musicbrainz' "
    "ORDER BY ALL"
)


def isrc(number):
    return f"USABC{number:07d}"


def by_isrc(number):
    return f"/ws/2/isrc/{isrc(number)}"


def put(store, tracks, *, source="table:t", genres=()):
    """Import tracks: (id, artist, isrc); and genres: (id, genre)."""
    frame = pd.DataFrame(tracks, columns=["track_id", "artist", "isrc"])
    given = [(track_id, genre, None, genre, "column") for track_id, genre in genres]
    columns = ["track_id", "genre", "subgenre", "genre_as_given", "origin"]
    with writing(store) as merge:
        merge.stage(Batch(frame, genres=pd.DataFrame(given, columns=columns), n_read=len(frame)))
        merge.merge(source=source, location="t", started_at=datetime(2026, 1, 1))


@pytest.fixture
def service(monkeypatch):
    """Six recordings of bands, a band that is known by name, and one that nobody votes for."""
    bands = [fake.artist(n, f"Band {n}", rock=1) for n in range(6)]
    recordings = {isrc(n): [fake.recording(n, band, hip_hop=2)] for n, band in enumerate(bands)}
    artists = [fake.artist(7, "Solo", folk=3), fake.artist(8, "Quiet")]
    with fake.serving(recordings, artists) as server:
        monkeypatch.setenv("MUSIC_MUSICBRAINZ_URL", server.address)
        yield server


@pytest.fixture(scope="module")
def six_tracks(tmp_path_factory):
    path = tmp_path_factory.mktemp("six") / "music.duckdb"
    put(path, [(f"row:{n}", f"Band {n}", isrc(n)) for n in range(6)])
    return path


@pytest.fixture
def six(six_tracks, store):
    """A store with six tracks that MusicBrainz knows by ISRC."""
    store.parent.mkdir()
    shutil.copy(six_tracks, store)


def test_the_isrc_is_asked_before_the_artist_and_each_artist_once(run, ask, service, store):
    tracks = [
        ("row:1", "Solo", "us-abc-00-00001"),  # the recording's genre, not Solo's
        ("row:2", "Solo feat. Guest", isrc(99)),  # an ISRC that is unknown
        ("row:3", "SOLO; Guest", None),
        ("row:4", "Quiet", "no ISRC"),
        ("row:5", None, isrc(98)),
        ("row:6", None, None),
    ]
    put(store, tracks)
    done = run(*ASK)
    assert done.code == 0
    assert done.out.splitlines() == [
        "musicbrainz: genres of 6 tracks: 1 of the recording, 2 of the artist, "
        "3 that MusicBrainz has none of"
    ]
    assert service.paths() == [
        by_isrc(1), by_isrc(99), by_isrc(98),
        "/ws/2/artist", "/ws/2/artist/artist-7", "/ws/2/artist", "/ws/2/artist/artist-8",
    ]  # fmt: skip
    assert ask(GENRES) == [
        ("row:1", "Hip Hop", "hip hop", "musicbrainz", "musicbrainz"),
        ("row:2", "Folk", "folk", "musicbrainz", "musicbrainz"),
        ("row:3", "Folk", "folk", "musicbrainz", "musicbrainz"),
    ]
    assert ask(LOOKUPS) == [
        ("row:1", "genre", "isrc", "recording/recording-1"),
        ("row:2", "artist genre", "names", "artist/artist-7"),
        ("row:2", "genre", None, None),
        ("row:3", "artist genre", "names", "artist/artist-7"),
        ("row:4", "artist genre", None, None),
        ("row:5", "genre", None, None),
    ]


def test_a_track_with_a_genre_is_never_asked_about(run, ask, service, store):
    put(store, [("row:1", "Solo", isrc(1))], genres=[("row:1", "Pop")])
    before = digest(store)
    done = run(*ASK)
    assert (done.code, done.out) == (0, "musicbrainz: every track has a genre (nothing changed)\n")
    assert service.requests == []
    assert digest(store) == before


def test_a_second_run_asks_nothing_and_leaves_the_store_as_it_was(run, service, store):
    put(store, [("row:1", "Quiet", isrc(1)), ("row:2", "Quiet", isrc(99)), ("row:3", None, None)])
    run(*ASK)
    service.requests.clear()
    before = digest(store)
    done = run(*ASK)
    assert done.code == 0
    assert "0 found, 2 that MusicBrainz has none of" in done.out
    assert service.requests == []
    assert digest(store) == before


def test_tracks_with_one_isrc_are_one_question(run, ask, service, store):
    put(store, [("row:1", "A", isrc(1)), ("spotify:a", "A", isrc(1))])
    run(*ASK)
    assert service.paths() == [by_isrc(1)]
    assert len(ask(GENRES)) == 2


def test_after_a_killed_run_nothing_is_asked_that_is_known(run, ask, service, store, six):
    code, _, _ = stop_at_request(service, 4, signal.SIGKILL, store)
    assert code == -signal.SIGKILL
    assert service.paths() == [by_isrc(n) for n in range(4)]
    known = ask(GENRES)
    assert known  # published while the next was asked
    service.requests.clear()
    assert run(*ASK).code == 0
    assert service.paths() == [by_isrc(n) for n in range(len(known), 6)]
    assert len(ask(GENRES)) == 6


def test_a_killed_run_goes_on_with_the_artist_where_the_isrc_was_answered(run, ask, service, store):
    put(store, [("row:1", "Solo", isrc(99))])
    stop_at_request(service, 2, signal.SIGKILL, store)
    assert ask(LOOKUPS) == [("row:1", "genre", None, None)]
    service.requests.clear()
    assert run(*ASK).code == 0
    assert service.paths() == ["/ws/2/artist", "/ws/2/artist/artist-7"]
    assert len(ask(GENRES)) == 1


def test_ctrl_c_keeps_what_was_answered(run, ask, service, store, six):
    code, out, err = stop_at_request(service, 4, signal.SIGINT, store)
    assert code == 4
    assert "3 of the recording, 0 that MusicBrainz has none of, 3 still to be asked about" in out
    assert err.strip() == "stopped; what was finished is kept, run again to go on"
    assert len(ask(GENRES)) == 3


def test_a_service_that_wants_a_long_pause_stops_the_run_cleanly(run, ask, service, store, six):
    proper = service.answer

    def answer(request):
        is_late = len(service.requests) == 3
        return as_json({}, 503, Retry_After="86000") if is_late else proper(request)

    service.answer = answer
    done = run(*ASK)
    assert done.code == 4
    assert "2 of the recording, 0 that MusicBrainz has none of, 4 still to be asked" in done.out
    assert done.error == (
        "stopped early: MusicBrainz answered 503; ask again in 86,000 s; "
        "what was finished is kept, run again to go on"
    )
    assert len(ask(GENRES)) == 2
    service.requests.clear()
    service.answer = proper
    assert run(*ASK).code == 0
    assert service.paths() == [by_isrc(n) for n in range(2, 6)]


def test_a_question_in_vain_costs_no_other_and_is_asked_by_the_next_run(
    run, ask, service, store, six
):
    service.faults += [as_json({}), *[Reply(status=500)] * 4]
    done = run(*ASK)
    assert done.code == 3
    asked_again = "  not answered for 1 tracks, so asked again by the next run: MusicBrainz"
    assert done.out.splitlines()[1:] == [
        f"{asked_again} answered 500",
        f"{asked_again} sent no list of recordings",
    ]
    assert len(ask(GENRES)) == 4
    service.requests.clear()
    assert run(*ASK).code == 0
    assert service.paths() == [by_isrc(0), by_isrc(1)]
    assert len(ask(GENRES)) == 6


def test_without_network_one_line_says_so_and_nothing_changes(run, store, six):
    before = digest(store)
    done = run(*ASK)
    assert done.code == 4
    assert "0 found, 0 that MusicBrainz has none of, 6 still to be asked about" in done.out
    assert done.error == (
        "stopped early: MusicBrainz cannot be reached (ConnectionError); "
        "what was finished is kept, run again to go on"
    )
    assert digest(store) == before


def test_without_a_contact_nothing_is_asked(run, service, store, six):
    done = run("genres", "--from", "musicbrainz")
    assert done.code == 1
    assert "set MUSIC_CONTACT, or give --contact" in done.error
    assert service.requests == []


def test_the_contact_may_be_a_setting(run, service, store, six, monkeypatch):
    monkeypatch.setenv("MUSIC_CONTACT", "https://example.org/me")
    assert run("genres", "--from", "musicbrainz").code == 0
    assert "( https://example.org/me )" in service.requests[0].headers["User-Agent"]


def test_without_a_store_nothing_is_asked_or_made(run, service, store):
    done = run(*ASK)
    assert done.code == 1
    assert str(store) in done.error
    assert service.requests == []
    assert not store.parent.exists()


@pytest.mark.parametrize("arguments", [(), ("--from", "nobody")])
def test_who_is_asked_must_be_said(run, arguments):
    assert run("genres", *arguments).code == 2


def test_a_dry_run_asks_and_writes_nothing(run, service, store):
    tracks = [("row:1", "A", isrc(1)), ("row:2", "B", isrc(1)), ("row:3", "C", None),
              ("row:4", None, None)]  # fmt: skip
    put(store, tracks)
    before = digest(store)
    done = run("genres", "--from", "musicbrainz", "--dry-run")
    assert (done.code, done.out.splitlines()) == (0, [
        "musicbrainz: 4 tracks have no genre: 1 ISRCs and 1 artists would be asked about, in 3 s "
        "or more; 1 tracks have neither or were asked about before",
        "  dry run: nothing was asked and nothing was written",
    ])  # fmt: skip
    assert service.requests == []
    assert digest(store) == before


def test_removing_the_genres_leaves_the_tracks_and_they_may_be_asked_for_again(
    run, ask, service, store, six
):
    run(*ASK)
    done = run("remove", "musicbrainz")
    assert done.code == 0
    assert ask(GENRES) == ask(LOOKUPS) == []
    assert ask("SELECT count(*) FROM tracks") == [(6,)]
    run(*ASK)
    assert len(ask(GENRES)) == 6


def test_removing_the_tracks_source_removes_their_genres(run, ask, service, store, six):
    run(*ASK)
    run("remove", "table:t")
    assert ask(GENRES) == ask(LOOKUPS) == ask("FROM tracks") == []


def stop_at_request(server, number, how, store):
    """Start a run and send it a signal when it waits for the answer to its n-th request."""
    proper, is_waiting = server.answer, threading.Event()

    def answer(request):
        if len(server.requests) < number:
            return proper(request)
        is_waiting.set()
        return HANGING

    server.answer = answer
    # Slower than the tests else, so that there is time to publish between two requests.
    process = subprocess.Popen(
        [sys.executable, "-m", "ingest", *ASK, "--store", str(store)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"MUSIC_MUSICBRAINZ_PERIOD_S": "0.5"},
    )
    try:
        assert is_waiting.wait(60)
        process.send_signal(how)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    server.answer = proper
    return process.returncode, out, err
