from functools import partial

import numpy as np
import pytest
from sklearn.datasets import make_blobs, make_moons
from sklearn.metrics import silhouette_samples

from music_explorer.analysis.density import hdbscan
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.nulls import copula
from music_explorer.analysis.pipeline import Config, project
from music_explorer.analysis.projection import pca
from music_explorer.analysis.reality_of_density import density_check, density_verdict
from music_explorer.analysis.scaling import scale


def one_cloud(seed, n_samples=120):
    """In a plane HDBSCAN finds a few groups in nearly every cloud, by chance."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_samples, 2)) @ np.array([[1, 0.6], [0, 0.8]])


def checks(draw):
    # Seeds of their own, or all would meet the same clouds; and not those that drew the data.
    how = {"min_cluster_size": 5, "n_null": 19}
    return [density_check(draw(seed), random_state=1000 + seed, **how) for seed in range(20)]


@pytest.fixture(scope="module")
def moons():
    return make_moons(300, noise=0.06, random_state=0)[0]


@pytest.fixture(scope="module")
def found(moons):
    return density_check(moons, min_cluster_size=10, features="2 features")


def test_two_moons_are_structure(found):
    assert found.n_clusters == 2
    assert found.share > 0.95
    assert found.p_values == {"gaussian": pytest.approx(1 / 30), "copula": pytest.approx(1 / 30)}
    words = density_verdict(found)
    assert words.level == "structure"
    assert words.headline.startswith("HDBSCAN finds 2 dense groups in 2 features with 100% of the")
    assert (
        "in none of 58 shapeless clouds did it find groups that hold as many and are as far apart "
        "(p = 0.033)" in words.headline
    )
    assert len(words.details) == 3


def test_far_groups_are_structure_in_a_projection_too():
    X = scale(make_blobs([50, 40, 30], centers=8 * np.eye(3, 6), random_state=0)[0])
    how = {"min_cluster_size": 10, "n_null": 19, "projection": "PCA-2"}
    here = density_check(X, **how)
    placed = density_check(X, place=lambda X: pca(X, n_components=2).embedding, **how)
    assert (here.n_clusters, here.structure, here.space) == (3, True, "features")
    assert (placed.n_clusters, placed.structure, placed.space) == (3, True, "PCA-2")
    assert placed.share == 1


def test_of_one_gaussian_cloud_few_are_called_structured():
    found = checks(one_cloud)
    # There must be groups to be tempted by.
    assert all(check.n_clusters >= 2 for check in found)
    # By chance 1 in 20 would be, with 19 clouds; 5 or more of 20 with a probability of 0.3 %.
    assert sum(check.structure for check in found) < 5


def test_of_one_skewed_discrete_cloud_few_are_called_structured():
    def skewed(seed):
        values = one_cloud(seed, 600)
        values[:, 0] = np.exp(values[:, 0])
        values[:, 1] = values[:, 1] > 0.3
        rows = np.random.default_rng(seed).choice(600, 90, replace=False)
        return scale(copula(values, rng=np.random.default_rng(seed))[rows])

    assert sum(check.structure for check in checks(skewed)) < 5


def test_groups_of_one_two_valued_feature_alone_are_no_structure():
    rng = np.random.default_rng(1)
    X = np.column_stack([rng.normal(size=(300, 4)), 3 * (rng.random(300) < 0.4)])
    found = density_check(X, min_cluster_size=10)
    assert found.n_clusters == 2
    assert found.p_values["gaussian"] <= 0.05 < found.p_values["copula"]
    words = density_verdict(found)
    assert words.level == "none"
    assert "skewed or two-valued features are enough" in words.headline


def test_groups_that_fill_a_map_are_structure_by_how_far_apart_they_are():
    X = make_blobs([30] * 3, centers=8 * np.eye(3, 6), random_state=0)[0]
    place = partial(project, Config(projection="tsne", n_components=2))
    found = density_check(
        X, place=lambda cloud: place(cloud).embedding, min_cluster_size=10, n_null=19
    )
    assert found.structure
    assert (found.clouds["share"] >= 0.99 * found.share).any()
    assert (found.clouds["silhouette"] < found.silhouette).all()


def test_the_silhouette_is_of_all_tracks_in_the_features():
    groups = make_blobs([50, 40], centers=[[0, 0], [9, 0]], random_state=0)[0]
    X = np.vstack([groups, [[0, 40], [0, -40], [-40, 0]]])
    found = density_check(X, place=lambda cloud: cloud[:, :1], min_cluster_size=10, n_null=19)
    labels = hdbscan(X[:, :1], min_cluster_size=10).labels
    each = silhouette_samples(X[labels >= 0], labels[labels >= 0])
    assert found.silhouette == pytest.approx(each.sum() / len(X))
    assert found.share == pytest.approx(len(each) / len(X))


def test_ties_count_against_the_data():
    corners = np.repeat([[0.0, 0], [0, 1], [1, 0], [1, 1]], 40, axis=0)
    found = density_check(corners)  # a cloud of the same values has the same groups
    assert (found.share, found.silhouette, found.p_values["copula"]) == (1, 1, 1)


def test_without_structure_the_second_null_is_left_out_and_the_clouds_are_told():
    found = density_check(one_cloud(0), min_cluster_size=5)
    assert list(found.p_values) == ["gaussian"]
    words = density_verdict(found)
    assert words.level == "none"
    most = found.clouds.max()
    assert (
        f"with 76% of the tracks (silhouette in features {found.silhouette:.3f}), but in a "
        "shapeless cloud with the same correlations it finds up to "
        f"{most['n_clusters']} groups, up to {most['share']:.0%} in groups, and silhouettes up to "
        f"{most['silhouette']:.3f} (p = {found.p:.3f})" in words.headline
    )
    assert "no evidence for groups" in words.headline


def test_no_groups_at_all_need_no_clouds():
    steps = []
    X = np.random.default_rng(0).normal(size=(300, 6))
    found = density_check(X, progress=lambda *step: steps.append(step))
    assert (found.n_clusters, found.share, found.p, len(found.clouds)) == (0, 0, 1, 0)
    assert steps == [(1, 59), (59, 59)]
    words = density_verdict(found)
    assert words.level == "none"
    assert "no two groups of 25 or more tracks in features" in words.headline
    assert words.details == ("The data: 0 groups with 0% of the tracks, silhouette 0.000.",)


def test_the_seed_decides(moons, found):
    again = density_check(moons, min_cluster_size=10)
    other = density_check(moons, min_cluster_size=10, random_state=1)
    assert again.clouds.equals(found.clouds)
    assert not other.clouds.equals(found.clouds)


def test_of_many_tracks_a_sample_is_checked_and_said(moons):
    found = density_check(moons, min_cluster_size=10, n_null=19, max_samples=200)
    assert (found.n_samples, found.n_total, found.min_cluster_size) == (200, 300, 10)
    assert "on a random 200 of 300 tracks, where a group needs 10 of those" in (
        density_verdict(found).headline
    )


def test_progress_counts_every_cloud(moons):
    steps = []
    density_check(moons, min_cluster_size=10, n_null=19, progress=lambda *step: steps.append(step))
    assert steps == [*((i, 39) for i in range(1, 40)), (39, 39)]


def test_progress_may_stop_the_check(moons):
    class StopError(Exception):
        pass

    def stop(done, total):
        if done == 2:
            raise StopError

    with pytest.raises(StopError):
        density_check(moons, min_cluster_size=10, progress=stop)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_null": 10}, "n_null=10; no p-value reaches 0.05 below 19 clouds"),
        ({"min_cluster_size": 121}, "min_cluster_size=121 for 120 tracks; choose 2 to 120"),
        ({"min_cluster_size": 101, "max_samples": 100}, "for 100 tracks; choose 2 to 100"),
    ],
)
def test_what_cannot_be_checked_is_refused(options, message):
    with pytest.raises(AnalysisError, match=message):
        density_check(one_cloud(0), **options)
