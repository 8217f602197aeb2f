"""From bytes to text."""

import gzip

import pytest

from ingest.errors import IngestError
from ingest.tables.text import find_encoding, open_text


def read(tmp_path, content):
    path = tmp_path / "songs.csv"
    path.write_bytes(content)
    encoding = find_encoding(path, "songs.csv")
    with open_text(path, encoding, "songs.csv") as file:
        return encoding, file.read()


TEXT = "title\r\nDéjà Vu – 千本桜\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_comes_back_with_its_line_ends(tmp_path, encoding):
    found, text = read(tmp_path, TEXT.encode(encoding))
    assert (text, found.n_damaged) == (TEXT, 0)
    assert read(tmp_path, gzip.compress(TEXT.encode(encoding)))[1] == TEXT


def test_what_is_no_utf8_is_cp1252(tmp_path):
    found, text = read(tmp_path, "title\nDéjà Vu – “live”\n".encode("cp1252"))
    assert (found.name, text) == ("cp1252", "title\nDéjà Vu – “live”\n")


def test_a_few_damaged_bytes_do_not_spoil_the_rest(tmp_path):
    found, text = read(tmp_path, "Déjà Vu, Señorita".encode() + b"\xff")
    assert (found.name, found.n_damaged, text) == ("utf-8", 1, "Déjà Vu, Señorita\ufffd")


def test_a_character_on_the_edge_of_a_block_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.tables.text._BLOCK", 3)
    found, text = read(tmp_path, "千本桜é".encode())
    assert (found.name, found.n_damaged, text) == ("utf-8", 0, "千本桜é")


def test_a_zero_byte_anywhere_is_refused(tmp_path):
    with pytest.raises(IngestError, match="no text has zero bytes"):
        read(tmp_path, b"title\n" + b"a" * (1 << 21) + b"\0")
