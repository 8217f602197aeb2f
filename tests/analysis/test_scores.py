import numpy as np
import pytest
from sklearn import metrics
from sklearn.metrics import silhouette_score

from music_explorer.analysis import scores
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.scores import internal_scores, silhouette_samples, silhouettes


def test_a_hand_case():
    # Two pairs, 1 apart, their centres 10 apart.
    X = np.array([[0.0], [1.0], [10.0], [11.0]])
    result = internal_scores(X, np.array([0, 0, 1, 1]))
    assert result.calinski_harabasz == pytest.approx((100 / 1) / (1 / 2))
    assert result.davies_bouldin == pytest.approx(0.1)
    assert result.silhouette == pytest.approx(((9.5 / 10.5) + (8.5 / 9.5)) / 2)
    assert not result.silhouette_sampled


@pytest.mark.parametrize("offset", [0, 1e4])
def test_silhouettes_are_scikit_learns(offset, monkeypatch):
    monkeypatch.setattr(scores, "_BLOCK_DISTANCES", 5_000)  # several uneven blocks
    rng = np.random.default_rng(0)
    X = rng.normal(size=(301, 6)) + offset
    X[:40] = X[40:80]  # duplicates have distance 0
    labelings = [rng.integers(k, size=301) for k in (2, 3, 9, 40)]
    expected = [silhouette_score(X - offset, labels) for labels in labelings]
    assert silhouettes(X, labelings) == pytest.approx(expected, abs=1e-6)


def test_a_cluster_of_one_scores_0_as_in_scikit_learn():
    X = np.array([[0.0], [1.0], [2.0], [50.0]])
    labels = np.array([0, 0, 0, 1])
    assert silhouettes(X, [labels])[0] == pytest.approx(silhouette_score(X, labels))


def test_labels_need_not_count_from_0(blobs):
    X, labels = blobs
    assert silhouettes(X, [labels * 3 + 5])[0] == pytest.approx(silhouettes(X, [labels])[0])


def test_a_single_cluster_has_no_silhouette(blobs):
    X, labels = blobs
    single, known = silhouettes(X, [np.zeros(len(X), dtype=int), labels])
    assert np.isnan(single)
    assert known > 0.8


def test_beyond_the_limit_a_seeded_sample_is_used_and_said(blobs):
    X, labels = blobs
    assert not internal_scores(X, labels, max_silhouette=150).silhouette_sampled
    sampled = internal_scores(X, labels, max_silhouette=100, random_state=1)
    assert sampled.silhouette_sampled
    assert sampled == internal_scores(X, labels, max_silhouette=100, random_state=1)
    assert sampled.silhouette != internal_scores(X, labels).silhouette
    assert sampled.silhouette == pytest.approx(internal_scores(X, labels).silhouette, abs=0.02)


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2]])
def test_one_cluster_and_all_singletons_cannot_be_scored(labels):
    with pytest.raises(AnalysisError, match="expected 2 to 2"):
        internal_scores(np.arange(3.0)[:, None], np.array(labels))


def test_the_silhouette_of_every_point_is_that_of_scikit_learn(monkeypatch):
    monkeypatch.setattr(scores, "_BLOCK_DISTANCES", 7_000)
    X = np.random.default_rng(0).normal(size=(300, 4)) + 50
    labels = np.repeat([3, 5, 9, 9, 9, 11], 50)
    labels[0] = 7  # alone: 0 by convention
    expected = metrics.silhouette_samples(X, labels)
    assert silhouette_samples(X, labels) == pytest.approx(expected, abs=1e-9)
    assert silhouette_samples(X, labels)[0] == 0
