import numpy as np
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.scaling import SCALINGS, scale, weigh_blocks


@pytest.fixture
def skewed():
    rng = np.random.default_rng(0)
    return np.column_stack([rng.lognormal(size=500), rng.normal(100, 20, size=500)])


@pytest.mark.parametrize("method", ["standard", "power"])
def test_columns_get_mean_0_and_variance_1(method, skewed):
    X = scale(skewed, method)
    assert X.mean(axis=0) == pytest.approx([0, 0], abs=1e-9)
    assert X.var(axis=0) == pytest.approx([1, 1])


def test_power_straightens_a_skewed_column(skewed):
    def skewness(column):
        return np.mean(((column - column.mean()) / column.std()) ** 3)

    assert skewness(scale(skewed, "standard")[:, 0]) > 2
    assert abs(skewness(scale(skewed, "power")[:, 0])) < 0.3


def test_an_outlier_does_not_set_the_unit_of_robust_scaling(skewed):
    spoiled = skewed.copy()
    spoiled[0, 1] = 1e6
    assert scale(spoiled, "robust")[1:, 1].std() == pytest.approx(1, abs=0.15)
    assert scale(spoiled, "standard")[1:, 1].std() < 0.01


def test_robust_scaling_survives_a_column_that_is_mostly_0():
    instrumentalness = np.r_[np.zeros(74), np.full(6, 0.007), np.linspace(0.1, 0.9, 20)][:, None]
    assert np.abs(scale(instrumentalness, "robust")).max() < 5


def test_none_changes_nothing(skewed):
    assert np.array_equal(scale(skewed, "none"), skewed)


@pytest.mark.parametrize("method", [name for name in SCALINGS if name != "none"])
def test_a_constant_column_becomes_0(method):
    X = scale(np.column_stack([np.full(50, 0.1), np.arange(50.0)]), method)
    assert X[:, 0] == pytest.approx(0, abs=1e-9)
    assert np.isfinite(X).all()


@pytest.mark.parametrize("method", [name for name in SCALINGS if name not in ("unit", "none")])
def test_a_circular_pair_weighs_one_feature_and_stays_round(method):
    angle = 2 * np.pi * np.array([0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) / 12
    points = np.column_stack([np.arange(12.0), np.sin(angle), np.cos(angle)])
    X = scale(points, method, circular=[(1, 2)])
    assert X[:, 1:].var(axis=0).sum() == pytest.approx(1)
    # Opposite keys have the centre of the circle between them.
    centre = (X[3, 1:] + X[9, 1:]) / 2
    radius = np.linalg.norm(X[:, 1:] - centre, axis=1)
    assert radius == pytest.approx(radius[0])


def test_with_all_keys_equally_frequent_the_pair_is_standardised_over_sqrt_2():
    angle = 2 * np.pi * np.arange(12) / 12
    points = np.column_stack([np.sin(angle), np.cos(angle)])
    assert scale(points, circular=[(0, 1)]) == pytest.approx(scale(points) / np.sqrt(2))


def test_the_input_is_left_as_it_was(skewed):
    before = skewed.copy()
    for method in SCALINGS:
        scale(skewed, method, circular=[(0, 1)])
    assert np.array_equal(skewed, before)


def test_an_unknown_scaling_is_named():
    with pytest.raises(AnalysisError, match="scaling='minmax'; choose one of standard, robust"):
        scale(np.eye(3), "minmax")


def test_two_circular_pairs_weigh_one_feature_each():
    angle = 2 * np.pi * np.random.default_rng(0).random((2, 100))
    points = np.column_stack([*np.sin(angle), *np.cos(angle)])
    X = scale(points, circular=[(0, 2), (1, 3)])
    assert X[:, [0, 2]].var(axis=0).sum() == pytest.approx(1)
    assert X[:, [1, 3]].var(axis=0).sum() == pytest.approx(1)


BLOCKS = ["spotify"] * 2 + ["librosa"] * 6


@pytest.mark.parametrize("factor", [1.0, 1000.0])
def test_equal_blocks_have_the_same_variance_whatever_their_unit(factor):
    X = np.random.default_rng(0).normal(size=(200, 8))
    rescaled = X * np.where(np.array(BLOCKS) == "librosa", factor, 1.0)
    weighed = weigh_blocks(rescaled, BLOCKS)
    variance = weighed.var(axis=0)
    assert variance[:2].sum() == pytest.approx(variance[2:].sum())
    assert variance.sum() == pytest.approx(rescaled.var(axis=0).sum())
    # Within a block nothing moves.
    ratios = weighed[:, 2:] / rescaled[:, 2:]
    assert ratios == pytest.approx(np.full_like(ratios, ratios[0, 0]))


def test_the_unit_of_a_block_changes_no_shape():
    X = np.random.default_rng(0).normal(size=(50, 8))
    first = weigh_blocks(X, BLOCKS)
    second = weigh_blocks(X * np.r_[[7.0] * 2, [0.01] * 6], BLOCKS)
    assert (second / first).std() == pytest.approx(0, abs=1e-9)


def test_block_weights_change_nothing_with_one_block_or_one_that_varies():
    X = np.random.default_rng(0).normal(size=(50, 8))
    assert weigh_blocks(X, ["spotify"] * 8) == pytest.approx(X)
    X[:, :2] = 3.0
    assert weigh_blocks(X, BLOCKS) == pytest.approx(X)


def test_no_block_weights_change_nothing():
    X = np.random.default_rng(0).normal(size=(50, 8))
    assert np.array_equal(weigh_blocks(X, BLOCKS, "none"), X)


def test_unknown_block_weights_are_named():
    with pytest.raises(AnalysisError, match="block_weights='half'; choose one of none, equal"):
        weigh_blocks(np.eye(8), BLOCKS, "half")
