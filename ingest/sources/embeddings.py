"""Vectors that a model made elsewhere, for tracks that the store has."""

import re
from pathlib import Path

from ingest.errors import IngestError
from ingest.vectors.checks import checked
from ingest.vectors.npy import open_npy
from ingest.vectors.parquet import open_vectors
from music_explorer.store.batch import Counts
from music_explorer.store.merge import Merge

_MODEL = re.compile(r"\w[\w .+/-]{0,59}")


def check_model(model: str) -> str:
    """Return the name of a model.

    Raises
    ------
    IngestError
        If it could not be part of an address or of a heading.
    """
    if not _MODEL.fullmatch(model):
        raise IngestError(
            f"--model {model!r} is no name; use up to 60 letters, digits, spaces and . _ + / -, "
            "such as musicnn or openl3-512"
        )
    return model


def import_vectors(merge: Merge, path: Path, *, model: str, ids: Path | None, name: str) -> Counts:
    """Read a file of vectors into the store.

    Parameters
    ----------
    merge
        The open store.
    path
        A NumPy file (``.npy``) or a Parquet file.
    model
        Name of the model that made them.
    ids
        The tracks of a NumPy file's rows, one a line.
    name
        The file's name, for messages.

    Raises
    ------
    IngestError
        If the file cannot be used.
    StoreError
        If the store has vectors of that model with another length.
    """
    rejects: list[tuple[str, str]] = []
    if path.suffix.lower() == ".npy":
        raw = open_npy(path, ids, name)
    elif ids is not None:
        raise IngestError(f"--ids is for .npy files; the tracks of {name} are in a column of it")
    else:
        raw = open_vectors(path, name, rejects)
    return merge.put_vectors(
        checked(raw, name=name, rejects=rejects),
        model=model,
        source=f"vectors:{name}",
        location=name,
        rejects=rejects,
    )
