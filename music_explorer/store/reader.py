"""Opening the published store for reading; it never blocks the writer or sees half a version.

DuckDB hands out the instance it already has when one process opens one path twice, even after the
file under that path was replaced. So every opening goes through a name of its own: a hard link to
the version that is published at that moment.
"""

import contextlib
import glob
import os
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import duckdb

from music_explorer.store.errors import StaleVersion, StoreError
from music_explorer.store.schema import OLDEST_VERSION, SCHEMA_VERSION, upgrade

READ_CONFIG = {
    "enable_external_access": "false",
    "lock_configuration": "true",
    "memory_limit": "512MB",
    "threads": 2,
    "temp_directory": "",  # nothing is spilled beside the store
}
# What DuckDB says of a file whose header is right and whose rest is not.
_DAMAGE = ("Corrupt database file", "Could not read enough bytes")
_STALE_S = 3600
_copying = threading.Lock()

Identity = tuple[int, int, int, int]


def identity(path: Path) -> Identity:
    """Return what tells one published version of a file from the next, without opening it.

    Raises
    ------
    StoreError
        If there is no file at ``path``.
    """
    try:
        stat = os.stat(path)
    except FileNotFoundError as error:
        raise StoreError(
            f"no store at {path}; make one with: python -m ingest demo --store {path}"
        ) from error
    except OSError as error:
        raise StoreError(f"cannot read the store {path}: {error.strerror}") from error
    return stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size


@contextlib.contextmanager
def open_store(path: Path, *, expect: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published version of a store, read-only and sandboxed.

    Parameters
    ----------
    path
        The store's stable path.
    expect
        The data version that the caller believes is published.

    Yields
    ------
    duckdb.DuckDBPyConnection
        A connection that sees one version, whatever is published meanwhile.

    Raises
    ------
    StoreError
        If the file is missing, is no store, or is being written by another program; also in the
        block, where a part of the file that is read there is damaged.
    StaleVersion
        If ``expect`` is given and another version is published.
    """
    link = _link(path)
    try:
        con = _connect(link or _temporary_copy(path, identity(path)), path)
    except OSError as error:
        raise StoreError(f"cannot read the store {path}: {error.strerror or error}") from error
    finally:
        if link is not None:
            # Where open files cannot be removed (Windows), the second attempt below does it.
            with contextlib.suppress(PermissionError):
                link.unlink(missing_ok=True)
    try:
        version = _checked_version(con, path)
        if expect is not None and version != expect:
            raise StaleVersion(f"{path} was published again; load the page once more")
        yield con
    except duckdb.IOException as error:
        refuse_damage(path, error)
        raise
    finally:
        con.close()
        if link is not None:
            link.unlink(missing_ok=True)


def refuse_damage(path: Path, error: Exception) -> None:
    """Raise a StoreError if a query failed because the store's file is damaged."""
    if any(words in str(error) for words in _DAMAGE):
        raise StoreError(
            f"the store {path} is damaged; move the file away, then restore an export of it, or "
            "import everything again"
        ) from error


def data_version(path: Path) -> str:
    """Return the hash over tracks, genres and features of the published store."""
    with open_store(path) as con:
        return _checked_version(con, path)


def _checked_version(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    try:
        row = con.execute("SELECT schema_version, data_version FROM store_version").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise StoreError(
            f"{path} is a DuckDB file but not a music store; choose another path"
        ) from error
    if row is None or not OLDEST_VERSION <= row[0] <= SCHEMA_VERSION:
        found = "none" if row is None else row[0]
        raise StoreError(
            f"{path} has schema version {found}, this program reads {SCHEMA_VERSION}; update this "
            "program, or open it with the one that made it"
        )
    if row[0] < SCHEMA_VERSION:
        upgrade(con, temporary=True)
    return row[1]


def _link(path: Path) -> Path | None:
    link = path.with_name(f".{path.name}.read-{uuid.uuid4().hex}")
    try:
        os.link(path, link)
    except FileNotFoundError:
        identity(path)  # says what is missing
        raise
    except OSError:
        return None
    return link


def remove_stale_links(path: Path) -> None:
    """Remove the links of readers that were killed: each keeps an old version on the disk."""
    for link in path.parent.glob(f".{glob.escape(path.name)}.read-*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - link.stat().st_ctime > _STALE_S:  # opening takes seconds at most
                link.unlink()


@cache
def _folder_of_copies() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="music-store-")


def _temporary_copy(path: Path, version: Identity) -> Path:
    """Return this process's copy of one version, made where no hard link can be."""
    name = "-".join(map(str, version))
    folder = Path(_folder_of_copies().name) / uuid.uuid5(uuid.NAMESPACE_URL, str(path)).hex
    with _copying:
        folder.mkdir(exist_ok=True)
        copy = folder / name
        if not copy.exists():
            for older in folder.iterdir():
                older.unlink()
            partial = folder / "partial"
            shutil.copyfile(path, partial)
            partial.rename(copy)
    return copy


def _connect(file: Path, path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(file), read_only=True, config=READ_CONFIG)
    except duckdb.IOException as error:
        text = str(error)
        if "Could not set lock" in text:
            reason = "another program has it open for writing; close that program (DuckDB's own "
            reason += "command line reads beside others with: duckdb -readonly)"
        elif "version number" in text:
            reason = "it was written by a newer DuckDB; use the program that wrote it"
        else:
            reason = "it is not a DuckDB file, or it is damaged; move it away or name another path"
        raise StoreError(f"cannot open the store {path}: {reason}") from error
