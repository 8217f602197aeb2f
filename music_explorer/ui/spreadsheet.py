"""Text that a spreadsheet shows as it is: a title must not run as a formula."""

import pandas as pd

# Also as full-width signs, which some spreadsheets take for the same.
_STARTS_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def safe_cells(data: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before texts and headers that a spreadsheet would take for a formula.

    References
    ----------
    OWASP, "CSV Injection".
    """
    texts = data.select_dtypes(include=["object", "str", "category"]).columns
    safe = data.assign(**{name: data[name].map(_safe) for name in texts})
    return safe.rename(columns=_safe)


def _safe(cell: object) -> object:
    risky = isinstance(cell, str) and cell.startswith(_STARTS_FORMULA)
    return f"'{cell}" if risky else cell
