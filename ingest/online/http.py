"""Asking a service over HTTP: bounded in rate, time, size and patience, silent about addresses.

Tokens and signatures travel in addresses and headers, so no message here holds an address, and no
error keeps the one of `requests` that it came from.
"""

import json
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import requests
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)
from tqdm import tqdm
from urllib3.exceptions import HTTPError

USER_AGENT = "MusicClusteringExplorer/1.0"
MAX_WAIT_S = 60.0
_RETRIES = 3
_BACKOFF_S = 1.0
_MOST_DOWN = 5
_LONGEST_BACKOFF_S = 30.0
_MAX_JSON_BYTES = 20_000_000
_MAX_ANSWER_S = 120.0  # a server that sends a little now and then never times out
_BLOCK = 1 << 12
_PASSING = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
_Answer = TypeVar("_Answer")

# Its debugging lines hold whole addresses.
logging.getLogger("urllib3").setLevel(logging.INFO)


class Stopped(Exception):
    """A provider asks for a pause too long to wait, or a quota is spent; nothing is broken.

    Attributes
    ----------
    provider : str
    retry_after_s : float or None
        The pause, where the provider says how long.
    reason : str
        One line without address or token.
    """

    def __init__(self, provider: str, retry_after_s: float | None, reason: str) -> None:
        pause = "" if retry_after_s is None else f"; ask again in {_shown(retry_after_s)}"
        super().__init__(f"{provider} {reason}{pause}")
        self.provider, self.retry_after_s, self.reason = provider, retry_after_s, reason


class Unavailable(Exception):
    """A provider gave no usable answer, after bounded retries where those could help.

    Attributes
    ----------
    provider : str
    reason : str
        One line without address or token.
    """

    def __init__(self, provider: str, reason: str) -> None:
        super().__init__(f"{provider} {reason}")
        self.provider, self.reason = provider, reason


class Down(Unavailable):
    """A provider still gave no usable answer after the last retry."""


class Unreachable(Down):
    """The connection to a provider could still not be made, or was lost, after the last retry."""


class NotFound(Unavailable):
    """A provider answered 404: no such thing, or no such address any more."""


class Nothing(NotFound):
    """A provider answered in its own words that it has no such thing."""


