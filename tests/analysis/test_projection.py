import numpy as np
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.projection import PROJECTION_TITLES, PROJECTIONS, pca, tsne, umap


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


def test_tsne_tells_its_divergence_and_that_all_points_were_fitted(blobs):
    projection = tsne(blobs[0], n_components=2)
    assert projection.space == "t-SNE-2"
    assert 0 < projection.kl_divergence < 1
    assert projection.n_fitted is None


def test_tsne_of_more_points_than_it_fits_tells_how_many_were_fitted(blobs, monkeypatch):
    from music_explorer.analysis.tsne import TSNE

    monkeypatch.setitem(TSNE.__init__.__kwdefaults__, "max_exact", 60)
    projection = tsne(blobs[0], perplexity=10)
    assert projection.n_fitted == 60
    assert projection.embedding.shape == (150, 3)


def test_tsne_reports_its_steps(blobs):
    seen = []
    tsne(blobs[0][::5], callback=lambda done, total, embedding: seen.append((done, total)))
    assert seen[0] == (25, 500)
    assert seen[-1] == (500, 500)


def test_perplexity_is_lowered_to_a_third_of_the_other_points():
    X = np.random.default_rng(0).normal(size=(10, 4))
    projection = tsne(X)
    assert projection.perplexity == 3
    assert projection.embedding.shape == (10, 3)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_tsne_of_a_few_points_works(n):
    projection = tsne(np.eye(3)[:n])
    assert projection.embedding.shape == (n, n)
    assert np.isfinite(projection.embedding).all()


def test_tsne_of_points_that_all_coincide_works():
    assert np.isfinite(tsne(np.ones((20, 4))).embedding).all()


@pytest.fixture(scope="module")
def umap_of_blobs(blobs):
    return umap(blobs[0], n_components=2, random_state=1)


def test_umap_keeps_far_groups_apart(blobs, umap_of_blobs):
    groups = blobs[1]
    embedding = umap_of_blobs.embedding
    assert umap_of_blobs.space == "UMAP-2"
    distances = np.linalg.norm(embedding[:, None] - embedding, axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (groups[distances.argmin(axis=1)] == groups).all()


def test_the_same_seed_gives_the_same_umap(blobs, umap_of_blobs):
    again = umap(blobs[0], n_components=2, random_state=1)
    assert np.array_equal(umap_of_blobs.embedding, again.embedding)


def test_umap_of_five_points_works_and_of_four_is_refused():
    assert umap(np.eye(5)).embedding.shape == (5, 3)
    with pytest.raises(AnalysisError, match="4 tracks; UMAP needs at least 5"):
        umap(np.eye(4))


def test_every_projection_has_a_title_and_is_called_alike():
    assert PROJECTIONS.keys() == PROJECTION_TITLES.keys()
    X = np.random.default_rng(0).normal(size=(12, 4))
    for name, project in PROJECTIONS.items():
        result = project(X, n_components=2, random_state=0, callback=None)
        assert (result.method, result.embedding.shape) == (name, (12, 2))


def test_a_perplexity_of_0_is_refused():
    with pytest.raises(AnalysisError, match="perplexity=0"):
        tsne(np.eye(4), perplexity=0)


def test_no_components_is_refused():
    with pytest.raises(AnalysisError, match="n_components=0"):
        pca(np.eye(4), n_components=0)
