"""Every criterion for k = 2 to 20, and the reality check, beside refitting and yellowbrick."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.contest import Entry, Work, contest
from bench.generated import generated
from bench.report import Section, aim, table

SIZES = (3_000, 30_000)
_KS = range(2, 21)
_NAMES = {
    "all criteria": "the app's four criteria",
    "naive": "refits with scikit-learn, the same four",
    "yellowbrick": "yellowbrick's elbow, inertia alone",
    "null": "the app's reality check, in both spaces",
}


def compare(sizes: Sequence[int] = SIZES) -> Section:
    """Choose k for generated tracks of every size."""
    rows, shares = [], {}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.npy"
            np.save(path, points_of(size))
            repeats = 3 if size <= 3_000 else 1
            found = contest(
                [
                    Entry(name, f"bench.choose_k:{function}", (str(path),), repeats)
                    for function, name in (
                        ("criteria", _NAMES["all criteria"]),
                        ("refits", _NAMES["naive"]),
                        ("yellowbrick", _NAMES["yellowbrick"]),
                        ("reality", _NAMES["null"]),
                    )
                ]
            )
            refits = found[_NAMES["naive"]].median
            shares[f"{size:,}"] = found[_NAMES["all criteria"]].median / refits
            rows += [
                {
                    "tracks": f"{size:,}",
                    "what": name,
                    "s": figures.median,
                    "× refits": figures.median / refits,
                    "MB at most": round(figures.peak_mb),
                }
                for name, figures in found.items()
            ]
    return Section(
        "Choosing k",
        "13 scaled features, k-means, k = 2 to 20: inertia, silhouette, Davies-Bouldin and "
        "Calinski-Harabasz. Every k of the app and of the refits has ten starts, every k of "
        "yellowbrick's elbow one, its default. The reality check clusters 29 shapeless clouds of "
        "two kinds at every k, of at most 3,000 tracks.",
        table(rows),
        aims=[
            aim(
                "all criteria in less time than naive refits need for theirs",
                met=max(shares.values()) < 1,
                found=", ".join(f"{n} tracks {share:.2f} of it" for n, share in shares.items()),
            )
        ],
    )


def points_of(size: int) -> np.ndarray:
    """Return the 13 scaled features of generated tracks."""
    values = generated(size).select_dtypes("number").drop(columns="popularity")
    return ((values - values.mean()) / values.std(ddof=0)).to_numpy(dtype=float)


def criteria(path: str) -> Work:
    """Scan k as the page does."""
    from music_explorer.analysis.choose_k import scan_k

    X = np.load(path)
    scan_k(X[:300], ks=(2, 3))
    return lambda: scan_k(X, ks=_KS)


def reality(path: str) -> Work:
    """Compare with shapeless clouds as the page does."""
    from music_explorer.analysis.reality import reality_steps

    X = np.load(path)
    list(reality_steps(X[:300], ks=(2, 3), n_null=19, max_samples=300))
    return lambda: list(reality_steps(X, ks=tuple(_KS), n_null=29, max_samples=3_000))


def refits(path: str) -> Work:
    """Fit and score every k with scikit-learn, one after the other."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import (
        calinski_harabasz_score,
        davies_bouldin_score,
        silhouette_score,
    )

    X = np.load(path)

    def work(X: np.ndarray = X, ks: Sequence[int] = _KS) -> None:
        for k in ks:
            model = KMeans(n_clusters=k, n_init=10, random_state=0).fit(X)
            silhouette_score(X, model.labels_)
            davies_bouldin_score(X, model.labels_)
            calinski_harabasz_score(X, model.labels_)

    work(X[:300], (2, 3))
    return work


def yellowbrick(path: str) -> Work:
    """Draw yellowbrick's elbow."""
    import matplotlib

    matplotlib.use("Agg")
    from sklearn.cluster import KMeans
    from yellowbrick.cluster import KElbowVisualizer

    X = np.load(path)

    def work(X: np.ndarray = X, ks: Sequence[int] = _KS) -> None:
        # Newer versions of scikit-learn no longer say in its way that a model clusters.
        KElbowVisualizer(KMeans(random_state=0), k=list(ks), force_model=True).fit(X)

    work(X[:300], (2, 3, 4))
    return work
