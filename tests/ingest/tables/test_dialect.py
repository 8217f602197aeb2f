"""Delimiters, headers and records."""

import io

import pytest

from ingest.errors import IngestError
from ingest.tables.columns import n_known
from ingest.tables.dialect import Dialect, find_dialect, read_rows, unwrapped


def found(text):
    return find_dialect(io.StringIO(text, newline=""), n_known, "songs.csv")


def rows(text, **dialect):
    file = io.StringIO(text, newline="")
    return list(read_rows(file, Dialect(**{"delimiter": ",", **dialect}), "songs.csv"))


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("title,tempo\n", Dialect(",")),
        ("title;tempo\nOne, two, three;100,5\n", Dialect(";")),
        ("title\ttempo\n", Dialect("\t")),
        ("title|tempo\r\n", Dialect("|")),
        ('"Track\tName","Artist\tName"\n', Dialect(",")),
        ("\n\r\ntitle;tempo\n", Dialect(";", 2)),
        ("sep=|\ntitle|tempo\n", Dialect("|", 1)),
        ('"sep=\t"\r\ntitle\ttempo', Dialect("\t", 1)),
        ("Werk;Wer\nOne, two;Ann\n", Dialect(";")),
        ("title\nOne, two\n", Dialect(",")),
        ('title, artist\nOne, "Tyler, The Creator"\n', Dialect(",", 0, is_spaced=True)),
        ('title,artist\n"One, ""two""",Ann\n', Dialect(",")),
    ],
)
def test_the_delimiter_is_the_one_that_makes_sense_of_the_header(text, dialect):
    assert found(text) == dialect


def test_a_delimiter_that_divides_nothing_we_know_is_refused():
    with pytest.raises(IngestError, match="says that 'x' divides its cells"):
        found("sep=x\ntitlextempo")


def test_records_are_numbered_by_their_first_line():
    text = 'title,tempo\n"a\nb",1\n\n,\nc,2\n'
    assert rows(text) == [(1, ["title", "tempo"]), (2, ["a\nb", "1"]), (6, ["c", "2"])]


def test_a_broken_record_costs_its_first_line_alone():
    text = 'a,1\n"b,2\nc,3\n"d"e,4\nf,5\n'
    assert rows(text) == [
        (1, ["a", "1"]),
        (2, None),
        (3, ["c", "3"]),
        (4, None),
        (5, ["f", "5"]),
    ]


def test_a_cell_of_megabytes_does_not_swallow_the_table():
    text = 'a,1\n"b,2\n' + "c,3\n" * 100_000
    assert len(rows(text)) == 100_002


def test_an_endless_line_is_refused():
    with pytest.raises(IngestError, match="line 2 is over 10,000,000 characters"):
        rows("title\n" + "a" * 10_000_001)


def test_a_record_in_one_cell_is_taken_apart():
    assert unwrapped(['One,"Ann, Bob",1'], ",") == ["One", "Ann, Bob", "1"]
    assert unwrapped(['One,"Ann'], ",") == ['One,"Ann']
    assert unwrapped(["One,1\nTwo,2"], ",") == ["One,1\nTwo,2"]
