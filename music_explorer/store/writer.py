"""The one writer: a private copy of the store, filled, then published with one atomic rename."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from music_explorer.store import schema
from music_explorer.store.errors import StoreError
from music_explorer.store.merge import Merge
from music_explorer.store.reader import (
    Identity,
    data_version,
    identity,
    open_store,
    refuse_damage,
    remove_stale_links,
)

# Everything that a page depends on; the log of imports and the kept runs are left out, so that
# importing an unchanged file again makes no cache stale.
_HASHED = (
    "tracks",
    "(SELECT DISTINCT track_id, genre, subgenre FROM track_genres)",
    "(SELECT DISTINCT track_id, playlist FROM track_playlists)",
    "(SELECT * EXCLUDE (source) FROM track_plays)",
    "(SELECT track_id, source FROM track_sources)",
    "(SELECT * EXCLUDE (source) FROM spotify_features)",
    "(SELECT * EXCLUDE (source) FROM librosa_features)",
    "(SELECT track_id, model, vector FROM embeddings)",
)


_MEMORY = "1GB"
_DISK = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.OutOfMemoryException,
    duckdb.TransactionException,
)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[Merge]:
    """Open a store for writing; publish it when the block ends without an error.

    Nothing is published if the block raises or merged nothing: then the published file stays, byte
    for byte, what it was.

    Parameters
    ----------
    path
        The store's stable path; it is created if it does not exist.

    Raises
    ------
    StoreError
        If another import is writing, or the folder or the file cannot be used.
    """
    with sole_writer(path) as version:
        with version() as merge:
            yield merge


Version = Callable[[], contextlib.AbstractContextManager[Merge]]


@contextlib.contextmanager
def sole_writer(path: Path) -> Iterator[Version]:
    """Keep every other writer out, and publish one version after the other meanwhile.

    Parameters
    ----------
    path
        The store's stable path; the first version creates it if it does not exist.

    Yields
    ------
    callable
        Opens the store for writing as `writing` does: what its block merged is published when the
        block ends, whatever becomes of a later one.

    Raises
    ------
    StoreError
        If another import is writing, or the folder or the file cannot be used.
    """
    path = path.absolute()
    with _only_writer(path):
        yield partial(_version, path)


@contextlib.contextmanager
def _version(path: Path) -> Iterator[Merge]:
    work = path.with_name(f".{path.name}.work")
    try:
        with _explained(path), _told_what_failed(path):
            started_from = _published(path)
            _start(path, work)
        with (
            _told_what_failed(path),
            duckdb.connect(str(work), config=_config(work)) as con,
        ):
            schema.upgrade(con)
            schema.create_views(con)
            merge = Merge(con)
            yield merge
            if merge.touched:
                _stamp(con)
        if merge.touched:
            with _explained(path):
                _publish(work, path, started_from)
    finally:
        for leftover in (work, _wal(work)):
            leftover.unlink(missing_ok=True)
        shutil.rmtree(_spill(work), ignore_errors=True)


def _spill(work: Path) -> Path:
    return work.with_name(f"{work.name}.tmp")


def _config(work: Path) -> dict[str, str]:
    """Bound the memory of an import, whatever its size; what does not fit goes to the disk."""
    return {"memory_limit": _MEMORY, "temp_directory": str(_spill(work))}


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"cannot write the store {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def _told_what_failed(path: Path) -> Iterator[None]:
    """Say in one line what DuckDB raises when the disk is full, broken or taken away."""
    try:
        yield
    except _DISK as error:
        refuse_damage(path, error)
        raise StoreError(
            f"cannot write the store {path}, which stays as it was: {str(error).splitlines()[0]}"
        ) from error


@contextlib.contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise StoreError(
            f"another import is writing {path}; wait until it has finished, then run again"
        ) from error
    except OSError as error:
        raise StoreError(
            f"cannot write in {path.parent}: {error.strerror}; choose another path with --store"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _start(path: Path, work: Path) -> None:
    """Make the private copy: of the published store, or an empty one."""
    for leftover in (work, _wal(work)):
        leftover.unlink(missing_ok=True)
    remove_stale_links(path)
    _refuse_unfinished(path)
    if path.exists():
        data_version(path)  # refuses a file that is no store or that another program writes
        shutil.copyfile(path, work)
        return
    with duckdb.connect(str(work)) as con:
        schema.create_tables(con)
        con.execute(
            "INSERT INTO store_version VALUES (?, ?, ?)", [schema.SCHEMA_VERSION, "", _now()]
        )


def _published(path: Path) -> Identity | None:
    return identity(path) if path.exists() else None


def _refuse_unfinished(path: Path) -> None:
    if _wal(path).exists():
        raise StoreError(
            f"{path} has unfinished changes of another program ({_wal(path).name}); open it once "
            "with that program or with duckdb and close it, then run again"
        )


def _stamp(con: duckdb.DuckDBPyConnection) -> None:
    # A row's hash alone is linear in its last column: values swapped between rows would not show.
    parts = " || '-' || ".join(
        f"(SELECT coalesce(sum(hash(hash(t))), 0)::VARCHAR FROM {rows} AS t)" for rows in _HASHED
    )
    con.execute(
        f"UPDATE store_version SET data_version = left(md5({parts}), 16), published_at = ?, "
        "schema_version = ?",
        [_now(), schema.SCHEMA_VERSION],
    )
    con.execute("CHECKPOINT")


def _publish(work: Path, path: Path, started_from: Identity | None) -> None:
    """Put the finished copy in the place of the published file; safe against a loss of power."""
    # Another program may have written the published file meanwhile; its changes are not lost.
    _refuse_unfinished(path)
    if path.exists():
        with open_store(path):
            pass
    if _published(path) != started_from:
        raise StoreError(f"another program changed {path} during the import; run it again")
    _sync(work)
    os.replace(work, path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
