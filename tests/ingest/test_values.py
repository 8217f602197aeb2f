"""From cells to values in the store's units."""

import numpy as np
import pandas as pd
import pytest

from ingest.values import booleans, dates, numbers, texts


def read(name, *cells):
    values, reasons = numbers(pd.Series(cells, dtype="string"), name)
    return [None if np.isnan(v) else v for v in values], reasons.dropna().tolist()


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("tempo", "120.5", 120.5),
        ("tempo", " 120 ", 120.0),
        ("tempo", "1.2e2", 120.0),
        ("tempo", "300", 300.0),
        ("loudness", "-60", -60.0),
        ("loudness", "7.23", 7.23),
        ("danceability", "1", 1.0),
        ("instrumentalness", "2.16e-05", 2.16e-05),
        ("key", "0", 0.0),
        ("key", "11.0", 11.0),
        ("mode", "1", 1.0),
        ("duration_ms", "1", 1.0),
    ],
)
def test_a_value_in_its_range_is_taken(name, cell, value):
    assert read(name, cell) == ([value], [])


@pytest.mark.parametrize("cell", ["", " ", "NA", "n/a", "NaN", "null", "None", "undefined", "-"])
def test_the_usual_words_for_missing_are_missing(cell):
    assert read("tempo", cell) == ([None], [])


@pytest.mark.parametrize(
    ("name", "cell"),
    [("tempo", "0"), ("tempo", "0.0"), ("key", "-1"), ("key", "-1.0"), ("time_signature", "0")],
)
def test_not_detected_is_missing_and_not_an_error(name, cell):
    assert read(name, cell) == ([None], [])


@pytest.mark.parametrize(
    ("name", "cell", "expected"),
    [
        ("danceability", "1.2", "0 to 1"),
        ("tempo", "-3", "0 to 300 BPM"),
        ("tempo", "inf", "0 to 300 BPM"),
        ("tempo", "300.0001", "0 to 300 BPM"),
        ("key", "12", "0 to 11"),
        ("key", "-2", "0 to 11"),
        ("key", "3.5", "0 to 11"),
        ("mode", "-1", "0 to 1"),
        ("energy", "abc", "0 to 1"),
        ("energy", "0,5", "0 to 1"),
        ("loudness", "-60.1", "-60 to 10 dB"),
        ("duration_ms", "0", "1 to 86400000 ms"),
        ("popularity", "101", "0 to 100"),
    ],
)
def test_a_bad_value_is_told_with_its_range(name, cell, expected):
    assert read(name, cell) == ([None], [f"{name}={cell}; expected {expected}"])


def test_one_bad_cell_spoils_no_other():
    assert read("tempo", "100", "-3", "0", "", "120") == (
        [100.0, None, None, None, 120.0],
        ["tempo=-3; expected 0 to 300 BPM"],
    )


@pytest.mark.parametrize("dtype", ["float64", "float32", "Float64"])
def test_numeric_columns_follow_the_same_rules(dtype):
    values, reasons = numbers(pd.Series([100, 0, None, -3], dtype=dtype), "tempo")
    assert values.tolist()[0] == 100
    assert values.isna().tolist() == [False, True, True, True]
    assert reasons.isna().tolist() == [True, True, True, False]
    assert reasons[3] == "tempo=-3.0; expected 0 to 300 BPM"


def test_texts_are_trimmed_and_empty_ones_missing():
    read_texts = texts(pd.Series(["  a \t b ", "", "  ", None, "None"], dtype="string"))
    assert read_texts.fillna("<NA>").tolist() == ["a b", "<NA>", "<NA>", "<NA>", "None"]


def test_booleans_are_read_from_the_usual_words():
    cells = ["True", "TRUE", "true", "1", "yes", "False", "0", "no", "maybe", "", None]
    found = booleans(pd.Series(cells, dtype="string"))
    assert found.tolist()[:8] == [True] * 5 + [False] * 3
    assert found.isna().tolist()[8:] == [True] * 3


def test_dates_may_lack_month_and_day_and_be_missing():
    values, reasons = dates(pd.Series(["1969", "1969-07", " 1969-07-20 ", "undefined", "", None]))
    assert values.tolist()[:3] == ["1969", "1969-07", "1969-07-20"]
    assert values.isna().tolist()[3:] == [True] * 3
    assert reasons.isna().all()


@pytest.mark.parametrize("cell", ["20/07/1969", "69", "1969-7", "0"])
def test_a_date_of_another_form_is_told(cell):
    values, reasons = dates(pd.Series([cell]))
    assert values.isna().all()
    assert reasons.tolist() == [f"release_date={cell}; expected YYYY, YYYY-MM or YYYY-MM-DD"]
