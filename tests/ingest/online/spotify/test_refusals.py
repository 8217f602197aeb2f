"""What Spotify refuses, delays or breaks: said in a line, waited for, retried, or resumed."""

import re
import time

import pytest
import requests
import spotipy

from ingest.online.http import Stopped, Unavailable
from ingest.online.spotify_auth import SignedIn
from ingest.online.spotify_client import SpotifyClient
from tests.ingest.conftest import digest
from tests.ingest.online import fake_reccobeats
from tests.ingest.online.fake_spotify import Playlist, spotify_id, too_many, track
from tests.ingest.online.scripted import CUT_OFF, DROPPED, HALF_JSON, HANGING, as_json

ROCK, JAZZ, POP = (spotify_id(i, "P") for i in (1, 2, 3))
ITEMS = f"/v1/playlists/{JAZZ}/items"


@pytest.fixture(autouse=True)
def reccobeats(monkeypatch):
    """A ReccoBeats that knows nothing, so that features end at once."""
    with fake_reccobeats.serving() as server:
        monkeypatch.setenv("MUSIC_RECCOBEATS_URL", server.address)
        yield server


@pytest.fixture
def three(signed_in):
    """Three playlists; the middle one has several pages."""
    signed_in.playlists = {
        ROCK: Playlist("Rock", [track(1)]),
        JAZZ: Playlist("Jazz", [track(i) for i in range(100, 237)]),
        POP: Playlist("Pop", [track(2)]),
    }
    return signed_in


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ({"owner": "somebody"}, 'playlist "Jazz": 403: an app reads only playlists that are yours'),
        (
            {"is_missing": True},
            f"playlist {JAZZ}: 404: there is no such playlist, or it is private",
        ),
    ],
)
def test_a_playlist_that_may_not_be_read_is_explained_and_the_next_one_read(
    run, ask, three, spoil, said
):
    vars(three.playlists[JAZZ]).update(spoil)
    done = run("spotify", ROCK, JAZZ, POP)
    assert done.code == 3
    assert "spotify: 3 playlists (1 not read): 2 read, 2 added" in done.out
    assert f"  not read: {said}" in done.out
    assert "copy its songs into a playlist of your own" in done.out
    assert ask("SELECT playlist FROM track_playlists ORDER BY 1") == [("Pop",), ("Rock",)]


def test_where_no_playlist_may_be_read_nothing_is_written(run, three, store):
    before = digest(store)
    three.playlists[JAZZ].owner = "somebody"
    done = run("spotify", JAZZ)
    assert done.code == 1
    assert 'error: playlist "Jazz": 403: ' in done.error
    assert digest(store) == before


def test_a_short_pause_is_waited_for_in_sight(run, three):
    three.faults_at[ITEMS].append(too_many(1))
    began = time.monotonic()
    done = run("spotify", JAZZ)
    assert done.code == 0
    assert time.monotonic() - began >= 1
    assert "Spotify asks for 1 s; waiting" in done.err
    assert "137 added" in done.out


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (too_many(86_000), "Spotify answered 429; ask again in 86,000 s"),
        (too_many(1, quota=True), "Spotify says that the app's quota is spent"),
        (too_many(None, quota=True), "Spotify says that the app's quota is spent"),
    ],
)
def test_a_long_pause_ends_the_run_and_keeps_what_it_has(run, ask, three, reply, said):
    three.server.answer = _refusing_from(three, reply)
    done = run("spotify", ROCK, JAZZ, POP)
    assert done.code == 4
    assert f"stopped early: {said}" in done.err
    assert ask("SELECT name, n_read, state FROM playlists ORDER BY 1") == [
        ("Jazz", 50, "begun"),
        ("Rock", 1, "read"),
    ]


def test_the_next_run_goes_on_where_a_long_pause_ended_one(run, ask, three, content):
    three.server.answer = _refusing_from(three, too_many(86_000))
    assert run("spotify", ROCK, JAZZ, POP).code == 4
    three.server.answer = three.answer
    three.server.requests.clear()
    assert run("spotify", ROCK, JAZZ, POP).code == 0
    assert [path for path in three.asked() if path.startswith("playlists")] == [
        f"playlists/{JAZZ}",
        f"playlists/{JAZZ}/items@50",
        f"playlists/{JAZZ}/items@100",
        f"playlists/{POP}",
        f"playlists/{POP}/items@0",
    ]
    assert ask("SELECT n_read, n_added FROM ingests WHERE source = 'spotify:Jazz'") == [(137, 137)]
    resumed = content()
    assert run("remove", "spotify:*").code == 0
    assert run("spotify", ROCK, JAZZ, POP).code == 0
    assert content() == resumed


