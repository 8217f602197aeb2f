"""What becomes of the store while the app runs: each page says what to do, and goes on after."""

import errno
import os
import shutil

import duckdb
import pytest

from music_explorer.store import schema
from music_explorer.store.reader import data_version
from music_explorer.store.writer import writing
from music_explorer.ui import upload
from music_explorer.ui.show import PROVENANCE


@pytest.fixture
def shown(open_page, small_store, tmp_path):
    """Open a page on a store of its own; returns both."""
    path = tmp_path / "music.duckdb"
    shutil.copy(small_store, path)
    at = open_page("overview", path)
    assert not at.exception
    assert not at.error
    return at, path


def delete(path):
    path.unlink()


def delete_folder(path):
    shutil.rmtree(path.parent)


def put_text(path):
    path.write_text("title,artist\n" * 1000)


def cut(path):
    path.write_bytes(path.read_bytes()[:100_000])


def put_zeros(path):
    content = bytearray(path.read_bytes())
    content[20_000:-20_000] = bytes(len(content) - 40_000)
    path.write_bytes(content)


def put_newer(path):
    with writing(path) as merge:
        merge.con.execute("UPDATE tracks SET title = 'newer'")
        merge.touched = True
    with duckdb.connect(str(path)) as con:
        con.execute(f"UPDATE store_version SET schema_version = {schema.SCHEMA_VERSION + 1}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (delete, "no store at"),
        (delete_folder, "no store at"),
        (put_text, "it is not a DuckDB file, or it is damaged; move it away"),
        (cut, "damaged"),
        (put_zeros, "damaged"),
        (put_newer, "update this program"),
    ],
)
def test_a_store_that_goes_bad_is_told_in_one_line_and_the_page_goes_on_when_it_is_back(
    shown, small_store, change, said
):
    at, path = shown
    change(path)
    at.run()
    assert not at.exception
    assert len(at.error) == 1
    assert said in at.error[0].value
    path.parent.mkdir(exist_ok=True)
    shutil.copy(small_store, path.with_name("next"))
    os.replace(path.with_name("next"), path)
    at.run()
    assert not at.exception
    assert not at.error


def drawn_from(at):
    """Return what the figures of the page say they are drawn from."""
    return at.session_state[PROVENANCE][0]


def test_a_store_that_is_replaced_by_another_is_shown_at_once(shown, demo_store):
    at, path = shown
    shutil.copy(demo_store, path.with_name("next"))
    os.replace(path.with_name("next"), path)
    at.run()
    assert not at.exception
    assert not at.error
    assert data_version(demo_store) in drawn_from(at)


def test_an_upload_for_which_there_is_no_room_is_told_in_one_line(monkeypatch, tmp_path):
    def full(**_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(upload.tempfile, "mkdtemp", full)
    monkeypatch.setattr(upload, "_session_folder", lambda: str(tmp_path))
    with pytest.raises(upload.UploadError, match="cannot keep the files: No space left on device"):
        upload.import_tables([], options=[], chosen={})
