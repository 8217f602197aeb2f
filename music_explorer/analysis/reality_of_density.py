"""The reality check of density: whether dense groups stand out from those of one shapeless cloud.

HDBSCAN finds k by itself and leaves tracks out, so scores over k say nothing of it. What compares
between the data and null clouds is how many tracks it finds in groups at all, and how far apart
these are. Either alone is blind: t-SNE and UMAP pull any cloud apart until all tracks are in
groups, and long groups such as two moons are no farther apart than slices.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from music_explorer.analysis.density import hdbscan
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.nulls import NULLS
from music_explorer.analysis.partition import NOISE
from music_explorer.analysis.reality import ALPHA, Place, Progress, Verdict
from music_explorer.analysis.sampling import sample
from music_explorer.analysis.scores import silhouettes

_CLOUDS = {
    "gaussian": "a shapeless cloud with the same correlations",
    "copula": "a shapeless cloud with the same correlations and the same values of each feature",
}


@dataclass(frozen=True)
class DensityReality:
    """Dense groups of the data beside those of null clouds.

    Attributes
    ----------
    n_clusters : int
        Groups in the data.
    share : float
        Share of the tracks that are in one of them, 0 to 1; 0 if there are fewer than two.
    silhouette : float
        Mean silhouette of all tracks in the features, 0 to 1: a track of no group counts 0, and a
        mean below 0 as well; 0 if there are fewer than two groups.
    clouds : DataFrame
        A row for each cloud: ``null``, ``n_clusters``, ``share`` and ``silhouette``. Empty if the
        data have fewer than two groups, as no cloud can have less.
    p_values : dict of str to float
        By null, in the order of `nulls.NULLS`; a null that was not needed is absent.
    min_cluster_size : int
        Tracks that a group needs, of the `n_samples`.
    space, features : str
        Names of the space that was clustered and of the features.
    n_samples, n_total : int
        Tracks in the check, a random sample of all.
    """

    n_clusters: int
    share: float
    silhouette: float
    clouds: pd.DataFrame
    p_values: dict[str, float]
    min_cluster_size: int
    space: str
    features: str
    n_samples: int
    n_total: int

    @property
    def p(self) -> float:
        """Overall p-value: the larger one, since the data must stand out from every null."""
        return max(self.p_values.values(), default=1.0)

    @property
    def structure(self) -> bool:
        """Whether the data stand out from every null."""
        return self.p <= ALPHA


def density_check(
    X: np.ndarray,
    *,
    place: Place | None = None,
    min_cluster_size: int = 25,
    n_null: int = 29,
    random_state: int = 0,
    max_samples: int = 3_000,
    features: str = "features",
    projection: str = "projection",
    progress: Progress | None = None,
) -> DensityReality:
    """Compare the dense groups that HDBSCAN finds with those of one shapeless cloud.

    The share of tracks in groups and their silhouette are each standardised by those of the other
    clouds (leave-one-out, the data among the clouds); the larger is the statistic. The p-value of a
    null is the share of clouds, data included, whose statistic is at least that of the data; with
    29 clouds the data must exceed every one. Structure is what stands out from the Gaussian and
    from the copula. If it does not from the first, the second is left out.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The scaled features.
    place : callable of X, optional
        Projects data and clouds before they are clustered; by default the features are clustered.
    min_cluster_size : int, default 25
        Tracks that a group needs; see `density.hdbscan`. It is not made smaller for a sample, as
        density from fewer neighbours finds more groups in any cloud: smaller groups go unseen.
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
    DensityReality

    Raises
    ------
    AnalysisError
        If `n_null` is too small or `min_cluster_size` is out of range.

    References
    ----------
    Campello, Moulavi & Sander (2013), "Density-based clustering based on hierarchical density
    estimates", doi:10.1007/978-3-642-37456-2_14; Besag & Clifford (1989), "Generalized Monte Carlo
    significance tests", doi:10.1093/biomet/76.4.633; Westfall & Young (1993), "Resampling-based
    multiple testing"; Rousseeuw (1987), "Silhouettes", doi:10.1016/0377-0427(87)90125-7.
    """
    least = round(1 / ALPHA) - 1
    if n_null < least:
        raise AnalysisError(f"n_null={n_null}; no p-value reaches {ALPHA} below {least} clouds")
    chosen = sample(len(X), max_fitted=max_samples, random_state=random_state)
    points = X if chosen is None else X[chosen]
    report = progress or (lambda done, total: None)
    total = 1 + n_null * len(NULLS)

    def dense(cloud: np.ndarray) -> tuple[int, float, float]:
        placed = cloud if place is None else place(cloud)
        found = hdbscan(placed, min_cluster_size=min_cluster_size, random_state=random_state)
        return found.n_clusters, *_share_and_silhouette(cloud, found.labels)

    observed = dense(points)
    report(1, total)
    rng = np.random.default_rng(random_state)
    rows: list[tuple[str, int, float, float]] = []
    p_values: dict[str, float] = {}
    for number, (name, draw) in enumerate(NULLS.items()):
        # Every cloud has at least nothing, and one null that explains the data is enough.
        if observed[0] < 2 or max(p_values.values(), default=0.0) > ALPHA:
            break
        clouds = []
        for i in range(n_null):
            clouds.append(dense(draw(points, rng=rng)))
            report(2 + number * n_null + i, total)
        rows += [(name, *cloud) for cloud in clouds]
        p_values[name] = _p_value(np.array([observed, *clouds])[:, 1:])
    report(total, total)
    return DensityReality(
        *observed,
        clouds=pd.DataFrame(rows, columns=["null", "n_clusters", "share", "silhouette"]),
        p_values=p_values,
        min_cluster_size=min_cluster_size,
        space=features if place is None else projection,
        features=features,
        n_samples=len(points),
        n_total=len(X),
    )


def _share_and_silhouette(X: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    clustered = labels != NOISE
    if labels.max() < 1:
        return 0.0, 0.0
    share = float(clustered.mean())
    (silhouette,) = silhouettes(X[clustered], [labels[clustered]])
    # With fewer than two groups it is 0, which must be the least.
    return share, share * max(0.0, float(silhouette))


def _p_value(values: np.ndarray) -> float:
    """Compare the first row with the others by its largest standardised value."""
    largest = np.empty(len(values))
    for i in range(len(values)):
        others = np.delete(values, i, axis=0)
        # Where all others are alike, the same value is no deviation and any other an infinite one.
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (values[i] - others.mean(axis=0)) / others.std(axis=0, ddof=1)
        largest[i] = np.nan_to_num(z, nan=0.0, posinf=np.inf, neginf=-np.inf).max()
    return float(np.mean(largest >= largest[0]))


def density_verdict(reality: DensityReality) -> Verdict:
    """Say what the check means for the groups that HDBSCAN found.

    Parameters
    ----------
    reality : DensityReality
        Result of `density_check`.

    Returns
    -------
    Verdict
        ``structure`` or ``none``, with a sentence of numbers for the data and for each null.
    """
    details = (
        f"The data: {_groups(reality.n_clusters)} with {reality.share:.0%} of the tracks, "
        f"silhouette {reality.silhouette:.3f}.",
        *(_detail(reality, null) for null in reality.p_values),
    )
    if reality.structure:
        return Verdict("structure", _structure(reality), details)
    return Verdict("none", _no_structure(reality), details)


def _structure(reality: DensityReality) -> str:
    clouds = reality.clouds
    alike = (clouds["share"] >= reality.share) & (clouds["silhouette"] >= reality.silhouette)
    return (
        f"{_found(reality)}; in {alike.sum() or 'none'} of {len(clouds)} shapeless clouds did it "
        f"find groups that hold as many and are as far apart ({_p(reality)}): there is structure "
        "in the data. That there are exactly so many groups, and that each of them is real, is not "
        "shown by this."
    )


def _no_structure(reality: DensityReality) -> str:
    if not reality.p_values:
        return (
            f"HDBSCAN finds no two groups of {reality.min_cluster_size} or more tracks in "
            f"{reality.space} with thinner regions between them{_sample(reality)}: there is no "
            "evidence for groups here."
        )
    null = list(reality.p_values)[-1]
    most = reality.clouds[reality.clouds["null"] == null].max()
    text = (
        f"{_found(reality)} (silhouette in {reality.features} {reality.silhouette:.3f}), but in "
        f"{_CLOUDS[null]} it finds up to {_groups(most['n_clusters'])}, up to {most['share']:.0%} "
        f"in groups, and silhouettes up to {most['silhouette']:.3f} ({_p(reality)}): "
    )
    if null == "copula":
        return (
            f"{text}skewed or two-valued features are enough for such groups. There is no evidence "
            "for groups across features; read them as denser places of a continuum."
        )
    return f"{text}there is no evidence for groups here; read them as denser places of a continuum."


def _found(reality: DensityReality) -> str:
    return (
        f"HDBSCAN finds {reality.n_clusters} dense groups in {reality.space} with "
        f"{reality.share:.0%} of the tracks"
    )


def _detail(reality: DensityReality, null: str) -> str:
    clouds = reality.clouds[reality.clouds["null"] == null]
    mean, most = clouds.mean(numeric_only=True), clouds.max()
    return (
        f"In {_CLOUDS[null]}: {mean['n_clusters']:.1f} groups with {mean['share']:.0%} of the "
        f"tracks, silhouette {mean['silhouette']:.3f} on average; at most "
        f"{_groups(most['n_clusters'])}, {most['share']:.0%} and {most['silhouette']:.3f} in "
        f"{len(clouds)} clouds (p = {reality.p_values[null]:.3f})."
    )


def _groups(n_clusters: int) -> str:
    return f"{n_clusters} group{'' if n_clusters == 1 else 's'}"


def _p(reality: DensityReality) -> str:
    return f"p = {reality.p:.3f}{_sample(reality)}"


def _sample(reality: DensityReality) -> str:
    if reality.n_samples == reality.n_total:
        return ""
    return (
        f", on a random {reality.n_samples:,} of {reality.n_total:,} tracks, where a group needs "
        f"{reality.min_cluster_size} of those"
    )
