"""How a text table is laid out: its delimiter, and where its header stands."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from ingest.errors import IngestError, shown
from ingest.tables.lines import Lines

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SAMPLE = 1_000_000
_SAMPLE_LINES = 200
# A quote that is never closed is found out after so many characters.
csv.field_size_limit(250_000)


@dataclass(frozen=True)
class Dialect:
    """How to divide a file.

    Attributes
    ----------
    delimiter
        What stands between cells.
    n_skipped
        Lines before the header.
    is_spaced
        Whether a space may stand between a delimiter and a quote.
    """

    delimiter: str
    n_skipped: int = 0
    is_spaced: bool = False


def find_dialect(file: TextIO, n_known: Callable[[list[str]], int], name: str) -> Dialect:
    """Find the delimiter: the one under which the header has the most known columns.

    Parameters
    ----------
    file
        The open file, at its start.
    n_known
        Counts the known names in a header.
    name
        Name of the file, for messages.

    Raises
    ------
    IngestError
        If no delimiter gives a table.
    """
    lines = list(islice(io.StringIO(file.read(_SAMPLE), newline=""), _SAMPLE_LINES))
    skipped = 0
    while lines and not lines[0].strip():
        lines, skipped = lines[1:], skipped + 1
    first = lines[0].strip('\r\n"') if lines else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        if first[4] not in DELIMITERS:
            raise IngestError(
                f"{name} says that {first[4]!r} divides its cells; expected one of "
                f"{', '.join(DELIMITERS.values())}"
            )
        return Dialect(first[4], skipped + 1)
    best = max(DELIMITERS, key=lambda delimiter: _fitness(lines, delimiter, n_known))
    if _fitness(lines, best, n_known) == (0, 0.0):
        raise IngestError(
            f"{name} is no table: no comma, semicolon, tab or pipe divides its first line, "
            f"{shown(first)!r}"
        )
    spaced = re.compile(re.escape(best) + ' +"(?!")')
    return Dialect(best, skipped, _is_usual(spaced, lines))


def _is_usual(pattern: re.Pattern, lines: list[str]) -> bool:
    with_quotes = [line for line in lines if '"' in line]
    return 2 * sum(bool(pattern.search(line)) for line in with_quotes) > len(with_quotes)


def read_rows(file: TextIO, dialect: Dialect, name: str) -> Iterator[tuple[int, list[str] | None]]:
    """Read records as ``(line number, cells)``; empty lines are passed over.

    The cells are None where the quotes of a line do not match: a reader that guesses there would
    put the wrong text in the wrong cells. The lines that it swallowed are read again as records.
    """
    return records(Lines(file, name, dialect.n_skipped), dialect)


def records(lines: Lines, dialect: Dialect) -> Iterator[tuple[int, list[str] | None]]:
    """Read records as `read_rows` does, from where the lines are; they may be taken meanwhile."""
    reader = csv.reader(
        lines, delimiter=dialect.delimiter, skipinitialspace=dialect.is_spaced, strict=True
    )
    while True:
        first = lines.begin()
        try:
            row = next(reader, None)
        except csv.Error:
            lines.give_back()
            yield first, None
            continue
        if row is None:
            return
        if any(row):
            yield first, row


def unwrapped(row: list[str], delimiter: str) -> list[str]:
    """Return the cells of a record that stands as a whole in one quoted cell."""
    if len(row) != 1 or delimiter not in row[0]:
        return row
    try:
        text = io.StringIO(row[0], newline="")
        records = list(csv.reader(text, delimiter=delimiter, strict=True))
    except csv.Error:
        return row
    return records[0] if len(records) == 1 else row


def _fitness(lines: list[str], delimiter: str, n_known: Callable) -> tuple[int, float]:
    """Return the known columns of the header, and the share of rows that are as long as it."""
    try:
        rows = [unwrapped(r, delimiter) for r in csv.reader(lines, delimiter=delimiter) if any(r)]
    except csv.Error:
        return 0, 0.0
    if not rows:
        return 0, 0.0
    lengths = Counter(map(len, rows[1:]))
    alike = lengths[len(rows[0])] / max(1, len(rows) - 1)
    return n_known(rows[0]), alike if len(rows[0]) > 1 else 0.0
