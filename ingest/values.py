"""From the cells of a table to values in the store's units, each bad one with its reason."""

import numpy as np
import pandas as pd

from music_explorer.store.schema import columns, comments, ranges

_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "undefined", "-"})
# What sources write for "not detected".
_NOT_DETECTED = {"key": -1, "tempo": 0, "time_signature": 0}
_WHOLE = ("TINYINT", "INTEGER", "BIGINT")


def numbers(cells: pd.Series, name: str) -> tuple[pd.Series, pd.Series]:
    """Read a numeric column.

    Parameters
    ----------
    cells
        Text or numbers, as they stand in the table.
    name
        The column of the store, which has the unit and the range.

    Returns
    -------
    values : Series of float64
        NaN where the cell is missing, is a code for "not detected", or is bad.
    reasons : Series of str
        Why a cell is bad, e.g. ``tempo=-3.0; expected 0 to 300``; NA where it is not.
    """
    if pd.api.types.is_numeric_dtype(cells):
        values, missing = cells.astype("float64"), cells.isna()
    else:
        text = cells.astype("string").str.strip()
        missing = text.isna() | text.str.casefold().isin(_MISSING)
        values = pd.to_numeric(text.mask(missing), errors="coerce").astype("float64")
    if name in _NOT_DETECTED:
        unknown = values == _NOT_DETECTED[name]
        values, missing = values.mask(unknown), missing | unknown
    low, high = ranges()[name]
    good = values.between(low, high)
    if _kind(name) in _WHOLE:
        good &= values == np.floor(values)
    bad = ~missing & ~good
    reasons = pd.Series(pd.NA, index=cells.index, dtype="string")
    if bad.any():
        expected = comments()[name].split("; ")[-1].split(",")[0]
        reasons[bad] = [f"{name}={cell}; expected {expected}" for cell in cells[bad]]
    return values.mask(bad), reasons


def texts(cells: pd.Series) -> pd.Series:
    """Read a text column: trimmed, single spaces, missing where it is empty."""
    text = cells.astype("string").str.split().str.join(" ")
    return text.mask(text == "")


def dates(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read a column of dates, of which the month or the day may be unknown.

    Parameters
    ----------
    cells
        Text, as it stands in the table.

    Returns
    -------
    values : Series of str
        NA where the cell is missing or bad.
    reasons : Series of str
        Why a cell is bad; NA where it is not.
    """
    text = texts(cells).astype("string")
    text = text.mask(text.str.casefold().isin(_MISSING))
    bad = text.notna() & ~text.str.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?").fillna(True)
    reasons = ("release_date=" + text + "; expected YYYY, YYYY-MM or YYYY-MM-DD").where(bad)
    return text.mask(bad), reasons


def booleans(cells: pd.Series) -> pd.Series:
    """Read a yes-or-no column: True/TRUE/true/1/yes and their opposites, else missing."""
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    return cells.astype("string").str.strip().str.casefold().map(known).astype("boolean")


def _kind(name: str) -> str:
    for table in ("tracks", "spotify_features", "librosa_features"):
        if name in columns(table):
            return columns(table)[name]
    raise KeyError(name)
