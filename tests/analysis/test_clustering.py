import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from music_explorer.analysis.clustering import METHODS, agglomerative, cut, inertia, kmeans, linkage
from music_explorer.analysis.errors import AnalysisError


@pytest.mark.parametrize("method", METHODS)
def test_far_groups_are_found_and_numbered_by_size(method, blobs):
    X, groups = blobs
    labels = METHODS[method](X, n_clusters=3).labels
    # The groups were made in the order of their size.
    assert labels.tolist() == groups.tolist()


@pytest.mark.parametrize("method", METHODS)
def test_inertia_is_that_of_the_labels(method, blobs):
    X, _ = blobs
    found = METHODS[method](X, n_clusters=4)
    assert found.inertia == pytest.approx(inertia(X, found.labels))


def test_inertia_of_a_hand_case():
    X = np.array([[0.0], [2.0], [10.0]])
    assert inertia(X, np.array([0, 0, 1])) == 2
    assert inertia(X, np.array([0, 0, 0])) == 56


def test_of_equal_clusters_the_one_with_the_first_member_is_0():
    X = np.array([[9.0], [0.0], [9.1], [0.1]])
    assert kmeans(X, n_clusters=2).labels.tolist() == [0, 1, 0, 1]


def test_ward_is_scikit_learns():
    X = np.random.default_rng(0).normal(size=(200, 4))
    expected = AgglomerativeClustering(n_clusters=5).fit_predict(X)
    assert adjusted_rand_score(expected, agglomerative(X, n_clusters=5).labels) == 1


@pytest.mark.parametrize("n_clusters", [1, 2, 5, 7, 29])
def test_a_cut_has_exactly_so_many_clusters_even_if_all_merges_tie(n_clusters):
    identical = np.zeros((30, 2))
    assert len(set(cut(linkage(identical), n_clusters))) == n_clusters


def test_cuts_of_one_linkage_are_nested():
    Z = linkage(np.random.default_rng(0).normal(size=(60, 3)))
    coarse, fine = cut(Z, 4), cut(Z, 9)
    assert all(len(set(coarse[fine == label])) == 1 for label in range(9))


def test_the_same_seed_gives_the_same_labels():
    X = np.random.default_rng(0).normal(size=(300, 3))
    first, second = (kmeans(X, n_clusters=7, random_state=5).labels for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n_clusters", [0, 4, 5])
def test_a_number_of_clusters_out_of_range_is_refused(method, n_clusters):
    with pytest.raises(AnalysisError, match=f"n_clusters={n_clusters} for 4 tracks; .* 2 to 3"):
        METHODS[method](np.eye(4), n_clusters=n_clusters)


@pytest.mark.parametrize("method", METHODS)
def test_one_cluster_is_allowed_for_a_scan(method):
    assert set(METHODS[method](np.eye(4), n_clusters=1).labels) == {0}


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_more_clusters_than_distinct_points_are_refused():
    X = np.repeat([[0.0], [1.0]], 10, axis=0)
    with pytest.raises(AnalysisError, match="only 2 points are distinct"):
        kmeans(X, n_clusters=3)


def test_a_linkage_of_one_point_is_refused():
    with pytest.raises(AnalysisError, match="n_samples=1"):
        linkage(np.zeros((1, 2)))
