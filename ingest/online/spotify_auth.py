"""Signing in to Spotify: as a person in a browser (PKCE), or as an app where that suffices.

References
----------
https://developer.spotify.com/documentation/web-api/tutorials/code-pkce-flow
https://developer.spotify.com/documentation/web-api/concepts/redirect_uri
"""

import hashlib
import os
import secrets
import socket
import threading
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import click
from spotipy.cache_handler import CacheFileHandler, MemoryCacheHandler
from spotipy.oauth2 import SpotifyClientCredentials, SpotifyPKCE

from ingest.errors import IngestError
from ingest.online.spotify_session import SpotifySession

SCOPES = ("playlist-read-private", "playlist-read-collaborative", "user-library-read")
_REDIRECT = "http://127.0.0.1:8888/callback"
_LOOPBACK = ("127.0.0.1", "::1")
_SIGN_IN_S = 300
_TIMEOUT_S = (10, 30)
_APP = "music-clustering-explorer"


class SignedIn(SpotifyPKCE):
    """A person's own access, by a token that is kept in the user's folder of settings."""

    def __init__(self) -> None:
        client_id = _client_id()
        redirect = os.environ.get("SPOTIPY_REDIRECT_URI") or _REDIRECT
        self._host, self._port = _loopback(redirect)
        self._file = _token_file(client_id)
        super().__init__(
            client_id=client_id,
            redirect_uri=redirect,
            scope=SCOPES,
            state=secrets.token_urlsafe(16),
            cache_handler=CacheFileHandler(cache_path=str(self._file)),
            requests_session=SpotifySession(),
            requests_timeout=_TIMEOUT_S,
        )
        self.OAUTH_AUTHORIZE_URL = f"{_accounts()}/authorize"
        self.OAUTH_TOKEN_URL = f"{_accounts()}/api/token"

    def get_authorization_code(self, response: str | None = None) -> str:
        """Return the code that the browser brings back after the person agreed.

        Raises
        ------
        IngestError
            If nobody agrees within five minutes, or the port is taken.
        """
        try:
            server = _Callback(self._host, self._port, self.state)
        except OSError as error:
            raise IngestError(
                f"cannot listen on {self._host}:{self._port} for the answer of the sign-in "
                f"({error.strerror}); close what uses it, or set SPOTIPY_REDIRECT_URI to another "
                "address of the app"
            ) from None
        with server:
            address = self.get_authorize_url()
            click.echo("waiting for you to sign in to Spotify in the browser", err=True)
            if not webbrowser.open(address):
                click.echo(f"no browser opens; open this address in one: {address}", err=True)
            server.answered.wait(_SIGN_IN_S)
        if server.code is None:
            why = "was refused" if server.answered.is_set() else f"took over {_SIGN_IN_S // 60} min"
            raise IngestError(f"the sign-in to Spotify {why}; run the command again to sign in")
        return server.code

    def renew(self) -> None:
        """Get another access token, as the one in use is not accepted."""
        token = self.cache_handler.get_cached_token()
        self.refresh_access_token((token or {}).get("refresh_token", ""))

    def forget(self) -> None:
        """Delete the token, so that the next use signs in."""
        self._file.unlink(missing_ok=True)


class AppAlone(SpotifyClientCredentials):
    """The access that an app has without a person: nothing that belongs to one."""

    def __init__(self) -> None:
        super().__init__(
            client_id=_client_id(),
            cache_handler=MemoryCacheHandler(),
            requests_session=SpotifySession(),
            requests_timeout=_TIMEOUT_S,
        )
        self.OAUTH_TOKEN_URL = f"{_accounts()}/api/token"

    def renew(self) -> None:
        """Get another access token, as the one in use is not accepted."""
        self.get_access_token(as_dict=False, check_cache=False)

    def forget(self) -> None:
        """Do nothing: the token is kept nowhere."""


def sign_in(*, needs_person: bool) -> SignedIn | AppAlone:
    """Return the access to use: a person's, or the app's own where its secret is set.

    Parameters
    ----------
    needs_person
        Whether something that belongs to a person is to be read.

    Raises
    ------
    IngestError
        If the environment does not say which app it is.
    """
    has_secret = bool(os.environ.get("SPOTIPY_CLIENT_SECRET"))
    return AppAlone() if has_secret and not needs_person else SignedIn()


class _Callback(HTTPServer):
    """Takes what the browser brings back; everything else is answered with 404."""

    def __init__(self, host: str, port: int, state: str) -> None:
        self.answered, self.code, self.state = threading.Event(), None, state
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _CallbackHandler)

    def __enter__(self) -> "_Callback":
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _CallbackHandler(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self) -> None:
        """Keep the code of an answer to our own question."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if not secrets.compare_digest(given.get("state", ""), self.server.state):
            self.send_error(404)
            return
        self.server.code = given.get("code")
        text = b"Signed in. You can close this window." if self.server.code else b"Refused."
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.server.answered.set()

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: the address holds the code."""


def _client_id() -> str:
    client_id = os.environ.get("SPOTIPY_CLIENT_ID", "").strip()
    if not client_id:
        raise IngestError(
            "SPOTIPY_CLIENT_ID is not set; make an app of your own at "
            f"https://developer.spotify.com/dashboard with the redirect URI {_REDIRECT}, then set "
            "SPOTIPY_CLIENT_ID to its client ID"
        )
    return client_id


def _loopback(redirect: str) -> tuple[str, int]:
    try:
        parts = urlsplit(redirect)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts = host = port = None
    if parts is None or parts.scheme != "http" or host not in _LOOPBACK or not port:
        raise IngestError(
            "SPOTIPY_REDIRECT_URI must be an address of this machine with a port, such as "
            f"{_REDIRECT}; Spotify refuses localhost"
        )
    return host, port


def _token_file(client_id: str) -> Path:
    """Return where the token of an app is kept, which only this user can read."""
    folder = Path(click.get_app_dir(_APP))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise IngestError(f"cannot keep the sign-in in {folder}: {error.strerror}") from None
    app = hashlib.sha256(client_id.encode()).hexdigest()[:8]
    file = folder / f"spotify-{app}.json"
    if not file.exists():
        file.touch(mode=0o600)
    return file


def _accounts() -> str:
    base = os.environ.get("MUSIC_SPOTIFY_ACCOUNTS_URL", "https://accounts.spotify.com")
    return base.rstrip("/")
