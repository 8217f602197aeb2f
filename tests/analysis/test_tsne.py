import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.manifold import TSNE as ScikitLearnTSNE
from sklearn.manifold import trustworthiness
from threadpoolctl import threadpool_limits

from music_explorer.analysis import tsne, tsne_kernels
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.tsne import TSNE

ROOT = Path(__file__).parents[2]

FIT_AND_PRINT_A_HASH = """
import hashlib
import numpy as np
from music_explorer.analysis.tsne import TSNE
X = np.random.default_rng(0).normal(size=(301, 6))
print(hashlib.sha256(TSNE(max_iter=150).fit_transform(X).tobytes()).hexdigest())
"""

FIT_IN_FOUR_THREADS = """
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from music_explorer.analysis.tsne import TSNE
X = np.random.default_rng(0).normal(size=(400, 6))
def fit(seed):
    return TSNE(max_iter=120, random_state=seed).fit_transform(X)
serial = [fit(seed) for seed in range(4)]
with ThreadPoolExecutor(4) as threads:
    print(all(map(np.array_equal, threads.map(fit, range(4)), serial)))
"""


def run_python(code, **environment):
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def divergence(X, embedding, perplexity):
    """KL divergence of any embedding, from the probabilities that ours is fitted to."""
    first, neighbors, P = tsne.pairs(X, perplexity)
    Y = np.zeros((3, len(X)), dtype=np.float32)
    Y[: embedding.shape[1]] = embedding.T
    with tsne_kernels.PARALLEL:
        return tsne_kernels.divergence(Y, first, neighbors, P)


def nearest_is_of_the_same_group(embedding, groups):
    distances = np.linalg.norm(embedding[:, None] - embedding, axis=2)
    np.fill_diagonal(distances, np.inf)
    return groups[distances.argmin(axis=1)] == groups


@pytest.mark.parametrize("n_components", [1, 2, 3])
def test_far_groups_stay_apart(blobs, n_components):
    X, groups = blobs
    embedding = TSNE(n_components, perplexity=15).fit_transform(X)
    assert embedding.shape == (150, n_components)
    centers = np.array([embedding[groups == g].mean(axis=0) for g in range(3)])
    nearest = np.linalg.norm(embedding[:, None] - centers, axis=2).argmin(axis=1)
    assert (nearest == groups).all()


def test_neighbours_are_kept_better_than_by_two_principal_components():
    X = np.random.default_rng(0).normal(size=(250, 6))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    ours = trustworthiness(X, TSNE(2, perplexity=15).fit_transform(X), n_neighbors=15)
    assert ours > trustworthiness(X, X[:, :2], n_neighbors=15) + 0.1
    assert ours > 0.85


def test_each_row_of_probabilities_has_the_perplexity_asked_for():
    X = np.random.default_rng(0).normal(size=(200, 5))
    neighbors, P = tsne._neighbors(X, 12.0)
    assert neighbors.shape == P.shape == (200, 36)
    assert not (neighbors == np.arange(200)[:, None]).any()
    assert np.exp(-(P * np.log(P)).sum(axis=1)) == pytest.approx(12, rel=1e-4)


def test_the_divergence_is_that_of_the_definition():
    X = np.random.default_rng(0).normal(size=(60, 5))
    model = TSNE(2, perplexity=6, max_iter=120).fit(X)
    first, neighbors, values = tsne.pairs(X, 6)
    P = np.zeros((60, 60))
    P[np.repeat(np.arange(60), np.diff(first)), neighbors] = values
    assert P == pytest.approx(P.T)
    Y = model.embedding_.astype(float)
    Q = 1 / (1 + ((Y[:, None] - Y) ** 2).sum(axis=2))
    np.fill_diagonal(Q, 0)
    Q /= Q.sum()
    used = P > 0
    expected = (P[used] * np.log(P[used] / Q[used])).sum()
    assert model.kl_divergence_ == pytest.approx(expected, rel=1e-4)


def test_the_divergence_is_as_low_as_that_of_scikit_learn(blobs):
    clouds = np.random.default_rng(1).normal(size=(200, 8)), blobs[0]
    for X in clouds:
        with threadpool_limits(1):
            theirs = ScikitLearnTSNE(3, perplexity=20, init="pca", random_state=0).fit_transform(X)
        ours = TSNE(3, perplexity=20).fit_transform(X)
        assert divergence(X, ours, 20) <= 1.02 * divergence(X, theirs, 20)


def test_the_gradient_is_that_of_the_divergence():
    X = np.random.default_rng(0).normal(size=(40, 5))
    first, neighbors, P = tsne.pairs(X, 5)
    Y = np.random.default_rng(1).normal(size=(3, 40)).astype(np.float32)
    moved, velocity, gains = Y.copy(), np.zeros_like(Y), np.ones_like(Y)
    tsne_kernels.descend(
        moved, velocity, gains, first, neighbors, P,
        np.float32(1), np.float32(0), np.float32(1), 1,
    )  # fmt: skip
    gradient = -velocity / gains
    for axis, point in [(0, 0), (1, 17), (2, 39)]:
        costs = []
        for change in (0.01, -0.01):
            nudged = Y.copy()
            nudged[axis, point] += change
            costs.append(tsne_kernels.divergence(nudged, first, neighbors, P))
        slope = (costs[0] - costs[1]) / 0.02
        assert gradient[axis, point] == pytest.approx(slope, rel=0.01, abs=1e-4)


def test_a_fresh_compilation_and_a_cached_one_agree_to_the_bit_with_one_and_two_threads(tmp_path):
    cache = str(tmp_path)
    compiled = run_python(FIT_AND_PRINT_A_HASH, NUMBA_CACHE_DIR=cache, NUMBA_NUM_THREADS="1")
    cached = run_python(FIT_AND_PRINT_A_HASH, NUMBA_CACHE_DIR=cache, NUMBA_NUM_THREADS="2")
    assert compiled == cached


