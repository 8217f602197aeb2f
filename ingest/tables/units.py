"""The unit in which a column of a table is read, and the reading of numbers into the store's."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingest.errors import shown
from ingest.tables.values import is_number_type, read_clocks, read_keys, read_modes, read_numbers
from music_explorer.store.schema import columns, comments, ranges

_READERS = {"key": read_keys, "mode": read_modes}
# What sources write for "not detected".
_NOT_DETECTED = {"key": -1, "tempo": 0, "time_signature": 0}
_WHOLE_TYPES = ("TINYINT", "INTEGER", "BIGINT")
HUNDRED = "0 to 100"
PERCENT = "percent"
# Shorter than any track: a number of seconds among milliseconds.
_SHORTEST_MS = 1000


@dataclass(frozen=True)
class Reading:
    """How the cells under one header become a column of the store.

    Attributes
    ----------
    header
        The table's own name of the column.
    times, over
        A number in the table is multiplied by the one and divided by the other.
    unit
        The table's unit in words; empty where it is the store's.
    is_variance
        Whether the square root of the number is meant.
    """

    header: str
    times: float = 1.0
    over: float = 1.0
    unit: str = ""
    is_variance: bool = False


def numbers(
    cells: pd.Series, column: str, reading: Reading, decimal: str
) -> tuple[pd.Series, pd.Series]:
    """Read a numeric column into the store's unit.

    Parameters
    ----------
    cells
        Text or numbers, as they stand in the table.
    column
        The column of the store, which has the unit and the range.
    reading
        The unit of the table.
    decimal
        The decimal mark of the table.

    Returns
    -------
    values : Series of float64
        NaN where the cell is missing, is a code for "not detected", or is bad.
    reasons : Series of str
        Why a cell is bad, e.g. ``tempo=-3.0; expected 0 to 300 BPM``; NA where it is not.
    """
    raw, unreadable = _raw(cells, column, reading, decimal)
    if column in _NOT_DETECTED:
        raw = raw.mask(raw == _NOT_DETECTED[column])
    values = raw * reading.times / reading.over
    if reading.is_variance:
        values = np.sqrt(values.where(values >= 0))
    if column == "duration_ms":
        values, unreadable = _with_clocks(cells, values, unreadable)
    low, high = ranges()[column]
    given = raw.notna() | values.notna()
    bad = unreadable | (given & ~values.between(low, high)) | _other_unit(raw, column, reading)
    if _kind(column) in _WHOLE_TYPES:
        bad |= values.notna() & (values != np.floor(values))
    reasons = pd.Series(pd.NA, index=cells.index, dtype="string")
    if bad.any():
        said = _expected(column, reading, decimal)
        reasons[bad] = [f"{column}={shown(cell)}; expected {said}" for cell in cells[bad]]
    return values.mask(bad), reasons


def may_be_grouped(column: str) -> bool:
    """Tell whether a column holds whole numbers over 999, whose digits people group."""
    return column.startswith("duration") or column == "sample_rate"


def _raw(
    cells: pd.Series, column: str, reading: Reading, decimal: str
) -> tuple[pd.Series, pd.Series]:
    if reading.unit == PERCENT and not is_number_type(cells):
        cells = cells.astype("string").str.replace(r"\s*%\s*$", "", regex=True)
    if reader := _READERS.get(column):
        return reader(cells, decimal)
    return read_numbers(cells, decimal, grouped=may_be_grouped(column))


def _with_clocks(
    cells: pd.Series, values: pd.Series, unreadable: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Take ``3:45`` for what it says, whatever the unit of the numbers beside it."""
    if unreadable.any():
        clocks = read_clocks(cells)
        values, unreadable = values.fillna(clocks * 1000), unreadable & clocks.isna()
    return values.round(), unreadable


def _other_unit(raw: pd.Series, column: str, reading: Reading) -> pd.Series:
    """Tell the values that can only be in another unit than the rest of their column."""
    if reading.unit == HUNDRED:
        return (raw > 0) & (raw < 1)
    if column == "duration_ms" and not reading.unit:
        return raw < _SHORTEST_MS
    return pd.Series(False, index=raw.index)


def _expected(column: str, reading: Reading, decimal: str) -> str:
    said = comments()[column].split("; ")[-1].split(",")[0]
    if reading.unit in (HUNDRED, PERCENT):
        said = "0, or 1 to 100, as the rest of the column" if reading.unit == HUNDRED else HUNDRED
    elif column == "duration_ms":
        said = f"{_SHORTEST_MS} to {ranges()[column][1]:.0f} ms"
        said = f"{said}, given in {reading.unit}" if reading.unit else said
    return f"{said}, with a decimal comma" if decimal == "," else said


def _kind(column: str) -> str:
    for table in ("tracks", "spotify_features", "librosa_features"):
        if column in columns(table):
            return columns(table)[column]
    raise KeyError(column)
