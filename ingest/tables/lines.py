"""The lines of a text file, one by one or many at a time; what was taken can be given back."""

import io
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import TextIO

from ingest.errors import IngestError

_LONGEST_LINE = 10_000_000
_AT_ONCE = 1 << 20
# Characters that are taken together at most.
_MOST = 128 << 20


class Lines:
    """The lines of a file.

    Parameters
    ----------
    file
        The open file, at its start.
    name
        What to call it in messages.
    n_skipped
        Lines to pass over at its start.
    """

    def __init__(self, file: TextIO, name: str, n_skipped: int = 0) -> None:
        self._file, self._name = file, name
        self._given_back = io.StringIO()
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._n = 0
        for _ in islice(self, n_skipped):
            pass

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read_line()
        if not line:
            raise StopIteration
        self._n += 1
        if len(line) == _LONGEST_LINE:
            raise IngestError(
                f"{self._name} is no table: line {self._n:,} is over {_LONGEST_LINE:,} characters"
            )
        if "\0" in line:
            raise IngestError(
                f"{self._name} is damaged: line {self._n:,} holds a zero character, as no text does"
            )
        self._taken.append(line)
        return line

    def begin(self) -> int:
        """Begin a record; returns the number of its first line."""
        self._taken.clear()
        return self._n + 1

    def give_back(self) -> None:
        """Give back all lines of this record but the first."""
        self._again.extendleft(reversed(self._taken[1:]))
        self._n -= len(self._taken) - 1

    def take(self, n: int) -> tuple[int, str]:
        """Take the text of ``n`` lines, fewer at the end of the file; none where it is too long.

        Only line feeds count as ends here, and zero characters are let through: whoever takes a
        text with anything of the kind has to give it back.

        Returns
        -------
        first : int
            The number of the first line.
        text : str
        """
        self._taken.clear()
        parts, length, n_left = [], 0, n
        while n_left and length < _MOST and (part := self._read_part()):
            if (n_found := part.count("\n")) >= n_left:
                rest = part.split("\n", n_left)[-1]
                self._given_back = io.StringIO(rest, newline="")
                part, n_found = part[: len(part) - len(rest)], n_left
            parts.append(part)
            length += len(part)
            n_left -= n_found
        first, text = self._n + 1, "".join(parts)
        if n_left and length >= _MOST:
            self.give_back_text(first, text)
            return first, ""
        self._n += n - n_left
        return first, text

    def give_back_text(self, first: int, text: str) -> None:
        """Give back what was just taken."""
        self._n = first - 1
        self._given_back = io.StringIO(text + self._given_back.read(), newline="")

    def _read_line(self) -> str:
        return self._given_back.readline(_LONGEST_LINE) or self._file.readline(_LONGEST_LINE)

    def _read_part(self) -> str:
        """Return what was given back, or else some of the file up to the end of a line."""
        part = "".join(self._again) + self._given_back.read()
        self._again.clear()
        return part or self._file.read(_AT_ONCE) + self._file.readline(_LONGEST_LINE)
