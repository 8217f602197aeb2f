import numpy as np
import pytest

from music_explorer.analysis import linkages
from music_explorer.analysis.clustering import METHODS, inertia
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.scores import internal_scores
from music_explorer.analysis.sweep import SWEPT, labelings, score_all


@pytest.mark.parametrize("method", SWEPT)
def test_labelings_are_those_of_the_method(method):
    X = np.random.default_rng(0).normal(size=(120, 3))
    for k, labels in zip((1, 2, 7), labelings(X, ks=(1, 2, 7), method=method), strict=True):
        assert np.array_equal(labels, METHODS[method](X, n_clusters=k).labels)


@pytest.mark.parametrize("offset", [0, 1e4])
def test_all_scores_are_scikit_learns(offset):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 4)) + offset
    found = [np.concatenate([np.arange(k), rng.integers(k, size=150 - k)]) for k in (2, 5, 30)]
    table = score_all(X, found)
    for row, labels in zip(table.itertuples(), found, strict=True):
        expected = internal_scores(X, labels)
        assert row.inertia == pytest.approx(inertia(X, labels))
        assert row.silhouette == pytest.approx(expected.silhouette, abs=1e-6)
        assert row.davies_bouldin == pytest.approx(expected.davies_bouldin)
        assert row.calinski_harabasz == pytest.approx(expected.calinski_harabasz)


@pytest.mark.parametrize("labels", [[0, 0, 1, 1], [0, 1, 0, 1]])
def test_clusters_that_are_points_or_coincide_are_scored_as_in_scikit_learn(labels):
    X = np.array([[0.0], [0.0], [1.0], [1.0]])
    row = score_all(X, [np.array(labels)]).iloc[0]
    expected = internal_scores(X, np.array(labels))
    assert row["davies_bouldin"] == expected.davies_bouldin
    assert row["calinski_harabasz"] == expected.calinski_harabasz


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
def test_a_method_that_takes_no_k_is_refused(method):
    with pytest.raises(AnalysisError, match=f"method='{method}'; choose one of kmeans"):
        next(labelings(np.eye(3), ks=[2], method=method))


def test_beyond_the_limit_of_a_linkage_the_rest_joins_a_sample(blobs, monkeypatch):
    monkeypatch.setitem(linkages.MAX_LINKED, "average", 60)
    X, groups = blobs
    coarse, fine = labelings(X, ks=(2, 3), method="average")
    assert np.array_equal(fine, groups)
    assert len(set(coarse)) == 2
