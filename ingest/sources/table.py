"""Tables of tracks: CSV and Parquet, whatever their columns are called."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from ingest.columns import recognise
from ingest.errors import IngestError
from ingest.records import Chunk, to_batch
from music_explorer.store.batch import Batch

_ROWS = 50_000


def read_table(path: Path, *, name: str) -> Iterator[Batch]:
    """Read a table in batches of bounded size.

    Parameters
    ----------
    path
        The file.
    name
        What to call it in messages.

    Yields
    ------
    Batch

    Raises
    ------
    IngestError
        If the file cannot be read as a table of tracks.
    """
    chunks = _parquet(path, name) if _is_parquet(path) else _csv(path, name)
    mapping: dict[str, str] | None = None
    with tqdm(desc=name, unit=" rows", leave=False, disable=None) as bar:
        for chunk in chunks:
            if mapping is None:
                mapping = _mapping(list(chunk.cells.columns), name)
            yield to_batch(chunk, mapping, name=name)
            bar.update(len(chunk.cells))
    if mapping is None:
        raise IngestError(f"{name} has no rows")


def _mapping(headers: list[str], name: str) -> dict[str, str]:
    mapping = recognise(headers)
    if not {"track_id", "title"} & mapping.keys():
        raise IngestError(
            f"{name} has no column for a track id or a title; its columns are: "
            f"{', '.join(map(repr, headers[:20]))}"
        )
    return mapping


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError as error:
        raise IngestError(f"cannot read {path}: {error.strerror}") from error


def _parquet(path: Path, name: str) -> Iterator[Chunk]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            first = 1
            for batch in file.iter_batches(batch_size=_ROWS):
                frame = batch.to_pandas()
                yield Chunk(frame, range(first, first + len(frame)))
                first += len(frame)
    except (pa.ArrowException, OSError) as error:
        raise IngestError(f"{name} is damaged or no Parquet file: {error}") from error


def _csv(path: Path, name: str) -> Iterator[Chunk]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, None)
            if not header:
                raise IngestError(f"{name} is empty")
            while rows := list(islice(_numbered(reader), _ROWS)):
                lines, cells = zip(*rows, strict=True)
                if any(len(row) != len(header) for row in cells):
                    raise IngestError(f"{name} has rows of unequal length")
                yield Chunk(pd.DataFrame(cells, columns=header, dtype="string"), lines)
    except (UnicodeDecodeError, csv.Error) as error:
        raise IngestError(f"{name} cannot be read as a table: {error}") from error


def _numbered(reader) -> Iterator[tuple[int, list[str]]]:
    for row in reader:
        if row:
            yield reader.line_num, row
