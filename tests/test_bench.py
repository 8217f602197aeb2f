"""The measuring itself: its data, its turns, its fits."""

import numpy as np
import pandas as pd
import pytest

from bench.contest import Entry, contest
from bench.generated import generated, write
from bench.report import Point, exponents

DEMO = pd.read_parquet("data/spotify_by_genre.parquet")


def test_generated_rows_have_the_marginals_and_the_ranges_of_the_demo():
    rows = generated(20_000)
    assert list(rows.columns) == list(DEMO.columns)
    assert rows.dtypes.equals(DEMO.dtypes)
    assert rows["track_id"].is_unique
    for column in ("energy", "loudness", "tempo", "duration_ms"):
        spread = DEMO[column].std()
        assert rows[column].median() == pytest.approx(DEMO[column].median(), abs=0.05 * spread)
        assert rows[column].std() == pytest.approx(spread, rel=0.05)
    assert rows["energy"].between(0, 1).all()
    zeros = (DEMO["instrumentalness"] == 0).mean()
    assert (rows["instrumentalness"] == 0).mean() == pytest.approx(zeros, abs=0.02)
    assert rows["track_genre"].value_counts(normalize=True).to_numpy() == pytest.approx(
        DEMO["track_genre"].value_counts(normalize=True).to_numpy(), abs=0.02
    )


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_written_table_has_every_row_once(tmp_path, kind, monkeypatch):
    monkeypatch.setattr("bench.generated._AT_ONCE", 40)
    path = write(tmp_path / f"t.{kind}", 100)
    rows = pd.read_csv(path) if kind == "csv" else pd.read_parquet(path)
    assert rows["track_id"].nunique() == 100
    assert rows["track_name"].str.extract(r"#(\d+)$")[0].astype(int).tolist() == [*range(100)]


def test_contestants_take_turns_and_only_their_work_counts(capsys):
    entries = [
        Entry("quick", "tests.test_bench:slow_to_prepare", ("0",), 2),
        Entry("slow", "tests.test_bench:slow_to_prepare", ("0.3",), 1),
    ]
    figures = contest(entries)
    turns = [line.split(":")[0].strip() for line in capsys.readouterr().out.splitlines()]
    assert turns == ["quick", "slow", "quick"]
    assert len(figures["quick"].seconds) == 2
    assert figures["quick"].median < figures["slow"].median
    assert figures["slow"].peak_mb > 1


def slow_to_prepare(seconds):
    import time

    time.sleep(0.3)
    return lambda: time.sleep(float(seconds))


def test_a_contestant_that_fails_ends_the_measurement():
    with pytest.raises(SystemExit, match="slow_to_prepare x ended with 1"):
        contest([Entry("broken", "tests.test_bench:slow_to_prepare", ("x",))])


def test_the_fitted_exponents_are_those_of_the_costs():
    n = np.array([1_000, 10_000, 1_000_000])
    points = [Point("it", int(i), float(i) ** 1.5 / 1e3, 200 * float(i) ** 0.5) for i in n]
    (row,) = exponents(points)
    assert row["time grows as n to the"] == pytest.approx(1.5)
    assert row["memory as n to the"] == pytest.approx(0.5)
