"""Which unit each column of a table is in, decided by its header and its values together.

A unit that the values contradict refuses the file: a wrong value that looks right is worse than a
file that is not taken.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ingest.errors import IngestError
from ingest.tables.units import HUNDRED, PERCENT, Reading
from ingest.tables.values import is_number_type, read_clocks, read_numbers
from music_explorer.store.schema import columns, ranges

UNIT_COLUMNS = tuple(
    name
    for name, kind in columns("spotify_features").items()
    if kind == "DOUBLE" and ranges().get(name) == (0, 1)
)
# How many milliseconds each unit of a length has; where nothing says which, the values decide.
LENGTHS = {"duration_ms": 1.0, "duration_s": 1000.0, "duration_min": 60_000.0, "duration": np.nan}
_LENGTH_UNITS = {1.0: "", 1000.0: "seconds", 60_000.0: "minutes"}
# Above this share of values over 100, a column of whole numbers is no percentage.
_FEW = 0.05
# From so many lengths on, decimals that are all under .60 are no accident.
_MANY = 20


def decide(
    sample: pd.DataFrame, mapping: Mapping[str, str], decimal: str, name: str
) -> dict[str, Reading]:
    """Decide the unit of every column from the first rows of a table.

    Parameters
    ----------
    sample
        The first rows, cells as they stand.
    mapping
        Column of the store (or one of ``LENGTHS``) -> header.
    decimal
        The decimal mark.
    name
        Name of the file, for messages.

    Returns
    -------
    dict
        Column of the store -> how to read it.

    Raises
    ------
    IngestError
        If the values contradict every unit that the column can be in.
    """
    readings = {column: Reading(header) for column, header in mapping.items()}
    for column in _hundreds(sample, mapping, decimal, name):
        said = _says_percent(sample[mapping[column]])
        unit = PERCENT if said else HUNDRED
        readings[column] = Reading(mapping[column], over=100.0, unit=unit)
    for column in LENGTHS:
        if column in mapping:
            del readings[column]
            readings["duration_ms"] = _length(sample[mapping[column]], column, decimal, name)
    return readings


def _says_percent(cells: pd.Series) -> bool:
    if "%" in str(cells.name):
        return True
    if is_number_type(cells):
        return False
    text = cells.astype("string")
    some = text[text.str.contains("%", regex=False).fillna(False).astype(bool)]
    return bool(some.str.contains(r"%\s*$", regex=True).any())


def _hundreds(
    sample: pd.DataFrame, mapping: Mapping[str, str], decimal: str, name: str
) -> list[str]:
    """Return the columns from 0 to 100; those of a few zeros and ones follow the others."""
    values = {}
    said = [c for c in UNIT_COLUMNS if c in mapping and _says_percent(sample[mapping[c]])]
    for column in (c for c in UNIT_COLUMNS if c in mapping):
        cells = sample[mapping[column]]
        if column in said and not is_number_type(cells):
            cells = cells.astype("string").str.replace(r"\s*%\s*$", "", regex=True)
        values[column] = read_numbers(cells, decimal)[0].dropna()
    _refuse_false_percent([values[c] for c in said], name)
    scales = {c: "hundred" if c in said else _scale(v) for c, v in values.items()}
    found = set(scales.values())
    if "hundred" in found and "one" in found:
        for column in (c for c, scale in scales.items() if scale.startswith("unclear")):
            if values[column].any():
                raise IngestError(
                    f"{name}: {mapping[column]} holds nothing but "
                    f"{_examples(values[column].drop_duplicates())}, which is 0 to 1 or 0 to 100, "
                    f"as other columns of this table are either; leave it out with "
                    f"--map {mapping[column]!r}="
                )
    in_hundreds = "one" not in found and bool({"hundred", "unclear, above 1"} & found)
    hundreds = [
        c for c, s in scales.items() if s == "hundred" or (in_hundreds and s.startswith("unclear"))
    ]
    guessed = {c: values[c] for c in hundreds if c not in said}
    _refuse_other_scales(guessed, mapping, name, has_said=bool(said))
    return hundreds


def _scale(values: pd.Series) -> str:
    if (values > 1).mean() > 0.5:
        return "hundred"
    if (values != np.floor(values)).any():
        return "one"
    return "unclear, above 1" if (values > 1).any() else "unclear"


def _refuse_false_percent(said: list[pd.Series], name: str) -> None:
    values = pd.concat(said) if said else pd.Series(dtype="float64")
    if len(values) and (values <= 1).all() and (values != np.floor(values)).any():
        raise IngestError(
            f"{name}: the columns in percent hold values such as {_examples(values)}, none over 1; "
            "if they are 0 to 1, take the % out of the header"
        )


def _refuse_other_scales(
    guessed: dict[str, pd.Series], mapping: Mapping[str, str], name: str, *, has_said: bool
) -> None:
    for column, values in guessed.items():
        over = values[values > 100]
        if len(over) > _FEW * len(values) and (len(over) > 1 or len(values) == 1):
            raise IngestError(
                f"{name}: {mapping[column]} holds numbers such as {_examples(over)}, neither 0 to "
                "1 nor 0 to 100; if a spreadsheet lost the decimal points, export the file again "
                "and import it without opening it"
            )
    highest = max((v.max() for v in guessed.values() if len(v)), default=np.inf)
    if highest <= 10 and not has_said:
        column = max(guessed, key=lambda c: guessed[c].max())
        raise IngestError(
            f"{name}: {mapping[column]} goes up to {highest:g} and no other such column higher, "
            "which is neither 0 to 1 nor 0 to 100; bring it to one of them, or leave it out with "
            f"--map {mapping[column]!r}="
        )


def _length(cells: pd.Series, column: str, decimal: str, name: str) -> Reading:
    header = str(cells.name)
    values = read_numbers(cells, decimal, grouped=True)[0].dropna()
    is_clock = not len(values) and read_clocks(cells).notna().any()
    typical = float(values.median()) if len(values) else np.nan
    factor = LENGTHS[column]
    if np.isnan(factor) and len(values):
        factor = 1.0 if typical >= 10_000 else 1000.0 if typical >= 20 else 60_000.0
    if factor == 60_000.0:
        _refuse_clocks_as_decimals(values, column, header, name)
    if len(values) and not 1 <= typical * factor / 1000 <= 20_000:
        guess = "duration_s" if factor == 1.0 else "duration_ms"
        raise IngestError(
            f"{name}: {header} holds lengths such as {typical:g}, which would be "
            f"{typical * factor / 1000:g} s; say which unit it is, e.g. --map {header!r}={guess}"
        )
    # Without a number in the sample the unit stays unknown, and later numbers are rejected.
    unit = "minutes and seconds" if is_clock else _LENGTH_UNITS.get(factor, "an unknown unit")
    return Reading(header, times=factor, unit=unit)


def _refuse_clocks_as_decimals(values: pd.Series, column: str, header: str, name: str) -> None:
    """Refuse lengths such as 3.45 that may mean 3 minutes 45 seconds."""
    cents = (values * 100).round()
    like_clocks = np.isclose(values * 100, cents).all() and (cents % 100 < 60).all()
    if not like_clocks or not (values != np.floor(values)).any():
        return
    if column == "duration" or len(values) >= _MANY:
        raise IngestError(
            f"{name}: {header} holds lengths such as {_examples(values)}, which may be minutes or "
            "minutes and seconds; write them as 3:45, or as seconds"
        )


def _examples(values: pd.Series) -> str:
    return ", ".join(f"{value:g}" for value in values.head(3))
