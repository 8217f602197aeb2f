"""Tables that a visitor brings: into a store of their own, by the command a person would run.

The store lives in a temporary folder of the visitor's session and goes with it. The command runs as
a process of its own, bounded in time, memory and what it writes, and one at a time.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from music_explorer.store import queries
from music_explorer.store.reader import open_store
from music_explorer.store.turns import Busy, Turns
from music_explorer.ui.choices import forget
from music_explorer.ui.plain_text import seen

MAX_FILES = 50
MAX_BYTES = 100_000_000
MAX_TRACKS = 300_000
_TIMEOUT_S = 120
_MEMORY_BYTES = 4_000_000_000
_WRITTEN_BYTES = 1_000_000_000  # the largest file that the import may write
_NAME_LENGTH = 60  # of a file, in characters of up to four bytes; a file system takes 255
_turns = Turns(1, most_waiting=5, patience_s=60.0)
_ROOT = Path(__file__).resolve().parents[2]
_FOLDER, _STORE = "_upload_folder", "_upload_store"


class UploadError(Exception):
    """The files cannot be taken; the text says why."""


@dataclass(frozen=True)
class Outcome:
    """What the import made of the files.

    Attributes
    ----------
    store
        The store it filled; None if no file was taken.
    summary
        What the command printed.
    tables
        How each table was read, as `ingest.tables.report.describe` gives it.
    refused
        Why files were not taken.
    """

    store: Path | None
    summary: str
    tables: list[dict[str, Any]]
    refused: list[str]


def session_store() -> Path | None:
    """Return the store of the visitor's own files, if they are looking at it."""
    return st.session_state.get(_STORE)


def use(store: Path | None) -> None:
    """Look at the visitor's own store, or at the shared one again (None)."""
    st.session_state[_STORE] = store
    forget()


def import_tables(
    files: Sequence[UploadedFile], *, options: Sequence[str], chosen: Mapping[str, str]
) -> Outcome:
    """Import the files into a new store of the visitor's session.

    Parameters
    ----------
    files
        What was uploaded.
    options
        Further options of ``python -m ingest table``.
    chosen
        Header -> column, where the visitor says what a column is.

    Raises
    ------
    UploadError
        If there are too many files, bytes or tracks, the disk is full, the import takes too long,
        or too many visitors are waiting for theirs.
    """
    n_bytes = sum(file.size for file in files)
    if len(files) > MAX_FILES or n_bytes > MAX_BYTES:
        raise UploadError(
            f"{len(files)} files of {n_bytes / 1e6:.0f} MB; at most {MAX_FILES} files and "
            f"{MAX_BYTES / 1e6:.0f} MB are taken here, and any number by the command line"
        )
    try:
        _drop_unused()
        folder = Path(tempfile.mkdtemp(dir=_session_folder()))
        paths = [_written(file, folder / str(i)) for i, file in enumerate(files)]
    except OSError as error:
        raise UploadError(f"this machine cannot keep the files: {error.strerror}") from error
    store, report = folder / "your files.duckdb", folder / "report.json"
    pairs = [
        part
        for theirs, ours in chosen.items()
        if "\0" not in theirs  # which no command line can hold
        for part in ("--map", f"{theirs}={ours}")
    ]
    command = [
        sys.executable,
        "-m",
        "ingest",
        "table",
        "--store",
        str(store),
        "--report",
        str(report),
        *options,
        *pairs,
        "--",
        *map(str, paths),
    ]
    # Where it lies on the server is nothing to a visitor.
    summary = _bounded(command).replace(f"{folder}{os.sep}", "")
    for path in paths:
        shutil.rmtree(path.parent)
    if not report.exists():
        raise UploadError(summary.strip().splitlines()[-1] if summary.strip() else "no answer")
    found = json.loads(report.read_text().replace(json.dumps(f"{folder}{os.sep}")[1:-1], ""))
    _require_few_tracks(store)
    return Outcome(store if store.exists() else None, summary, found["tables"], found["refused"])


def _require_few_tracks(store: Path) -> None:
    if not store.exists():
        return
    with open_store(store) as con:
        n_tracks = queries.counts(con)["tracks"]
    if n_tracks > MAX_TRACKS:
        store.unlink()
        raise UploadError(
            f"{n_tracks:,} tracks; at most {MAX_TRACKS:,} are taken here, and any number by the "
            "command line"
        )


def _drop_unused() -> None:
    """Remove what was imported before, but for what the visitor is looking at."""
    looked_at = session_store()
    for folder in Path(_session_folder()).iterdir():
        if looked_at is None or folder != looked_at.parent:
            shutil.rmtree(folder)


def _session_folder() -> str:
    # Its finaliser removes it when the session is dropped.
    if _FOLDER not in st.session_state:
        st.session_state[_FOLDER] = tempfile.TemporaryDirectory(prefix="explorer-upload-")
    return st.session_state[_FOLDER].name


def _written(file: UploadedFile, folder: Path) -> Path:
    folder.mkdir()
    name = " ".join(seen(Path(file.name).name).split())[-_NAME_LENGTH:]
    path = folder / (name if name.strip(".") else "table")
    path.write_bytes(file.getbuffer())
    return path


def _bounded(command: Sequence[str]) -> str:
    try:
        with _turns.turn():
            return _run(command)
    except Busy as error:
        raise UploadError(
            "other visitors' files are being read on this server; try again in a minute"
        ) from error


def _run(command: Sequence[str]) -> str:
    with subprocess.Popen(
        command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        _limit(process.pid)
        try:
            return process.communicate(timeout=_TIMEOUT_S)[0]
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise UploadError(f"stopped after {_TIMEOUT_S} s; use the command line") from error


def _limit(pid: int) -> None:
    if sys.platform == "linux":
        import resource

        resource.prlimit(pid, resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (_WRITTEN_BYTES, _WRITTEN_BYTES))
