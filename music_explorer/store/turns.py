"""Turns: a few at a time, in the order of arrival, and nobody waits for ever."""

import contextlib
from collections import deque
from collections.abc import Iterator
from threading import Event, Lock


class Busy(Exception):
    """There is no turn: too many wait already, or the wait was too long."""


class Turns:
    """A fixed number of places and one line before them.

    A semaphore would let a newcomer pass those who wait.

    Parameters
    ----------
    n_places
        How many may have their turn at once.
    most_waiting
        How many may wait.
    patience_s
        How long one waits.
    """

    def __init__(self, n_places: int, *, most_waiting: int, patience_s: float) -> None:
        self._free = n_places
        self._most_waiting = most_waiting
        self._patience_s = patience_s
        self._line: deque[Event] = deque()
        self._lock = Lock()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a place and hold it.

        Raises
        ------
        Busy
            If the line is full, or does not get here in time.
        """
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def somebody_waits(self) -> bool:
        """Tell whether the line is not empty."""
        return bool(self._line)

    def _enter(self) -> None:
        with self._lock:
            if self._free and not self._line:
                self._free -= 1
                return
            if len(self._line) >= self._most_waiting:
                raise Busy
            called = Event()
            self._line.append(called)
        if called.wait(self._patience_s):
            return
        with self._lock:
            if not called.is_set():
                self._line.remove(called)
                raise Busy

    def _leave(self) -> None:
        with self._lock:
            if self._line:
                self._line.popleft().set()  # the place goes on to the first of the line
            else:
                self._free += 1
