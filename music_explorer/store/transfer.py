"""The store as a folder of Parquet files, and back: a format that outlives any DuckDB version."""

from pathlib import Path

import duckdb

from music_explorer.store import schema
from music_explorer.store.errors import StoreError
from music_explorer.store.merge import Merge
from music_explorer.store.reader import open_store


def export(path: Path, folder: Path) -> dict[str, int]:
    """Write every table of a store to ``folder/<table>.parquet``.

    Returns
    -------
    dict
        Rows written, by table.

    Raises
    ------
    StoreError
        If the folder holds Parquet files already or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.glob("*.parquet")):
            raise StoreError(f"{folder} holds Parquet files already; name an empty folder")
        written = {}
        with open_store(path) as con:
            for table in schema.tables():
                # The connection may not touch files, so the rows leave it through Arrow.
                rows = con.sql(f"SELECT * FROM {table}")
                written[table] = _write_parquet(rows, folder / f"{table}.parquet")
    except OSError as error:
        raise StoreError(f"cannot write in {folder}: {error.strerror}") from error
    return written


def _write_parquet(rows: duckdb.DuckDBPyRelation, file: Path) -> int:
    import pyarrow.parquet as pq

    reader = rows.to_arrow_reader(100_000)
    n_rows = 0
    with pq.ParquetWriter(file, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            n_rows += batch.num_rows
    return n_rows


def restore(merge: Merge, folder: Path) -> dict[str, int]:
    """Fill an empty store from a folder that ``export`` wrote.

    Returns
    -------
    dict
        Rows read, by table.

    Raises
    ------
    StoreError
        If the store has tracks already, a file is missing, or a table does not fit the schema.
    """
    if merge.con.execute("SELECT count(*) FROM ingests").fetchone()[0]:
        raise StoreError("restore needs a new store; name a path that does not exist with --store")
    read = {}
    needed = schema.tables(_version(merge, folder))
    for table in schema.tables():
        file = folder / f"{table}.parquet"
        if not file.exists():
            if table not in needed:
                read[table] = 0
                continue
            raise StoreError(f"no {file.name} in {folder}; name a folder that export wrote")
        try:
            merge.con.execute(f"DELETE FROM {table}")
            merge.con.execute(
                f"INSERT INTO {table} BY NAME SELECT * FROM read_parquet(?)", [str(file)]
            )
        except duckdb.Error as error:
            raise _no_fit(file, error) from error
        read[table] = merge.con.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    # The rows fit this program's tables, whichever version exported them.
    merge.con.execute("UPDATE store_version SET schema_version = ?", [schema.SCHEMA_VERSION])
    merge.touched = True
    return read


def _version(merge: Merge, folder: Path) -> int:
    """Return the schema version of an export; this program's where the export does not say."""
    file = folder / "store_version.parquet"
    if not file.exists():
        return schema.SCHEMA_VERSION
    try:
        [(version,)] = merge.con.execute(
            "SELECT max(schema_version) FROM read_parquet(?)", [str(file)]
        ).fetchall()
    except duckdb.Error as error:
        raise _no_fit(file, error) from error
    if not isinstance(version, int):
        raise StoreError(f"{file} has no row that says which version it is of; export again")
    return version


def _no_fit(file: Path, error: Exception) -> StoreError:
    return StoreError(f"{file} does not fit this store: {str(error).splitlines()[0]}")
