"""Tables: CSV and Parquet in batches."""

import pandas as pd
import pytest

from ingest.errors import IngestError
from ingest.sources.table import read_table
from ingest.tables import layout
from ingest.tables.formats import parquet


def titles(path):
    batches = list(read_table(path, name="songs.csv")[1])
    return [title for batch in batches for title in batch.tracks["title"]]


def refusal(path):
    with pytest.raises(IngestError, match=r"songs\.csv") as caught:
        list(read_table(path, name="songs.csv")[1])
    return str(caught.value)


@pytest.fixture
def write(tmp_path):
    def write_bytes(content: bytes):
        path = tmp_path / "songs.csv"
        path.write_bytes(content)
        return path

    return write_bytes


@pytest.mark.parametrize(
    "content",
    [
        b"title\nOne\nTwo\n",
        b"title\nOne\nTwo",
        b"title\r\nOne\r\nTwo\r\n",
        b"\xef\xbb\xbftitle\nOne\nTwo\n",
        b'"title"\n"One"\n"Two"\n',
        b"title\nOne\n\n\nTwo\n\n",
    ],
    ids=["plain", "no last newline", "CRLF", "byte order mark", "quoted", "blank lines"],
)
def test_usual_forms_of_csv_are_read_alike(write, content):
    assert titles(write(content)) == ["One", "Two"]


def test_unicode_commas_and_line_breaks_in_cells_survive(write):
    path = write('title,artist\n"One, ""two""\nthree",Beyoncé 🎵\n'.encode())
    batch = next(read_table(path, name="songs.csv")[1])
    assert batch.tracks.loc[0, ["title", "artist"]].tolist() == ['One, "two" three', "Beyoncé 🎵"]


def test_a_reject_names_the_line_of_the_file(write):
    path = write(b'title,tempo\n"a\nb",100\n\nOne,-3\nTwo,99\n')
    batch = next(read_table(path, name="songs.csv")[1])
    assert batch.rejects == [("songs.csv row 5", "tempo=-3; expected 0 to 300 BPM")]


def test_a_long_table_comes_in_batches_that_add_up(write, monkeypatch):
    monkeypatch.setattr(layout, "ROWS", 3)
    rows = [f"t{n}" for n in range(8)]
    path = write("\n".join(["title", *rows]).encode())
    batches = list(read_table(path, name="songs.csv")[1])
    assert [batch.n_read for batch in batches] == [3, 3, 2]
    assert titles(path) == rows


@pytest.mark.parametrize("rows", [3, 50_000])
def test_parquet_is_read_like_csv_and_counts_rows_from_one(tmp_path, monkeypatch, rows):
    monkeypatch.setattr(parquet, "ROWS", rows)
    path = tmp_path / "songs.parquet"
    frame = pd.DataFrame({"title": list("abcdefgh"), "tempo": [100.0] * 6 + [-3.0, None]})
    frame.to_parquet(path)
    batches = list(read_table(path, name="songs.parquet")[1])
    assert [t for b in batches for t in b.tracks["title"]] == list("abcdefh")
    assert [r for b in batches for r in b.rejects] == [
        ("songs.parquet row 7", "tempo=-3.0; expected 0 to 300 BPM")
    ]


def test_a_file_that_cannot_be_opened_is_refused(tmp_path):
    (tmp_path / "songs.csv").mkdir()
    assert "Is a directory" in refusal(tmp_path / "songs.csv")


def test_an_empty_parquet_table_is_refused(tmp_path):
    path = tmp_path / "songs.parquet"
    pd.DataFrame({"title": pd.Series([], dtype="str")}).to_parquet(path)
    with pytest.raises(IngestError, match=r"songs\.parquet has no rows"):
        list(read_table(path, name="songs.parquet")[1])
