"""Publishing: one writer, all or nothing, never under another program's feet."""

import shutil
import threading

import duckdb
import pytest

from music_explorer.store.errors import StoreError
from music_explorer.store.schema import SCHEMA_VERSION
from music_explorer.store.writer import writing


def names(folder):
    """Everything in a folder but the lock, which may stay."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def delete_all_and(path, meddle):
    """Run an import that empties the store, and ``meddle`` while it is going on."""
    with writing(path) as merge:
        merge.con.execute("DELETE FROM tracks")
        merge.touched = True
        meddle()


def fail():
    raise ZeroDivisionError("in the block")


@pytest.fixture
def filled(bench):
    bench.put("s", track_id=["file:a", "file:b"], title=["a", "b"])
    return bench


def test_the_first_publish_creates_the_file_and_its_folder(make_bench):
    bench = make_bench("new/folder/music")
    bench.put("s", track_id=["file:a"], title=["a"])
    assert names(bench.path.parent) == ["music.duckdb"]
    assert bench.rows("SELECT track_id, title FROM tracks") == [("file:a", "a")]


def test_an_error_while_writing_leaves_the_file_byte_for_byte(filled):
    before = filled.hash()
    with pytest.raises(ZeroDivisionError, match="in the block"):
        delete_all_and(filled.path, fail)
    assert filled.hash() == before
    assert names(filled.path.parent) == ["music.duckdb"]


def test_an_error_in_the_first_import_leaves_no_file(make_bench):
    bench = make_bench("new")
    with pytest.raises(ZeroDivisionError, match="in the block"):
        delete_all_and(bench.path, fail)
    assert names(bench.path.parent) == []


def test_nothing_merged_is_not_published(filled):
    before, stat = filled.hash(), filled.path.stat()
    with writing(filled.path):
        pass
    assert filled.hash() == before
    assert filled.path.stat().st_ino == stat.st_ino
    assert names(filled.path.parent) == ["music.duckdb"]


def test_an_error_of_the_block_is_not_taken_for_one_of_the_folder(filled):
    with pytest.raises(PermissionError, match="of the block"), writing(filled.path):
        raise PermissionError("of the block")


def test_a_second_writer_in_another_process_is_told_so(filled, beside):
    process = beside("hold")
    with pytest.raises(StoreError, match=rf"another import is writing {filled.path}"):
        filled.put("t", track_id=["file:c"])
    process.communicate("")
    assert process.returncode == 0
    assert filled.rows("SELECT DISTINCT title FROM tracks") == [("half",)]
    filled.put("t", track_id=["file:c"])


def test_a_second_writer_in_another_thread_is_told_so(filled):
    errors = []

    def second():
        try:
            filled.put("t", track_id=["file:c"])
        except StoreError as error:
            errors.append(str(error))

    with writing(filled.path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(errors) == 1
    assert "another import is writing" in errors[0]
    assert filled.rows("SELECT count(*) FROM tracks") == [(2,)]


def test_a_killed_import_leaves_the_store_and_the_next_import_unharmed(filled, beside):
    before = filled.hash()
    process = beside("hold")
    process.kill()
    process.wait()
    assert ".music.duckdb.work" in names(filled.path.parent)
    assert filled.hash() == before
    assert filled.rows("SELECT title FROM tracks ORDER BY ALL") == [("a",), ("b",)]
    filled.put("t", track_id=["file:c"], title=["c"])
    assert filled.rows("SELECT title FROM tracks ORDER BY ALL") == [("a",), ("b",), ("c",)]
    assert names(filled.path.parent) == ["music.duckdb"]


def test_a_file_that_is_no_database_is_refused_and_stays(bench):
    bench.path.write_text("title,artist\n" * 1000)
    before = bench.hash()
    with pytest.raises(StoreError, match="not a DuckDB file"):
        bench.put("s", track_id=["file:a"])
    assert bench.hash() == before


def test_another_database_is_refused_and_stays(make_bench):
    bench = make_bench("other")
    with duckdb.connect(str(bench.path)) as con:
        con.execute("CREATE TABLE mine (i INTEGER)")
    before = bench.hash()
    with pytest.raises(StoreError, match="not a music store"):
        bench.put("s", track_id=["file:a"])
    assert bench.hash() == before


def test_a_store_of_another_schema_is_refused_and_stays(filled):
    with duckdb.connect(str(filled.path)) as con:
        con.execute("UPDATE store_version SET schema_version = 99")
    before = filled.hash()
    with pytest.raises(
        StoreError, match=f"schema version 99, this program reads {SCHEMA_VERSION};"
    ):
        filled.put("s", track_id=["file:a"])
    assert filled.hash() == before


def test_a_file_that_another_program_writes_is_refused(filled, beside):
    beside("hold-foreign")
    with pytest.raises(StoreError, match="another program has it open for writing"):
        filled.put("t", track_id=["file:c"])


def test_a_program_that_opens_the_file_during_an_import_keeps_it(filled, beside):
    with pytest.raises(StoreError, match="another program has it open for writing"):
        delete_all_and(filled.path, lambda: beside("hold-foreign"))


def test_changes_that_another_program_made_during_an_import_are_not_lost(filled):
    def change():
        with duckdb.connect(str(filled.path)) as con:
            con.execute("UPDATE tracks SET title = 'theirs'")

    with pytest.raises(StoreError, match="another program changed .*music.duckdb during the"):
        delete_all_and(filled.path, change)
    assert filled.rows("SELECT DISTINCT title FROM tracks") == [("theirs",)]


def test_a_store_that_appears_during_the_first_import_is_not_overwritten(make_bench, empty_store):
    bench = make_bench("new")
    with pytest.raises(StoreError, match="another program changed"):
        delete_all_and(bench.path, lambda: shutil.copy(empty_store, bench.path))
    assert bench.path.read_bytes() == empty_store.read_bytes()


def test_unfinished_changes_of_another_program_are_refused_by_name(filled, beside):
    beside("wal").wait()
    before = filled.hash()
    with pytest.raises(StoreError, match=r"unfinished changes .*\(music\.duckdb\.wal\)"):
        filled.put("t", track_id=["file:c"])
    assert filled.hash() == before
    duckdb.connect(str(filled.path)).close()  # what the message says to do
    filled.put("t", track_id=["file:c"])
    assert filled.rows("SELECT count(*) FROM notes") == [(0,)]


def test_unfinished_changes_made_during_an_import_are_not_lost(filled, beside):
    before = filled.hash()
    with pytest.raises(StoreError, match=r"unfinished changes .*\(music\.duckdb\.wal\)"):
        delete_all_and(filled.path, lambda: beside("wal").wait())
    assert filled.hash() == before


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(StoreError, match=rf"cannot write in {tmp_path}/file: .*--store"),
        writing(tmp_path / "file" / "music.duckdb"),
    ):
        pass
