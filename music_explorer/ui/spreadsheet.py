"""Text that a spreadsheet shows as it is: a title must not run as a formula."""

import pandas as pd

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cells(data: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before each text that a spreadsheet would take for a formula.

    References
    ----------
    OWASP, "CSV Injection".
    """
    texts = data.select_dtypes(include=["object", "str"]).columns
    return data.assign(**{name: data[name].map(_safe) for name in texts})


def _safe(cell: object) -> object:
    risky = isinstance(cell, str) and cell.startswith(_STARTS_FORMULA)
    return f"'{cell}" if risky else cell
