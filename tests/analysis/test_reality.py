import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.nulls import copula
from music_explorer.analysis.projection import pca
from music_explorer.analysis.reality import SCORES, Reality, reality_check, reality_steps, verdict
from music_explorer.analysis.scaling import scale

KS = (2, 3, 5)


def one_cloud(seed, n_samples=90):
    rng = np.random.default_rng(seed)
    return scale(rng.normal(size=(n_samples, 5)) @ np.triu(np.ones((5, 5))))


def calls(draw):
    """Say of 20 data sets whether they are called structured; a linkage is quick."""
    return [
        reality_check(draw(seed), method="agglomerative", ks=KS, n_null=19).structure
        for seed in range(20)
    ]


@pytest.fixture(scope="module")
def groups():
    centers = 8 * np.eye(5, 13)
    return scale(make_blobs([30] * 5, centers=centers, random_state=0)[0])


@pytest.fixture(scope="module")
def found(groups):
    return reality_check(groups, ks=range(2, 8), features="13 features")


@pytest.fixture(scope="module")
def nothing():
    return reality_check(one_cloud(0), ks=KS)


def test_far_groups_are_structure_and_clearest_at_their_number(found):
    assert found.p_values == {"gaussian": pytest.approx(1 / 30), "copula": pytest.approx(1 / 30)}
    assert found.structure
    assert found.clearest_k == 5
    assert verdict(found, 5).level == "structure"


def test_of_one_gaussian_cloud_few_are_called_structured():
    # By chance 1 in 20 would be, with 19 clouds; 5 or more of 20 with a probability of 0.3 %.
    assert sum(calls(one_cloud)) < 5


def test_of_one_skewed_discrete_cloud_few_are_called_structured():
    def skewed(seed):
        values = one_cloud(seed, 600)
        values[:, 0] = np.exp(1.5 * values[:, 0])
        values[:, 1] = values[:, 1] > 0.3
        rows = np.random.default_rng(seed).choice(600, 90, replace=False)
        return scale(copula(values, rng=np.random.default_rng(seed))[rows])

    assert sum(calls(skewed)) < 5


def test_a_linear_or_skewed_feature_alone_is_no_structure():
    rng = np.random.default_rng(0)
    skewed = scale(np.exp(1.5 * rng.normal(size=(150, 4))))
    reality = reality_check(skewed, ks=KS)
    assert reality.p_values["gaussian"] <= 0.05 < reality.p_values["copula"]
    assert "skewed or two-valued features explain them" in verdict(reality, 3).headline


def test_without_structure_the_second_null_is_left_out(nothing):
    assert list(nothing.p_values) == ["gaussian"]
    assert nothing.decided
    words = verdict(nothing, 3)
    assert words.level == "none"
    assert "no evidence for groups" in words.headline
    assert "k = 2, 3, 5" in words.headline


def test_steps_give_what_is_known_after_each_null(groups):
    first, last = reality_steps(groups, ks=KS)
    assert (list(first.p_values), first.decided) == (["gaussian"], False)
    assert "so far against one null of two" in verdict(first, 3).headline
    assert (list(last.p_values), last.decided) == (["gaussian", "copula"], True)
    assert last.table[: len(first.table)].equals(first.table)


def test_every_score_has_its_band_and_better_is_above_also_for_davies_bouldin(found):
    table = found.table
    assert len(table) == 2 * len(SCORES) * 6
    assert table["low"].to_numpy() == pytest.approx(2 * table["null_mean"] - table["high"])
    lower_is_better = table["score"] == "davies_bouldin"
    outside = np.where(
        lower_is_better, table["observed"] < table["low"], table["observed"] > table["high"]
    )
    assert np.array_equal(table["verdict"] == "above", outside)
    at_5 = table[(table["k"] == 5) & lower_is_better]
    assert (at_5["observed"] < at_5["null_mean"]).all()
    assert (at_5["verdict"] == "above").all()


def test_the_observed_scores_are_those_of_the_labels(found, groups):
    from music_explorer.analysis.clustering import kmeans
    from music_explorer.analysis.scores import internal_scores

    expected = internal_scores(groups, kmeans(groups, n_clusters=5).labels)
    rows = found.table[(found.table["k"] == 5) & (found.table["null"] == "copula")]
    for row in rows.itertuples():
        assert row.observed == pytest.approx(getattr(expected, row.score))


@pytest.mark.parametrize("method", ["kmeans", "agglomerative", "average"])
def test_clusters_of_a_projection_are_scored_in_both_spaces(method, groups):
    reality = reality_check(
        groups,
        place=lambda X: pca(X).embedding,
        method=method,
        ks=(3, 5),
        n_null=19,
        projection="PCA-3",
        features="13 features",
    )
    assert reality.entries["space"].tolist() == ["PCA-3"] * 6 + ["13 features"] * 6
    assert len(verdict(reality, 5).details) == 6


