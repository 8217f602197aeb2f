"""Lines with too many or too few cells."""

import pytest

from ingest.tables.mend import Mender
from ingest.tables.units import Reading

ID = "2wrJq5XKLnmhRXHIAf9xBa"
HEADERS = ["track_id", "title", "artist", "release_date", "explicit", "extra", "energy", "tempo"]
MENDER = Mender(HEADERS, {h: Reading(h) for h in HEADERS if h != "extra"}, ",", ".")
TAIL = ["2019", "True", "x", "0.5", "120"]


@pytest.mark.parametrize(
    ("row", "mended"),
    [
        (
            [ID, "EARFQUAKE", "Tyler", " The Creator", *TAIL],
            [ID, "EARFQUAKE", "Tyler, The Creator", *TAIL],
        ),
        (
            [ID, "One", " Two", " Three", "Ann", *TAIL],
            [ID, "One, Two, Three", "Ann", *TAIL],
        ),
        ([ID, "One", "Ann", *TAIL[:3]], [ID, "One", "Ann", *TAIL[:3], "", ""]),
        ([ID, "One", "Ann", *TAIL[:2]], [ID, "One", "Ann", *TAIL[:2], "", "", ""]),
        # Between title and artist; no telling which has the comma.
        ([ID, "One", "Two", "Ann", *TAIL], None),
        ([ID, "One", " Two", " Ann", *TAIL], None),
        # A cell without a header behind or before the others.
        ([ID, "One", "Ann", *TAIL, "7"], None),
        # A feature is missing, no telling which.
        ([ID, "One", "Ann", *TAIL[:3], "0.5"], None),
        # Cut off in the middle.
        ([ID, "One"], None),
        ([ID[:9], "One", "Ann", *TAIL[:3]], None),
    ],
)
def test_a_line_is_mended_where_one_reading_makes_sense_and_else_not(row, mended):
    assert MENDER.mend([row]) == [mended]


def test_many_lines_are_mended_each_for_itself():
    good, bad = [ID, "EARFQUAKE", "Tyler", " The Creator", *TAIL], [ID, "One"]
    found = MENDER.mend([good, bad] * 1500)
    assert [row is None for row in found] == [False, True] * 1500


def test_a_cell_too_many_that_may_belong_to_no_column_is_no_title():
    mender = Mender(["title", "tempo"], {h: Reading(h) for h in ("title", "tempo")}, ",", ".")
    assert mender.mend([["One", "100", "120"], ["One", " two", "120"]]) == [
        None,
        ["One, two", "120"],
    ]
