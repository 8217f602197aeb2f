"""Records divided in bulk are those that are divided one by one, whatever the text."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError
from ingest.tables import layout
from ingest.tables.lines import Lines
from ingest.tables.plain_rows import plain_rows

SETTINGS = settings(max_examples=300, deadline=None, derandomize=True, database=None)
HEADER = ["title", "tempo"]
# Two cells each, as programs write them.
PLAIN = st.sampled_from(
    ["One,1", '"Two, too",2', '"Three ""3""",3', '"",4', '"""5""",', 'Sech"s,6', "Ёлка,é", " , "]
)
NASTY = st.lists(
    st.sampled_from([*'a1" ,;\r\n\ufeff\0é\x85', '""', '","', '",', ',"', "title,tempo"]),
    max_size=8,
).map("".join)
END = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r\n", "\r"])


def texts(nasty):
    """Texts of lines, of which some are nasty; the last one may have no end."""
    lines = st.lists(st.tuples(st.one_of(PLAIN, PLAIN, nasty), END).map("".join), max_size=9)
    return st.tuples(lines.map("".join), st.sampled_from(["", "Last,9", '"Last'])).map("".join)


def one_by_one(text):
    """Return the records and the odd ones of a text that Python's reader takes without an error."""
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    odd = {place: row for place, row in enumerate(rows) if len(row) != len(HEADER)}
    return [row for row in rows if len(row) == len(HEADER)], odd, len(rows)


@SETTINGS
@given(texts(NASTY))
@example("One,1\n\ufeffTwo,2\n")
@example("\ufeffOne,1\n")
def test_what_is_plain_is_what_the_strict_reader_finds(text):
    found = plain_rows(text, HEADER, ",")
    if found is not None:
        cells = [list(row.values()) for row in found.cells.to_pylist()]
        assert (cells, found.odd, found.n) == one_by_one(text)


@pytest.mark.parametrize(
    "text",
    [
        "One,1\n",
        "One,1",
        "One,1\r",
        '"One, two",1\r\n"Three ""3""",\n',
        '"""One""",""\n',
        "One\nOne,2,3\nOne,2\n",
        "One,é\n" * 1000,
    ],
)
def test_the_usual_is_plain(text):
    found = plain_rows(text, HEADER, ",")
    assert ([[*r.values()] for r in found.cells.to_pylist()], found.odd, found.n) == one_by_one(
        text
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "One,1\n\nTwo,2\n",
        "\r\nOne,1\n",
        "One,1\r\n\r\nTwo,2\n",
        "One,1\rTwo,2\n",
        '"One\ntwo",1\n',
        '"One,1\n',
        '"One"x,1\n"Two",2\n',
        'One 7",1\n',
        'One, "1"\n',
        '"One" ,1\n',
        "One,1\n,\n",
        'One,1\n"",""\n',
        "One,1\n,,\n",
        "title,tempo\n",
        "tempo,title\n",
        "One,\0\n",
        "\ufeffOne,1\n",
        "One," + "1" * 250_000 + "\n",
    ],
)
def test_the_unusual_is_left_to_the_reader_of_single_records(text):
    assert plain_rows(text, HEADER, ",") is None


def blocks(text, **changed):
    """Read a table whose rows come in blocks of three; returns its rows or its refusal."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        for what, value in {"ROWS": 3, **changed}.items():
            patch.setattr(layout, what, value)
        path = Path(folder) / "songs.csv"
        path.write_bytes(text.encode())
        try:
            found = list(layout.open_layout(path, "songs.csv").blocks)
        except IngestError as error:
            return str(error)
    return [
        (block.cells.columns.tolist(), block.cells.to_numpy().tolist(), [*block.lines], block.odd)
        for block in found
    ]


@SETTINGS
@given(texts(NASTY.map(lambda text: text.replace("\0", "\x01"))))
@example("One,1\nTwo,2\nThree,3\ntempo,title\n")
@example("One,1\nTwo,2\nThree,3\n\n\ntitle,tempo\nFour,4\n")
@example("One,1,,\nTwo\nThree,3\nFour,4,4\nFive,5\nSix,6\nSeven")
@example('One,1\n"Two\n2",2\nThree,3\n"Four,4\nFive,5\nSix,6\nSeven,7\nEight,8\n')
@example('"One,1"\n"Two,2"\nThree,3\nFour,4\n')
def test_a_table_read_in_bulk_is_the_table_read_row_by_row(text):
    text = "title,tempo\n" + text
    assert blocks(text) == blocks(text, _plain=lambda *_: None)


def test_lines_given_back_are_read_again_under_their_numbers():
    lines = Lines(io.StringIO("a\nb\r\nc\nd\ne", newline=""), "songs.csv", 1)
    first, text = lines.take(2)
    assert (first, text) == (2, "b\r\nc\n")
    lines.give_back_text(first, text)
    assert (lines.begin(), next(lines)) == (2, "b\r\n")
    assert lines.take(2) == (3, "c\nd\n")
    assert lines.take(2) == (5, "e")
    assert lines.take(2)[1] == ""


def test_text_that_is_too_long_is_left_to_be_read_line_by_line(monkeypatch):
    monkeypatch.setattr("ingest.tables.lines._MOST", 10)
    monkeypatch.setattr("ingest.tables.lines._AT_ONCE", 4)
    lines = Lines(io.StringIO("".join(f"line {n}\n" for n in range(9)), newline=""), "songs.csv")
    assert lines.take(3) == (1, "")
    assert [next(lines) for _ in range(3)] == ["line 0\n", "line 1\n", "line 2\n"]
    assert (lines.begin(), next(lines)) == (4, "line 3\n")
