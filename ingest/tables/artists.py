"""Several artists or genres in one cell, in the notations that tables use."""

import ast
import re
from collections.abc import Sequence

import pandas as pd

from ingest.tables.columns import folded, is_exportify_app
from ingest.tables.values import RARE_SPACE

_ESCAPED_COMMA = re.compile(r"(?<!\\),\s*")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
# Of lists with one kind of quotes and no escapes, which are nearly all, and of numpy's lists,
# which have spaces where Python's have commas.
_PLAIN_LIST = {
    "'": r"\['[^'\"\\;]*'(?:,? *'[^'\"\\;]*')*\]",
    '"': r"\[\"[^'\"\\;]*\"(?:,? *\"[^'\"\\;]*\")*\]",
}
_WITH_COMMAS = (
    "Tyler, The Creator",
    "Earth, Wind & Fire",
    "Crosby, Stills & Nash",
    "Crosby, Stills, Nash & Young",
    "Emerson, Lake & Palmer",
    "Blood, Sweat & Tears",
    "Peter, Paul and Mary",
    "Peter, Paul & Mary",
    "10,000 Maniacs",
)
_AROUND = f"[ {RARE_SPACE}]*;[ {RARE_SPACE}]*"
_NAMED = re.compile("|".join(re.escape(name) for name in _WITH_COMMAS), re.IGNORECASE)
_HELD = "\x00"


def joined_artists(cells: pd.Series, dividing: str) -> pd.Series:
    """Return artists joined by ``"; "``.

    Parameters
    ----------
    cells
        Text. Python lists and semicolons are always taken apart.
    dividing
        What commas do in this table, as `comma_rule` says. Names such as ``Earth, Wind & Fire``
        have one of their own, so commas divide only where the format says so.
    """
    text = cells.astype("string")
    lists = text.str.startswith("[") & text.str.endswith("]")
    lists = lists.fillna(False).astype(bool)
    if lists.any():
        text = text.mask(lists, _lists(text[lists]).reindex(text.index))
    elif dividing == "escaped":
        text = text.map(_split_escaped, na_action="ignore").astype("string")
    elif dividing != "none" and not text.str.contains(";", regex=False).any():
        text = text.map(_split_tight if dividing == "tight" else _split_all, na_action="ignore")
        text = text.astype("string")
    return text.str.replace(_AROUND, "; ", regex=True)


def comma_rule(header: str, headers: Sequence[str]) -> str:
    """Tell what a comma in the artists' column means.

    Returns
    -------
    str
        ``escaped``: divides unless a backslash stands before it (exportify.app). ``tight``:
        divides if no space follows (exportify.net before July 2025). ``all``: divides (a header
        such as ``artist(s)_name``). ``none``: belongs to the name.
    """
    if is_exportify_app(headers):
        return "escaped"
    if "(s)" not in header:
        return "none"
    return "tight" if "added by" in map(folded, headers) else "all"


def _split_escaped(text: str) -> str:
    parts = _ESCAPED_COMMA.split(text.replace(";", ","))
    return "; ".join(part.replace("\\,", ",").strip() for part in parts)


def _split_tight(text: str) -> str:
    held = _NAMED.sub(_hold, text)
    return re.sub(r",(?=\S)", "; ", held).replace(_HELD, ",")


def _split_all(text: str) -> str:
    held = _NAMED.sub(_hold, text)
    return re.sub(r"\s*,\s*", "; ", held).replace(_HELD, ",")


def _hold(match: re.Match) -> str:
    return match[0].replace(",", _HELD)


def _lists(text: pd.Series) -> pd.Series:
    for quote, pattern in _PLAIN_LIST.items():
        plain = text.str.fullmatch(pattern)
        if plain.any():
            inner = text[plain].str.slice(2, -2)
            names = inner.str.replace(f"{quote},? *{quote}", "; ", regex=True)
            text = text.mask(plain, names.reindex(text.index))
    rest = text.str.startswith("[")
    return text.mask(rest, text[rest].map(_python_list).astype("string").reindex(text.index))


def _python_list(text: str) -> str:
    """Return what a list of quoted names holds; the text itself if it is none."""
    if _QUOTED.sub("", text).strip("[], \n"):
        return text
    try:
        names = [
            str(ast.literal_eval(quoted)) if "\\" in quoted else quoted[1:-1]
            for quoted in _QUOTED.findall(text)
        ]
    except (ValueError, SyntaxError):
        return text
    # Names of their own may hold the mark that joins several.
    return "; ".join(name.replace(";", ",") for name in names)


def separate(cell: str) -> list[str]:
    """Return the genres in a cell: a Python list, or divided by commas, semicolons or bars."""
    if cell.startswith("[") and cell.endswith("]"):
        cell = _python_list(cell)
    return [part.strip() for part in re.split(r"[,;|]", cell) if part.strip(" -[]")]
