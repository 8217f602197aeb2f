"""The reality check: whether clusters are tighter than those of one shapeless cloud.

The data and null clouds go through one and the same function: projection, clustering at every k,
scores in every space. Data that are themselves such a cloud cannot stand out but by chance, and
that chance is held over all k, scores and spaces together.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from music_explorer.analysis.clustering import METHOD_TITLES
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.nulls import NULLS
from music_explorer.analysis.sweep import SWEPT, labelings, score_all

ALPHA = 0.05
"""Data that are one cloud are called structured at most this often."""
SCORES = ("silhouette", "davies_bouldin", "calinski_harabasz")
SCORE_TITLES = {
    "silhouette": "silhouette",
    "davies_bouldin": "Davies-Bouldin",
    "calinski_harabasz": "Calinski-Harabasz",
}
VERDICTS = ("below", "within", "above")
"""Worse than one cloud, as one cloud, better than one cloud; from worst to best."""

Place = Callable[[np.ndarray], np.ndarray]
Progress = Callable[[int, int], None]
# Davies-Bouldin is better where it is lower.
_SIGN = np.array([1.0, -1.0, 1.0])[:, None]
_N_INIT = 3


@dataclass(frozen=True)
class Reality:
    """Scores of the data beside those of null clouds.

    Attributes
    ----------
    table : DataFrame
        A row for each ``null``, ``space``, ``score`` and ``k``: ``observed``, ``null_mean``,
        ``null_sd``; ``low`` and ``high``, the band that holds all scores of one cloud at once in
        95 % of cases; ``z`` (positive is better than one cloud, also for Davies-Bouldin) and
        ``verdict``, a name in `VERDICTS`.
    p_values : dict of str to float
        By null, in the order of `nulls.NULLS`; a null is absent if it was not needed, or not yet.
    method : str
        Clustering method.
    ks : tuple of int
        All k that were looked at.
    n_null : int
        Clouds of each null.
    n_samples, n_total : int
        Tracks in the check, a random sample of all.
    """

    table: pd.DataFrame
    p_values: dict[str, float]
    method: str
    ks: tuple[int, ...]
    n_null: int
    n_samples: int
    n_total: int

    @property
    def p(self) -> float:
        """Overall p-value: the larger one, since the data must stand out from every null."""
        return max(self.p_values.values())

    @property
    def structure(self) -> bool:
        """Whether the data stand out from every null that was drawn."""
        return self.p <= ALPHA

    @property
    def decided(self) -> bool:
        """Whether no further null can change the answer."""
        return not self.structure or len(self.p_values) == len(NULLS)

    @cached_property
    def entries(self) -> pd.DataFrame:
        """For each space, score and k the row of the null that the data stand out from less."""
        rank = self.table["verdict"].map(VERDICTS.index)
        ordered = self.table.assign(rank=rank).sort_values(["rank", "z"], kind="stable")
        worst = ordered.groupby(["space", "score", "k"], sort=False).head(1)
        # Every null has the same rows in the same order.
        per_null = len(self.table) // len(self.p_values)
        return worst.sort_index(key=lambda i: i % per_null, ignore_index=True)[self.table.columns]

    @property
    def clearest_k(self) -> int:
        """The k at which some score stands out most."""
        entries = self.entries
        return int(entries.loc[entries["z"].idxmax(), "k"])


def reality_check(
    X: np.ndarray,
    *,
    place: Place | None = None,
    method: str = "kmeans",
    ks: Iterable[int] = range(2, 12),
    n_null: int = 29,
    random_state: int = 0,
    max_samples: int = 3_000,
    features: str = "features",
    projection: str = "projection",
    progress: Progress | None = None,
) -> Reality:
    """Compare the clusters at every k with those of one shapeless cloud.

    A cloud's score is standardised by the others' (leave-one-out, the data among the clouds), and
    its statistic is the largest over all spaces, scores and k. The p-value of a null is the share
    of clouds, data included, whose statistic is at least that of the data; with 29 clouds the data
    must exceed every one. Structure is what stands out from the Gaussian and from the copula. If
    it does not from the first, the second is left out.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The scaled features.
    place : callable of X, optional
        Projects data and clouds before they are clustered; by default the features are clustered.
    method : str, default "kmeans"
        A name in `sweep.SWEPT`. For k-means the best of 3 starts, in data and clouds alike.
    ks : iterable of int, default 2 to 11
        Every k that is looked at, each 2 or more: a k chosen among others is not checked alone.
    n_null : int, default 29
        Clouds of each null, 19 or more: with fewer no p-value reaches .05.
    random_state : int, default 0
        Seed.
    max_samples : int, default 3_000
        Of more tracks a random sample of that size is checked, and the clouds are as large.
    features, projection : str
        Names of the two spaces, such as `Prepared.space` and `Projection.space`.
    progress : callable of (done, total), optional
        Called after the data and after each cloud; it may raise to stop.

    Returns
    -------
    Reality

    Raises
    ------
    AnalysisError
        If `method`, `n_null` or a k is not valid, or too few tracks are distinct.

    References
    ----------
    Besag & Clifford (1989), "Generalized Monte Carlo significance tests",
    doi:10.1093/biomet/76.4.633; Westfall & Young (1993), "Resampling-based multiple testing";
    Steinley & Brusco (2011), "Choosing the number of clusters in K-means clustering",
    doi:10.1037/a0023346.
    """
    *_, last = reality_steps(
        X,
        place=place,
        method=method,
        ks=ks,
        n_null=n_null,
        random_state=random_state,
        max_samples=max_samples,
        features=features,
        projection=projection,
        progress=progress,
    )
    return last


def reality_steps(
    X: np.ndarray,
    *,
    place: Place | None = None,
    method: str = "kmeans",
    ks: Iterable[int] = range(2, 12),
    n_null: int = 29,
    random_state: int = 0,
    max_samples: int = 3_000,
    features: str = "features",
    projection: str = "projection",
    progress: Progress | None = None,
) -> Iterator[Reality]:
    """Do the same, and give what is known after each null; see `reality_check`.

    Yields
    ------
    Reality
        After the Gaussian and, if the data stand out from it, after the copula.
    """
    ks = tuple(sorted(set(ks)))
    _check(X, method, ks, n_null)
    rng = np.random.default_rng(random_state)
    points = X
    if len(X) > max_samples:
        points = X[np.sort(rng.choice(len(X), max_samples, replace=False))]
    _check_distinct(points, ks)
    spaces = (features,) if place is None else (projection, features)
    report = progress or (lambda done, total: None)
    total = 1 + n_null * len(NULLS)

    observed = _scores(points, place, method, ks, random_state)
    report(1, total)
    tables: list[pd.DataFrame] = []
    p_values: dict[str, float] = {}
    for number, (name, draw) in enumerate(NULLS.items()):
        clouds = []
        for i in range(n_null):
            clouds.append(_scores(draw(points, rng=rng), place, method, ks, random_state))
            report(2 + number * n_null + i, total)
        p_values[name] = _p_value(observed, np.array(clouds))
        tables.append(_table(observed, np.array(clouds), spaces, ks).assign(null=name))
        table = pd.concat(tables, ignore_index=True)
        table = table[["null", *table.columns.drop("null")]]
        result = Reality(table, dict(p_values), method, ks, n_null, len(points), len(X))
        yield result
        if result.decided:
            report(total, total)
            return


def _check(X: np.ndarray, method: str, ks: Sequence[int], n_null: int) -> None:
    if method not in SWEPT:
        raise AnalysisError(f"method={method!r}; choose one of {', '.join(SWEPT)}, which take a k")
    if not ks or ks[0] < 2 or ks[-1] >= len(X):
        raise AnalysisError(f"ks={list(ks)} for {len(X)} tracks; choose from 2 to {len(X) - 1}")
    least = round(1 / ALPHA) - 1
    if n_null < least:
        raise AnalysisError(f"n_null={n_null}; no p-value reaches {ALPHA} below {least} clouds")


def _check_distinct(X: np.ndarray, ks: Sequence[int]) -> None:
    n_distinct = len(np.unique(X, axis=0))
    if ks[-1] >= n_distinct:
        raise AnalysisError(
            f"k={ks[-1]}, but only {n_distinct} of {len(X)} tracks are distinct; choose k below "
            f"{n_distinct}, or more tracks or features"
        )


def _scores(
    X: np.ndarray, place: Place | None, method: str, ks: Sequence[int], random_state: int
) -> np.ndarray:
    """Score one cloud: shape (n_spaces, n_scores, n_ks), the clustered space first."""
    points = X if place is None else place(X)
    found = list(labelings(points, ks=ks, method=method, random_state=random_state, n_init=_N_INIT))
    spaces = [points] if place is None else [points, X]
    return np.array([score_all(space, found)[list(SCORES)].to_numpy().T for space in spaces])


def _leave_one_out(clouds: np.ndarray) -> np.ndarray:
    """Standardise the scores of each cloud by those of the others, higher being better."""
    values = np.empty_like(clouds)
    for i in range(len(clouds)):
        others = np.delete(clouds, i, axis=0)
        values[i] = _standardised(clouds[i], others.mean(axis=0), others.std(axis=0, ddof=1))
    return values


def _standardised(scores: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    # Where all clouds score alike, the same score is no deviation and any other an infinite one.
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(_SIGN * (scores - mean) / sd, nan=0.0, posinf=np.inf, neginf=-np.inf)


def _p_value(observed: np.ndarray, clouds: np.ndarray) -> float:
    z = _leave_one_out(np.concatenate([observed[None], clouds]))
    largest = z.reshape(len(z), -1).max(axis=1)
    return float(np.mean(largest >= largest[0]))


def _table(
    observed: np.ndarray, clouds: np.ndarray, spaces: Sequence[str], ks: Sequence[int]
) -> pd.DataFrame:
    mean, sd = clouds.mean(axis=0), clouds.std(axis=0, ddof=1)
    extremes = np.abs(_leave_one_out(clouds)).reshape(len(clouds), -1).max(axis=1)
    width = np.quantile(extremes, 1 - ALPHA, method="higher")
    z = _standardised(observed, mean, sd)
    columns = {
        "observed": observed,
        "null_mean": mean,
        "null_sd": sd,
        "low": mean - width * sd,
        "high": mean + width * sd,
        "z": z,
        "verdict": np.array(VERDICTS)[1 + (z > width).astype(int) - (z < -width)],
    }
    index = pd.MultiIndex.from_product([spaces, SCORES, ks], names=["space", "score", "k"])
    flat = {name: values.ravel() for name, values in columns.items()}
    return pd.DataFrame(flat, index=index).reset_index()


@dataclass(frozen=True)
class Verdict:
    """The reality check of one k in words.

    Attributes
    ----------
    level : {"structure", "disagree", "none"}
        Whether these clusters stand out from one cloud by every score, by some, or by none.
    headline : str
        One sentence.
    details : tuple of str
        A sentence for each space and score, with the null's mean and standard deviation.
    """

    level: str
    headline: str
    details: tuple[str, ...]


def verdict(reality: Reality, k: int) -> Verdict:
    """Say what the reality check means for the clusters at one k.

    Parameters
    ----------
    reality : Reality
        Result of `reality_check`, or one of `reality_steps`.
    k : int
        One of `Reality.ks`.

    Raises
    ------
    AnalysisError
        If `k` was not checked.
    """
    if k not in reality.ks:
        raise AnalysisError(f"k={k} was not checked; choose from {_span(reality)}")
    entries = reality.entries
    entries = entries[entries["k"] == k]
    above = entries[entries["verdict"] == "above"]
    details = tuple(_detail(row) for row in entries.itertuples())
    if not reality.structure:
        return Verdict("none", _no_structure(reality), details)
    lead = f"There is structure in the data ({_p(reality)})"
    if k != reality.clearest_k:
        lead += f", clearest at k = {reality.clearest_k}"
    if above.empty:
        return Verdict(
            "none",
            f"{lead}, but at k = {k} no score is above that of one shapeless cloud: these {k} "
            "clusters are not shown to be groups.",
            details,
        )
    if len(above) == len(entries):
        return Verdict(
            "structure",
            f"{lead}: at k = {k} every score is above that of one shapeless cloud.",
            details,
        )
    words = [
        f"{words} {_names(entries[entries['verdict'] == name])}"
        for name, words in (("above", "above it by"), ("within", "level by"), ("below", "below by"))
        if name in set(entries["verdict"])
    ]
    split = ""
    if set(above["score"]) == {"calinski_harabasz"}:
        split = " A single real split can lift Calinski-Harabasz at every k."
    return Verdict(
        "disagree",
        f"{lead}, but at k = {k} the scores disagree beside one shapeless cloud: "
        f"{'; '.join(words)}.{split}",
        details,
    )


def _no_structure(reality: Reality) -> str:
    method = METHOD_TITLES[reality.method]
    if len(reality.p_values) == 1:
        return (
            f"These clusters are no tighter than {method} finds in one shapeless cloud with the "
            f"same correlations ({_p(reality)}): there is no evidence for groups here; read them "
            "as slices of a continuum."
        )
    return (
        "These clusters are tighter than in a normal cloud, but no tighter than "
        f"{method} finds in one shapeless cloud with the same correlations and the same values of "
        f"each feature ({_p(reality)}): skewed or two-valued features explain them. There is no "
        "evidence for groups across features; read them as slices of a continuum."
    )


def _detail(row: tuple) -> str:
    observed, cloud = _numbers(row)
    place = {"above": "better than", "within": "as in", "below": "worse than"}[row.verdict]
    name = SCORE_TITLES[row.score]
    return f"{name[0].upper()}{name[1:]} in {row.space}: {observed}, {place} one cloud ({cloud})."


def _names(entries: pd.DataFrame) -> str:
    words = []
    for row in entries.itertuples():
        observed, cloud = _numbers(row)
        words.append(f"{SCORE_TITLES[row.score]} in {row.space} ({observed} against {cloud})")
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _numbers(row: tuple) -> tuple[str, str]:
    """Write the score and the null's mean and deviation, as exactly as the latter allows."""
    digits = 3
    if row.null_sd > 0:
        digits = int(np.clip(1 - np.floor(np.log10(row.null_sd)), 0, 3))
    return (
        f"{row.observed:,.{digits}f}",
        f"{row.null_mean:,.{digits}f} ± {row.null_sd:,.{digits}f}",
    )


def _p(reality: Reality) -> str:
    sample = ""
    if reality.n_samples < reality.n_total:
        sample = f", on a random {reality.n_samples:,} of {reality.n_total:,} tracks"
    so_far = "" if reality.decided else ", so far against one null of two"
    return f"p = {reality.p:.3f} over k = {_span(reality)}{sample}{so_far}"


def _span(reality: Reality) -> str:
    ks = reality.ks
    if ks == tuple(range(ks[0], ks[-1] + 1)) and len(ks) > 2:
        return f"{ks[0]}…{ks[-1]}"
    return ", ".join(map(str, ks))
