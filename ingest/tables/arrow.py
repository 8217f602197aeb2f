"""Columns of Arrow as cells: numbers stay numbers, everything else becomes text."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingest.errors import IngestError

# Rows in a batch, of any kind of table: memory is bounded by it.
ROWS = 50_000
# UnicodeDecodeError: names of columns that are no UTF-8.
_DAMAGE = (pa.ArrowException, OSError, UnicodeDecodeError)


def open_cells(kind: ModuleType, path: Path, name: str) -> tuple[list[str], Iterator[pd.DataFrame]]:
    """Return the names of the columns, and the rows in batches of bounded size.

    Parameters
    ----------
    kind
        A module of `formats`.
    path
        The file.
    name
        What to call it in messages.

    Raises
    ------
    IngestError
        If the file is damaged; also while the batches are read.
    """
    try:
        names, batches = kind.open_batches(path)
    except _DAMAGE as error:
        raise _damaged(kind, name, error) from error

    def frames() -> Iterator[pd.DataFrame]:
        try:
            for batch in batches:
                batch.validate(full=True)  # else text that is no UTF-8 is found out much later
                columns = [_cells(column) for column in batch.columns]
                yield pd.concat(columns, axis=1) if columns else pd.DataFrame()
        except _DAMAGE as error:
            raise _damaged(kind, name, error) from error

    return [str(n) for n in names], frames()


def _damaged(kind: ModuleType, name: str, error: Exception) -> IngestError:
    return IngestError(f"{name} is a damaged {kind.WORDS} file: {str(error).splitlines()[0]}")


def _cells(column: pa.Array) -> pd.Series:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_integer(kind):
        return column.to_pandas(types_mapper=lambda _: pd.ArrowDtype(kind))
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pd.Series(pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False))
    return pd.Series(pd.arrays.ArrowStringArray(pa.chunked_array([_text(column)])))


def _text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        # Names of their own may hold the mark that joins several.
        flat = pc.cast(_text(column.flatten()), pa.string())
        parts = pa.ListArray.from_arrays(_offsets(column), pc.replace_substring(flat, ";", ","))
        joined = pc.cast(pc.binary_join(parts, "; "), pa.large_string())
        return pc.if_else(column.is_valid(), joined, None)
    if pa.types.is_nested(kind) or pa.types.is_null(kind):
        return pa.nulls(len(column), pa.large_string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        try:
            return pc.cast(column, pa.large_string())
        except pa.ArrowInvalid:
            return pa.nulls(len(column), pa.large_string())
    return pc.cast(column, pa.large_string())


def _offsets(column: pa.Array) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
    return pa.array([0, *lengths.cumsum()], pa.int32())
