"""Two kept runs side by side: how alike their clusters are, and which tracks moved.

Numbers of clusters mean nothing across runs, so clusters are matched by the tracks they share.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.partition import NOISE
from music_explorer.analysis.record import Record


@dataclass(frozen=True, eq=False)
class Comparison:
    """What became of the tracks of one run in another.

    Attributes
    ----------
    ari : float
        Adjusted Rand index over the shared tracks: 0 expected by chance, 1 identical, slightly
        negative possible. Noise counts as one more cluster.
    contingency : DataFrame of shape (n_clusters_first, n_clusters_second)
        Shared tracks by their cluster in the first run (rows) and in the second (columns), both
        ascending; `partition.NOISE` is last.
    matches : dict of int to int
        Cluster of the second run to the one of the first that it stands for. A cluster without a
        counterpart is absent; noise stands for noise.
    moved : DataFrame
        ``track_id``, ``first`` and ``second``: the shared tracks whose two clusters are not
        matched, with both (Int64, missing for noise).
    n_shared, n_only_first, n_only_second : int
        Tracks that both runs have, and that only one has.
    """

    ari: float
    contingency: pd.DataFrame
    matches: dict[int, int]
    moved: pd.DataFrame
    n_shared: int
    n_only_first: int
    n_only_second: int


def compare(first: Record, second: Record) -> Comparison:
    """Compare two runs over the tracks that both have.

    A track that stands in a run several times, once for each of its genres, is compared one by
    one, in the order of the runs.

    Parameters
    ----------
    first, second : Record
        Two runs, of the same data or not.

    Returns
    -------
    Comparison

    Raises
    ------
    AnalysisError
        If the runs share no track.

    References
    ----------
    Hubert & Arabie (1985), "Comparing partitions"; Kuhn (1955), "The Hungarian method for the
    assignment problem".
    """
    from sklearn.metrics import adjusted_rand_score

    keys = ["track_id", "repeat"]
    pairs = _repeats(first, "first").merge(_repeats(second, "second"), on=keys)
    if pairs.empty:
        raise AnalysisError(
            f"runs {first.run_id} and {second.run_id} share none of their "
            f"{len(first.assignments):,} and {len(second.assignments):,} tracks; "
            "choose two runs of the same music"
        )
    contingency = _noise_last(pd.crosstab(pairs["first"], pairs["second"]))
    matches = _matches(contingency)
    moved = pairs[pairs["second"].map(matches) != pairs["first"]]
    return Comparison(
        ari=float(adjusted_rand_score(pairs["first"], pairs["second"])),
        contingency=contingency,
        matches=matches,
        moved=_with_missing(moved[["track_id", "first", "second"]].reset_index(drop=True)),
        n_shared=len(pairs),
        n_only_first=len(first.assignments) - len(pairs),
        n_only_second=len(second.assignments) - len(pairs),
    )


def _repeats(record: Record, name: str) -> pd.DataFrame:
    rows = record.assignments[["track_id"]]
    return rows.assign(
        repeat=rows.groupby("track_id").cumcount(),
        **{name: record.assignments["cluster"].fillna(NOISE).astype(int)},
    )


def _noise_last(table: pd.DataFrame) -> pd.DataFrame:
    rows, columns = (sorted(axis, key=lambda c: (c == NOISE, c)) for axis in table.axes)
    return table.loc[rows, columns]


def _matches(contingency: pd.DataFrame) -> dict[int, int]:
    """Match clusters one to one so that as many tracks as possible stay."""
    from scipy.optimize import linear_sum_assignment

    counts = contingency.drop(index=NOISE, columns=NOISE, errors="ignore")
    rows, columns = linear_sum_assignment(counts.to_numpy(), maximize=True)
    overlap = counts.to_numpy()[rows, columns] > 0
    found = {
        int(counts.columns[j]): int(counts.index[i])
        for i, j in zip(rows[overlap], columns[overlap], strict=True)
    }
    return found | {NOISE: NOISE}


def _with_missing(moved: pd.DataFrame) -> pd.DataFrame:
    clusters = moved[["first", "second"]].astype("Int64")
    return moved.assign(**clusters.mask(np.asarray(clusters == NOISE, dtype=bool)))