def test_a_projection_of_one_cloud_is_no_structure_although_its_scores_are_high():
    reality = reality_check(one_cloud(3), place=lambda X: pca(X, n_components=2).embedding, ks=KS)
    high = reality.table.query("space == 'projection' and score == 'calinski_harabasz'")
    low = reality.table.query("space == 'features' and score == 'calinski_harabasz'")
    assert (high["observed"].to_numpy() > low["observed"].to_numpy()).all()
    assert not reality.structure


def test_the_seed_decides(nothing):
    again = reality_check(one_cloud(0), ks=KS)
    other = reality_check(one_cloud(0), ks=KS, random_state=1)
    assert again.table.equals(nothing.table)
    assert not other.table.equals(nothing.table)


def test_of_many_tracks_a_sample_is_checked_and_said(groups):
    reality = reality_check(groups, ks=(2, 3), max_samples=100, n_null=19)
    assert (reality.n_samples, reality.n_total) == (100, 150)
    assert "on a random 100 of 150 tracks" in verdict(reality, 2).headline


def test_progress_reaches_its_total_also_if_a_null_is_left_out():
    steps = []
    reality_check(one_cloud(0), ks=(2, 3), n_null=19, progress=lambda *step: steps.append(step))
    assert steps == [*((i, 39) for i in range(1, 21)), (39, 39)]


def test_progress_may_stop_the_check():
    class StopError(Exception):
        pass

    def stop(done, total):
        if done == 2:
            raise StopError

    with pytest.raises(StopError):
        reality_check(one_cloud(0), ks=(2, 3), progress=stop)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "hdbscan"}, "method='hdbscan'; choose one of kmeans"),
        ({"ks": [1, 2]}, r"ks=\[1, 2\] for 90 tracks; choose from 2 to 89"),
        ({"ks": []}, r"ks=\[\] for 90 tracks"),
        ({"n_null": 10}, "n_null=10; no p-value reaches 0.05 below 19"),
    ],
)
def test_what_cannot_be_checked_is_refused(options, message):
    with pytest.raises(AnalysisError, match=message):
        reality_check(one_cloud(0), **options)


def test_too_few_distinct_tracks_are_counted():
    X = np.repeat(np.eye(4), 20, axis=0)
    with pytest.raises(AnalysisError, match="k=5, but only 4 of 80 tracks are distinct"):
        reality_check(X, ks=(2, 5))


def made_up(verdicts, p=1 / 30):
    """Make a check of k = 4, with the verdicts by either null, and of k = 2, where all is clear."""
    rows = []
    for null, of_null in verdicts.items():
        for score, word in zip(SCORES, of_null, strict=True):
            z = {"above": 9.0, "within": 0.5, "below": -9.0}[word]
            rows.append((null, "9 features", score, 4, 0.043, 0.046, 0.002, z, word))
            rows.append((null, "9 features", score, 2, 0.4, 0.1, 0.01, 30.0, "above"))
    names = ["null", "space", "score", "k", "observed", "null_mean", "null_sd", "z", "verdict"]
    table = pd.DataFrame(rows, columns=names)
    return Reality(table, dict.fromkeys(verdicts, p), "kmeans", (2, 3, 4), 29, 500, 500)


def test_the_worse_of_two_nulls_counts():
    reality = made_up(
        {"gaussian": ["above", "within", "above"], "copula": ["within", "below", "above"]}
    )
    at_4 = reality.entries.query("k == 4")
    assert at_4["score"].tolist() == list(SCORES)
    assert at_4["verdict"].tolist() == ["within", "below", "above"]


def test_scores_that_disagree_are_named_with_their_numbers():
    same = ["below", "within", "above"]
    words = verdict(made_up({"gaussian": same, "copula": same}), 4)
    assert words.level == "disagree"
    assert "clearest at k = 2, but at k = 4 the scores disagree" in words.headline
    assert "above it by Calinski-Harabasz in 9 features" in words.headline
    assert "below by silhouette in 9 features (0.043 against 0.046 ± 0.002)" in words.headline
    assert words.details[0] == (
        "Silhouette in 9 features: 0.043, worse than one cloud (0.046 ± 0.002)."
    )


def test_structure_elsewhere_does_not_make_groups_here():
    same = ["within", "within", "below"]
    words = verdict(made_up({"gaussian": same, "copula": same}), 4)
    assert words.level == "none"
    assert "clearest at k = 2, but at k = 4 no score is above" in words.headline


def test_a_k_that_was_not_checked_has_no_verdict(nothing):
    with pytest.raises(AnalysisError, match="k=4 was not checked; choose from 2, 3, 5"):
        verdict(nothing, 4)
