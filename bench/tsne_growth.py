"""3D t-SNE at 3,000, 10,000 and 50,000 points, beside scikit-learn and openTSNE."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.choose_k import points_of
from bench.contest import Entry, Work, contest
from bench.report import Point, Section, table

SIZES = (3_000, 10_000, 50_000)
# Above so many points peers do a quarter of their iterations, and the time is taken four times.
_WHOLE = 3_000
_PARTS = 4
_COMMON = {"n_components": 3, "perplexity": 30.0, "random_state": 0}


def compare(sizes: Sequence[int] = SIZES) -> Section:
    """Unfold generated tracks of every size."""
    rows, points = [], []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.npy"
            np.save(path, points_of(size))
            parts = 1 if size <= _WHOLE else _PARTS
            arguments = (str(path), str(parts))
            repeats = 3 if size <= 10_000 else 1
            found = contest(
                [
                    Entry("the app's", "bench.tsne_growth:ours", arguments, repeats),
                    Entry("scikit-learn", "bench.tsne_growth:scikit_learn", arguments, 1),
                    Entry("openTSNE", "bench.tsne_growth:open_tsne", arguments, 1),
                ]
            )
            ours = found["the app's"]
            for name, figures in found.items():
                seconds = figures.median * (1 if figures is ours else parts)
                rows.append(
                    {
                        "points": f"{size:,}",
                        "what": name,
                        "s": seconds,
                        "× the app's": seconds / ours.median,
                        "MB at most": round(figures.peak_mb),
                    }
                )
            points.append(Point("t-SNE", size, ours.median, ours.peak_mb))
    return Section(
        "t-SNE in 3D",
        "13 scaled features, perplexity 30; 500 iterations (scikit-learn 1,000, openTSNE 750), "
        f"as each does by itself. Above {_WHOLE:,} points the time of the peers is that of a "
        "quarter of their iterations, times four. "
        "`bench/tsne.py` compares the quality of the maps. The app unfolds at most 10,000 tracks "
        "and places the others among them; the page says so.",
        table(rows),
        points,
    )


def ours(path: str, parts: str) -> Work:
    """Project as the page does, all iterations."""
    from music_explorer.analysis.projection import tsne
    from music_explorer.analysis.tsne import warm_up

    X = np.load(path)
    warm_up()
    return lambda: tsne(X, n_components=3)


def scikit_learn(path: str, parts: str) -> Work:
    """Project with scikit-learn."""
    from sklearn.manifold import TSNE

    X = np.load(path)
    model = TSNE(**_COMMON, init="pca", max_iter=1_000 // int(parts))
    return lambda: model.fit_transform(X)


def open_tsne(path: str, parts: str) -> Work:
    """Project with openTSNE."""
    import os

    import openTSNE

    X = np.load(path)
    model = openTSNE.TSNE(
        **_COMMON,
        n_jobs=os.cpu_count(),
        negative_gradient_method="bh",
        early_exaggeration_iter=250 // int(parts),
        n_iter=500 // int(parts),
    )
    return lambda: model.fit(X)
