import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from music_explorer.analysis.clustering import kmeans
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.mixture import bic, gmm


@pytest.fixture(scope="module")
def needles():
    """Three parallel groups, each twenty times as long as wide, in two dimensions."""
    rng = np.random.default_rng(0)
    across = np.repeat([0.0, 8.0, 16.0], [200, 150, 100])
    X = np.column_stack([rng.normal(scale=20, size=450), across + rng.normal(size=450)])
    return X, np.repeat([0, 1, 2], [200, 150, 100])


def test_long_groups_are_found_where_k_means_cuts_across(needles):
    X, groups = needles
    assert adjusted_rand_score(groups, gmm(X, n_clusters=3).labels) > 0.98
    assert adjusted_rand_score(groups, kmeans(X, n_clusters=3).labels) < 0.5


def test_the_unit_of_a_column_does_not_matter(needles):
    X, _ = needles
    first, second = gmm(X, n_clusters=3), gmm(X * [1000, 0.001] + 7, n_clusters=3)
    assert np.array_equal(first.labels, second.labels)


def test_points_between_groups_belong_less_surely():
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(-3, 1, 200), rng.normal(3, 1, 200), 0.0][:, None]
    probabilities = gmm(X, n_clusters=2).probabilities
    assert probabilities[-1] < 0.9
    assert probabilities[np.abs(X[:, 0]) > 2.5].min() > 0.99
    assert ((probabilities >= 0.5) & (probabilities <= 1)).all()


def test_bic_finds_three_groups_and_one(needles):
    assert bic(needles[0], range(1, 7)).best == 3
    one = np.random.default_rng(0).normal(size=(400, 4)) @ np.diag([5, 1, 1, 0.1])
    assert bic(one, range(1, 5)).best == 1


def test_bic_of_one_gaussian_is_that_of_its_formula():
    X = np.random.default_rng(0).normal(size=(500, 2))
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    # The ridge on the variances is why this is close and not equal.
    log_likelihood = -250 * (2 * np.log(2 * np.pi) + np.linalg.slogdet(np.cov(Z.T, ddof=0))[1] + 2)
    assert bic(X, [1]).bic[0] == pytest.approx(5 * np.log(500) - 2 * log_likelihood, rel=1e-4)


def test_bic_reports_every_k(needles):
    steps = []
    curve = bic(needles[0], (3, 1, 3), progress=lambda done, total: steps.append((done, total)))
    assert curve.ks == (1, 3)
    assert steps == [(1, 2), (2, 2)]


@pytest.mark.parametrize("ks", [(), (0, 1), (2, 5)])
def test_bic_refuses_a_k_out_of_range(ks):
    with pytest.raises(AnalysisError, match="for 5 tracks; choose from 1 to 4"):
        bic(np.eye(5), ks)


def test_points_beyond_the_limit_get_their_component(needles):
    X, groups = needles
    found = gmm(X, n_clusters=3, max_fitted=200)
    assert found.n_fitted == 200
    assert len(found.labels) == len(found.probabilities) == 450
    assert adjusted_rand_score(groups, found.labels) > 0.98


def test_a_constant_column_and_repeated_points_are_survived():
    X = np.repeat(np.array([[0.0, 1.0], [5.0, 1.0]]), 20, axis=0)
    found = gmm(X, n_clusters=2)
    assert found.labels.tolist() == [0] * 20 + [1] * 20
    assert found.inertia == pytest.approx(0)
