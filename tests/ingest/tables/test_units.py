"""Numbers in a table's unit, read into the store's."""

import numpy as np
import pandas as pd
import pytest

from ingest.tables.units import HUNDRED, PERCENT, Reading, numbers


def read(column, *cells, decimal=".", **reading):
    found = numbers(pd.Series(cells, dtype="string"), column, Reading(column, **reading), decimal)
    return [None if np.isnan(v) else v for v in found[0]], found[1].dropna().tolist()


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("tempo", "300", 300.0),
        ("loudness", "-60", -60.0),
        ("loudness", "7.23", 7.23),
        ("danceability", "1", 1.0),
        ("key", "C#", 1.0),
        ("mode", "Major", 1.0),
        ("duration_ms", "1000", 1000.0),
        ("duration_ms", "3:45", 225_000.0),
        ("tempo", "0", None),
        ("key", "-1", None),
        ("time_signature", "0", None),
        ("energy", "undefined", None),
    ],
)
def test_a_value_in_its_range_is_taken_and_not_detected_is_missing(column, cell, value):
    assert read(column, cell) == ([value], [])


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("danceability", "1.2", "0 to 1"),
        ("tempo", "-3", "0 to 300 BPM"),
        ("tempo", "95977", "0 to 300 BPM"),
        ("key", "12", "0 to 11"),
        ("key", "-2", "0 to 11"),
        ("key", "3.5", "0 to 11"),
        ("mode", "-1", "0 to 1"),
        ("energy", "abc", "0 to 1"),
        ("loudness", "-5883", "-60 to 10 dB"),
        ("duration_ms", "0", "1000 to 86400000 ms"),
        ("duration_ms", "230", "1000 to 86400000 ms"),
        ("popularity", "101", "0 to 100"),
    ],
)
def test_a_bad_value_is_told_with_its_range(column, cell, expected):
    assert read(column, cell) == ([None], [f"{column}={cell}; expected {expected}"])


def test_percentages_are_shares_to_the_last_digit():
    assert read("energy", "85", "7", "0", "100", over=100, unit=HUNDRED)[0] == [0.85, 0.07, 0, 1]
    assert read("energy", "85.5%", "0.5 %", over=100, unit=PERCENT)[0] == [0.855, 0.005]


def test_a_share_among_percentages_is_bad_and_a_percentage_among_shares():
    assert read("energy", "0.85", over=100, unit=HUNDRED)[0] == [None]
    assert read("energy", "85%")[0] == [None]


def test_seconds_and_clocks_may_stand_in_one_column():
    assert read("duration_ms", "225", "3:45", times=1000, unit="seconds")[0] == [225_000] * 2


def test_a_variance_becomes_a_standard_deviation():
    assert read("rms_std", "0.25", "-1", is_variance=True) == (
        [0.5, None],
        ["rms_std=-1; expected 0 or more"],
    )


def test_the_decimal_comma_is_told():
    reasons = read("energy", "0.5", decimal=",")[1]
    assert reasons == ["energy=0.5; expected 0 to 1, with a decimal comma"]


def test_a_length_in_an_unknown_unit_is_bad():
    assert read("duration_ms", "225", times=float("nan"), unit="an unknown unit")[0] == [None]
