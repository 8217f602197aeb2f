"""What survives: the order of syncs, what a crash left, damaged files, clocks, newer programs."""

import contextlib
import os
import random
import shutil
import time
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from music_explorer.store import merge, reader, schema, writer
from music_explorer.store.errors import StoreError
from music_explorer.store.reader import data_version, open_store
from music_explorer.store.writer import writing


@pytest.fixture
def filled(bench):
    """A store of two tracks."""
    bench.put("s", track_id=["file:a", "file:b"], title=["a", "b"])
    return bench


def test_a_file_is_synced_whole_before_it_is_renamed_and_its_folder_after(
    filled, tmp_path, monkeypatch
):
    """At the moment of the rename the disk has every byte: a loss of power costs no version."""
    done = []
    real_sync, real_replace = os.fsync, os.replace

    def sync(handle):
        real_sync(handle)
        path = os.readlink(f"/proc/self/fd/{handle}")
        done.append(("synced", path))
        if os.path.isfile(path):
            shutil.copy(path, tmp_path / "on the disk.duckdb")

    def replace(source, target):
        done.append(("renamed", str(source), str(target)))
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", replace)
    filled.put("t", track_id=["file:c"], title=["c"])
    work, path = str(tmp_path / ".music.duckdb.work"), str(filled.path)
    assert done == [("synced", work), ("renamed", work, path), ("synced", str(tmp_path))]
    assert (tmp_path / "on the disk.duckdb").read_bytes() == filled.path.read_bytes()


LEFTOVERS = {
    "a copy of zeros": {".music.duckdb.work": bytes(300_000)},
    "a copy with a foreign log": {
        ".music.duckdb.work": bytes(10),
        ".music.duckdb.work.wal": b"no log" * 1000,
    },
    "a log alone": {".music.duckdb.work.wal": os.urandom(5000)},
    "what did not fit in memory": {".music.duckdb.work.tmp/duckdb_temp_storage-0.tmp": bytes(999)},
    "a lock that nobody holds": {".music.duckdb.lock": b"4711"},
}


@pytest.mark.parametrize("left", LEFTOVERS.values(), ids=LEFTOVERS)
def test_what_a_crash_left_neither_harms_a_reader_nor_the_next_import(filled, left):
    for name, content in left.items():
        path = filled.path.parent / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    assert filled.rows("SELECT count(*) FROM tracks") == [(2,)]
    filled.put("t", track_id=["file:c"], title=["c"])
    assert filled.rows("SELECT count(*) FROM tracks") == [(3,)]
    assert {path.name for path in filled.path.parent.iterdir()} <= {
        "music.duckdb",
        ".music.duckdb.lock",
    }


def test_the_link_of_a_reader_that_was_killed_goes_with_the_first_import_an_hour_later(
    filled, monkeypatch
):
    stale = filled.path.with_name(".music.duckdb.read-0123")
    os.link(filled.path, stale)
    filled.put("t", track_id=["file:c"], title=["c"])
    assert stale.exists()  # somebody may be opening it
    late = time.time() + 3700
    monkeypatch.setattr(reader.time, "time", lambda: late)
    filled.put("t", track_id=["file:d"], title=["d"])
    assert not stale.exists()


def test_any_damage_is_a_refusal_or_cannot_be_noticed(filled, tmp_path):
    """Bytes lost, zeroed or changed anywhere: never another error, never other values."""
    tables = [f"SELECT * FROM {table} ORDER BY ALL" for table in schema.tables()]
    whole, right = filled.path.read_bytes(), [filled.rows(sql) for sql in tables]
    rng, n_unnoticed = random.Random(0), 0
    for number in range(60):
        content = bytearray(whole)
        at, n_bytes = rng.randrange(len(content)), rng.choice([1, 512, 262_144])
        if number % 3 == 0:
            del content[at:]
        else:
            content[at : at + n_bytes] = (
                rng.randbytes(n_bytes) if number % 3 == 1 else bytes(n_bytes)
            )
        # A name of its own each: what DuckDB knows of one file must not answer for the next.
        path = tmp_path / f"damaged{number}.duckdb"
        path.write_bytes(content)
        with contextlib.suppress(StoreError), open_store(path) as con:
            assert [con.execute(sql).fetchall() for sql in tables] == right
            n_unnoticed += 1
        path.unlink()
    assert 0 < n_unnoticed < 45


def test_damage_that_an_import_finds_is_told_and_nothing_is_published(filled):
    whole, told = filled.path.read_bytes(), []
    for block in range(12_288, len(whole), 262_144):
        content = bytearray(whole)
        content[block + 64] ^= 255
        filled.path.write_bytes(content)
        try:
            filled.put("t", track_id=["file:a"], title=["other"])
        except StoreError as error:
            told.append(str(error))
            assert filled.path.read_bytes() == content
    found = f"the store {filled.path} is damaged; move the file away, then restore an export of it"
    assert any(message.startswith(found) for message in told), told
    assert all("damaged" in message for message in told)


def test_a_store_of_a_newer_program_is_refused_with_what_to_do(filled):
    with duckdb.connect(str(filled.path)) as con:
        con.execute("ALTER TABLE tracks ADD COLUMN mood VARCHAR")
        con.execute(f"UPDATE store_version SET schema_version = {schema.SCHEMA_VERSION + 1}")
    before = filled.hash()
    for attempt in (lambda: filled.put("t", track_id=["file:c"]), lambda: filled.rows("SELECT 1")):
        with pytest.raises(StoreError, match="update this program, or open it with the one that"):
            attempt()
    assert filled.hash() == before


@pytest.mark.parametrize("year", [1970, 1999, 2262])
def test_a_clock_that_is_set_wrong_changes_no_version_and_stops_no_import(
    filled, monkeypatch, year
):
    version = data_version(filled.path)

    class Clock(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime(year, 1, 2, tzinfo=zone)

    with monkeypatch.context() as patch:
        patch.setattr(writer, "datetime", Clock)
        patch.setattr(merge, "datetime", Clock)
        filled.put("t", track_id=["file:c"], title=["c"])
        [(published,)] = filled.rows("SELECT published_at FROM store_version")
        assert published.year == year
        os.utime(filled.path, (datetime(year, 1, 2, tzinfo=UTC).timestamp(),) * 2)
        assert data_version(filled.path) != version
    filled.put("u", track_id=["file:d"], title=["d"])
    with writing(filled.path) as now:
        now.remove("t")
        now.remove("u")
    assert data_version(filled.path) == version
    [(published,)] = filled.rows("SELECT published_at FROM store_version")
    assert abs(published - datetime.now(UTC).replace(tzinfo=None)) < timedelta(hours=1)
