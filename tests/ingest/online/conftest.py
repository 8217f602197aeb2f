"""Nothing here may reach a real service, and no wait is longer than it must be."""

import pytest

from tests.ingest.online.scripted import ScriptedServer

_NOWHERE = "http://127.0.0.1:9"  # the discard port, where nobody listens


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    monkeypatch.setenv("MUSIC_BACKOFF_S", "0.01")
    for service in ("RECCOBEATS", "DEEZER", "ITUNES", "MUSICBRAINZ"):
        monkeypatch.setenv(f"MUSIC_{service}_URL", _NOWHERE)
    monkeypatch.setenv("MUSIC_MUSICBRAINZ_PERIOD_S", "0")
    monkeypatch.delenv("MUSIC_CONTACT", raising=False)


@pytest.fixture
def scripted():
    """A server that answers ``{"ok": 1}``, but for its faults."""
    with ScriptedServer() as running:
        yield running
