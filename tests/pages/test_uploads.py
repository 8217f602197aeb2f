"""What visitors bring: bounded, theirs alone, and gone with their session."""

import gc
import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from music_explorer.ui import upload
from tests.pages.test_pages import figures, texts
from tests.pages.test_sql import button, result, run


def table(n_tracks: int = 40, *, seed: int = 0) -> bytes:
    rng = np.random.default_rng(seed)
    values = rng.uniform(0.1, 0.9, (n_tracks, 5)).round(3)
    names = ["danceability", "energy", "valence", "liveness", "acousticness"]
    tracks = pd.DataFrame(values, columns=names)
    tracks.insert(0, "title", [f"Mine {i}" for i in range(n_tracks)])
    tracks.insert(1, "artist", [f"Artist {i % 7}" for i in range(n_tracks)])
    return tracks.to_csv(index=False).encode()


def bring(at: AppTest, name: str, content: bytes) -> AppTest:
    return at.file_uploader(key="files").set_value((name, content, "text/csv")).run()


def look_at(at: AppTest) -> None:
    """Look at what was brought, as the button below it does before it opens a slow page."""
    assert button(at, "Show the clusters")
    at.session_state["_upload_store"] = at.session_state["_imported"][1].store


def folders() -> set[Path]:
    return set(Path(upload.tempfile.gettempdir()).glob("explorer-upload-*"))


def said(at: AppTest) -> str:
    return texts(at).replace("\\", "") + "\n".join(code.value for code in at.code)


def test_what_one_visitor_brings_is_in_no_page_of_another(open_page, small_store):
    before = small_store.read_bytes()
    mine = bring(open_page("add", small_store), "secret plans.csv", table())
    assert "40 read, 40 added" in said(mine)
    look_at(mine)
    other = open_page("sql", small_store)
    count = "SELECT count(*) AS n, count(*) FILTER (starts_with(title, 'Mine')) AS mine FROM tracks"
    assert result(run(other, count)).iloc[0].tolist() == [120, 0]
    mine.switch_page("pages/sql.py").run()
    assert result(run(mine, count)).iloc[0].tolist() == [40, 40]
    assert result(run(other, count)).iloc[0].tolist() == [120, 0]
    assert small_store.read_bytes() == before


def test_the_same_tracks_of_another_do_not_tell_what_else_was_in_their_file(open_page, small_store):
    shown = []
    visitors = [open_page("add", small_store) for _ in range(2)]  # which empties the caches
    for at, bad in zip(visitors, (7, 8), strict=True):
        bring(at, "mine.csv", table() + f"Bad,Nobody,{bad},0.5,0.5,0.5,0.5\n".encode())
        look_at(at)
        at.switch_page("pages/store.py").run()
        assert not at.exception
        shown.append(str([frame.value.to_dict() for frame in at.dataframe]))
    assert "danceability=7" in shown[0]
    assert "danceability=8" in shown[1]
    assert "danceability=7" not in shown[1]


def test_two_visitors_with_other_choices_see_their_own_results(open_page, small_store):
    few = open_page("overview", small_store, k="2")
    many = open_page("overview", small_store, k="5")
    for at, k in ((few, 2), (many, 5), (few, 2)):
        at.run()
        assert not at.exception
        assert len(figures(at)[0].data) == k


def test_a_visitors_files_are_gone_with_the_session(open_page, small_store):
    before = folders()
    at = bring(open_page("add", small_store), "mine.csv", table())
    assert len(folders() - before) == 1
    del at
    gc.collect()
    assert folders() <= before


def test_a_session_holds_one_import_and_what_is_looked_at(open_page, small_store):
    at = bring(open_page("add", small_store), "mine.csv", table())
    look_at(at)
    for seed in (1, 2, 3):
        bring(at, "mine.csv", table(seed=seed))
        assert not at.error
    held = list(Path(at.session_state["_upload_folder"].name).glob("*/*"))
    assert sorted(file.name for file in held if file.suffix == ".duckdb") == 2 * [
        "your files.duckdb"
    ]
    assert not [file for file in held if file.is_dir()], "the tables themselves are not kept"


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        ("MAX_FILES", "1 files of 0 MB; at most 0 files"),
        ("MAX_BYTES", "and 0 MB are taken here"),
        ("MAX_TRACKS", "40 tracks; at most 0 are taken here"),
    ],
)
def test_more_than_the_bound_is_refused_in_one_line(
    open_page, small_store, monkeypatch, bound, words
):
    monkeypatch.setattr(upload, bound, 0)
    at = bring(open_page("add", small_store), "mine.csv", table())
    assert [words in said(at), len(at.error)] == [True, 1]
    assert "Show the clusters" not in str([b.label for b in at.button])


def test_a_table_that_unpacks_into_too_much_is_stopped(open_page, small_store, monkeypatch):
    monkeypatch.setattr(upload, "_TIMEOUT_S", 3)
    bomb = io.BytesIO()
    with gzip.GzipFile(fileobj=bomb, mode="wb", compresslevel=9) as file:
        file.write(b"title,artist,energy\n")
        for _ in range(300):
            file.write(b"a,b,0.5\n" * 100_000)
    at = bring(open_page("add", small_store), "bomb.csv.gz", bomb.getvalue())
    assert not at.exception
    assert len(at.error) == 1


@pytest.mark.parametrize(
    "name", ["../../../etc/x.csv", "é" * 300 + ".csv", "-rf.csv", "a\n\u202eb.csv", "..csv"]
)
def test_the_name_of_a_file_is_only_a_name(open_page, small_store, name):
    at = bring(open_page("add", small_store), name, table())
    assert not at.exception
    assert "40 read, 40 added" in said(at)
    folder = at.session_state["_upload_folder"].name
    assert folder not in said(at)
    assert "\u202e" not in str([expander.label for expander in at.expander])


def test_a_line_of_imports_that_is_full_takes_no_more(open_page, small_store, monkeypatch):
    monkeypatch.setattr(upload, "_turns", upload.Turns(0, most_waiting=0, patience_s=0))
    at = bring(open_page("add", small_store), "mine.csv", table())
    assert "try again in a minute" in said(at)
