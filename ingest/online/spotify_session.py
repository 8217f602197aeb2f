"""The HTTP session that spotipy uses: short pauses are waited for, long ones end the run.

spotipy's own session sleeps for as long as it is told to, which can be a day, and then hides what
it was told. This one shares the patience of the other services, and gives spotipy only answers that
asking again would not change.
"""

import logging
from typing import Any

import requests

from ingest.online.http import Busy, Stopped, retry_after_s, waiting

PROVIDER = "Spotify"
_QUOTA = "QUOTA_EXCEEDED"

# It logs whole requests with their tokens, and prints errors that are explained elsewhere.
logging.getLogger("spotipy").setLevel(logging.CRITICAL + 1)


class SpotifySession(requests.Session):
    """Ask again what may pass, at most three times; see `ingest.online.http.waiting`."""

    def request(self, method: str, url: str, *arguments: Any, **options: Any) -> requests.Response:
        """Return an answer that is final: JSON, or a refusal.

        Raises
        ------
        Stopped
            If Spotify asks for a pause that is too long, or the app's quota is spent.
        Unavailable
            If it gives no usable answer.
        """

        def ask() -> requests.Response:
            answer = super(SpotifySession, self).request(method, url, *arguments, **options)
            _judge(answer)
            return answer

        return waiting(PROVIDER, ask)


def _judge(answer: requests.Response) -> None:
    try:
        body = answer.json()
    except requests.exceptions.JSONDecodeError:
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    if answer.ok and isinstance(error, dict):
        # An error may come with HTTP status 200.
        status = error.get("status")
        answer.status_code = status if isinstance(status, int) and 400 <= status < 600 else 500
    code, after_s = answer.status_code, retry_after_s(answer.headers.get("Retry-After"))
    if code == requests.codes.too_many_requests:
        if isinstance(error, dict) and error.get("reason") == _QUOTA:
            raise Stopped(PROVIDER, after_s, "says that the app's quota is spent")
        raise Busy(f"answered {code}", retry_after_s=after_s, is_limit=True)
    if code >= 500:
        raise Busy(f"answered {code}", retry_after_s=after_s)
    if answer.ok and not isinstance(body, dict):
        raise Busy("answered with broken JSON")
