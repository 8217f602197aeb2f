"""From the cells of a table to values: numbers in any notation, keys, modes, dates, yes and no.

Units are decided in `scales`; here a cell is only read.
"""

import re
from collections.abc import Callable, Iterable
from functools import wraps

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_MISSING = frozenset(
    ("", "na", "n/a", "#n/a", "<na>", "nan", "null", "\\n", "none", "undefined", "-", "?")
)
# What programs, not people, write for nothing; "Null" and "None" may be names.
_WRITTEN_BY_PROGRAMS = ("undefined", "null", "nan", "<NA>")
_SIMPLE = {
    mark: rf"[+-]?(?:[0-9]+{re.escape(mark)}?[0-9]*|{re.escape(mark)}[0-9]+)(?:[eE][+-]?[0-9]+)?"
    for mark in (".", ",")
}
# One sign, digits, groups of three behind one kind of mark, and perhaps decimals.
_GROUPED = {
    decimal: re.compile(
        rf"[+-]?[1-9][0-9]{{0,2}}(?P<rest>(?P<mark>[{other}\s'’])[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*)"
        rf"(?P<decimals>{re.escape(decimal)}[0-9]+)?"
    )
    for decimal, other in ((".", ","), (",", "."))
}
_WITH_DECIMALS = {
    decimal: rf"[+-]?(?:[0-9]*|[1-9][0-9]{{0,2}}(?:{re.escape(other)}[0-9]{{3}})+)"
    rf"{re.escape(decimal)}[0-9]+(?:[eE][+-]?[0-9]+)?"
    for decimal, other in ((".", ","), (",", "."))
}
_ONE_GROUP = r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}"
_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SIGNS = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}
_KEY = re.compile(r"([a-g])\s*(#|♯|sharp|b|♭|flat)?\s*(?:maj(?:or)?|min(?:or)?|m)?")
_MODES = dict.fromkeys(("major", "maj", "dur", "true"), 1)
_MODES |= dict.fromkeys(("minor", "min", "moll", "false"), 0)
_CLOCK = r"^(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d(?:[.,]\d+)?)$"
_YES = ("true", "1", "1.0", "yes", "y", "t", "explicit", "wahr", "ja", "vrai", "oui", "verdadero")
_NO = ("false", "0", "0.0", "no", "n", "f", "clean", "falsch", "nein", "faux", "non", "falso")
_TRUTHS = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
# All white space but the plain space: RE2, many times as fast as Python's expressions, knows no
# white space of Unicode's under a shorter name.
RARE_SPACE = "\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UNTIDY = f"^ | $|  |[{RARE_SPACE}]"


def is_number_type(cells: pd.Series) -> bool:
    """Tell whether the cells are numbers already, as in a Parquet file."""
    return pd.api.types.is_numeric_dtype(cells)


def decimal_mark(columns: Iterable[tuple[pd.Series, bool]], *, likely: str = ".") -> str:
    """Find whether numbers are written with a decimal point or a decimal comma.

    Parameters
    ----------
    columns
        Numeric columns, each with whether it may hold whole numbers over 999: in such a column
        ``120,123`` tells nothing; in any other the comma can only be the decimal mark.
    likely
        The answer where no cell tells.
    """
    votes = {".": 0, ",": 0}
    for cells, may_be_grouped in columns:
        if is_number_type(cells):
            continue
        text = cells.dropna().astype("string").str.strip()
        if may_be_grouped:
            text = text[~text.str.fullmatch(_ONE_GROUP)]
        for mark, pattern in _WITH_DECIMALS.items():
            votes[mark] += int(text.str.fullmatch(pattern).sum())
    if votes[","] == votes["."]:
        return likely
    return "," if votes[","] > votes["."] else "."


def read_numbers(
    cells: pd.Series, decimal: str = ".", *, grouped: bool = False
) -> tuple[pd.Series, pd.Series]:
    """Read numbers.

    Parameters
    ----------
    cells
        Text or numbers.
    decimal
        The decimal mark.
    grouped
        Whether ``230,666`` (with a decimal point) is 230666. ``1,230,666`` and ``1,784.5`` always
        are what they look like.

    Returns
    -------
    values : Series of float64
        NaN where nothing is written or the cell is no number.
    unreadable : Series of bool
        Cells that are no number.
    """
    unreadable = pd.Series(False, index=cells.index)
    if is_number_type(cells):
        return cells.astype("float64"), unreadable
    text = cells.astype("string")
    if decimal == "." and (values := _cast(text)) is not None:
        return values, unreadable
    simple = text.str.fullmatch(_SIMPLE[decimal]).fillna(False).astype(bool)
    values = pd.Series(np.nan, index=cells.index)
    values[simple] = text[simple].str.replace(",", ".", regex=False).astype("float64")
    rest = text[~simple & text.notna() & (text != "")]
    found = pd.Series([_unusual(cell, decimal, grouped) for cell in rest], rest.index, "object")
    values[rest.index] = found.astype("float64")
    unreadable[rest.index] = found.map(lambda value: value is None).astype(bool)
    return values, unreadable


def _cast(text: pd.Series) -> pd.Series | None:
    """Read a column that holds nothing but plain numbers and empty cells."""
    cells = pa.array(text, pa.large_string())
    try:
        values = pc.cast(pc.if_else(pc.equal(cells, ""), None, cells), pa.float64())
    except pa.ArrowInvalid:
        return None
    found = pd.Series(values.to_numpy(zero_copy_only=False), index=text.index)
    # "nan" and "inf" pass the cast.
    strange = not np.isfinite(found).all() and not np.array_equal(
        found.isna(), pc.fill_null(pc.equal(cells, ""), True).to_numpy(zero_copy_only=False)
    )
    return None if strange or np.isinf(found).any() else found


