"""Choosing the number of clusters: every criterion over one range of k, in every space at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.gap import gap_k, gap_statistic
from music_explorer.analysis.reality import Reality, reality_check
from music_explorer.analysis.sampling import sample
from music_explorer.analysis.stability import stability_curve
from music_explorer.analysis.sweep import SWEPT, labelings, score_all

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
    method : str, default "kmeans"
        A name in `sweep.SWEPT`; one linkage is cut at every k.
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
    if method not in SWEPT:
        raise AnalysisError(f"method={method!r}; choose one of {', '.join(SWEPT)}, which take a k")
    if not ks or ks[0] < 1 or ks[-1] >= len(X):
        raise AnalysisError(f"ks={ks} for {len(X)} tracks; choose from 1 to {len(X) - 1}")
    spaces = {"clustered": X} if spaces is None else spaces
    total = len(ks) + len(spaces)
    report = progress or (lambda done, total: None)

    found = []
    for labels in labelings(X, ks=ks, method=method, random_state=random_state):
        found.append(labels)
        report(len(found), total)

    tables = []
    for name, points in spaces.items():
        scores = score_all(points, found, random_state=random_state)
        tables.append(scores.assign(space=name, k=ks))
        report(len(ks) + len(tables), total)
    scan = pd.concat(tables, ignore_index=True)
    return scan[["space", "k", *scan.columns.drop(["space", "k"])]]


@dataclass(frozen=True)
class Criteria:
    """Every criterion over one range of k.

    Attributes
    ----------
    scan : DataFrame
        Inertia and three scores of all tracks, as from `scan_k`.
    gap : DataFrame
        As from `gap.gap_statistic`, from k = 1.
    stability : DataFrame
        As from `stability.stability_curve`, from k = 2.
    reality : Reality
        Scores with the band of one shapeless cloud, from k = 2. Its ``observed`` belong to the
        band: they come from fewer starts than those of `scan`, and maybe from a sample.
    """

    scan: pd.DataFrame
    gap: pd.DataFrame
    stability: pd.DataFrame
    reality: Reality

    @property
    def reading(self) -> str:
        """One paragraph that reads all criteria together."""
        return reading(self.scan, gap=self.gap, stability=self.stability, reality=self.reality)


def criteria(
    X: np.ndarray,
    *,
    place: Callable[[np.ndarray], np.ndarray] | None = None,
    embedding: np.ndarray | None = None,
    max_k: int = 11,
    method: str = "kmeans",
    random_state: int = 0,
    max_samples: int = 3_000,
    features: str = "features",
    projection: str = "projection",
    progress: Callable[[int, int], None] | None = None,
) -> Criteria:
    """Take every criterion of one method at every k from 1 to `max_k`.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The scaled features.
    place : callable of X, optional
        Projects data and null clouds before they are clustered; by default the features are
        clustered.
    embedding : ndarray of shape (n_samples, n_components), optional
        ``place(X)``, if it is at hand.
    max_k : int, default 11
        2 to n_samples - 1.
    method : str, default "kmeans"
        A name in `sweep.SWEPT`.
    random_state : int, default 0
        Seed.
    max_samples : int, default 3_000
        Of more tracks, gap, stability and reality check take a random sample of that size.
    features, projection : str
        Names of the two spaces, such as `Prepared.space` and `Projection.space`.
    progress : callable of (done, total), optional
        Called often; it may raise to stop.

    Returns
    -------
    Criteria

    Raises
    ------
    AnalysisError
        If `max_k` or `method` is not valid, or too few tracks are distinct.
    """
    if not 2 <= max_k < len(X):
        raise AnalysisError(f"max_k={max_k} for {len(X)} tracks; choose from 2 to {len(X) - 1}")
    if place is not None and embedding is None:
        embedding = place(X)
    spaces = {features: X} if place is None else {projection: embedding, features: X}
    clustered = next(iter(spaces.values()))
    chosen = sample(len(X), max_fitted=max_samples, random_state=random_state)
    chosen = slice(None) if chosen is None else chosen
    ks = range(2, max_k + 1)
    same = {"method": method, "random_state": random_state}
    stages = _stages(progress, 4)
    return Criteria(
        scan=scan_k(clustered, ks=[1, *ks], spaces=spaces, progress=next(stages), **same),
        gap=gap_statistic(clustered[chosen], ks=[1, *ks], progress=next(stages), **same),
        stability=stability_curve(X[chosen], ks=ks, place=place, progress=next(stages), **same),
        reality=reality_check(
            X,
            place=place,
            ks=ks,
            max_samples=max_samples,
            features=features,
            projection=projection,
            progress=next(stages),
            **same,
        ),
    )


def _stages(
    progress: Callable[[int, int], None] | None, n_stages: int
) -> Iterator[Callable[[int, int], None]]:
    """Give a report for each stage: each counts on its own, together they fill thousandths."""
    report = progress or (lambda done, total: None)
    for stage in range(n_stages):
        yield lambda done, of, stage=stage: report(
            1000 * (stage * of + done) // (n_stages * of), 1000
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


def reading(
    scan: pd.DataFrame,
    *,
    gap: pd.DataFrame | None = None,
    stability: pd.DataFrame | None = None,
    reality: Reality | None = None,
) -> str:
    """Say in plain words where each criterion points, in one paragraph.

    Parameters
    ----------
    scan : DataFrame
        Result of `scan_k`.
    gap : DataFrame, optional
        Result of `gap.gap_statistic`.
    stability : DataFrame, optional
        Result of `stability.stability_curve`.
    reality : Reality, optional
        Result of `reality.reality_check`.

    Returns
    -------
    str
        Whether there are groups at all; for each space the k of the best silhouette,
        Davies-Bouldin and Calinski-Harabasz; the answer of the gap statistic, where the clusters
        are more stable than one cloud's, the elbow of the first space; and whether they agree.
    """
    answers: list[int] = []
    sentences = [] if reality is None else [_groups(reality)]
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
    if gap is not None:
        answers.append(gap_k(gap))
        none = " (no clusters)" if answers[-1] == 1 else ""
        sentences.append(f"The gap statistic answers k = {answers[-1]}{none}.")
    if reality is None or reality.structure:
        sentences.append(_verdict(answers, int(scan["k"].max())))
    if stability is not None:
        sentences.append(_stability(stability))
    first = scan[scan["space"] == scan["space"].iloc[0]]
    return " ".join([*sentences, _elbow(first)])


def _groups(reality: Reality) -> str:
    p = f"p = {reality.p:.3f} over k = {reality.ks[0]} to {reality.ks[-1]}"
    if not reality.structure:
        return (
            f"No clusters (k = 1) is the answer of the reality check: at no k do the scores stand "
            f"out from those of one shapeless cloud ({p}), so whatever k is best below, the "
            "clusters are slices of a continuum."
        )
    return (
        f"The data are not one shapeless cloud ({p}); they stand out most at k = "
        f"{reality.clearest_k}."
    )


def _stability(stability: pd.DataFrame) -> str:
    above = stability[stability["jaccard"] > stability["null_high"]]
    if above.empty:
        return "At no k are the clusters more stable under resampling than those of one cloud."
    every = len(above) == len(stability) > 2
    ks = "every k" if every else f"k = {', '.join(map(str, above['k']))}"
    return f"Under resampling the clusters are more stable than those of one cloud at {ks}."


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
