"""Choosing the number of clusters: every criterion over one range of k, in every space at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from music_explorer.analysis.clustering import METHODS, cut, inertia, kmeans, linkage
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.scores import silhouettes

# Criterion, the words for it, and whether its best value is the largest.
_CRITERIA = (
    ("silhouette", "silhouette", True),
    ("davies_bouldin", "Davies-Bouldin", False),
    ("calinski_harabasz", "Calinski-Harabasz", True),
)


def scan_k(
    X: np.ndarray,
    *,
    ks: Iterable[int] = range(2, 16),
    method: str = "kmeans",
    random_state: int = 0,
    spaces: Mapping[str, np.ndarray] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Cluster with every k and score each result in every space.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The points that are clustered.
    ks : iterable of int, default 2 to 15
        Numbers of clusters, each from 1 to n_samples - 1.
    method : {"kmeans", "agglomerative"}, default "kmeans"
        For agglomerative one linkage is cut at every k.
    random_state : int, default 0
        Seed.
    spaces : mapping of str to ndarray of shape (n_samples, ...), optional
        Spaces to score in, by name, the clustered one first: `pipeline.spaces` gives it. By
        default only ``{"clustered": X}``.
    progress : callable of (done, total), optional
        Called after each k and after each space.

    Returns
    -------
    DataFrame
        A row for each space and k, with ``space``, ``k``, ``inertia`` (falls with k),
        ``silhouette`` (-1 to 1, higher is better), ``davies_bouldin`` (lower is better) and
        ``calinski_harabasz`` (higher is better); the scores of k=1 are NaN. Above 10,000 points
        the silhouette is taken on a sample.

    Raises
    ------
    AnalysisError
        If `method` is unknown, `ks` is empty or holds a k out of range.
    """
    ks = sorted(set(ks))
    if method not in METHODS:
        raise AnalysisError(f"method={method!r}; choose one of {', '.join(METHODS)}")
    if not ks or ks[0] < 1 or ks[-1] >= len(X):
        raise AnalysisError(f"ks={ks} for {len(X)} tracks; choose from 1 to {len(X) - 1}")
    spaces = {"clustered": X} if spaces is None else spaces
    total = len(ks) + len(spaces)
    report = progress or (lambda done, total: None)

    labelings = []
    Z = linkage(X) if method == "agglomerative" else None
    for k in ks:
        if Z is None:
            labels = kmeans(X, n_clusters=k, random_state=random_state).labels
        else:
            labels = cut(Z, k)
        labelings.append(labels)
        report(len(labelings), total)

    tables = []
    for name, points in spaces.items():
        tables.append(_score_all(points, ks, labelings, random_state).assign(space=name))
        report(len(ks) + len(tables), total)
    scan = pd.concat(tables, ignore_index=True)
    return scan[["space", *scan.columns.drop("space")]]


def _score_all(
    X: np.ndarray, ks: Sequence[int], labelings: Sequence[np.ndarray], random_state: int
) -> pd.DataFrame:
    from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

    def score(function: Callable[..., float]) -> list[float]:
        return [
            function(X, labels) if k > 1 else np.nan
            for k, labels in zip(ks, labelings, strict=True)
        ]

    return pd.DataFrame(
        {
            "k": ks,
            "inertia": [inertia(X, labels) for labels in labelings],
            "silhouette": silhouettes(X, labelings, random_state=random_state),
            "davies_bouldin": score(davies_bouldin_score),
            "calinski_harabasz": score(calinski_harabasz_score),
        }
    )


def knee(ks: Sequence[int], inertia: Sequence[float]) -> int | None:
    """Find the elbow of the inertia curve.

    A knee exists in nearly every curve, also without clusters: it is a hint, no evidence
    (Schubert 2022, arXiv:2212.12189).

    Parameters
    ----------
    ks : sequence of int
        Ascending numbers of clusters.
    inertia : sequence of float
        Inertia at each k.

    Returns
    -------
    int or None
        The k at the knee; None if there is none or fewer than three k.

    References
    ----------
    Satopää et al. (2011), "Finding a 'kneedle' in a haystack", doi:10.1109/ICDCSW.2011.20.
    """
    from kneed import KneeLocator

    if len(ks) < 3:
        return None
    found = KneeLocator(list(ks), list(inertia), curve="convex", direction="decreasing").knee
    return None if found is None else int(found)


def reading(scan: pd.DataFrame) -> str:
    """Say in plain words where each criterion points.

    Parameters
    ----------
    scan : DataFrame
        Result of `scan_k`.

    Returns
    -------
    str
        For each space the k of the best silhouette, Davies-Bouldin and Calinski-Harabasz, the
        elbow of the first space, and whether they agree.
    """
    answers: list[int] = []
    sentences = []
    for space, table in scan.groupby("space", sort=False):
        scored = table.dropna(subset=[name for name, *_ in _CRITERIA])
        if scored.empty:
            continue
        best = [
            int(scored["k"][scored[name].idxmax() if highest else scored[name].idxmin()])
            for name, _, highest in _CRITERIA
        ]
        words = [f"{words} {k}" for (_, words, _), k in zip(_CRITERIA, best, strict=True)]
        sentences.append(f"In {space} the best k is by {words[0]}, by {words[1]}, by {words[2]}.")
        answers += best
    if not answers:
        return f"Only k = {scan['k'].iloc[0]} was tried: there is nothing to compare."
    first = scan[scan["space"] == scan["space"].iloc[0]]
    return " ".join([*sentences, _verdict(answers, int(scan["k"].max())), _elbow(first)])


def _verdict(answers: Sequence[int], largest: int) -> str:
    if len(set(answers)) == 1:
        verdict = f"All agree on k = {answers[0]}."
    else:
        verdict = f"They disagree (from {min(answers)} to {max(answers)}): no k is clearly right."
    if max(answers) == largest:
        verdict += f" {largest} is the largest k tried; a wider range may move the answer."
    return verdict


def _elbow(table: pd.DataFrame) -> str:
    found = knee(table["k"].tolist(), table["inertia"].tolist())
    where = "shows no elbow" if found is None else f"bends at k = {found}"
    return f"The inertia {where}; an elbow alone is not evidence of clusters."
