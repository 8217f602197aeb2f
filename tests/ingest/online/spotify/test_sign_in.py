"""Signing in: a real PKCE exchange, tokens that run out or are revoked, an app on its own."""

import json
import os
import socket
import stat
import time

import pytest

from ingest.online.spotify_auth import SignedIn
from tests.conftest import run_ingest
from tests.ingest.online import fake_reccobeats
from tests.ingest.online.fake_spotify import FakeSpotify, Playlist, spotify_id, track
from tests.ingest.online.scripted import DROPPED

ROCK = spotify_id(1, "P")


@pytest.fixture(autouse=True)
def reccobeats(monkeypatch):
    """A ReccoBeats that knows nothing, so that features end at once."""
    with fake_reccobeats.serving() as server:
        monkeypatch.setenv("MUSIC_RECCOBEATS_URL", server.address)
        yield server


@pytest.fixture
def free_port(monkeypatch) -> int:
    """A port of this machine that nobody uses, which the sign-in is to come back to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("SPOTIPY_REDIRECT_URI", f"http://127.0.0.1:{port}/callback")
    return port


def test_the_first_run_signs_in_with_the_browser_and_the_next_does_not(
    run, spotify, free_port, settings
):
    spotify.playlists[ROCK] = Playlist("Rock", [track(1)])
    done = run("spotify", ROCK)
    assert done.code == 0, done.err
    assert done.err.strip() == "waiting for you to sign in to Spotify in the browser"
    assert spotify.asked("/a")[:2] == ["/authorize", "/api/token"]
    (file,) = settings.rglob("spotify-*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["refresh_token"] == "refresh-1"
    assert run("spotify", ROCK).code == 0
    assert spotify.asked("/a") == ["/authorize", "/api/token"]


def test_a_token_that_runs_out_in_the_middle_is_refreshed(run, signed_in):
    signed_in.lifetime_s = 30  # spotipy takes a token for expired a minute early
    _expire(signed_in)
    signed_in.playlists[ROCK] = Playlist("Rock", [track(i) for i in range(120)])
    assert "120 added" in run("spotify", ROCK).out
    assert len(signed_in.asked("/api/token")) >= 3
    assert not signed_in.asked("/authorize")


def test_a_token_that_is_revoked_in_the_middle_is_renewed_once(run, signed_in):
    signed_in.playlists[ROCK] = Playlist("Rock", [track(i) for i in range(120)])
    proper = signed_in.answer

    def answer(request):
        if request.query.get("offset") == "50" and signed_in.n_tokens == 1:
            signed_in.tokens.clear()
        return proper(request)

    signed_in.server.answer = answer
    done = run("spotify", ROCK)
    assert (done.code, "120 added" in done.out) == (0, True)
    assert signed_in.asked("/api/token") == ["/api/token"]


def test_a_sign_in_that_has_expired_says_so_and_the_next_run_signs_in(
    run, signed_in, free_port, store
):
    signed_in.playlists[ROCK] = Playlist("Rock", [track(1)])
    signed_in.refresh_tokens.clear()
    _expire(signed_in)
    done = run("spotify", ROCK)
    assert done.code == 1
    assert done.error == (
        "error: the sign-in to Spotify has expired, as it does after six months; run the command "
        "again to sign in"
    )
    assert run("spotify", ROCK).code == 0
    assert signed_in.asked("/authorize") == ["/authorize"]


def _expire(spotify: FakeSpotify) -> None:
    access = SignedIn()
    token = access.cache_handler.get_cached_token() | {"expires_at": int(time.time())}
    access.cache_handler.save_token_to_cache(token)
    spotify.tokens.clear()


def test_an_app_alone_reads_playlists_where_that_suffices(run, ask, spotify, monkeypatch):
    spotify.generation = 2021
    spotify.playlists[ROCK] = Playlist("Rock", [track(1)], owner="somebody")
    monkeypatch.setenv("SPOTIPY_CLIENT_SECRET", "planted-secret")
    done = run("spotify", ROCK)
    assert (done.code, done.err) == (0, "")
    assert ask("SELECT origin FROM spotify_features") == [("spotify",)]
    assert not spotify.asked("/authorize")


def test_an_app_alone_learns_in_a_line_that_a_person_must_sign_in(run, spotify, monkeypatch, store):
    spotify.playlists[ROCK] = Playlist("Rock", [track(1)])
    monkeypatch.setenv("SPOTIPY_CLIENT_SECRET", "planted-secret")
    done = run("spotify", ROCK)
    assert done.code == 1
    assert "only to a person who signed in" in done.error
    assert "unset it, add the redirect URI http://127.0.0.1:8888/callback" in done.error
    assert not store.exists()


def test_an_app_alone_signs_somebody_in_for_what_is_theirs(
    run, ask, spotify, free_port, monkeypatch
):
    spotify.saved = [track(1)]
    monkeypatch.setenv("SPOTIPY_CLIENT_SECRET", "planted-secret")
    assert run("spotify", "--saved").code == 0
    assert ask("SELECT playlist FROM track_playlists") == [("Saved tracks",)]


def test_a_missing_client_id_says_where_to_get_one(run, settings, store):
    done = run("spotify", ROCK)
    assert done.code == 1
    assert done.error.startswith("error: SPOTIPY_CLIENT_ID is not set; make an app of your own at ")
    assert not store.exists()


@pytest.mark.parametrize(
    "redirect", ["http://localhost:8888/callback", "https://example.org/cb", "http://127.0.0.1/cb",
                 "http://127.0.0.1:x/cb"]
)  # fmt: skip
def test_a_redirect_that_cannot_come_back_is_refused(run, spotify, monkeypatch, store, redirect):
    monkeypatch.setenv("SPOTIPY_REDIRECT_URI", redirect)
    done = run("spotify", ROCK)
    assert done.code == 1
    assert "SPOTIPY_REDIRECT_URI must be an address of this machine with a port" in done.error
    assert not store.exists()


def test_a_taken_port_is_named(run, spotify, free_port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()
        done = run("spotify", ROCK)
    assert done.code == 1
    assert f"cannot listen on 127.0.0.1:{free_port}" in done.error


SECRETS = {
    "SPOTIPY_CLIENT_SECRET": "planted-client-secret",
    "SPOTIFY_TOKEN": "planted-token",
    "USER_EMAIL": "planted@example.org",
}


@pytest.mark.parametrize("what", ["app alone", "person", "no answer"])
def test_no_secret_appears_in_what_is_said_or_stored(
    spotify, free_port, settings, store, tmp_path, what
):
    spotify.generation = 2021
    spotify.playlists[ROCK] = Playlist("Rock", [track(1), None])
    spotify.saved = [track(1), None]
    if what == "no answer":
        spotify.server.faults.extend([DROPPED] * 9)
    (tmp_path / "sitecustomize.py").write_text(
        "import logging\nlogging.basicConfig(level=logging.DEBUG)\nlogging.debug('all is logged')"
    )
    more = {"PYTHONPATH": str(tmp_path), "PYTHONDEVMODE": "1"}
    asked = "--saved" if what == "person" else ROCK
    done = run_ingest("spotify", asked, "--store", store, env={**os.environ, **SECRETS, **more})
    assert done.returncode == (1 if what == "no answer" else 3), done.stderr
    assert spotify.tokens.keys() or what == "no answer"
    said = done.stdout + done.stderr
    assert "all is logged" in said
    kept = store.read_bytes() if store.exists() else b""
    secrets = [*SECRETS.values(), *spotify.tokens, *spotify.refresh_tokens, *spotify._codes]
    for secret in (*secrets, "@example.org"):
        assert secret not in said
        assert secret.encode() not in kept
