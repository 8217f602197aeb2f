import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from music_explorer.analysis import fidelity
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.fidelity import trustworthiness_continuity


@pytest.fixture(scope="module")
def cloud():
    X = np.random.default_rng(0).normal(size=(300, 6))
    return X, X[:, :2]


def test_trustworthiness_is_that_of_scikit_learn_and_continuity_the_same_with_roles_swapped(cloud):
    X, embedding = cloud
    result = trustworthiness_continuity(X, embedding, n_neighbors=12)
    assert result.trustworthiness == pytest.approx(
        trustworthiness(X, embedding, n_neighbors=12), abs=1e-14
    )
    assert result.continuity == pytest.approx(
        trustworthiness(embedding, X, n_neighbors=12), abs=1e-14
    )
    assert (result.n_neighbors, result.sampled) == (12, False)
    assert result.trustworthiness < result.continuity < 1


def test_blocks_change_nothing(cloud, monkeypatch):
    whole = trustworthiness_continuity(*cloud)
    monkeypatch.setattr(fidelity, "_BLOCK_DISTANCES", 7 * 300)
    assert trustworthiness_continuity(*cloud) == whole


def test_a_rotated_and_scaled_copy_is_perfect(cloud):
    X = cloud[0]
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0]
    result = trustworthiness_continuity(X, 3 * X @ rotation)
    assert (result.trustworthiness, result.continuity) == (1, 1)


def test_gluing_two_groups_together_costs_trustworthiness_only():
    line = np.arange(40.0)
    X = np.column_stack([np.r_[line, line], np.repeat([0, 1000], 40)])
    glued = np.r_[line, line + 0.3][:, None]
    result = trustworthiness_continuity(X, glued, n_neighbors=3)
    assert result.trustworthiness < 0.8
    assert result.continuity > result.trustworthiness + 0.1


def test_a_shuffled_embedding_scores_about_a_half(cloud):
    X = cloud[0]
    result = trustworthiness_continuity(X, np.random.default_rng(2).permutation(X))
    assert 0.4 < result.trustworthiness < 0.6
    assert 0.4 < result.continuity < 0.6


def test_many_points_are_sampled_and_the_same_seed_gives_the_same_sample(cloud):
    first = trustworthiness_continuity(*cloud, max_samples=100, random_state=4)
    assert first.sampled
    assert first == trustworthiness_continuity(*cloud, max_samples=100, random_state=4)
    assert first != trustworthiness_continuity(*cloud, max_samples=100, random_state=5)


def test_neighbours_are_lowered_to_less_than_half_of_the_points():
    X = np.random.default_rng(0).normal(size=(9, 2))
    assert trustworthiness_continuity(X, X).n_neighbors == 4
    assert trustworthiness_continuity(X[:3], X[:3]).n_neighbors == 1


def test_points_that_all_coincide_count_as_kept():
    result = trustworthiness_continuity(np.ones((30, 4)), np.ones((30, 2)))
    assert (result.trustworthiness, result.continuity) == (1, 1)


@pytest.mark.parametrize(
    ("n", "m", "k", "message"),
    [(2, 2, 1, "n_samples=2"), (5, 4, 1, "5 rows"), (5, 5, 0, "n_neighbors=0")],
)
def test_bad_input_is_refused(n, m, k, message):
    with pytest.raises(AnalysisError, match=message):
        trustworthiness_continuity(np.eye(5)[:n], np.eye(5)[:m], n_neighbors=k)
