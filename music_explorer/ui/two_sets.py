"""Two feature sets of the same tracks: their clusterings, and who is near to whom."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from music_explorer.analysis.feature_sets import FEATURE_SETS, feature_set
from music_explorer.analysis.pipeline import Config, Run
from music_explorer.analysis.two_spaces import TwoSpaces, compare_spaces
from music_explorer.ui.evidence import classes_of
from music_explorer.ui.jobs import Job, with_progress
from music_explorer.ui.state import Store, labels, run, set_coverage


@dataclass(frozen=True)
class Pair:
    """Two clusterings, and the tracks that both have.

    Attributes
    ----------
    runs
        The clusterings.
    rows
        Where each shared track stands in either, in the same order.
    """

    runs: tuple[Run, Run]
    rows: tuple[np.ndarray, np.ndarray]

    @property
    def labels(self) -> list[np.ndarray]:
        """The cluster of each shared track in either."""
        return [run.labels[at] for run, at in zip(self.runs, self.rows, strict=True)]


def other_sets(store: Store, config: Config) -> list[str]:
    """Return the other feature sets that tracks have, most tracks first; none that repeats."""
    shares = set_coverage(store)
    usable = [n for n, share in shares.items() if share and not repeats(n)]
    return sorted({*usable} - {config.feature_set}, key=lambda n: (-shares[n], usable.index(n)))


def repeats(name: str) -> bool:
    """Tell whether a feature set has a track once for each of its genres."""
    return name in FEATURE_SETS and FEATURE_SETS[name].repeat_per_genre


def with_set(config: Config, name: str) -> Config:
    """Return the same choices for another feature set, prepared as suits that one."""
    return replace(
        config,
        feature_set=name,
        columns=(),
        key="set",
        block_weights="none",
        scaling=feature_set(name).scaling,
    )


def pair_of(store: Store, config: Config, other: Config) -> Pair:
    """Cluster by both sets and find the tracks that both cover."""
    runs = run(store, config), run(store, other)
    first, second = (pd.Index(found.prepared.rows["track_id"]) for found in runs)
    at = second.get_indexer(first)
    return Pair(runs, (np.flatnonzero(at >= 0), at[at >= 0]))


def neighbours(store: Store, pair: Pair, kind: str) -> TwoSpaces | None:
    """Compare the neighbours of the shared tracks; None if the visitor stopped the work."""
    (first, second), config = (found.prepared for found in pair.runs), pair.runs[0].config
    classes = classes_of(first, labels(store, config, kind), kind)

    def work(job: Job) -> TwoSpaces:
        at, there = pair.rows
        return compare_spaces(
            first.X[at],
            second.X[there],
            classes[at],
            first.rows["artist"].to_numpy()[at],
            random_state=config.random_state,
            progress=job.report,
        )

    keys = [part for found in pair.runs for part in found.config.prepare_key]
    key = ("two sets", store.version, *keys, config.random_state, kind)
    return with_progress(key, work, "Comparing neighbours")
