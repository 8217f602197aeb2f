import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from music_explorer.analysis.agreement import (
    agreement,
    crosstab,
    percentages,
    residuals,
    single_label,
)
from music_explorer.analysis.errors import AnalysisError

GENRES = pd.DataFrame(
    [("a", "Rock"), ("b", "Rock"), ("b", "Pop"), ("c", "Pop"), ("d", "Pop")],
    columns=["track_id", "genre"],
)
TRACKS = ["a", "b", "c", "d", "e"]
LABELS = np.array([0, 0, 1, 0, 2])


def test_agreement_is_scikit_learns_on_the_tracks_with_a_class():
    labels = np.array([0, 0, 1, 1, 2, 0])
    classes = ["x", "x", "x", "y", "y", np.nan]
    result = agreement(labels, classes)
    assert result.n_tracks == 5
    for name, function in {
        "ari": metrics.adjusted_rand_score,
        "ami": metrics.adjusted_mutual_info_score,
        "homogeneity": metrics.homogeneity_score,
        "completeness": metrics.completeness_score,
        "v_measure": metrics.v_measure_score,
    }.items():
        assert getattr(result, name) == pytest.approx(function(classes[:5], labels[:5])), name


def test_a_finer_labeling_is_homogeneous_but_not_complete():
    result = agreement(np.array([0, 1, 2, 3]), ["x", "x", "y", "y"])
    assert result.homogeneity == pytest.approx(1)
    assert result.completeness == pytest.approx(0.5)


@pytest.mark.parametrize("classes", [[None, np.nan, None], ["x", "x", None]])
def test_agreement_needs_two_classes(classes):
    with pytest.raises(AnalysisError, match="at least 2 classes"):
        agreement(np.array([0, 1, 1]), classes)


def test_only_a_track_of_one_genre_has_a_single_label():
    result = single_label(TRACKS, GENRES)
    assert result[[0, 2, 3]].tolist() == ["Rock", "Pop", "Pop"]
    assert pd.isna(result[[1, 4]]).all()


def test_the_same_genre_named_twice_is_one_genre():
    twice = pd.concat([GENRES, GENRES])
    assert single_label(TRACKS, twice)[0] == "Rock"
    assert crosstab(LABELS, TRACKS, twice).equals(crosstab(LABELS, TRACKS, GENRES))


def test_a_track_of_two_genres_counts_half_in_each():
    table = crosstab(LABELS, TRACKS, GENRES)
    assert table.loc[0].to_dict() == {"Pop": 1.5, "Rock": 1.5}
    assert table.loc[1].to_dict() == {"Pop": 1.0, "Rock": 0.0}


def test_a_cluster_without_a_labelled_track_keeps_its_row():
    table = crosstab(LABELS, TRACKS, GENRES)
    assert table.loc[2].to_dict() == {"Pop": 0.0, "Rock": 0.0}
    assert percentages(table).loc[2].isna().all()


def test_without_any_genre_the_table_has_clusters_but_no_columns():
    assert crosstab(LABELS, TRACKS, GENRES[:0]).shape == (3, 0)


def test_percentages_sum_to_100_along_their_direction():
    table = crosstab(LABELS, TRACKS, GENRES)
    assert percentages(table, normalise="row").loc[0].to_dict() == {"Pop": 50, "Rock": 50}
    assert percentages(table, normalise="column")["Pop"].to_dict() == {0: 60, 1: 40, 2: 0}


def test_an_unknown_direction_is_named():
    with pytest.raises(AnalysisError, match="normalise='all'; choose one of row, column"):
        percentages(pd.DataFrame(), normalise="all")


def test_residuals_of_a_table_counted_by_hand():
    # Row sums 40 and 60, column sums 50 and 50: expected 20 in the first cell,
    # variance 20 * .6 * .5 = 6.
    table = pd.DataFrame([[30, 10], [20, 40]], columns=["Pop", "Rock"])
    expected = 10 / np.sqrt(6)
    assert residuals(table).to_numpy() == pytest.approx(
        np.array([[expected, -expected], [-expected, expected]])
    )


def test_unrelated_clusters_and_genres_have_no_residuals():
    assert residuals(pd.DataFrame([[1, 2, 3], [2, 4, 6]])).abs().to_numpy().max() < 1e-12


def test_a_residual_is_undefined_for_an_empty_cluster_or_a_genre_of_all_tracks():
    table = pd.DataFrame([[3, 4], [0, 0]], columns=["Pop", "Rock"])
    assert residuals(table).isna().all(axis=None)
    assert residuals(pd.DataFrame({"Pop": [3, 4]})).isna().all(axis=None)
    assert residuals(pd.DataFrame(index=[0, 1])).shape == (2, 0)


def test_three_thousand_artists_are_compared_like_any_label():
    rng = np.random.default_rng(0)
    artists = np.repeat([f"Artist {i}" for i in range(3000)], 2)
    result = agreement(rng.integers(11, size=6000), artists)
    assert result.n_tracks == 6000
    assert abs(result.ari) < 0.001
    assert abs(result.ami) < 0.01
    # What is not adjusted for chance rises with the number of labels.
    assert result.v_measure > 0.3
