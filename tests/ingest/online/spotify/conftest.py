"""A Spotify of this machine's own, with somebody signed in."""

import shutil
import sys
import time
from pathlib import Path

import pytest

from ingest.online.spotify_auth import SignedIn
from tests.ingest.online import fake_spotify
from tests.ingest.online.fake_spotify import FakeSpotify

CONTENT = {
    "tracks": "*",
    "track_sources": "track_id, source",
    "track_genres": "*",
    "track_playlists": "*",
    "spotify_features": "*",
    "librosa_features": "*",
    "lookups": "* EXCLUDE (asked_at)",
    "playlists": "* EXCLUDE (ingest_id)",
}


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Path:
    """The user's folder of settings, empty, and a browser that agrees to everything."""
    folder = tmp_path / "settings"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    monkeypatch.setenv("HOME", str(folder))
    browser = Path(fake_spotify.__file__).with_name("browser.py")
    monkeypatch.setenv("BROWSER", f"{sys.executable} {browser} %s")
    for name in ("SPOTIPY_CLIENT_ID", "SPOTIPY_CLIENT_SECRET", "SPOTIPY_REDIRECT_URI"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def spotify(settings, monkeypatch):
    """Spotify as a new app meets it in 2026; nobody is signed in."""
    with FakeSpotify() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def signed_in(spotify, store, empty_store) -> FakeSpotify:
    """Spotify with somebody signed in, and a store without tracks."""
    store.parent.mkdir()
    shutil.copy(empty_store, store)
    token = spotify._new_token("person") | {"expires_at": int(time.time()) + 3600}
    SignedIn().cache_handler.save_token_to_cache(token)
    return spotify


@pytest.fixture
def content(ask):
    """Read everything that a run leaves, but for times and numbers of imports."""

    def read() -> dict[str, list[tuple]]:
        return {
            table: sorted(ask(f"SELECT {names} FROM {table}"), key=repr)
            for table, names in CONTENT.items()
        }

    return read
