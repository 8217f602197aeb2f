import numpy as np
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.projection import pca, tsne


def test_pca_keeps_all_distances_of_points_in_a_plane():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 2)) @ rng.normal(size=(2, 6))
    projection = pca(X, n_components=2)
    assert projection.explained_variance_ratio.sum() == pytest.approx(1)
    before = np.linalg.norm(X[0] - X, axis=1)
    assert np.linalg.norm(projection.embedding[0] - projection.embedding, axis=1) == pytest.approx(
        before
    )


def test_pca_loadings_of_standardised_features_are_correlations_with_the_axes():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(400, 4)) @ rng.normal(size=(4, 4))
    X = (X - X.mean(axis=0)) / X.std(axis=0, ddof=1)
    projection = pca(X)
    expected = np.corrcoef(X.T, projection.embedding.T)[:4, 4:]
    assert projection.loadings == pytest.approx(expected)


def test_the_largest_loading_of_each_axis_is_positive():
    X = np.random.default_rng(2).normal(size=(100, 5))
    for points in (X, -X):
        loadings = pca(points).loadings
        assert (loadings[np.abs(loadings).argmax(axis=0), range(3)] > 0).all()


def test_pca_of_two_features_has_two_axes():
    projection = pca(np.random.default_rng(0).normal(size=(20, 2)))
    assert projection.embedding.shape == (20, 2)
    assert projection.space == "PCA-2"


def test_tsne_keeps_far_groups_apart(blobs):
    X, groups = blobs
    projection = tsne(X, n_components=2)
    assert projection.embedding.shape == (150, 2)
    assert projection.loadings is None
    distances = np.linalg.norm(projection.embedding[:, None] - projection.embedding, axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (groups[distances.argmin(axis=1)] == groups).all()


def test_the_same_seed_gives_the_same_tsne(blobs):
    X = blobs[0][::3]
    assert np.array_equal(
        tsne(X, n_components=2, random_state=3).embedding,
        tsne(X, n_components=2, random_state=3).embedding,
    )


def test_perplexity_is_lowered_to_a_third_of_the_other_points():
    X = np.random.default_rng(0).normal(size=(10, 4))
    projection = tsne(X)
    assert projection.perplexity == 3
    assert projection.embedding.shape == (10, 3)


def test_tsne_of_three_points_works():
    assert tsne(np.eye(3)).embedding.shape == (3, 3)


def test_a_perplexity_of_0_is_refused():
    with pytest.raises(AnalysisError, match="perplexity=0"):
        tsne(np.eye(4), perplexity=0)


def test_no_components_is_refused():
    with pytest.raises(AnalysisError, match="n_components=0"):
        pca(np.eye(4), n_components=0)
