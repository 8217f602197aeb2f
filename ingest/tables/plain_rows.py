"""Records that stand on one line each, divided many at a time.

Only where every reader would divide them alike: all else is for the reader in `dialect`.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

_LF, _CR, _QUOTE = b'\n\r"'
_MARK = "\ufeff".encode()


@dataclass(frozen=True)
class PlainRows:
    """The records of a text.

    Attributes
    ----------
    cells
        Those that have as many cells as the header; text.
    odd
        The others, each with its place in the text, from 0.
    n
        How many records the text has.
    """

    cells: pa.Table
    odd: dict[int, list[str]]
    n: int


def plain_rows(text: str, names: Sequence[str], delimiter: str) -> PlainRows | None:
    """Divide a text into records.

    Parameters
    ----------
    text
        Whole lines.
    names
        The header of the table that they are of.
    delimiter
        What stands between cells; no space may stand between it and a quote.

    Returns
    -------
    PlainRows or None
        None unless each line is a record for certain, with a value and other than the header.
    """
    data = text.encode()
    if data and not data.endswith(b"\n"):
        data += b"\n"
    raw = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(raw == _LF)
    if not _are_records(data, raw, ends, delimiter):
        return None
    broken: list[int] = []
    cells = _divided(data, len(names), delimiter, broken)
    odd = {place: _cells(data, ends, place, delimiter) for place in broken}
    if _has_empty(cells) or not all(map(any, odd.values())) or _has_header(cells, names):
        return None
    return PlainRows(cells, odd, len(ends))


def _are_records(data: bytes, raw: np.ndarray, ends: np.ndarray, delimiter: str) -> bool:
    """Tell whether each line is a record: its quotes open and close cells, or are doubled."""
    # A byte-order mark at the start is taken away by one reader and kept by the other.
    if not len(ends) or data.startswith(_MARK):
        return False
    if b"\0" in data or np.diff(ends, prepend=-1).max() > csv.field_size_limit():
        return False
    returns = np.flatnonzero(raw == _CR) if b"\r" in data else np.array([], int)
    if (raw[returns + 1] != _LF).any() or (raw[returns - 1] == _LF).any() or _LF in raw[ends - 1]:
        return False
    quotes = np.flatnonzero(raw == _QUOTE)
    opening, closing = quotes[::2], quotes[1::2]
    if len(opening) != len(closing):
        return False
    # Before the first byte stands what ends the last line, which index -1 finds.
    opens = np.isin(raw[opening - 1], (ord(delimiter), _LF))
    closes = np.isin(raw[closing + 1], (ord(delimiter), _CR, _LF))
    doubled = opening[1:] == closing[:-1] + 1
    opens[1:] |= doubled
    closes[:-1] |= doubled
    on_one_line = np.searchsorted(ends, opening) == np.searchsorted(ends, closing)
    return bool(opens.all() and closes.all() and on_one_line.all())


def _divided(data: bytes, n: int, delimiter: str, broken: list[int]) -> pa.Table:
    def skip(row: arrow_csv.InvalidRow) -> str:
        broken.append(row.number - 1)
        return "skip"

    names = [str(place) for place in range(n)]
    return arrow_csv.read_csv(
        pa.BufferReader(data),
        read_options=arrow_csv.ReadOptions(
            # Rows are numbered on one thread alone.
            use_threads=False,
            block_size=len(data) + 1,
            column_names=names,
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, invalid_row_handler=skip),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
        ),
    )


def _cells(data: bytes, ends: np.ndarray, place: int, delimiter: str) -> list[str]:
    start = ends[place - 1] + 1 if place else 0
    return next(csv.reader([data[start : ends[place]].decode()], delimiter=delimiter, strict=True))


def _has_empty(cells: pa.Table) -> bool:
    """Tell whether a row has no value at all."""
    empty = pa.scalar(True)
    for column in cells.columns:
        empty = pc.and_(pc.equal(column, ""), empty)
        if not pc.any(empty).as_py():
            return False
    return bool(cells.num_rows)


def _has_header(cells: pa.Table, names: Sequence[str]) -> bool:
    """Tell whether the header, in any order, stands among the rows."""
    like = cells.filter(pc.is_in(cells.column(0), pa.array(names, pa.large_string())))
    return any(sorted(row.values()) == sorted(names) for row in like.to_pylist())
