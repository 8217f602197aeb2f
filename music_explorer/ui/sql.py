"""What the SQL page needs of the store: the sandbox, its limits, the examples."""

import pandas as pd

from music_explorer.store import sandbox
from music_explorer.store.examples import EXAMPLES
from music_explorer.store.sandbox import MAX_ROWS, QueryError
from music_explorer.ui.state import Store

__all__ = ["EXAMPLES", "MAX_ROWS", "QueryError", "run_query"]


def run_query(store: Store, sql: str) -> tuple[pd.DataFrame, bool]:
    """Run one SELECT and return its rows, and whether there were more than ``MAX_ROWS``."""
    result = sandbox.query(store.path, sql)
    return result.rows.to_pandas(), result.truncated
