import numpy as np
import pandas as pd
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.gap import gap_k, gap_statistic


@pytest.mark.parametrize("method", ["kmeans", "agglomerative"])
def test_far_groups_are_counted(method, blobs):
    assert gap_k(gap_statistic(blobs[0], ks=range(1, 6), method=method)) == 3


@pytest.mark.parametrize("method", ["kmeans", "agglomerative"])
def test_one_long_cloud_askew_to_the_axes_is_no_cluster_at_all(method):
    rng = np.random.default_rng(0)
    X = rng.multivariate_normal([0, 0], [[1, 0.95], [0.95, 1]], size=300)
    assert gap_k(gap_statistic(X, ks=range(1, 6), method=method)) == 1


def test_the_gap_is_that_of_its_definition():
    # Points on a slanted line: the box along it is the line itself.
    t = np.array([0.0, 1.0, 2.0, 10.0, 11.0, 12.0])
    X = np.column_stack([3 * t, 4 * t])
    table = gap_statistic(X, ks=[1, 2], n_refs=100)

    def log_w(line, k):
        if k == 1:
            return np.log(((line - line.mean()) ** 2).sum())
        line = np.sort(line)
        parts = [(line[:i], line[i:]) for i in range(1, len(line))]
        return np.log(min(sum(((p - p.mean()) ** 2).sum() for p in pair) for pair in parts))

    references = np.random.default_rng(7).uniform(0, 60, size=(4000, 6))
    for row in table.itertuples():
        expected = [log_w(line, row.k) for line in references]
        gap = np.mean(expected) - log_w(5 * t, row.k)
        assert row.gap == pytest.approx(gap, abs=4 * np.std(expected) / np.sqrt(100))
        assert row.s == pytest.approx(np.std(expected) * np.sqrt(1 + 1 / 100), rel=0.3)


def test_the_standard_error_includes_that_of_the_simulation():
    X = np.array([[-1.0], [0.0], [1.0]])
    rng = np.random.default_rng(5)
    # k = 1 needs no clustering: the log of the sum of squares of each reference.
    logs = [np.log(3 * rng.uniform(-1, 1, size=(3, 1)).var()) for _ in range(2)]
    table = gap_statistic(X, ks=[1], n_refs=2, random_state=5)
    assert table["gap"][0] == pytest.approx(np.mean(logs) - np.log(2))
    # Of two values the deviation is half their difference.
    assert table["s"][0] == pytest.approx(abs(logs[0] - logs[1]) / 2 * np.sqrt(1 + 1 / 2))


def test_the_rule_takes_the_smallest_k_that_is_not_surely_worse_than_the_next():
    def chosen(gap, s):
        return gap_k(pd.DataFrame({"k": range(1, len(gap) + 1), "gap": gap, "s": s}))

    assert chosen([0.5, 0.4, 0.9, 0.8], [0.01] * 4) == 1
    assert chosen([0.1, 0.4, 0.9, 0.8], [0.01] * 4) == 3
    # 0.4 is within the error of 0.45, though not the largest.
    assert chosen([0.1, 0.4, 0.45, 0.8], [0.01, 0.01, 0.06, 0.01]) == 2
    assert chosen([0.1, 0.2, 0.3], [0.01] * 3) == 3


def test_a_gap_with_holes_is_refused():
    with pytest.raises(AnalysisError, match=r"gap at k=\[1, 3\]"):
        gap_k(pd.DataFrame({"k": [1, 3], "gap": [0, 0], "s": [0, 0]}))


def test_points_that_coincide_have_no_gap():
    X = np.repeat([[0.0], [1.0]], 5, axis=0)
    with pytest.raises(AnalysisError, match="k=2: the points of every cluster coincide"):
        gap_statistic(X, ks=[1, 2])


def test_the_gap_needs_two_references():
    with pytest.raises(AnalysisError, match="n_refs=1"):
        gap_statistic(np.eye(4), ks=[1, 2], n_refs=1)


def test_progress_counts_data_and_references(blobs):
    steps = []
    gap_statistic(blobs[0], ks=[1, 2], n_refs=3, progress=lambda *step: steps.append(step))
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
