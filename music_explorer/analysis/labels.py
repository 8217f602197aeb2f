"""One label a track, where a picture has room for only one: colours, not scores."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

OTHER, NONE = "other", "none"


def main_labels(
    track_ids: Sequence[str], pairs: pd.DataFrame, *, n_labels: int = 12
) -> pd.Categorical:
    """Give each track the most frequent of its labels; rare labels become one.

    Parameters
    ----------
    track_ids : sequence of str, shape (n_samples,)
        Tracks; a track may stand several times.
    pairs : DataFrame
        ``track_id`` and ``genre``, a row for each pair.
    n_labels : int, default 12
        At most so many labels by name; tracks of the rest are ``other``.

    Returns
    -------
    Categorical of shape (n_samples,)
        Categories in alphabetical order, then ``other`` and ``none`` (no label) where they occur.
    """
    frequency = pairs["genre"].map(pairs["genre"].value_counts())
    ranked = pairs.assign(frequency=frequency).sort_values(
        ["frequency", "genre"], ascending=[False, True], kind="stable"
    )
    first = ranked.drop_duplicates("track_id").set_index("track_id")["genre"]
    found = pd.Series(list(track_ids), dtype=object).map(first)
    counts = found.value_counts()
    named = set(counts.index) if len(counts) <= n_labels else set(counts.index[: n_labels - 1])
    shown = np.where(found.isna(), NONE, np.where(found.isin(named), found, OTHER))
    last = [name for name in (OTHER, NONE) if name in shown]
    return pd.Categorical(shown, sorted(named - set(last)) + last)
