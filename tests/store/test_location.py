"""Which store is meant."""

import os
from pathlib import Path

import pytest

from music_explorer.store import location


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Stand in for the product's data folder."""
    monkeypatch.delenv("MUSIC_STORE", raising=False)
    monkeypatch.setattr(location, "DATA_FOLDER", tmp_path)
    monkeypatch.setattr(location, "DEFAULT_STORE", tmp_path / "music.duckdb")
    return tmp_path


def test_the_default_store_is_music_duckdb_in_the_data_folder(monkeypatch):
    monkeypatch.delenv("MUSIC_STORE", raising=False)
    root = Path(__file__).resolve().parents[2]
    assert location.configured_store() == root / "data" / "music.duckdb"


def test_the_environment_names_another_store(folder, monkeypatch):
    monkeypatch.setenv("MUSIC_STORE", "/elsewhere/my.duckdb")
    (folder / "music.duckdb").touch()
    assert location.configured_store() == Path("/elsewhere/my.duckdb")
    assert location.app_store() == Path("/elsewhere/my.duckdb")


def test_an_empty_variable_names_nothing(folder, monkeypatch):
    monkeypatch.setenv("MUSIC_STORE", "")
    assert location.configured_store() == folder / "music.duckdb"


def test_the_app_shows_a_persons_store_before_the_demo(folder):
    assert location.app_store() == folder / "demo.duckdb"
    (folder / "music.duckdb").touch()
    assert location.app_store() == folder / "music.duckdb"


def test_the_demo_goes_to_a_temporary_folder_where_data_cannot_be_written(folder, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr("tempfile.tempdir", "/somewhere/tmp")
    demo = location.demo_store()
    assert demo.name == "demo.duckdb"
    assert demo.parent.parent == Path("/somewhere/tmp")
    assert str(os.getuid()) in demo.parent.name
    assert location.app_store() == demo


def test_a_demo_that_was_built_is_used_even_where_data_cannot_be_written(folder, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (folder / "demo.duckdb").touch()
    assert location.demo_store() == folder / "demo.duckdb"


def test_only_the_demo_is_the_demo(folder):
    assert location.is_demo(folder / "demo.duckdb")
    assert not location.is_demo(folder / "music.duckdb")
