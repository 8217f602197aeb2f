"""What a run leaves behind: Parquet tables, their account, and a notebook that draws them.

The notebook is the same file for every run. It reads the tables beside it and nothing else, so it
holds no text that came from a track.
"""

import io
import json
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.pipeline import Prepared, prepare
from music_explorer.analysis.projection import PROJECTION_TITLES
from music_explorer.analysis.record import Record, config_from
from music_explorer.analysis.recordings import joined_labels
from music_explorer.headless.errors import HeadlessError
from music_explorer.headless.inputs import Inputs, load

_NOTEBOOK = Path(__file__).with_name("run.ipynb")


def require_empty(folder: Path) -> None:
    """Make sure that a folder can be written without touching what is there.

    Raises
    ------
    HeadlessError
        If there is something in it, or it is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise HeadlessError(f"{folder} is not empty; name a new folder with --out")


def write_folder(folder: Path, record: Record, prepared: Prepared, inputs: Inputs) -> None:
    """Write a run as tables and a notebook.

    ``run.json`` is the account of the run; ``assignments.parquet`` has a row for each track, in
    the order of ``features.parquet`` (in their own units) and ``scaled.parquet`` (as clustered);
    ``tracks.parquet`` names the tracks; ``labels.parquet`` has a row for each label of each row,
    with its share as ``weight``; ``run.ipynb`` draws them.

    Parameters
    ----------
    folder
        A folder that is empty or does not exist.
    record
        The run.
    prepared
        What it clustered.
    inputs
        What that was prepared from.

    Raises
    ------
    AnalysisError
        If `prepared` does not hold the tracks of `record`.
    HeadlessError
        If the folder is not empty or cannot be written.
    """
    if list(prepared.rows["track_id"]) != list(record.assignments["track_id"]):
        raise AnalysisError(
            f"run {record.run_id} is of other tracks than this store gives for its configuration; "
            "run it again"
        )
    require_empty(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in _tables(record, prepared, inputs).items():
            table.to_parquet(folder / f"{name}.parquet", index=False)
        account = json.dumps(_account(record, prepared, inputs.label), indent=1, allow_nan=False)
        (folder / "run.json").write_text(account, encoding="utf-8")
        shutil.copyfile(_NOTEBOOK, folder / _NOTEBOOK.name)
    except OSError as error:
        raise HeadlessError(f"cannot write in {folder}: {error.strerror or error}") from error


def zipped(store: Path, record: Record, *, label: str) -> bytes:
    """Write a kept run as `write_folder` does, into a zip archive.

    Parameters
    ----------
    store
        The store that it was computed on.
    record
        The run.
    label
        The kind of label that its clusters are compared with.

    Raises
    ------
    StaleVersion
        If the store holds other data by now.
    """
    config = config_from(record.config)
    inputs = load(store, config, expect=record.data_version, label=label)
    prepared = prepare(config, inputs.frame, genres=inputs.genres)
    archive = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="explorer-run-") as temporary:
        folder = Path(temporary) / f"run-{record.run_id}"
        write_folder(folder, record, prepared, inputs)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for path in sorted(folder.iterdir()):
                file.write(path, path.relative_to(temporary))
    return archive.getvalue()


def _tables(record: Record, prepared: Prepared, inputs: Inputs) -> dict[str, pd.DataFrame]:
    track_id = record.assignments["track_id"]
    names = list(prepared.matrix.names)
    known = prepared.rows[["track_id", "title", "artist"]]
    return {
        "assignments": record.assignments,
        "tracks": known.drop_duplicates("track_id"),
        "features": _with_ids(track_id, pd.DataFrame(prepared.matrix.X, columns=names)),
        "scaled": _with_ids(track_id, pd.DataFrame(prepared.X, columns=names)),
        "labels": _labels(prepared, inputs),
    }


def _with_ids(track_id: pd.Series, table: pd.DataFrame) -> pd.DataFrame:
    table.insert(0, "track_id", track_id)
    return table


def _labels(prepared: Prepared, inputs: Inputs) -> pd.DataFrame:
    """Give the labels of each row: one of g labels weighs 1/g, as in `agreement.crosstab`."""
    rows = prepared.rows
    tracks = pd.DataFrame({"row": range(len(rows)), "track_id": rows["track_id"].to_numpy()})
    if inputs.label == "genre" and "genre" in rows:
        # The rows of a set that repeats tracks have one genre each.
        found = tracks.assign(label=rows["genre"].to_numpy()).dropna(subset="label")
    else:
        pairs = joined_labels(inputs.labels.dropna(), prepared.stands_for)
        pairs = pairs.rename(columns={"genre": "label"})
        found = tracks.merge(pairs, on="track_id")
    return found.assign(weight=1 / found.groupby("row")["label"].transform("size"))


def _account(record: Record, prepared: Prepared, label: str) -> dict[str, Any]:
    n_axes = int(record.assignments[["x", "y", "z"]].notna().any().sum())
    projection = record.config["projection"]
    return record.summary() | {
        "created_at": record.created_at.isoformat(),
        "label": label,
        "map": f"{PROJECTION_TITLES[projection]}-{n_axes}",
        "n_estimated": prepared.n_estimated,
        "left_out": {
            "columns": prepared.matrix.dropped_columns,
            "rows": prepared.matrix.n_dropped_rows,
            "further_releases": prepared.n_merged,
        },
    }
