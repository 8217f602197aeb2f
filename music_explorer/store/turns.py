"""Turns: a few at a time, in the order of arrival, and nobody waits for ever."""

import contextlib
from collections import deque
from collections.abc import Iterator
from threading import Event, Lock


class Busy(Exception):
    """There is no turn: too many wait already, or the wait was too long."""


class Turns:
    """A fixed number of places and two lines before them; the second waits for the first.

    A semaphore would let a newcomer pass those who wait.

    Parameters
    ----------
    n_places
        How many may have their turn at once.
    most_waiting
        How many may wait in each line.
    patience_s
        How long one waits.
    """

    def __init__(self, n_places: int, *, most_waiting: int, patience_s: float) -> None:
        self._free = n_places
        self._most_waiting = most_waiting
        self._patience_s = patience_s
        self._lines: tuple[deque[Event], deque[Event]] = (deque(), deque())
        self._lock = Lock()

    @contextlib.contextmanager
    def turn(self, *, behind: bool = False) -> Iterator[None]:
        """Wait for a place and hold it.

        Parameters
        ----------
        behind
            Whether to wait in the second line.

        Raises
        ------
        Busy
            If the line is full, or does not get here in time.
        """
        self._enter(self._lines[behind])
        try:
            yield
        finally:
            self._leave()

    def n_waiting(self) -> int:
        """Return how many wait."""
        return sum(map(len, self._lines))

    def _enter(self, line: deque[Event]) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            if len(line) >= self._most_waiting:
                raise Busy
            called = Event()
            line.append(called)
        if called.wait(self._patience_s):
            return
        with self._lock:
            if not called.is_set():
                line.remove(called)
                raise Busy

    def _leave(self) -> None:
        with self._lock:
            line = next(filter(None, self._lines), None)
            if line is None:
                self._free += 1
            else:
                line.popleft().set()  # the place goes on to the first who waits