def _unusual(cell: str, decimal: str, grouped: bool) -> float | None:
    text = cell.strip().casefold().replace("\N{MINUS SIGN}", "-")
    if text in _MISSING:
        return np.nan
    if re.fullmatch(_SIMPLE[decimal], text):
        return float(text.replace(",", "."))
    match = _GROUPED[decimal].fullmatch(text)
    if match is None:
        return None
    # One mark of the other kind and no more may be a decimal mark in a table of mixed notations.
    certain = match["decimals"] or len(match["rest"]) > 4 or match["mark"] not in ".,"
    if not (certain or grouped):
        return None
    return float(text.replace(match["mark"], "").replace(",", "."))


def read_keys(cells: pd.Series, decimal: str = ".") -> tuple[pd.Series, pd.Series]:
    """Read keys as pitch classes 0 to 11: numbers, or ``F#``, ``B♭ minor``, ``C♯/D♭``."""
    values, unreadable = read_numbers(cells, decimal)
    if unreadable.any():
        named = cells[unreadable].astype("string").str.strip().str.casefold().map(_pitch_class)
        values[unreadable] = named.astype("float64")
        unreadable = unreadable & values.isna()
    return values, unreadable


def _pitch_class(text: str) -> float:
    """Return the pitch class of a name, or of two names of one key; German B and H are not read."""
    found = set()
    for name in text.split("/"):
        match = _KEY.fullmatch(name.strip())
        found.add((_STEPS[match[1]] + _SIGNS.get(match[2], 0)) % 12 if match else np.nan)
    return found.pop() if len(found) == 1 else np.nan


def read_modes(cells: pd.Series, decimal: str = ".") -> tuple[pd.Series, pd.Series]:
    """Read modes: 0 and 1, ``Minor`` and ``Major``, or whether it is major."""
    values, unreadable = read_numbers(cells, decimal)
    if unreadable.any():
        text = cells[unreadable].astype("string").str.strip().str.casefold()
        values[unreadable] = text.map(_MODES).astype("float64")
        unreadable = unreadable & values.isna()
    return values, unreadable


def read_clocks(cells: pd.Series) -> pd.Series:
    """Return ``3:45`` and ``1:02:03`` as seconds, NaN where a cell is of another form."""
    if is_number_type(cells):
        return pd.Series(np.nan, index=cells.index)
    text = cells.astype("string").str.strip()
    seconds = pd.Series(np.nan, index=cells.index)
    clocks = text.str.contains(":", regex=False).fillna(False).astype(bool)
    if clocks.any():
        parts = text[clocks].str.replace(",", ".", regex=False).str.extract(_CLOCK)
        parts = parts.astype("float64")
        seconds[clocks] = parts[0].fillna(0) * 3600 + parts[1] * 60 + parts[2]
    return seconds


def texts(cells: pd.Series, *, nothing: str = "nothing is a name") -> pd.Series:
    """Read a text column: trimmed, single spaces, missing where it is empty.

    Parameters
    ----------
    cells
        Text, or anything else, which becomes text.
    nothing
        Which words mean that there is none: ``nothing is a name`` (titles: none of them),
        ``of programs`` (artists and albums: only ``undefined``, ``null``, ``nan`` as programs
        write them), ``all`` (``N/A``, ``None``, ``-`` and the like too).
    """
    text = cells.astype("string")
    untidy = text.str.contains(_UNTIDY, regex=True).fillna(False).astype(bool)
    if untidy.any():
        text = text.mask(untidy, text[untidy].str.split().str.join(" ").reindex(text.index))
    if nothing == "all":
        return text.mask(text.str.lower().isin(_MISSING))
    return text.mask(text.isin(("", *_WRITTEN_BY_PROGRAMS) if nothing == "of programs" else ("",)))


_Reader = Callable[[pd.Series], tuple[pd.Series, pd.Series]]


def _once_each(read: _Reader) -> _Reader:
    """Let a reader of columns with few different cells read each of them once."""

    @wraps(read)
    def reader(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
        codes, distinct = pd.factorize(cells)
        values, unreadable = read(pd.Series(distinct))
        values, unreadable = values.reindex(codes), unreadable.reindex(codes, fill_value=False)
        return values.set_axis(cells.index), unreadable.set_axis(cells.index)

    return reader


@_once_each
def dates(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read dates, of which the month or the day may be unknown.

    Returns
    -------
    values : Series of str
        ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; NA where the cell is missing or unreadable.
    unreadable : Series of bool
    """
    text = texts(cells, nothing="all")
    text = text.str.replace(r"(?:\.0|[T ][0-9]{2}:.*)$", "", regex=True)
    good = text.str.fullmatch(r"(?:1[0-9]|20)[0-9]{2}(?:-[0-9]{2}(?:-[0-9]{2})?)?")
    good = good.fillna(False).astype(bool)
    whole = (text + "-01-01").str.slice(0, 10).where(good)
    good &= pd.to_datetime(whole, format="%Y-%m-%d", errors="coerce").notna()
    return text.where(good), text.notna() & ~good


@_once_each
def booleans(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read a yes-or-no column: True/TRUE/true/1/yes and their opposites.

    Returns
    -------
    values : Series of boolean
        NA where the cell is missing or unreadable.
    unreadable : Series of bool
    """
    text = texts(cells, nothing="all").str.lower()
    values = text.map(_TRUTHS).astype("boolean")
    return values, text.notna() & values.isna()
