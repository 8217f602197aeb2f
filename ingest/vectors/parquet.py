"""Vectors in a Parquet file: one column of lists, or a column for each dimension."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.errors import IngestError
from ingest.vectors.checks import Raw, check_dimensions

_ROWS = 10_000
_ID = "track_id"


def open_vectors(path: Path, name: str, rejects: list[tuple[str, str]]) -> Iterator[Raw]:
    """Return the rows in batches.

    Parameters
    ----------
    path
        A table with a column of track ids: the one named ``track_id``, else the only one of text;
        and a column of lists of numbers, else columns of fractions, one a dimension.
    name
        The file's name for messages.
    rejects
        Takes ``(locator, reason)`` of rows that hold no list, or one of another length than most.

    Raises
    ------
    IngestError
        If the file is damaged, or it does not tell which column is what; also while it is read.
    """
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(name, error) from error
    schema = file.schema_arrow
    track, lists = _track_column(schema, name), _list_column(schema, name)
    fractions = [f.name for f in schema if pa.types.is_floating(f.type)]
    if lists is None:
        check_dimensions(len(fractions), name)
    columns = [track, *([lists] if lists else fractions)]
    return _batches(file, name, columns, is_list=lists is not None, rejects=rejects)


def _batches(
    file: pq.ParquetFile,
    name: str,
    columns: list[str],
    *,
    is_list: bool,
    rejects: list[tuple[str, str]],
) -> Iterator[Raw]:
    at, n_dimensions = 0, 0 if is_list else len(columns) - 1
    try:
        for batch in file.iter_batches(batch_size=_ROWS, columns=columns):
            numbers = np.arange(at + 1, at + 1 + len(batch))
            at += len(batch)
            tracks = np.array(pc.cast(batch[columns[0]], pa.string()).to_pylist(), dtype=object)
            if not is_list:
                parts = [batch[n].to_numpy(zero_copy_only=False) for n in columns[1:]]
                yield numbers, tracks, np.column_stack(parts)
                continue
            lengths = pc.fill_null(pc.list_value_length(batch[columns[1]]), -1).to_numpy()
            if not n_dimensions and (lengths >= 0).any():
                n_dimensions = int(np.bincount(lengths[lengths >= 0]).argmax())
                check_dimensions(n_dimensions, name)
            fits = lengths == n_dimensions if n_dimensions else np.zeros(len(batch), dtype=bool)
            for number, length in zip(numbers[~fits], lengths[~fits], strict=True):
                why = "no vector" if length < 0 else f"{length:,} numbers, not {n_dimensions:,}"
                rejects.append((f"{name} row {number}", why))
            flat = pc.list_flatten(batch[columns[1]].filter(pa.array(fits)))
            values = flat.to_numpy(zero_copy_only=False).reshape(-1, max(n_dimensions, 1))
            yield numbers[fits], tracks[fits], values
    except (pa.ArrowException, OSError) as error:
        raise _damaged(name, error) from error


def _track_column(schema: pa.Schema, name: str) -> str:
    texts = [
        f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)
    ]
    if _ID in schema.names:
        return _ID
    if len(texts) != 1:
        raise IngestError(
            f"{name} has {'no column' if not texts else 'several columns'} of text "
            f"({', '.join(texts) or ', '.join(schema.names)}); name the one of track ids {_ID}"
        )
    return texts[0]


def _list_column(schema: pa.Schema, name: str) -> str | None:
    lists = [f.name for f in schema if _is_list(f.type)]
    if len(lists) > 1:
        raise IngestError(
            f"{name} has several columns of vectors ({', '.join(lists)}); keep one of them"
        )
    return lists[0] if lists else None


def _is_list(kind: pa.DataType) -> bool:
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    if not is_list and not pa.types.is_fixed_size_list(kind):
        return False
    return pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)


def _damaged(name: str, error: Exception) -> IngestError:
    return IngestError(f"{name} is a damaged Parquet file: {str(error).splitlines()[0]}")
