import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.metrics import adjusted_rand_score

from music_explorer.analysis.clustering import kmeans
from music_explorer.analysis.density import hdbscan
from music_explorer.analysis.errors import AnalysisError

# Farther from both groups, and from each other, than the groups are apart.
ALONE = 30.0 * np.array([[0, 1], [0, -1], [-1, 0], [1, 0], [1, 1], [-1, -1]])


@pytest.fixture(scope="module")
def scattered():
    """Two tight groups of 80 and 60 points, and six points alone."""
    rng = np.random.default_rng(0)
    left, right = rng.normal(scale=0.3, size=(80, 2)), rng.normal([10, 0], 0.3, size=(60, 2))
    return np.vstack([left, right, ALONE])


def test_two_moons_are_found_where_k_means_cannot():
    X, moons = make_moons(600, noise=0.06, random_state=0)
    found = hdbscan(X)
    clustered = found.labels >= 0
    assert found.n_clusters == 2
    assert clustered.mean() > 0.95
    assert adjusted_rand_score(moons[clustered], found.labels[clustered]) == 1
    assert adjusted_rand_score(moons, kmeans(X, n_clusters=2).labels) < 0.6


def test_points_alone_are_noise_and_no_others(scattered):
    found = hdbscan(scattered)
    assert found.labels[-6:].tolist() == [-1] * 6
    assert found.probabilities[-6:].tolist() == [0.0] * 6
    assert (found.labels[:80] == 0).mean() > 0.9
    assert (found.labels[80:140] == 1).mean() > 0.9
    assert ((found.probabilities >= 0) & (found.probabilities <= 1)).all()


def test_a_group_below_the_smallest_size_is_no_cluster(scattered):
    rng = np.random.default_rng(1)
    X = np.vstack([scattered, rng.normal([5, 20], 0.3, size=(20, 2))])
    assert hdbscan(X, min_cluster_size=15).n_clusters == 3
    few = hdbscan(X, min_cluster_size=25)
    assert few.n_clusters == 2
    assert set(few.labels[-20:]) == {-1}


def test_one_even_cloud_has_no_cluster():
    found = hdbscan(np.random.default_rng(0).normal(size=(500, 6)))
    assert (found.n_clusters, found.n_noise) == (0, 500)
    assert np.isnan(found.inertia)


def test_points_beyond_the_limit_take_the_label_of_their_neighbour(scattered):
    X = np.vstack([scattered[:140]] * 3 + [ALONE])
    found = hdbscan(X, min_cluster_size=10, max_fitted=200)
    assert found.n_fitted == 200
    assert found.n_clusters == 2
    groups = np.tile(np.repeat([0, 1], [80, 60]), 3)
    clustered = found.labels[:420] >= 0
    assert clustered.mean() > 0.9
    assert np.array_equal(found.labels[:420][clustered], groups[clustered])


def test_the_points_are_left_as_they_were(scattered):
    before = scattered.copy()
    hdbscan(scattered)
    assert np.array_equal(before, scattered)


def test_points_on_top_of_each_other_are_a_cluster():
    X = np.vstack([np.zeros((40, 2)), np.ones((30, 2))])
    found = hdbscan(X)
    assert found.labels.tolist() == [0] * 40 + [1] * 30
    assert np.isfinite(found.probabilities).all()


@pytest.mark.parametrize("size", [1, 0, 41])
def test_a_smallest_size_out_of_range_is_refused(size):
    with pytest.raises(AnalysisError, match=f"min_cluster_size={size} for 40 tracks; choose 2 to"):
        hdbscan(np.eye(40), min_cluster_size=size)
