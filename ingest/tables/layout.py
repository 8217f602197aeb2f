"""The raw rows of a table, whatever file they stand in: a binary format, or delimited text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import ModuleType

import pandas as pd
import pyarrow as pa

from ingest.errors import IngestError
from ingest.tables.arrow import ROWS, open_cells
from ingest.tables.columns import n_known
from ingest.tables.dialect import (
    DELIMITERS,
    Dialect,
    find_dialect,
    read_rows,
    records,
    unwrapped,
)
from ingest.tables.formats import formats
from ingest.tables.lines import Lines
from ingest.tables.plain_rows import plain_rows
from ingest.tables.text import find_encoding, open_text

_ENCODINGS = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "cp1252": "Windows-1252"}
_TEXT = pa.large_string()
_LONGEST_MAGIC = 16  # bytes


@dataclass(frozen=True)
class Block:
    """Some rows as they stand.

    Attributes
    ----------
    cells
        The rows that have as many cells as the header.
    lines
        The line (of text) or row (of a binary format) that each stands in, from 1.
    odd
        The other rows, each with its line; None where its quotes do not match.
    """

    cells: pd.DataFrame
    lines: Sequence[int]
    odd: list[tuple[int, list[str] | None]] = field(default_factory=list)


@dataclass(frozen=True)
class Layout:
    """A table that was opened.

    Attributes
    ----------
    headers
        Its header; of two columns of one name the second is called ``name (2)``.
    words
        Its format for people: ``CSV, semicolon, UTF-8``.
    delimiter
        What divides cells; empty for a binary format.
    blocks
        Its rows; to be read once.
    """

    headers: Sequence[str]
    words: str
    delimiter: str
    blocks: Iterator[Block]


def open_layout(path: Path, name: str) -> Layout:
    """Open a file as a table.

    Raises
    ------
    IngestError
        If it is none.
    """
    try:
        with path.open("rb") as file:
            start = file.read(_LONGEST_MAGIC)
    except OSError as error:
        raise IngestError(f"cannot read {name}: {error.strerror}") from error
    for kind in formats():
        if start.startswith(kind.MAGIC):
            return _binary(kind, path, name)
    return _text(path, name)


def _binary(kind: ModuleType, path: Path, name: str) -> Layout:
    names, frames = open_cells(kind, path, name)
    headers = _distinct(names)

    def blocks() -> Iterator[Block]:
        first = 1
        for frame in frames:
            yield Block(frame.set_axis(headers, axis=1), range(first, first + len(frame)))
            first += len(frame)

    return Layout(headers, kind.WORDS, "", blocks())


def _text(path: Path, name: str) -> Layout:
    encoding = find_encoding(path, name)
    with open_text(path, encoding, name) as file:
        dialect = find_dialect(file, n_known, name)
    with open_text(path, encoding, name) as file:
        header = next(read_rows(file, dialect, name), None)
    if header is None or header[1] is None:
        raise IngestError(f"{name} has no header: the quotes in its first line do not match")
    names = unwrapped(header[1], dialect.delimiter)

    def blocks() -> Iterator[Block]:
        with open_text(path, encoding, name) as file:
            lines = Lines(file, name, dialect.n_skipped)
            rows = records(lines, dialect)
            next(rows)
            while block := _plain(lines, names, dialect) or _block(
                list(islice(rows, ROWS)), names, dialect.delimiter, name
            ):
                yield block

    words = f"CSV, {DELIMITERS[dialect.delimiter]}, {_ENCODINGS.get(encoding.name, 'UTF-16')}"
    if encoding.n_damaged:
        words += f" with {encoding.n_damaged:,} damaged bytes"
    return Layout(_distinct(names), words, dialect.delimiter, blocks())


def _distinct(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    found = []
    for name in map(str.strip, names):
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def _plain(lines: Lines, names: list[str], dialect: Dialect) -> Block | None:
    """Return the next rows if they are plain; if not, the lines stay where they are."""
    if dialect.is_spaced:
        return None
    first, text = lines.take(ROWS)
    found = plain_rows(text, names, dialect.delimiter)
    odd = [
        (first + place, _straight(row, len(names), dialect.delimiter))
        for place, row in (found.odd.items() if found else ())
    ]
    if found is None or any(len(row) == len(names) for _, row in odd):
        lines.give_back_text(first, text)
        return None
    even = range(first, first + found.n)
    if odd:
        even = [line for line in even if line - first not in found.odd]
    return Block(_frame(found.cells.columns, names), even, odd)


def _block(
    rows: list[tuple[int, list[str] | None]], names: list[str], delimiter: str, name: str
) -> Block | None:
    if not rows:
        return None
    even, lines, odd = [], [], []
    # The header stands again in files that were joined.
    known, header = {*names}, sorted(names)
    for line, cells in rows:
        row = _straight(cells, len(names), delimiter)
        if row is None or len(row) != len(names):
            odd.append((line, row))
        elif row[0] not in known or sorted(row) != header:
            even.append(row)
            lines.append(line)
        elif row != names:
            raise IngestError(
                f"{name}: line {line:,} is the header again, in another order; import the joined "
                "tables one by one"
            )
    columns = zip(*even, strict=True) if even else [[]] * len(names)
    return Block(
        _frame([pa.chunked_array([pa.array(c, _TEXT)]) for c in columns], names), lines, odd
    )


def _frame(columns: list[pa.ChunkedArray], names: list[str]) -> pd.DataFrame:
    series = [pd.Series(pd.arrays.ArrowStringArray(column)) for column in columns]
    return pd.concat(series, axis=1, keys=_distinct(names))


def _straight(row: list[str] | None, n: int, delimiter: str) -> list[str] | None:
    """Undo what needs no knowledge of the columns: a record in one cell, empty cells behind."""
    if row is None or len(row) == n:
        return row
    if n > 1:
        row = unwrapped(row, delimiter)
    while len(row) > n and not row[-1].strip():
        row = row[:-1]
    return row
