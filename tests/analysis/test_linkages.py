import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.linkages import MAX_LINKED, agglomerative, cut, linkage

# Worked by hand: after 0 and 1, average linkage sees 2.3 at 1.8 from them and at 2.0 from 4.3;
# complete linkage sees it at 2.3 from them.
CHAIN = np.array([[0.0], [1.0], [2.3], [4.3]])


@pytest.mark.parametrize(
    ("method", "labels", "heights"),
    [
        ("average", [0, 0, 0, 1], [1.0, 1.8, 3.2]),
        ("complete", [0, 0, 1, 1], [1.0, 2.0, 4.3]),
    ],
)
def test_a_chain_is_merged_as_by_hand(method, labels, heights):
    found = agglomerative(CHAIN, n_clusters=2, method=method)
    assert found.labels.tolist() == labels
    assert found.Z[:, 2] == pytest.approx(heights)


@pytest.mark.parametrize("method", MAX_LINKED)
def test_a_linkage_is_scikit_learns(method):
    X = np.random.default_rng(0).normal(size=(200, 4))
    expected = AgglomerativeClustering(n_clusters=5, linkage=method).fit_predict(X)
    labels = agglomerative(X, n_clusters=5, method=method).labels
    assert adjusted_rand_score(expected, labels) == 1


@pytest.mark.parametrize("n_clusters", [1, 2, 5, 7, 29])
@pytest.mark.parametrize("method", MAX_LINKED)
def test_a_cut_has_exactly_so_many_clusters_even_if_all_merges_tie(method, n_clusters):
    identical = np.zeros((30, 2))
    assert len(set(cut(linkage(identical, method=method), n_clusters))) == n_clusters


def test_cuts_of_one_linkage_are_nested():
    Z = linkage(np.random.default_rng(0).normal(size=(60, 3)))
    coarse, fine = cut(Z, 4), cut(Z, 9)
    assert all(len(set(coarse[fine == label])) == 1 for label in range(9))


@pytest.mark.parametrize("method", MAX_LINKED)
def test_a_linkage_leaves_the_points_as_they_were(method, blobs):
    X = blobs[0].copy()
    linkage(X, method=method)
    assert np.array_equal(X, blobs[0])


@pytest.mark.parametrize("method", MAX_LINKED)
def test_points_beyond_the_limit_join_the_cluster_of_their_neighbours(method, blobs):
    X, groups = blobs
    found = agglomerative(X, n_clusters=3, method=method, max_linked=60)
    assert found.labels.tolist() == groups.tolist()
    assert found.n_fitted == 60
    assert len(found.Z) == 59
    # The tree and the labels of its leaves belong together.
    assert adjusted_rand_score(cut(found.Z, 3), found.fitted_labels) == 1


def test_a_sample_cannot_have_more_clusters_than_points(blobs):
    with pytest.raises(AnalysisError, match="n_clusters=60 for 60 tracks; choose 2 to 59"):
        agglomerative(blobs[0], n_clusters=60, max_linked=60)


def test_a_linkage_of_one_point_is_refused():
    with pytest.raises(AnalysisError, match="n_samples=1"):
        linkage(np.zeros((1, 2)))


def test_an_unknown_linkage_is_named():
    with pytest.raises(AnalysisError, match="linkage='single'; choose one of ward, average"):
        linkage(np.eye(3), method="single")
    with pytest.raises(AnalysisError, match="linkage='single'"):
        agglomerative(np.eye(4), n_clusters=2, method="single")
