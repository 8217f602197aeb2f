import numpy as np
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.scaling import SCALINGS, scale


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


@pytest.mark.parametrize("method", [name for name in SCALINGS if name != "none"])
def test_a_circular_pair_weighs_one_feature_and_stays_round(method):
    angle = 2 * np.pi * np.array([0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) / 12
    points = np.column_stack([np.arange(12.0), np.sin(angle), np.cos(angle)])
    X = scale(points, method, circular=(1, 2))
    assert X[:, 1:].var(axis=0).sum() == pytest.approx(1)
    # Opposite keys have the centre of the circle between them.
    centre = (X[3, 1:] + X[9, 1:]) / 2
    radius = np.linalg.norm(X[:, 1:] - centre, axis=1)
    assert radius == pytest.approx(radius[0])


def test_with_all_keys_equally_frequent_the_pair_is_standardised_over_sqrt_2():
    angle = 2 * np.pi * np.arange(12) / 12
    points = np.column_stack([np.sin(angle), np.cos(angle)])
    assert scale(points, circular=(0, 1)) == pytest.approx(scale(points) / np.sqrt(2))


def test_the_input_is_left_as_it_was(skewed):
    before = skewed.copy()
    for method in SCALINGS:
        scale(skewed, method, circular=(0, 1))
    assert np.array_equal(skewed, before)


def test_an_unknown_scaling_is_named():
    with pytest.raises(AnalysisError, match="scaling='minmax'; choose one of standard, robust"):
        scale(np.eye(3), "minmax")
