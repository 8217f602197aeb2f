"""3D t-SNE beside what a user would pick instead: seconds, divergence, neighbourhoods kept.

``python -m bench.tsne STUDY_CSV [--sizes 3081 6000 10000] [--repeats 3] [--slow-repeats 1]``
embeds the study's 40 standard-scaled features; a larger size is a resample of its rows with noise
of a tenth of each feature's deviation. Methods take turns, medians count. The divergence of every
t-SNE is computed by one function from the same exact neighbours. Peers that are not installed
(`requirements-bench.txt`) are left out.
"""

import argparse
import importlib
import os
import platform
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np
import pandas as pd

from bench.report import versions
from music_explorer.analysis import tsne_kernels
from music_explorer.analysis.fidelity import trustworthiness_continuity
from music_explorer.analysis.tsne import TSNE, pairs, warm_up

_PERPLEXITY = 30.0
_N_NEIGHBORS = 15
_NOISE = 0.1
_PACKAGES = ("numpy", "numba", "scikit-learn", "openTSNE", "umap-learn", "pacmap")
_OURS = "ours"
_SLOW = ("scikit-learn", "openTSNE", "UMAP")

Embed = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    """Read the arguments and print a table for every size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, help="the study's table")
    parser.add_argument("--sizes", type=int, nargs="+", default=[3081, 6000, 10_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--slow-repeats", type=int, default=1, help=f"of {', '.join(_SLOW)}")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore", category=UserWarning, module="umap")
    _print_versions()
    methods = _methods()
    _warm_up(methods)
    study = _study(arguments.path)
    for size in arguments.sizes:
        X = study if size == len(study) else _resample(study, size)
        _print_table(X, methods, arguments.repeats, arguments.slow_repeats)


def _study(path: Path) -> np.ndarray:
    table = pd.read_csv(path).select_dtypes("number")
    X = table.to_numpy(dtype=float)
    if X.shape[1] != 40:
        raise SystemExit(f"{path} has {X.shape[1]} columns of numbers; expected the study's 40")
    return (X - X.mean(axis=0)) / X.std(axis=0)


def _resample(X: np.ndarray, size: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    drawn = X[rng.integers(len(X), size=size)] + rng.normal(0, _NOISE, size=(size, X.shape[1]))
    return (drawn - drawn.mean(axis=0)) / drawn.std(axis=0)


def _print_versions() -> None:
    print(versions(_PACKAGES))
    threads = f"{os.cpu_count()} cores, {numba.get_num_threads()} threads"
    print(f"{platform.machine()}, {threads}, load {os.getloadavg()[0]:.1f}")


def _methods() -> dict[str, Embed]:
    from sklearn.manifold import TSNE as ScikitLearnTSNE

    common = {"n_components": 3, "perplexity": _PERPLEXITY, "random_state": 0}
    methods: dict[str, Embed] = {
        _OURS: lambda X: TSNE(**common).fit_transform(X),
        "scikit-learn": lambda X: ScikitLearnTSNE(**common, init="pca").fit_transform(X),
    }
    peers = {
        "openTSNE": lambda module, X: module.TSNE(
            **common, n_jobs=os.cpu_count(), negative_gradient_method="bh"
        ).fit(X),
        "umap": lambda module, X: module.UMAP(
            n_components=3, random_state=0, n_jobs=1
        ).fit_transform(X),
        "pacmap": lambda module, X: module.PaCMAP(n_components=3, random_state=0).fit_transform(X),
    }
    titles = {"umap": "UMAP", "pacmap": "PaCMAP"}
    for name, embed in peers.items():
        try:
            module = importlib.import_module(name)
        except ImportError:
            print(f"{name} is not installed: left out")
            continue
        methods[titles.get(name, name)] = lambda X, m=module, e=embed: np.asarray(e(m, X))
    return methods


def _warm_up(methods: dict[str, Embed]) -> None:
    start = time.perf_counter()
    warm_up()
    print(
        f"ours, warm-up {time.perf_counter() - start:.1f} s (compiles, or reads what is compiled)"
    )
    few = np.random.default_rng(0).normal(size=(200, 10))
    for embed in methods.values():
        embed(few)


def _print_table(X: np.ndarray, methods: dict[str, Embed], repeats: int, slow_repeats: int) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    embeddings = {}
    for turn in range(max(repeats, slow_repeats)):
        for name, embed in methods.items():
            if turn >= (slow_repeats if name in _SLOW else repeats):
                continue
            start = time.perf_counter()
            embeddings[name] = embed(X)
            seconds[name].append(time.perf_counter() - start)
    print(f"\n{len(X)} points x {X.shape[1]} features, load {os.getloadavg()[0]:.1f}")
    print(f"{'method':14}{'seconds':>9}{'x ours':>8}{'KL':>9}{'trust.':>9}{'contin.':>9}  repeats")
    ours = statistics.median(seconds[_OURS])
    P = pairs(X, _PERPLEXITY)
    for name, embedding in embeddings.items():
        median = statistics.median(seconds[name])
        kept = trustworthiness_continuity(
            X, embedding, n_neighbors=_N_NEIGHBORS, max_samples=len(X)
        )
        is_tsne = name not in ("UMAP", "PaCMAP")
        kl = f"{_divergence(embedding, P):9.4f}" if is_tsne else f"{'':9}"
        print(
            f"{name:14}{median:9.2f}{median / ours:8.1f}{kl}"
            f"{kept.trustworthiness:9.4f}{kept.continuity:9.4f}  {len(seconds[name])}"
        )


def _divergence(embedding: np.ndarray, P: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float:
    with tsne_kernels.PARALLEL:
        return tsne_kernels.divergence(np.ascontiguousarray(embedding.T, dtype=np.float32), *P)


if __name__ == "__main__":
    main()
