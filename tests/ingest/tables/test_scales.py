"""Which unit each column of a table is in."""

import pandas as pd
import pytest

from ingest.errors import IngestError
from ingest.tables.scales import decide


def units(decimal=".", **columns):
    sample = pd.DataFrame(columns, dtype="string")
    readings = decide(sample, {name: name for name in columns}, decimal, "songs.csv")
    return {column: (r.times / r.over, r.unit) for column, r in readings.items()}


def test_whole_numbers_over_one_are_percentages_and_zeros_beside_them_too():
    found = units(energy=["85", "7"], valence=["0", "1"], popularity=["50", "60"])
    assert found["energy"] == found["valence"] == (0.01, "0 to 100")
    assert found["popularity"] == (1, "")


def test_zeros_and_ones_beside_shares_are_shares():
    found = units(energy=["0.85", "0.7", "0.1"], instrumentalness=["0", "1", "5"])
    assert found["energy"] == found["instrumentalness"] == (1, "")


def test_zeros_and_ones_beside_both_are_refused():
    with pytest.raises(IngestError, match="valence holds nothing but 0, 1, which is 0 to 1 or 0"):
        units(energy=["0.85", "0.7"], speechiness=["85", "70"], valence=["0", "1"])


def test_a_percent_sign_says_it_all():
    assert units(**{"energy": ["1%", "0.5%", "3"]})["energy"] == (0.01, "percent")


@pytest.mark.parametrize(
    ("cells", "factor", "unit"),
    [
        (["230666", "180000"], 1, ""),
        (["230", "180"], 1000, "seconds"),
        (["3.75", "4.98"], 60_000, "minutes"),
        (["3:45", "4:12"], None, "minutes and seconds"),
        (["", ""], None, "an unknown unit"),
    ],
)
def test_the_unit_of_a_length_is_told_by_its_size(cells, factor, unit):
    found = units(duration=cells)["duration_ms"]
    assert found[1] == unit
    assert factor is None or found[0] == factor


def test_lengths_that_may_be_clocks_are_refused():
    with pytest.raises(IngestError, match=r"3\.45, 4\.12, which may be minutes or"):
        units(duration=["3.45", "4.12"])