def _refusing_from(spotify, reply):
    """Refuse the second page of the long playlist, and all that comes after it."""
    proper, is_refusing = spotify.answer, []

    def answer(request):
        if request.path == ITEMS and request.query["offset"] == "50":
            is_refusing.append(True)
        return reply if is_refusing else proper(request)

    return answer


def test_a_playlist_that_changed_meanwhile_is_read_from_its_start(run, ask, three):
    three.server.answer = _refusing_from(three, too_many(86_000))
    assert run("spotify", JAZZ).code == 4
    three.server.answer = three.answer
    three.playlists[JAZZ] = Playlist("Jazz", [track(100), track(5)], snapshot_id="2")
    assert run("spotify", JAZZ).code == 0
    assert ask("SELECT right(track_id, 3) FROM tracks ORDER BY 1") == [("005",), ("100",)]


ERROR_BODY = as_json({"error": {"status": 503, "message": "Service unavailable"}})


@pytest.mark.parametrize(
    "faults",
    [
        [as_json({"error": {"status": 500}}, 500)] * 2,
        [HALF_JSON, CUT_OFF],
        [DROPPED],
        [ERROR_BODY],
        [as_json([], 200), as_json({"error": {"status": 429}}, 200)],
    ],
    ids=["500 twice", "half of the JSON", "no answer", "200 with an error", "200 with others"],
)
def test_what_passes_is_asked_for_again(run, three, faults):
    three.faults_at[ITEMS].extend(faults)
    done = run("spotify", JAZZ)
    assert (done.code, done.err.strip()) == (0, "")
    assert "137 read, 137 added" in done.out
    assert three.asked().count(f"playlists/{JAZZ}/items@0") == 1 + len(faults)


def test_what_does_not_pass_costs_one_playlist_and_four_requests(run, three):
    three.faults_at[ITEMS].extend([as_json({}, 502)] * 9)
    done = run("spotify", ROCK, JAZZ, POP)
    assert done.code == 3
    assert '  not read: playlist "Jazz": Spotify answered 502' in done.out
    assert "2 read, 2 added" in done.out
    assert three.asked().count(f"playlists/{JAZZ}/items@0") == 4


def test_a_page_of_another_shape_costs_one_playlist(run, three):
    three.faults_at[ITEMS].append(as_json({"items": "none"}))
    done = run("spotify", JAZZ, POP)
    assert done.code == 3
    assert '  not read: playlist "Jazz": Spotify sent no page of items' in done.out


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(three):
    three.faults_at[ITEMS].extend([HANGING] * 9)
    client = SpotifyClient(SignedIn(), timeout_s=(0.2, 0.2))
    with pytest.raises(Unavailable, match=r"Spotify cannot be reached \(ReadTimeout\)"):
        client.page(JAZZ, 0)
    assert three.asked().count(f"playlists/{JAZZ}/items@0") == 4


def test_the_session_is_spotipys_own_in_nothing_but_patience(three):
    client = SpotifyClient(SignedIn())
    assert isinstance(client._api, spotipy.Spotify)
    adapter = client._api._session.get_adapter("https://api.spotify.com")
    assert isinstance(adapter, requests.adapters.HTTPAdapter)
    assert adapter.max_retries.total == 0
    three.faults_at[ITEMS].append(too_many(86_000))
    with pytest.raises(Stopped) as caught:
        client.page(JAZZ, 0)
    assert caught.value.retry_after_s == 86_000
    assert three.asked() == [f"playlists/{JAZZ}/items@0"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("User not registered in the Developer Dashboard", "not on the list of users"),
        ("Active premium subscription required for the owner of the app", "owner has Premium"),
        ("Insufficient client scope", "does not accept the sign-in; run the command again"),
    ],
)
def test_what_concerns_the_whole_app_ends_the_run_with_what_to_do(run, three, message, said):
    refusal = as_json({"error": {"status": 403, "message": message}}, 403)
    three.faults_at[f"/v1/playlists/{JAZZ}"].append(refusal)
    done = run("spotify", JAZZ, ROCK)
    assert done.code == 1
    assert said in done.error


def test_no_line_repeats_what_a_server_says(run, three):
    spilled = as_json({"error": {"status": 418, "message": "Bearer access-person-0 a@b.org"}}, 418)
    three.faults_at[f"/v1/playlists/{JAZZ}"].append(spilled)
    done = run("spotify", JAZZ, ROCK)
    assert "Spotify answered 418" in done.out
    assert not re.search("access-person|a@b", done.out + done.err)
