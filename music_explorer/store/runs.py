"""Kept runs: their configuration and scores in ``runs``, their clusters in ``assignments``.

A run is data about data: keeping one does not change the data version.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from music_explorer.store.errors import StoreError
from music_explorer.store.writer import writing

# Where a run was computed is part of what reproduces it, and has no column of its own.
_ENVIRONMENT = "environment"


def keep(path: Path, run: Mapping[str, Any], assignments: pd.DataFrame) -> bool:
    """Keep a run in a store.

    Parameters
    ----------
    path
        The store.
    run
        ``run_id``, ``created_at`` (UTC without a time zone), ``config``, ``environment``,
        ``data_version`` and ``scores``.
    assignments
        ``track_id, cluster, x, y, z``, a row for each track; missing where there is none.

    Returns
    -------
    bool
        False if a run of that identity is kept already; then nothing is written.

    Raises
    ------
    StoreError
        If the store holds other data than the run was computed on, or cannot be written.
    """
    with writing(path) as merge:
        published = merge.con.execute("SELECT data_version FROM store_version").fetchone()[0]
        if published != run["data_version"]:
            raise StoreError(
                f"run {run['run_id']} is of data version {run['data_version']}, but {path} is at "
                f"{published} by now; run it again, then keep it"
            )
        if _exists(merge.con, run["run_id"]):
            return False
        config = {**run["config"], _ENVIRONMENT: run[_ENVIRONMENT]}
        merge.con.execute(
            "INSERT INTO runs (run_id, created_at, config, data_version, scores) "
            "VALUES (?, ?, ?, ?, ?)",
            [
                run["run_id"],
                run["created_at"],
                json.dumps(config),
                run["data_version"],
                json.dumps(run["scores"]),
            ],
        )
        merge.con.register("arriving", pa.Table.from_pandas(assignments, preserve_index=False))
        merge.con.execute(
            "INSERT INTO assignments (run_id, track_id, cluster, x, y, z) "
            "SELECT ?, track_id, cluster, x, y, z FROM arriving",
            [run["run_id"]],
        )
        merge.con.unregister("arriving")
        merge.touched = True
    return True


def forget(path: Path, run_id: str) -> None:
    """Remove a run and its clusters from a store.

    Raises
    ------
    StoreError
        If the store has no such run, or cannot be written.
    """
    with writing(path) as merge:
        _require(merge.con, run_id)
        merge.con.execute("DELETE FROM assignments WHERE run_id = ?", [run_id])
        merge.con.execute("DELETE FROM runs WHERE run_id = ?", [run_id])
        merge.touched = True


def listing(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """List the kept runs, the last one first.

    Returns
    -------
    list of dict
        What `keep` was given; ``n_tracks``, ``n_clusters`` and ``n_noise``, 0 or more.
    """
    rows = con.execute(
        """
        SELECT run_id, created_at, config, data_version, scores,
               count(track_id) AS n_tracks,
               count(DISTINCT cluster) AS n_clusters,
               count(track_id) - count(cluster) AS n_noise
        FROM runs LEFT JOIN assignments USING (run_id)
        GROUP BY run_id, created_at, config, data_version, scores
        ORDER BY created_at DESC, run_id
        """
    )
    names = [column[0] for column in rows.description]
    return [_unpacked(dict(zip(names, row, strict=True))) for row in rows.fetchall()]


def read(con: duckdb.DuckDBPyConnection, run_id: str) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return what `keep` was given for a run: the run, and its assignments in their order.

    Raises
    ------
    StoreError
        If the store has no such run.
    """
    _require(con, run_id)
    rows = con.execute(
        "SELECT run_id, created_at, config, data_version, scores FROM runs WHERE run_id = ?",
        [run_id],
    )
    names = [column[0] for column in rows.description]
    run = _unpacked(dict(zip(names, rows.fetchone(), strict=True)))
    assignments = con.execute(
        "SELECT track_id, cluster, x, y, z FROM assignments WHERE run_id = ? ORDER BY rowid",
        [run_id],
    ).df()
    return run, assignments.astype({"cluster": "Int64"})


def _unpacked(row: dict[str, Any]) -> dict[str, Any]:
    config = json.loads(row["config"])
    # Whoever writes by SQL may leave it out.
    found = config.pop(_ENVIRONMENT, {})
    return {**row, "config": config, "scores": json.loads(row["scores"]), _ENVIRONMENT: found}


def _exists(con: duckdb.DuckDBPyConnection, run_id: str) -> bool:
    return con.execute("SELECT 1 FROM runs WHERE run_id = ?", [run_id]).fetchone() is not None


def _require(con: duckdb.DuckDBPyConnection, run_id: str) -> None:
    if not _exists(con, run_id):
        raise StoreError(f"no run {run_id!r} in this store; its runs are in the table runs")
