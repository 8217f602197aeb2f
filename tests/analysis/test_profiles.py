import numpy as np
import pandas as pd
import pytest
from scipy.fft import dct

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.profiles import (
    cluster_profiles,
    correlations,
    describe,
    effect_size,
    largest_difference,
)


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


@pytest.mark.parametrize(
    ("name", "more", "less"),
    [
        ("mfcc_01_mean", "louder overall (MFCC 1)", "quieter overall (MFCC 1)"),
        ("mfcc_02_mean", "darker balance (MFCC 2)", "brighter balance (MFCC 2)"),
        ("mfcc_07_mean", "timbre (MFCC 7) higher", "timbre (MFCC 7) lower"),
        ("mfcc_20_std", "MFCC 20 varies more", "MFCC 20 varies less"),
        ("spectral_centroid_mean", "brighter", "darker"),
        ("spectral_centroid_std", "brightness varies more", "brightness varies less"),
        ("spectral_flatness_mean", "noisier, less tonal", "more tonal, less noisy"),
        ("spectral_contrast_1_mean", "clearer tones below 200 Hz", "less clear tones below 200 Hz"),
        ("chroma_12_mean", "more of the pitch B", "less of the pitch B"),
        ("tonnetz_3_mean", "higher tonnetz 3", "lower tonnetz 3"),
        ("onset_rate", "more onsets a second", "fewer onsets a second"),
        ("my_feature", "higher my feature", "lower my feature"),
    ],
)
def test_librosa_features_read_in_plain_words_without_invented_meanings(name, more, less):
    assert describe(pd.Series({name: 1.0})) == f"{more} than the rest"
    assert describe(pd.Series({name: -1.0})) == f"{less} than the rest"


def test_every_feature_that_can_be_clustered_has_words_of_its_own():
    from music_explorer.analysis.feature_sets import LIBROSA_ALL, SPOTIFY

    names = [name for name in (*SPOTIFY, *LIBROSA_ALL) if name != "key"]
    for sign in (1.0, -1.0):
        assert len({describe(pd.Series({name: sign})) for name in names}) == len(names)


def test_the_second_mfcc_is_higher_where_low_frequencies_outweigh_high_ones():
    mel_db = np.linspace(0.0, -60.0, 128)
    assert dct(mel_db, type=2, norm="ortho")[1] > 0


@pytest.mark.parametrize(
    ("difference", "name"),
    [(0.8, "large"), (-0.8, "large"), (0.79, "medium"), (0.5, "medium"), (-0.49, "small")]
    + [(0.2, "small"), (0.19, "negligible"), (0.0, "negligible")],
)
def test_an_effect_size_is_named_by_its_absolute_value(difference, name):
    assert effect_size(difference) == name


def test_the_largest_difference_is_told_with_its_size():
    profile = pd.Series({"loudness": -1.42, "tempo": 0.6})
    assert largest_difference(profile) == "large: 1.4 standard deviations in loudness"


def test_key_has_no_more_or_less():
    profile = pd.Series({"key_sin": 3.0, "key_cos": 3.0, "key": 3.0})
    assert describe(profile) == "close to the average in every feature"


def test_the_threshold_of_a_difference_is_a_small_effect():
    assert describe(pd.Series({"tempo": 0.19})) == "close to the average in every feature"
    assert describe(pd.Series({"tempo": 0.2})) == "faster than the rest"
