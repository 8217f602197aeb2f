import numpy as np
import pandas as pd
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.profiles import cluster_profiles, correlations, describe


def test_spearman_sees_any_monotone_relation_and_pearson_only_lines():
    x = np.arange(1.0, 30)
    frame = pd.DataFrame({"x": x, "exp": np.exp(x), "fall": -x})
    assert correlations(frame, ["x", "exp", "fall"]).loc["x"].tolist() == pytest.approx([1, 1, -1])
    assert correlations(frame, ["x", "exp"], method="pearson").loc["x", "exp"] < 0.7


def test_a_constant_column_has_no_correlation():
    frame = pd.DataFrame({"x": [1.0, 2, 3], "constant": 4.0})
    assert np.isnan(correlations(frame, ["x", "constant"]).loc["x", "constant"])


def test_correlations_name_what_is_absent_or_unknown():
    with pytest.raises(AnalysisError, match="no column y"):
        correlations(pd.DataFrame({"x": [1.0]}), ["x", "y"])
    with pytest.raises(AnalysisError, match="method='kendall'"):
        correlations(pd.DataFrame({"x": [1.0]}), ["x"], method="kendall")


def test_a_profile_is_the_difference_from_the_rest_in_standard_deviations():
    X = np.array([[0.0, 5], [0, 5], [4, 5], [4, 5]])
    profile = cluster_profiles(X, np.array([0, 0, 1, 1]), ["a", "constant"])
    assert profile["a"].tolist() == [-2, 2]
    assert profile["constant"].tolist() == [0, 0]


def test_a_profile_does_not_depend_on_the_unit():
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(40, 3)), rng.integers(3, size=40)
    profile = cluster_profiles(X, labels, list("abc"))
    assert cluster_profiles(1000 * X - 7, labels, list("abc")).to_numpy() == pytest.approx(
        profile.to_numpy()
    )


def test_a_single_cluster_has_no_profile():
    with pytest.raises(AnalysisError, match="a single cluster"):
        cluster_profiles(np.eye(3), np.zeros(3), list("abc"))


def test_a_description_names_the_strongest_first_in_plain_words():
    profile = pd.Series(
        {"tempo": -0.5, "loudness": -2.0, "acousticness": 1.0, "valence": 0.3, "energy": 0.1}
    )
    assert describe(profile) == "quieter, more acoustic, slower than the rest"
    assert describe(profile, n=1) == "quieter than the rest"


def test_other_features_are_described_by_name():
    assert describe(pd.Series({"mfcc_01_mean": -1.0})) == "lower mfcc 01 mean than the rest"


def test_key_has_no_more_or_less():
    profile = pd.Series({"key_sin": 3.0, "key_cos": 3.0, "key": 3.0})
    assert describe(profile) == "close to the average in every feature"


def test_the_threshold_of_a_difference_is_a_small_effect():
    assert describe(pd.Series({"tempo": 0.19})) == "close to the average in every feature"
    assert describe(pd.Series({"tempo": 0.2})) == "faster than the rest"