class Busy(Exception):
    """Raised inside `waiting` for what may pass: ask again.

    Parameters
    ----------
    reason
        A predicate without address or token, e.g. ``answered 503``.
    retry_after_s
        The pause that the provider asks for, None where it does not say.
    is_limit
        Whether it is about how much is asked, so that asking later helps.
    """

    def __init__(
        self, reason: str, *, retry_after_s: float | None = None, is_limit: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.retry_after_s, self.is_limit = reason, retry_after_s, is_limit


class _Lost(Busy):
    """No connection could be made, or it was lost."""


def waiting(
    provider: str,
    call: Callable[[], _Answer],
    *,
    max_wait_s: float = MAX_WAIT_S,
    backoff_s: float | None = None,
) -> _Answer:
    """Return what ``call`` returns, asking again at most three times while it fails in passing.

    Parameters
    ----------
    provider
        Its name in messages.
    call
        Asks once; raises `Busy` for what may pass. Lost connections and time-outs of `requests`
        count as such, too.
    max_wait_s
        The longest pause that is waited for; a provider that asks for more ends it at once.
    backoff_s
        The first pause in seconds where the provider names none; it doubles each time, plus up to
        as much by chance. By default ``$MUSIC_BACKOFF_S``, else 1.

    Raises
    ------
    Stopped
        If the provider asks for a longer pause, or still limits us after three.
    Unavailable
        If it gave no usable answer; `Down` if asking again did not help, `Unreachable` if it did
        not because of the connection.

    Notes
    -----
    What else ``call`` raises passes through. Exponential backoff with jitter:
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    first = float(os.environ.get("MUSIC_BACKOFF_S", _BACKOFF_S)) if backoff_s is None else backoff_s
    backoff = wait_exponential_jitter(multiplier=first, max=_LONGEST_BACKOFF_S, jitter=first)

    def pause(state: RetryCallState) -> float:
        asked_s = state.outcome.exception().retry_after_s
        if asked_s is None:
            return backoff(state)
        tqdm.write(f"{provider} asks for {_shown(asked_s)}; waiting", file=sys.stderr)
        return asked_s

    def may_pass(error: BaseException) -> bool:
        return isinstance(error, Busy) and (error.retry_after_s or 0) <= max_wait_s

    retrying = Retrying(
        retry=retry_if_exception(may_pass),
        stop=stop_after_attempt(1 + _RETRIES),
        wait=pause,
        reraise=True,
    )
    try:
        return retrying(_without_address, provider, call)
    except Busy as error:
        last = error
    if last.is_limit or (last.retry_after_s or 0) > max_wait_s:
        raise Stopped(provider, last.retry_after_s, last.reason)
    raise (Unreachable if isinstance(last, _Lost) else Down)(provider, last.reason)


class Http:
    """A service that answers in JSON.

    Parameters
    ----------
    provider
        Its name in messages.
    base
        The address that paths are put behind.
    calls, period_s
        At most so many requests are begun in any such time, retries included.
    user_agent
        How the program introduces itself.
    max_wait_s, backoff_s
        See `waiting`.
    timeout_s
        Seconds to connect, and between two packets.
    limit_codes
        The statuses with which it says that it was asked too often.
    judge
        Looks at each answer below status 500, and raises `Busy`, `Stopped`, `Nothing` or
        `Unavailable` if it is one of the service's own ways to report an error.
    """

    def __init__(
        self,
        provider: str,
        base: str,
        *,
        calls: int,
        period_s: float,
        user_agent: str = USER_AGENT,
        max_wait_s: float = MAX_WAIT_S,
        backoff_s: float | None = None,
        timeout_s: tuple[float, float] = (10, 30),
        limit_codes: Sequence[int] = (requests.codes.too_many_requests,),
        judge: Callable[[dict], None] | None = None,
    ) -> None:
        self.provider = provider
        self._base = base.rstrip("/")
        self._rate = _Rate(calls, period_s)
        self._patience = {"max_wait_s": max_wait_s, "backoff_s": backoff_s}
        self._timeout_s = timeout_s
        self._limit_codes = limit_codes
        self._judge = judge
        self._n_down = 0
        self._session = requests.Session()
        self._session.headers["User-Agent"] = user_agent

    @property
    def host(self) -> str:
        """The name of the machine that is asked."""
        return urlsplit(self._base).hostname or self._base

    def get(self, path: str, **params: Any) -> dict:
        """Return the JSON object at a path.

        Raises
        ------
        Stopped
            If the service wants a pause that is too long to wait, or is down for the fifth call in
            a row.
        NotFound
            If it answers 404.
        Unavailable
            If it gives no usable answer.
        """
        return self._json("GET", path, params=params)

    def post_file(self, path: str, *, field: str, name: str, data: bytes) -> dict:
        """Upload a file as multipart form data and return the JSON object that is the answer.

        Raises
        ------
        Stopped, NotFound, Unavailable
            As in `get`.
        """
        return self._json("POST", path, files={field: (name, data)})

    def download(self, url: str, *, max_bytes: int) -> bytes:
        """Return what is at an address, which may be of another server.

        Raises
        ------
        Stopped, NotFound
            As in `get`.
        Unavailable
            As in `get`, or if it is larger than ``max_bytes``; then at most a block more is read.
        """

        def ask() -> bytes:
            with self._send("GET", url) as answer:
                if not answer.ok:
                    self._refuse(answer)
                return self._read(answer, max_bytes)

        return self._waiting(ask)

    def _json(self, method: str, path: str, **what: Any) -> dict:
        def ask() -> dict:
            with self._send(method, f"{self._base}{path}", **what) as answer:
                body = self._parsed(answer)
                if body is not None and self._judge is not None:
                    self._judge(body)
                if not answer.ok:
                    self._refuse(answer)
            if body is None:
                raise Busy("answered with broken JSON")
            return body

        return self._waiting(ask)

    def _waiting(self, ask: Callable[[], _Answer]) -> _Answer:
        """Ask with patience, but not for ever a service that is down."""
        n_down, self._n_down = self._n_down, 0
        try:
            return waiting(self.provider, ask, **self._patience)
        except Down as error:
            self._n_down = n_down + 1
            if self._n_down < _MOST_DOWN:
                raise
            last = error
        raise Stopped(
            self.provider, None, f"gave no usable answer {n_down + 1} times: {last.reason}"
        )

    def _send(self, method: str, url: str, **what: Any) -> requests.Response:
        self._rate.wait()
        return self._session.request(method, url, stream=True, timeout=self._timeout_s, **what)

    def _parsed(self, answer: requests.Response) -> dict | None:
        """Return the JSON object, or None if it is none."""
        if self._is_limit(answer) or answer.status_code >= 500:
            self._refuse(answer)
        try:
            body = json.loads(self._read(answer, _MAX_JSON_BYTES))
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) else None

    def _read(self, answer: requests.Response, max_bytes: int) -> bytes:
        body, ends_at = bytearray(), time.monotonic() + _MAX_ANSWER_S
        for block in answer.iter_content(_BLOCK):
            body += block
            if len(body) > max_bytes:
                raise Unavailable(self.provider, f"sent more than {max_bytes:,} bytes")
            if time.monotonic() > ends_at:
                raise Busy(f"had not answered in full after {_MAX_ANSWER_S:.0f} s")
        return bytes(body)

    def _is_limit(self, answer: requests.Response) -> bool:
        return answer.status_code in self._limit_codes

    def _refuse(self, answer: requests.Response) -> NoReturn:
        code, is_limit = answer.status_code, self._is_limit(answer)
        if is_limit or code >= 500:
            after = retry_after_s(answer.headers.get("Retry-After"))
            raise Busy(f"answered {code}", retry_after_s=after, is_limit=is_limit)
        error = NotFound if code == requests.codes.not_found else Unavailable
        raise error(self.provider, f"answered {code}")


def retry_after_s(header: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for, a number or a date.

    >>> retry_after_s("12"), retry_after_s("soon"), retry_after_s(None)
    (12.0, None, None)
    """
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, at.timestamp() - time.time())


class _Rate:
    """At most ``calls`` in any ``period_s``."""

    def __init__(self, calls: int, period_s: float) -> None:
        self._period_s = period_s
        self._begun: deque[float] = deque(maxlen=calls)

    def wait(self) -> None:
        """Return when one more may begin."""
        if len(self._begun) == self._begun.maxlen:
            time.sleep(max(0.0, self._begun[0] + self._period_s - time.monotonic()))
        self._begun.append(time.monotonic())


def _without_address(provider: str, call: Callable[[], _Answer]) -> _Answer:
    """Call; errors of `requests` become ours, which do not keep them."""
    try:
        return call()
    except (requests.RequestException, HTTPError, UnicodeError) as error:
        passing, name = isinstance(error, _PASSING), type(error).__name__
    if passing:
        raise _Lost(f"cannot be reached ({name})")
    raise Unavailable(provider, f"cannot be asked ({name})")


def _shown(seconds: float) -> str:
    return f"{seconds:,.0f} s"
