"""Vectors in a NumPy file, with the names of their tracks in a text file."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ingest.errors import IngestError
from ingest.vectors.checks import Raw, check_dimensions

_ROWS = 10_000


def open_npy(path: Path, ids: Path | None, name: str) -> Iterator[Raw]:
    """Return the rows of an array in batches; the file is mapped, not read at once.

    Parameters
    ----------
    path
        An array of numbers of shape (n_tracks, n_dimensions).
    ids
        A text file, UTF-8, with one track on each line, in the order of the rows.
    name
        The file's name for messages.

    Raises
    ------
    IngestError
        If there is no file of ids, either file is damaged, or they do not fit together.
    """
    if ids is None:
        raise IngestError(
            f"{name} does not say whose vectors it holds; give --ids FILE, a text file with one "
            "track id a line"
        )
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise IngestError(f"{name} is no NumPy file: {str(error).splitlines()[0]}") from error
    if not isinstance(values, np.ndarray) or values.ndim != 2 or values.dtype.kind not in "fiu":
        kind = "an archive" if not isinstance(values, np.ndarray) else _kind(values)
        raise IngestError(f"{name} is {kind}; expected numbers of shape (tracks, dimensions)")
    check_dimensions(values.shape[1], name)
    tracks = _lines(ids)
    if len(tracks) != len(values):
        raise IngestError(
            f"{name} has {len(values):,} rows and {ids.name} {len(tracks):,} lines; "
            "one line is one row"
        )
    return (
        (range(at + 1, at + 1 + len(part)), tracks[at : at + len(part)], np.asarray(part))
        for at in range(0, len(values), _ROWS)
        for part in [values[at : at + _ROWS]]
    )


def _kind(values: np.ndarray) -> str:
    return f"{values.dtype} of shape {values.shape}"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise IngestError(f"{path} is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise IngestError(f"cannot read {path}: {error.strerror}") from error
