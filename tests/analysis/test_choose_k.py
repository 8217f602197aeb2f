import numpy as np
import pytest

from music_explorer.analysis.choose_k import criteria, knee, reading, scan_k
from music_explorer.analysis.clustering import METHODS
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.projection import pca
from music_explorer.analysis.scores import internal_scores
from music_explorer.analysis.sweep import SWEPT


@pytest.mark.parametrize("method", SWEPT)
def test_every_criterion_finds_three_far_groups(method, blobs):
    scan = scan_k(blobs[0], ks=range(2, 8), method=method)
    by_k = scan.set_index("k")
    assert by_k["silhouette"].idxmax() == 3
    assert by_k["davies_bouldin"].idxmin() == 3
    assert by_k["calinski_harabasz"].idxmax() == 3
    assert knee(scan["k"].tolist(), scan["inertia"].tolist()) == 3


@pytest.mark.parametrize("method", SWEPT)
def test_the_scan_scores_what_the_method_finds(method, blobs):
    X, _ = blobs
    row = scan_k(X, ks=[2, 5], method=method).iloc[1]
    found = METHODS[method](X, n_clusters=5)
    expected = internal_scores(X, found.labels)
    assert row["inertia"] == pytest.approx(found.inertia)
    assert row["silhouette"] == pytest.approx(expected.silhouette)
    assert row["davies_bouldin"] == pytest.approx(expected.davies_bouldin)
    assert row["calinski_harabasz"] == pytest.approx(expected.calinski_harabasz)


def test_every_score_names_its_space(blobs):
    X, _ = blobs
    scan = scan_k(X[:, :2], ks=[2, 3], spaces={"plane": X[:, :2], "features": X})
    assert scan[["space", "k"]].to_numpy().tolist() == [
        ["plane", 2],
        ["plane", 3],
        ["features", 2],
        ["features", 3],
    ]
    # Three unused dimensions of unit variance add to the sum of squares.
    assert (scan["inertia"][2:].to_numpy() > scan["inertia"][:2].to_numpy()).all()


def test_one_cluster_has_the_total_inertia_and_no_scores(blobs):
    X, _ = blobs
    row = scan_k(X, ks=[1, 2]).iloc[0]
    assert row["inertia"] == pytest.approx(((X - X.mean(axis=0)) ** 2).sum())
    assert row[["silhouette", "davies_bouldin", "calinski_harabasz"]].isna().all()


def test_progress_counts_to_its_total(blobs):
    steps = []
    scan_k(blobs[0], ks=[2, 3, 4], progress=lambda done, total: steps.append((done, total)))
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("ks", [[], [0, 2], [2, 150]])
def test_a_k_out_of_range_is_refused(ks, blobs):
    with pytest.raises(AnalysisError, match="for 150 tracks; choose from 1 to 149"):
        scan_k(blobs[0], ks=ks)


def test_an_unknown_method_is_named(blobs):
    with pytest.raises(AnalysisError, match="method='dbscan'; choose one of kmeans"):
        scan_k(blobs[0], method="dbscan")


def test_a_straight_or_short_curve_has_no_knee():
    assert knee([2, 3], [10, 1]) is None
    assert knee([1, 2, 3, 4, 5], [50, 40, 30, 20, 10]) is None


def test_the_reading_says_when_criteria_agree(blobs):
    text = reading(scan_k(blobs[0], ks=range(2, 8)))
    assert "In clustered the best k is by silhouette 3, by Davies-Bouldin 3" in text
    assert "All agree on k = 3." in text
    assert "bends at k = 3; an elbow alone is not evidence" in text


def test_the_reading_says_when_criteria_disagree_and_where_the_range_ends():
    scan = scan_k(np.random.default_rng(0).normal(size=(200, 2)), ks=[2, 3, 4])
    scan["silhouette"] = [0.1, 0.2, 0.3]
    scan["davies_bouldin"] = [1.0, 2.0, 3.0]
    text = reading(scan)
    assert "They disagree (from 2 to 4)" in text
    assert "4 is the largest k tried" in text


def test_the_reading_of_k_1_alone_compares_nothing(blobs):
    assert "nothing to compare" in reading(scan_k(blobs[0], ks=[1]))


@pytest.fixture(scope="module")
def far_groups(blobs):
    steps = []
    found = criteria(
        blobs[0], max_k=5, features="5 features", progress=lambda *step: steps.append(step)
    )
    return found, steps


def test_all_criteria_are_over_one_range_of_k(far_groups):
    found, _ = far_groups
    assert found.scan["k"].tolist() == found.gap["k"].tolist() == [1, 2, 3, 4, 5]
    assert found.stability["k"].tolist() == list(found.reality.ks) == [2, 3, 4, 5]


def test_all_criteria_agree_on_far_groups(far_groups):
    text = far_groups[0].reading
    assert "The data are not one shapeless cloud" in text
    assert "The gap statistic answers k = 3. All agree on k = 3." in text
    assert "more stable than those of one cloud at k = 3" in text


def test_progress_of_all_criteria_rises_to_its_total(far_groups):
    _, steps = far_groups
    assert steps[-1] == (1000, 1000)
    assert steps == sorted(steps)


def test_one_cloud_is_read_as_no_clusters():
    X = np.random.default_rng(0).normal(size=(120, 3)) * [3, 1, 1]
    found = criteria(X, max_k=4, method="agglomerative")
    assert found.reading.startswith("No clusters (k = 1) is the answer of the reality check")
    assert "The gap statistic answers k = 1 (no clusters)." in found.reading
    assert "agree" not in found.reading


def test_criteria_that_disagree_are_said_to(far_groups):
    found, _ = far_groups
    gap = found.gap.assign(gap=[1.0, 0.5, 0.5, 0.5, 0.5])
    text = reading(found.scan, gap=gap, reality=found.reality)
    assert "They disagree (from 1 to 3): no k is clearly right." in text


def test_criteria_of_a_projection_name_both_spaces(blobs):
    X = blobs[0]
    found = criteria(
        X, place=lambda X: pca(X).embedding, max_k=3, projection="PCA-3", features="5 features"
    )
    assert found.scan["space"].unique().tolist() == ["PCA-3", "5 features"]
    assert found.reality.table["space"].unique().tolist() == ["PCA-3", "5 features"]


def test_a_largest_k_out_of_range_is_refused(blobs):
    with pytest.raises(AnalysisError, match="max_k=150 for 150 tracks; choose from 2 to 149"):
        criteria(blobs[0], max_k=150)
