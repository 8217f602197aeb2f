import numpy as np
import pytest

from music_explorer.analysis.nulls import NULLS, copula, gaussian


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture
def skewed():
    """A normal, its exponential, a two-valued and a constant column; the first two are one."""
    z = np.random.default_rng(0).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=4000)
    return np.column_stack([z[:, 0], np.exp(z[:, 0]), z[:, 1] > 0.5, np.full(4000, 3.0)])


@pytest.mark.parametrize("n_samples", [500, 8, 3])
def test_a_gaussian_cloud_has_exactly_the_mean_and_covariance(n_samples, rng):
    X = rng.exponential(size=(n_samples, 4)) @ rng.normal(size=(4, 7)) + 5
    X[:, 2] = 1.5
    drawn = gaussian(X, rng=rng)
    assert drawn.mean(axis=0) == pytest.approx(X.mean(axis=0))
    assert np.cov(drawn.T) == pytest.approx(np.cov(X.T), abs=1e-9)
    assert not np.allclose(drawn, X)


def test_a_gaussian_cloud_is_normal_whatever_the_data(rng):
    from scipy.stats import kstest

    two_points = np.repeat([[-1.0], [1.0]], 1000, axis=0)
    assert kstest(gaussian(two_points, rng=rng)[:, 0], "norm").pvalue > 0.01


def test_directions_of_the_draw_are_equally_likely(rng):
    X = np.array([[1.0], [-1.0], [0.0]])
    first = np.array([gaussian(X, rng=rng)[0, 0] for _ in range(2000)])
    assert abs(first.mean()) < 0.06
    # A third of the sum of squares, 2, on average.
    assert np.mean(first**2) == pytest.approx(2 / 3, abs=0.05)


def test_a_copula_cloud_has_the_very_values_of_each_column(skewed, rng):
    drawn = copula(skewed, rng=rng)
    assert np.array_equal(np.sort(drawn, axis=0), np.sort(skewed, axis=0))
    assert not np.array_equal(drawn, skewed)


def test_a_copula_cloud_keeps_rank_correlations_also_of_tied_columns(skewed, rng):
    from scipy.stats import spearmanr

    expected = spearmanr(skewed[:, :3]).statistic
    drawn = spearmanr(copula(skewed, rng=rng)[:, :3]).statistic
    # Without the correction for ties .46 would come back as .34.
    assert expected[0, 2] == pytest.approx(0.46, abs=0.02)
    assert drawn == pytest.approx(expected, abs=0.03)


def test_a_copula_of_two_half_filled_columns_keeps_their_correlation(rng):
    z = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=20_000)
    X = np.maximum(z, 0)  # half the values are 0
    drawn = np.corrcoef(copula(X, rng=rng).T)[0, 1]
    assert drawn == pytest.approx(np.corrcoef(X.T)[0, 1], abs=0.04)


def test_a_copula_cloud_has_no_group_that_needs_two_columns(rng):
    # Equal and opposite signs in turn: no column shows the groups, nor does the correlation.
    signs = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]).repeat(200, axis=0)
    X = signs + 0.1 * rng.normal(size=signs.shape)
    product = np.sign(copula(X, rng=rng)).prod(axis=1)
    assert np.sign(X).prod(axis=1).mean() == 1
    assert abs(product.mean()) < 0.15


@pytest.mark.parametrize("draw", NULLS.values(), ids=NULLS)
@pytest.mark.parametrize("shape", [(3, 10), (50, 1), (30, 30)])
def test_every_shape_is_drawn_and_the_seed_decides(draw, shape):
    X = np.random.default_rng(0).normal(size=shape)
    first, second = (draw(X, rng=np.random.default_rng(4)) for _ in range(2))
    assert first.shape == shape
    assert np.isfinite(first).all()
    assert np.array_equal(first, second)


@pytest.mark.parametrize("draw", NULLS.values(), ids=NULLS)
def test_a_constant_table_stays_constant(draw, rng):
    assert np.array_equal(draw(np.full((9, 2), 4.0), rng=rng), np.full((9, 2), 4.0))
