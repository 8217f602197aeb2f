import numpy as np
import pytest

from music_explorer.analysis.clustering import agglomerative
from music_explorer.analysis.dendrogram import dendrogram
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.linkages import MAX_LINKED, linkage

CHAIN = np.array([[0.0], [1.0], [2.3], [4.3]])


def test_a_chain_is_drawn_as_by_hand():
    found = agglomerative(CHAIN, n_clusters=2, method="average")
    tree = dendrogram(found.Z, found.labels)
    assert tree.links["height"].tolist() == pytest.approx([1.0, 1.8, 3.2])
    assert tree.links["n_points"].tolist() == [2, 3, 4]
    assert tree.links["cluster"].tolist() == [0, 0, -1]
    assert sorted(tree.leaves["cluster"]) == [0, 0, 0, 1]
    assert (tree.leaves["y"] == 0).all()


def test_folded_leaves_hold_what_lies_below_them():
    found = agglomerative(CHAIN, n_clusters=2, method="average")
    tree = dendrogram(found.Z, found.labels, n_leaves=2)
    assert tree.links["height"].tolist() == pytest.approx([3.2])
    leaves = tree.leaves.sort_values("n_points")
    assert leaves["n_points"].tolist() == [1, 3]
    assert leaves["cluster"].tolist() == [1, 0]
    assert leaves["y"].tolist() == pytest.approx([0, 1.8])


@pytest.mark.parametrize("method", MAX_LINKED)
@pytest.mark.parametrize("n_leaves", [2, 12, 500])
def test_a_tree_of_any_linkage_holds_every_point_once(method, n_leaves, blobs):
    X, _ = blobs
    found = agglomerative(X, n_clusters=5, method=method)
    tree = dendrogram(found.Z, found.labels, n_leaves=n_leaves)
    assert len(tree.leaves) == min(max(n_leaves, 5), len(X))
    assert len(tree.links) == len(tree.leaves) - 1
    by_cluster = tree.leaves.groupby("cluster")["n_points"].sum()
    assert by_cluster.tolist() == np.bincount(found.labels).tolist()
    assert (tree.links["cluster"] == -1).sum() == 4
    assert tree.links["height"].is_monotonic_increasing


def test_brackets_stand_on_leaves_and_on_lower_brackets(blobs):
    found = agglomerative(blobs[0], n_clusters=3)
    tree = dendrogram(found.Z, found.labels, n_leaves=10)
    middles = (tree.links["x_left"] + tree.links["x_right"]) / 2
    stands = {*zip(tree.leaves["x"], [0.0] * 10, strict=True)}
    stands |= {*zip(middles, tree.links["height"], strict=True)}
    feet = [
        *zip(tree.links["x_left"], tree.links["y_left"], strict=True),
        *zip(tree.links["x_right"], tree.links["y_right"], strict=True),
    ]
    assert len(set(feet)) == len(feet) == 18
    assert set(feet) <= stands


def test_tied_merges_are_drawn():
    Z = linkage(np.zeros((30, 2)))
    tree = dendrogram(Z, np.zeros(30, dtype=int), n_leaves=6)
    assert tree.leaves["n_points"].sum() == 30
    assert (tree.links["cluster"] == 0).all()


def test_the_tree_of_a_sample_has_the_clusters_of_all(blobs):
    found = agglomerative(blobs[0], n_clusters=3, max_linked=60)
    tree = dendrogram(found.Z, found.fitted_labels, n_leaves=8)
    assert tree.leaves["n_points"].sum() == 60
    assert set(tree.leaves["cluster"]) == {0, 1, 2}


def test_labels_of_other_points_are_refused(blobs):
    found = agglomerative(blobs[0], n_clusters=3)
    with pytest.raises(AnalysisError, match="149 labels for a linkage of 150 points"):
        dendrogram(found.Z, found.labels[:-1])
    with pytest.raises(AnalysisError, match="n_leaves=1; expected 2 or more"):
        dendrogram(found.Z, found.labels, n_leaves=1)
