"""What is asked of Spotify's Web API, in both of its generations; every refusal in one line.

References
----------
https://developer.spotify.com/documentation/web-api/tutorials/february-2026-migration-guide
"""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import requests
import spotipy
from spotipy.exceptions import SpotifyException, SpotifyOauthError

from ingest.errors import IngestError
from ingest.online.http import Unavailable
from ingest.online.spotify_auth import AppAlone, SignedIn
from ingest.online.spotify_session import PROVIDER, SpotifySession
from ingest.online.values import text

SAVED = "saved"
_PAGE = 50
_TIMEOUT_S = (10.0, 30.0)
_NOT_YOURS = (
    "403: an app reads only playlists that are yours or that you work on; copy its songs into a "
    "playlist of your own and name that one"
)
_NOT_THERE = (
    "404: there is no such playlist, or it is private or one of Spotify's own, which apps may not "
    "read; copy its songs into a playlist of your own and name that one"
)
_NEEDS_PERSON = (
    "Spotify gives the songs of a playlist only to a person who signed in, and where "
    "SPOTIPY_CLIENT_SECRET is set the app asks alone; unset it, add the redirect URI "
    "http://127.0.0.1:8888/callback to the app, and run again"
)
# What Spotify says of an app as a whole, and what to do.
_OF_THE_APP = {
    "not registered": "your account is not on the list of users of this Spotify app; its owner can "
    "add it at https://developer.spotify.com/dashboard",
    "premium": "Spotify apps in development work only while their owner has Premium",
}


class Refused(Exception):
    """Spotify does not give something, whoever asks again; the text says why, and what to do."""


class Closed(Exception):
    """Spotify does not give audio features to this app."""


class Head(NamedTuple):
    """A playlist without its items; ``snapshot_id`` is another one for each version of it."""

    playlist_id: str
    name: str
    snapshot_id: str | None


class Page(NamedTuple):
    """Some items of a playlist as they came, the number of all, and whether more follow."""

    rows: list[Any]
    n_items: int
    is_last: bool


class SpotifyClient:
    """A person's or an app's view of Spotify.

    Parameters
    ----------
    access
        Who asks.
    timeout_s
        Seconds to connect, and between two packets.
    """

    def __init__(
        self, access: SignedIn | AppAlone, *, timeout_s: tuple[float, float] = _TIMEOUT_S
    ) -> None:
        self._access = access
        self._api = spotipy.Spotify(
            auth_manager=access, requests_session=SpotifySession(), requests_timeout=timeout_s
        )
        base = os.environ.get("MUSIC_SPOTIFY_API_URL", "https://api.spotify.com/v1")
        self._api.prefix = f"{base.rstrip('/')}/"

    def head(self, playlist_id: str) -> Head:
        """Ask for the name and the version of a playlist.

        Raises
        ------
        Refused
            If it may not be read.
        """
        if playlist_id == SAVED:
            page = self._page(lambda: self._api.current_user_saved_tracks(limit=1))
            newest = (page.rows[0] or {}).get("added_at") if page.rows else ""
            return Head(SAVED, "Saved tracks", f"{page.n_items} {newest}")
        fields = "id,name,snapshot_id"
        found = self._ask(lambda: self._api.playlist(playlist_id, fields=fields))
        name = " ".join((text(found.get("name")) or playlist_id).split())
        return Head(playlist_id, name, text(found.get("snapshot_id")))

    def page(self, playlist_id: str, offset: int) -> Page:
        """Ask for up to 50 items of a playlist, from a place on.

        Raises
        ------
        Refused
            If they may not be read.
        """
        if playlist_id == SAVED:
            return self._page(
                lambda: self._api.current_user_saved_tracks(limit=_PAGE, offset=offset)
            )
        return self._page(lambda: self._api.playlist_items(playlist_id, limit=_PAGE, offset=offset))

    def own_playlists(self) -> Iterator[str]:
        """Ask for the ids of the playlists that the person owns or works on."""
        me, offset = self._ask(self._api.me).get("id"), 0
        while True:
            page = self._page(partial(self._api.current_user_playlists, offset=offset))
            for row in filter(None, page.rows):
                if (row.get("owner") or {}).get("id") == me or row.get("collaborative"):
                    yield row["id"]
            if page.is_last:
                return
            offset += len(page.rows)

    def audio_features(self, spotify_ids: Sequence[str]) -> list[dict]:
        """Ask for the audio features of at most 100 tracks; those without are left out.

        Raises
        ------
        Closed
            If this app does not get any.
        """

        def call() -> dict:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                return {"rows": self._api.audio_features(list(spotify_ids))}

        try:
            rows = self._ask(call)["rows"]
        except Refused:
            raise Closed from None
        return [row for row in rows or () if isinstance(row, dict)]

    def _page(self, call: Callable[[], dict]) -> Page:
        body = self._ask(call)
        rows, total = body.get("items"), body.get("total")
        if not isinstance(rows, list) or not isinstance(total, int):
            raise Unavailable(PROVIDER, "sent no page of items")
        return Page(rows, total, not body.get("next") or not rows)

    def _ask(self, call: Callable[[], dict]) -> dict:
        """Call; an access token that is not accepted is renewed once."""
        try:
            try:
                return call()
            except SpotifyException as error:
                if error.http_status != requests.codes.unauthorized:
                    raise
                self._check_needs_person(error)
                self._access.renew()
                return call()
        except SpotifyOauthError as error:
            self._access.forget()
            raise IngestError(_why_not_signed_in(error)) from None
        except SpotifyException as error:
            raise self._explained(error) from None

    def _check_needs_person(self, error: SpotifyException) -> None:
        if isinstance(self._access, AppAlone) and "user authentication" in _said(error):
            raise IngestError(_NEEDS_PERSON) from None

    def _explained(self, error: SpotifyException) -> Exception:
        said = _said(error)
        for words, why in _OF_THE_APP.items():
            if words in said:
                return IngestError(why)
        if error.http_status == requests.codes.unauthorized or "scope" in said:
            self._access.forget()
            return IngestError("Spotify does not accept the sign-in; run the command again")
        known = {403: _NOT_YOURS, 404: _NOT_THERE}
        return Refused(known.get(error.http_status, f"Spotify answered {error.http_status}"))


def _said(error: SpotifyException) -> str:
    """Return Spotify's own words; they are compared, never repeated."""
    return str(error.msg).partition("\n")[2].lower()


def _why_not_signed_in(error: SpotifyOauthError) -> str:
    if error.error == "invalid_grant":
        return (
            "the sign-in to Spotify has expired, as it does after six months; run the command "
            "again to sign in"
        )
    if error.error == "invalid_client":
        return "Spotify does not know this app; check SPOTIPY_CLIENT_ID and SPOTIPY_CLIENT_SECRET"
    return "Spotify did not accept the sign-in; run the command again to sign in"
