import numpy as np
import pytest

from music_explorer.analysis.partition import Clustering, by_size, inertia


def test_inertia_of_a_hand_case():
    X = np.array([[0.0], [2.0], [10.0]])
    assert inertia(X, np.array([0, 0, 1])) == 2
    assert inertia(X, np.array([0, 0, 0])) == 56


def test_noise_is_not_part_of_the_inertia():
    X = np.array([[0.0], [2.0], [10.0]])
    assert inertia(X, np.array([0, 0, -1])) == 2
    assert np.isnan(inertia(X, np.full(3, -1)))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([7, 3, 3], [1, 0, 0]),
        ([5, 2, 2, 5], [0, 1, 1, 0]),
        ([-1, 4, -1, 4, 9], [-1, 0, -1, 0, 1]),
        ([-1, -1], [-1, -1]),
    ],
)
def test_the_largest_cluster_then_the_one_with_the_first_member_is_0(labels, expected):
    assert by_size(np.array(labels)).tolist() == expected


def test_a_clustering_counts_its_clusters_and_its_noise():
    found = Clustering(np.array([0, 1, 0, -1, 1, -1]), inertia=0.0, fitted=np.array([1, 3]))
    assert (found.n_clusters, found.n_noise, found.n_fitted) == (2, 2, 2)
    assert found.fitted_labels.tolist() == [1, -1]


def test_nothing_but_noise_is_no_cluster():
    found = Clustering(np.full(4, -1), inertia=float("nan"))
    assert (found.n_clusters, found.n_noise, found.n_fitted) == (0, 4, 4)
