"""Parquet, read in row groups, so that memory is bounded."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.tables.arrow import ROWS

MAGIC = b"PAR1"
WORDS = "Parquet"


def open_batches(path: Path) -> tuple[list[str], Iterator[pa.RecordBatch]]:
    """Return the names of the columns, and the rows in batches of at most ``ROWS``."""
    file = pq.ParquetFile(path)
    return file.schema_arrow.names, file.iter_batches(batch_size=ROWS)
