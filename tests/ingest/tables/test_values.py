"""From cells to values, whatever the notation."""

import numpy as np
import pandas as pd
import pytest

from ingest.tables.values import (
    booleans,
    dates,
    decimal_mark,
    read_clocks,
    read_keys,
    read_modes,
    read_numbers,
    texts,
)


def column(*cells):
    return pd.Series(cells, dtype="string")


def listed(found):
    values, unreadable = found
    return [
        "bad" if bad else None if pd.isna(value) else value
        for value, bad in zip(values, unreadable, strict=True)
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("120.5", 120.5),
        (" 120 ", 120.0),
        ("1.2e2", 120.0),
        ("2.16E-05", 2.16e-05),
        ("+3", 3.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-5.883", -5.883),
        ("\N{MINUS SIGN}5.883", -5.883),
        ("1,784.5", 1784.5),
        ("1,234,567", 1234567.0),
        ("1 234 567", 1234567.0),
        ("230'666", 230666.0),
        ("230\u202f666", 230666.0),
        ("230,666", "bad"),
        ("0,916", "bad"),
        ("12,34", "bad"),
        ("1.234.567", "bad"),
        ("12 34", "bad"),
        ("1_000", "bad"),
        ("0x10", "bad"),
        ("١٢", "bad"),
        ("inf", "bad"),
        ("95%", "bad"),
        ("abc", "bad"),
    ],
)
def test_a_number_with_a_decimal_point_is_read_or_called_bad(cell, value):
    assert listed(read_numbers(column(cell))) == [value]
    # Beside other cells too, where the quick way is not taken.
    assert listed(read_numbers(column("7", cell, "x", ""))) == [7.0, value, "bad", None]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("120,5", 120.5),
        ("-5,883", -5.883),
        ("1,01E-06", 1.01e-06),
        ("120", 120.0),
        ("1.784,5", 1784.5),
        ("1.234.567", 1234567.0),
        ("0.916", "bad"),
        ("95.977", "bad"),
        ("1,784.5", "bad"),
    ],
)
def test_a_number_with_a_decimal_comma_is_read_or_called_bad(cell, value):
    assert listed(read_numbers(column(cell), ",")) == [value]


def test_one_group_of_three_is_thousands_only_where_numbers_are_large():
    assert listed(read_numbers(column("230,666"), grouped=True)) == [230666.0]
    assert listed(read_numbers(column("230.666"), ",", grouped=True)) == [230666.0]
    assert listed(read_numbers(column("230.666"), grouped=True)) == [230.666]


@pytest.mark.parametrize(
    "cell", ["", " ", "NA", "n/a", "#N/A", "NaN", "nan", "null", "None", "undefined", "-", "\\N"]
)
def test_the_usual_words_for_missing_are_missing(cell):
    assert listed(read_numbers(column(cell, "1"))) == [None, 1.0]


@pytest.mark.parametrize("dtype", ["float64", "float32", "Float64", "Int64"])
def test_numbers_stay_what_they_are(dtype):
    values, unreadable = read_numbers(pd.Series([100, 0, None], dtype=dtype))
    assert values.tolist()[:2] == [100, 0]
    assert np.isnan(values[2])
    assert not unreadable.any()


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["0.5"], "."),
        (["0,5"], ","),
        (["95,977", "120,123"], ","),
        (["95.977", "120.123"], "."),
        (["1.784,5"], ","),
        (["1,784.5"], "."),
        (["0.5", "0.25", "0,5"], "."),
        (["1", "", "x"], "?"),
    ],
)
def test_the_decimal_mark_is_found(cells, mark):
    assert decimal_mark([(column(*cells), False)], likely="?") == mark


def test_in_a_column_of_large_numbers_a_group_of_three_tells_nothing():
    assert decimal_mark([(column("230,666"), True)], likely="?") == "?"
    assert decimal_mark([(column("230,5"), True)], likely="?") == ","


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0", 0),
        ("11.0", 11),
        ("-1", -1),
        ("C", 0),
        ("C#", 1),
        ("F♯ minor", 6),
        ("Bb", 10),
        ("b", 11),
        ("B♭m", 10),
        ("Am", 9),
        ("C♯/D♭", 1),
        ("Cb", 11),
        ("C#/D", "bad"),
        ("H", "bad"),
        ("8A", "bad"),
        ("Do", "bad"),
    ],
)
def test_a_key_is_a_number_or_a_letter(cell, value):
    assert listed(read_keys(column(cell))) == [value]


def test_a_mode_is_a_number_or_a_word():
    cells = column("Major", "minor", "MAJ", "0", "1.0", "", "dorian", "True", "false")
    assert listed(read_modes(cells)) == [1, 0, 1, 0, 1, None, "bad", 1, 0]


def test_clocks_are_read_as_seconds():
    found = read_clocks(column("3:45", "1:02:03", "0:07.5", "225", "3:75", ""))
    assert found.tolist()[:3] == [225, 3723, 7.5]
    assert found.isna().tolist()[3:] == [True] * 3


def test_texts_are_trimmed_and_empty_ones_missing():
    found = texts(column("  a \t b ", "x\u00a0\u3000y\n", "", "  ", None, "None", "nan"))
    assert found.fillna("<>").tolist() == ["a b", "x y", "<>", "<>", "<>", "None", "nan"]


def test_words_of_programs_are_no_names_but_words_of_people_are():
    found = texts(column("undefined", "nan", "Null", "None"), nothing="of programs")
    assert found.fillna("<>").tolist() == ["<>", "<>", "Null", "None"]
    assert texts(column("N/A", "None", "-"), nothing="all").isna().all()


def test_booleans_are_read_from_the_usual_words():
    cells = column("True", "TRUE", "true", "1", "yes", "WAHR", "False", "0", "no", "", "maybe")
    assert listed(booleans(cells)) == [True] * 6 + [False] * 3 + [None, "bad"]


def test_dates_may_lack_month_and_day_and_be_missing():
    cells = column("1969", "1969-07", " 1969-07-20 ", "1969-07-20T10:00:00Z", "1969.0", "undefined")
    assert listed(dates(cells)) == ["1969", "1969-07", "1969-07-20", "1969-07-20", "1969", None]


@pytest.mark.parametrize(
    "cell", ["20/07/1969", "69", "1969-7", "0", "0000", "2020-13", "2020-02-30"]
)
def test_a_date_that_is_none_is_not_taken(cell):
    assert listed(dates(column(cell, "2020"))) == ["bad", "2020"]
