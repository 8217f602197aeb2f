"""Tables of kept runs: summaries in, frames for people out. Nothing here knows Streamlit."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from music_explorer.analysis.clustering import METHOD_TITLES
from music_explorer.analysis.pipeline import Config

_SCORES = {
    "silhouette": "Silhouette",
    "davies_bouldin": "Davies-Bouldin",
    "calinski_harabasz": "Calinski-Harabasz",
}
_LOWER_IS_BETTER = "davies_bouldin"
_ROLES = {"features": "in the features", "clustered": "where clustered"}
SCORE_COLUMNS = {
    f"{title} {where}": (role, score)
    for role, where in _ROLES.items()
    for score, title in _SCORES.items()
}
"""Columns of `runs_table` that hold a score, and where a summary has it."""
# What other columns say, so that the last one need not.
_SAID = ("feature_set", "method", "n_clusters", "space")


def run_name(run: dict[str, Any]) -> str:
    """Name a run in a list: the start of its identity, and what it did."""
    config = run["config"]
    method = METHOD_TITLES.get(config["method"], config["method"])
    return f"{run['run_id'][:8]}: {method}, {run['n_clusters']} clusters in {_space(run)}"


def runs_table(runs: Sequence[dict[str, Any]], *, by: str | None = None) -> pd.DataFrame:
    """Lay out runs, a row each.

    Parameters
    ----------
    runs
        Summaries, as `Record.summary` gives them.
    by
        A name in `SCORE_COLUMNS`: the best run first, those without the score last.
    """
    table = pd.DataFrame([_row(run) for run in runs])
    if by is None:
        return table
    _, score = SCORE_COLUMNS[by]
    return table.sort_values(by, ascending=score == _LOWER_IS_BETTER, kind="stable")


def differences(first: dict[str, Any], second: dict[str, Any]) -> pd.DataFrame:
    """List in what two runs differ before they were computed: ``choice, first, second``."""
    facts = [
        {**run["config"], **run["environment"], "data version": run["data_version"]}
        for run in (first, second)
    ]
    rows = [
        {"choice": _plainly(name), "first": _text(a), "second": _text(b)}
        for name in dict.fromkeys((*facts[0], *facts[1]))
        if (a := facts[0].get(name)) != (b := facts[1].get(name))
    ]
    return pd.DataFrame(rows, columns=["choice", "first", "second"])


def _row(run: dict[str, Any]) -> dict[str, Any]:
    config = run["config"]
    scores = {
        column: run["scores"][role].get(score) for column, (role, score) in SCORE_COLUMNS.items()
    }
    return {
        "run": run["run_id"][:8],
        "method": METHOD_TITLES.get(config["method"], config["method"]),
        "clusters": run["n_clusters"],
        "noise": run["n_noise"],
        "clustered in": _space(run),
        **{column: float("nan") if value is None else value for column, value in scores.items()},
        "tracks": run["n_tracks"],
        "features": config["feature_set"],
        "other choices": _other_choices(config),
        "kept (UTC)": run["created_at"],
        "data version": run["data_version"],
    }


def _space(run: dict[str, Any]) -> str:
    return run["scores"]["clustered"]["space"]


def _other_choices(config: dict[str, Any]) -> str:
    usual = Config().to_dict()
    return "; ".join(
        f"{_plainly(name)}: {_text(value)}"
        for name, value in config.items()
        if name not in _SAID and _text(value) != _text(usual.get(name))
    )


def _plainly(name: str) -> str:
    return name.replace("_", " ")


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "all"
    return "none" if value is None else str(value)
