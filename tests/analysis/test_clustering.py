import subprocess
import sys

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from music_explorer.analysis.clustering import (
    CHOOSES_K,
    MAX_STARTED,
    METHOD_TITLES,
    METHODS,
    find_clusters,
    inertia,
    kmeans,
)
from music_explorer.analysis.errors import AnalysisError

WITH_K = [method for method in METHODS if method not in CHOOSES_K]


@pytest.mark.parametrize("method", METHODS)
def test_far_groups_are_found_and_numbered_by_size(method, blobs):
    X, groups = blobs
    labels = find_clusters(X, method=method, n_clusters=3, min_cluster_size=10).labels
    clustered = labels >= 0
    # The groups were made in the order of their size.
    assert labels[clustered].tolist() == groups[clustered].tolist()
    assert clustered.mean() > (0.75 if method == "hdbscan" else 0.999)


@pytest.mark.parametrize("method", METHODS)
def test_inertia_is_that_of_the_labels(method, blobs):
    X, _ = blobs
    found = find_clusters(X, method=method, n_clusters=4, min_cluster_size=10)
    assert found.inertia == pytest.approx(inertia(X, found.labels))


def test_of_equal_clusters_the_one_with_the_first_member_is_0():
    X = np.array([[9.0], [0.0], [9.1], [0.1]])
    assert kmeans(X, n_clusters=2).labels.tolist() == [0, 1, 0, 1]


def test_of_many_points_the_starts_see_a_sample_and_the_clusters_all():
    X, groups = make_blobs(MAX_STARTED + 10_000, centers=[[0], [4], [9]], random_state=0)
    found = kmeans(X, n_clusters=3)
    every = KMeans(3, n_init=10, random_state=0).fit(X)
    assert found.fitted is None
    assert found.inertia == pytest.approx(every.inertia_, rel=1e-4)
    assert adjusted_rand_score(every.labels_, found.labels) > 0.999
    assert found.inertia == pytest.approx(inertia(X, found.labels), rel=1e-4)


def test_every_method_has_a_title():
    assert list(METHOD_TITLES) == list(METHODS)
    assert CHOOSES_K < set(METHODS)


@pytest.mark.parametrize("method", WITH_K)
@pytest.mark.parametrize("n_clusters", [0, 4, 5])
def test_a_number_of_clusters_out_of_range_is_refused(method, n_clusters):
    with pytest.raises(AnalysisError, match=f"n_clusters={n_clusters} for 4 tracks; .* 2 to 3"):
        METHODS[method](np.eye(4), n_clusters=n_clusters)


@pytest.mark.parametrize("method", WITH_K)
def test_one_cluster_is_allowed_for_a_scan(method):
    assert set(METHODS[method](np.eye(4), n_clusters=1).labels) == {0}


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
def test_more_clusters_than_distinct_points_are_refused():
    X = np.repeat([[0.0], [1.0]], 10, axis=0)
    with pytest.raises(AnalysisError, match="only 2 points are distinct"):
        kmeans(X, n_clusters=3)


def test_an_unknown_method_is_named(blobs):
    with pytest.raises(AnalysisError, match="method='dbscan'; choose one of kmeans, agglom"):
        find_clusters(blobs[0], method="dbscan")


def test_two_processes_give_the_same_mixture_and_the_same_dense_groups():
    code = (
        "import numpy as np\n"
        "from music_explorer.analysis.density import hdbscan\n"
        "from music_explorer.analysis.mixture import gmm\n"
        "rng = np.random.default_rng(0)\n"
        "X = np.vstack([rng.normal(c, 1, size=(200, 5)) for c in (0, 2.5, 9)])\n"
        "for limit in (300, 10_000):\n"
        "    for found in (\n"
        "        gmm(X, n_clusters=4, random_state=3, max_fitted=limit),\n"
        "        hdbscan(X, random_state=3, max_fitted=limit),\n"
        "    ):\n"
        "        print(found.labels.tolist(), found.probabilities.sum())\n"
    )
    first, second = (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    assert len(first.stdout.splitlines()) == 4
    assert first.stdout == second.stdout
