"""Several artists or genres in one cell."""

import pandas as pd
import pytest

from ingest.tables.artists import comma_rule, joined_artists, separate


def joined(*cells, dividing="none"):
    return joined_artists(pd.Series(cells, dtype="string"), dividing).tolist()


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("['Ann']", "Ann"),
        ("['Ann', 'Bob']", "Ann; Bob"),
        ("['Tyler, The Creator']", "Tyler, The Creator"),
        ("[\"D'Angelo\", 'The Vanguard']", "D'Angelo; The Vanguard"),
        ('["Ann", "Bob"]', "Ann; Bob"),
        ("['Ann' 'Bob']", "Ann; Bob"),
        ("['Ann'\n 'Bob']", "Ann; Bob"),
        ("[\"D'Angelo\" 'Bob']", "D'Angelo; Bob"),
        (r"['D\'Angelo \"X\"']", 'D\'Angelo "X"'),
        ("['a;b', 'c']", "a,b; c"),
        ("[]", ""),
        ("[unquoted]", "[unquoted]"),
        ("['half", "['half"),
        ("['a', oops]", "['a', oops]"),
    ],
)
def test_a_list_of_names_is_taken_apart(cell, names):
    assert joined(cell) == [names]


def test_lists_and_other_cells_may_stand_in_one_column():
    assert joined("['Ann', 'Bob']", "Cy, Dan", None)[:2] == ["Ann; Bob", "Cy, Dan"]


@pytest.mark.parametrize(
    ("dividing", "cell", "names"),
    [
        ("none", "Ann;Bob ; Cy", "Ann; Bob; Cy"),
        ("none", "Ann, Bob", "Ann, Bob"),
        ("escaped", r"Tyler\, The Creator, Kali Uchis", "Tyler, The Creator; Kali Uchis"),
        ("tight", "Tyler, The Creator,Kali Uchis", "Tyler, The Creator; Kali Uchis"),
        ("tight", "10,000 Maniacs", "10,000 Maniacs"),
        ("tight", "Ann;Bob, Jr.,Cy", "Ann; Bob, Jr.,Cy"),
        ("all", "Ann, Bob", "Ann; Bob"),
        ("all", "Tyler, The Creator, Kali Uchis", "Tyler, The Creator; Kali Uchis"),
        ("all", "Earth, Wind & Fire", "Earth, Wind & Fire"),
    ],
)
def test_a_comma_divides_where_the_format_says_so(dividing, cell, names):
    assert joined(cell, dividing=dividing) == [names]


@pytest.mark.parametrize(
    ("header", "headers", "rule"),
    [
        ("artists", ["artists", "track_id"], "none"),
        ("Artist Name(s)", ["Artist URI(s)", "Artist Name(s)"], "escaped"),
        ("Artist Name(s)", ["Artist Name(s)", "Added By"], "tight"),
        ("artist(s)_name", ["artist(s)_name"], "all"),
    ],
)
def test_the_header_tells_what_a_comma_does(header, headers, rule):
    assert comma_rule(header, headers) == rule


def test_genres_are_divided_by_any_mark_and_empty_ones_left_out():
    assert separate("rock, pop;jazz|funk,,") == ["rock", "pop", "jazz", "funk"]
    assert separate("['rock', 'r&b']") == ["rock", "r&b"]
    assert separate("[]") == []