def test_threads_that_fit_at_once_get_what_they_get_alone():
    # The one threading layer that ends the process if two threads run parallel kernels at once.
    assert run_python(FIT_IN_FOUR_THREADS, NUMBA_THREADING_LAYER="workqueue") == "True"


def test_the_callback_sees_every_pause_and_the_embedding_so_far():
    X = np.random.default_rng(0).normal(size=(30, 4))
    seen = []
    model = TSNE(
        2,
        perplexity=5,
        max_iter=130,
        callback_every=40,
        callback=lambda *arguments: seen.append(arguments),
    ).fit(X)
    assert [(iteration, total) for iteration, total, _ in seen] == [
        (40, 130), (80, 130), (120, 130), (130, 130),
    ]  # fmt: skip
    assert np.array_equal(seen[-1][2], model.embedding_)
    assert not np.array_equal(seen[0][2], seen[1][2])


def test_what_the_callback_raises_ends_the_fit():
    class Stopped(Exception):
        pass

    iterations = []

    def callback(iteration, max_iter, embedding):
        iterations.append(iteration)
        if iteration == 50:
            raise Stopped

    X = np.random.default_rng(0).normal(size=(30, 4))
    with pytest.raises(Stopped):
        TSNE(2, perplexity=5, callback=callback).fit(X)
    assert iterations == [25, 50]
    assert TSNE(2, perplexity=5).fit(X).n_iter_ == 500  # the lock is free again


def test_a_callback_changes_nothing():
    X = np.random.default_rng(0).normal(size=(50, 4))
    alone = TSNE(2, perplexity=5).fit_transform(X)
    watched = TSNE(2, perplexity=5, callback=lambda *_: None, callback_every=7).fit_transform(X)
    assert np.array_equal(alone, watched)


def test_points_beyond_the_sample_land_in_their_own_group(blobs):
    X, groups = blobs
    model = TSNE(3, perplexity=10, max_exact=75).fit(X)
    assert len(model.fitted_) == 75
    placed = np.setdiff1d(np.arange(150), model.fitted_)
    assert np.isfinite(model.embedding_).all()
    assert nearest_is_of_the_same_group(model.embedding_, groups)[placed].all()
    assert len(np.unique(model.embedding_[placed], axis=0)) == 75


def test_placing_the_rest_leaves_the_sample_where_it_is(blobs):
    X = blobs[0]
    seen = []
    model = TSNE(
        3, perplexity=10, max_exact=75, callback=lambda *arguments: seen.append(arguments[2])
    ).fit(X)
    assert np.array_equal(model.embedding_[model.fitted_], seen[-1])


def test_the_rest_is_placed_in_blocks(blobs, monkeypatch):
    whole = TSNE(2, perplexity=10, max_exact=75).fit_transform(blobs[0])
    monkeypatch.setattr(tsne, "_AT_ONCE", 20)
    assert np.array_equal(whole, TSNE(2, perplexity=10, max_exact=75).fit_transform(blobs[0]))


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_few_points_work(n):
    model = TSNE(2, perplexity=min(1.0, n / 2)).fit(np.eye(4)[:n])
    assert model.embedding_.shape == (n, 2)
    assert np.isfinite(model.embedding_).all()


def test_constant_data_work():
    embedding = TSNE(3, perplexity=5).fit_transform(np.ones((40, 6)))
    assert np.isfinite(embedding).all()
    assert len(np.unique(embedding, axis=0)) == 40


def test_identical_rows_stay_together(blobs):
    X = np.repeat(blobs[0][::5], 2, axis=0)
    embedding = TSNE(2, perplexity=5).fit_transform(X)
    pair = np.linalg.norm(embedding[::2] - embedding[1::2], axis=1)
    assert np.median(pair) < 0.1 * embedding.std()


def test_it_starts_where_it_is_told():
    X = np.random.default_rng(0).normal(size=(30, 4))
    start = np.random.default_rng(1).normal(size=(30, 2)) * 50
    seen = []
    TSNE(
        2, perplexity=5, init=start, max_iter=1, early_exaggeration=1,
        callback=lambda *arguments: seen.append(arguments[2]),
    ).fit(X)  # fmt: skip
    assert np.corrcoef(seen[0].ravel(), start.ravel())[0, 1] > 0.99


def test_it_is_an_estimator():
    from sklearn.base import clone

    model = TSNE(2, perplexity=5).fit(np.eye(8))
    copy = clone(model).set_params(perplexity=7)
    assert (copy.n_components, copy.perplexity, model.perplexity) == (2, 7, 5)
    assert not hasattr(copy, "embedding_")
    with pytest.raises(AnalysisError, match="angle"):
        copy.set_params(angle=0.5)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_components": 4}, "n_components=4"),
        ({"perplexity": 0}, "perplexity=0"),
        ({"perplexity": 8}, "perplexity=8"),
        ({"init": "spectral"}, "init='spectral'"),
        ({"init": np.zeros((7, 3))}, r"\(7, 3\); expected \(8, 3\)"),
    ],
)
def test_bad_parameters_are_refused(parameters, message):
    with pytest.raises(AnalysisError, match=message):
        TSNE(**{"perplexity": 3, **parameters}).fit(np.eye(8))


def test_warming_up_compiles_every_kernel():
    tsne.warm_up()
    kernels = (tsne_kernels.calibrate, tsne_kernels.descend, tsne_kernels.settle)
    assert all(kernel.signatures for kernel in (*kernels, tsne_kernels.divergence))
