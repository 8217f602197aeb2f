import numpy as np
import pandas as pd
import pytest

from music_explorer.analysis.clustering import kmeans
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.stability import (
    bootstrap_jaccard,
    guidance,
    null_jaccard,
    seed_ari,
    stability_curve,
    stability_table,
)


@pytest.fixture(scope="module")
def long_cloud():
    rng = np.random.default_rng(0)
    return rng.normal(size=(300, 5)) * [6, 1, 1, 1, 1]


@pytest.mark.parametrize("method", ["kmeans", "agglomerative"])
def test_far_groups_come_back_unchanged(method, blobs):
    jaccard = bootstrap_jaccard(*blobs, method=method, n_boot=10)
    assert jaccard.tolist() == [1, 1, 1]
    assert jaccard.index.tolist() == [0, 1, 2]


def test_a_merged_cluster_has_the_jaccard_of_its_larger_part():
    # Label 0 spans two far groups of 60 and 40, label 1 is none: two clusters will be those groups.
    X = np.concatenate([np.zeros(60), np.full(40, 9.0)])[:, None]
    X += 0.01 * np.arange(100)[:, None]
    labels = np.zeros(100, dtype=int)
    labels[:5] = 1
    jaccard = bootstrap_jaccard(X, labels, n_boot=60)
    # The first: 55 of the 100 that 0 and the group of 60 cover; the other: 5 of those 60.
    assert jaccard[0] == pytest.approx(55 / 100, abs=0.03)
    assert jaccard[1] == pytest.approx(5 / 60, abs=0.03)


def test_a_cut_through_a_round_cloud_is_less_stable_than_far_groups(blobs):
    cloud = np.random.default_rng(0).normal(size=(200, 5))
    jaccard = bootstrap_jaccard(cloud, kmeans(cloud, n_clusters=6).labels, n_boot=10)
    assert jaccard.max() < 0.75


def test_stable_is_not_real(long_cloud):
    null = null_jaccard(long_cloud, n_clusters=2, n_null=3, n_boot=5)
    assert null.shape == (6,)
    assert null.mean() > 0.85
    table = stability_table(pd.Series([0.9, 0.9], name="jaccard").rename_axis("cluster"), null)
    assert (table["reading"] == "highly stable (0.90), as by chance").all()


def test_a_cluster_is_read_beside_the_null():
    jaccard = pd.Series([0.9, 0.5, np.nan], index=pd.RangeIndex(3, name="cluster"), name="jaccard")
    table = stability_table(jaccard, np.linspace(0.6, 0.8, 21))
    assert table["dissolved"].tolist() == [False, True, False]
    assert table["reading"].tolist() == [
        "highly stable (0.90)",
        "dissolved (0.50), as by chance",
        "too small to be judged",
    ]


@pytest.mark.parametrize(
    ("jaccard", "word"),
    [
        (0.85, "highly stable"),
        (0.8, "stable"),
        (0.75, "stable"),
        (0.6, "a pattern, its members uncertain"),
        (0.59, "not to be trusted"),
        (0.51, "not to be trusted"),
        (0.5, "dissolved"),
        (0.0, "dissolved"),
    ],
)
def test_hennigs_words(jaccard, word):
    assert guidance(jaccard) == word


def test_a_projection_is_made_of_the_null_too(long_cloud):
    seen = []

    def place(X):
        seen.append(X)
        return X[:, :1]

    null_jaccard(long_cloud, n_clusters=2, place=place, n_null=2, n_boot=1)
    assert [X.shape for X in seen] == [long_cloud.shape] * 2
    assert not np.allclose(seen[0], long_cloud)


def test_the_curve_holds_data_and_clouds_at_every_k(blobs):
    steps = []
    curve = stability_curve(
        blobs[0], ks=(2, 3), n_boot=4, n_null=2, progress=lambda *step: steps.append(step)
    )
    assert curve["k"].tolist() == [2, 3]
    assert curve["jaccard"][1] == 1
    assert (curve["null_low"] <= curve["null_high"]).all()
    assert curve["null_high"][1] < 1
    assert steps == [(i, 6) for i in range(1, 7)]


def test_seeds_agree_on_far_groups_and_less_in_a_round_cloud(blobs):
    assert seed_ari(blobs[0], n_clusters=3, n_seeds=3) == (1, 1)
    cloud = np.random.default_rng(0).normal(size=(200, 8))
    ari = seed_ari(cloud, n_clusters=8, n_seeds=4)
    assert ari.min <= ari.mean < 0.95


def test_a_linkage_has_no_seed():
    cloud = np.random.default_rng(0).normal(size=(60, 3))
    assert seed_ari(cloud, n_clusters=8, method="agglomerative") == (1, 1)


def test_the_same_seed_gives_the_same_numbers(long_cloud):
    labels = kmeans(long_cloud, n_clusters=5).labels
    first, second = (
        bootstrap_jaccard(long_cloud, labels, n_boot=3, random_state=2) for _ in range(2)
    )
    assert first.equals(second)


def test_what_cannot_be_resampled_is_refused(blobs):
    with pytest.raises(AnalysisError, match="n_boot=0"):
        bootstrap_jaccard(*blobs, n_boot=0)
    with pytest.raises(AnalysisError, match="null='shuffle'; choose one of gaussian, copula"):
        null_jaccard(blobs[0], n_clusters=2, null="shuffle")
    with pytest.raises(AnalysisError, match="n_null=0"):
        null_jaccard(blobs[0], n_clusters=2, n_null=0)
    with pytest.raises(AnalysisError, match="n_seeds=1"):
        seed_ari(blobs[0], n_clusters=2, n_seeds=1)
