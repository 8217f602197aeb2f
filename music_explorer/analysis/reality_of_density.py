"""The reality check of density: whether dense groups hold more tracks than in one shapeless cloud.

HDBSCAN finds k by itself and leaves tracks out, so scores over k say nothing of it. What compares
between the data and null clouds is how many tracks it finds in groups at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from music_explorer.analysis.density import hdbscan
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.nulls import NULLS
from music_explorer.analysis.reality import ALPHA, Place, Progress, Verdict
from music_explorer.analysis.sampling import sample

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
    clouds : DataFrame
        A row for each cloud: ``null``, ``n_clusters`` and ``share``. Empty if the data have fewer
        than two groups, as no cloud can have less.
    p_values : dict of str to float
        By null, in the order of `nulls.NULLS`; a null that was not needed is absent.
    min_cluster_size : int
        Tracks that a group needs, of the `n_samples`.
    space : str
        Name of the space that was clustered.
    n_samples, n_total : int
        Tracks in the check, a random sample of all.
    """

    n_clusters: int
    share: float
    clouds: pd.DataFrame
    p_values: dict[str, float]
    min_cluster_size: int
    space: str
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

    The statistic is the share of tracks in groups, 0 with fewer than two groups. The p-value of a
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
    significance tests", doi:10.1093/biomet/76.4.633.
    """
    least = round(1 / ALPHA) - 1
    if n_null < least:
        raise AnalysisError(f"n_null={n_null}; no p-value reaches {ALPHA} below {least} clouds")
    chosen = sample(len(X), max_fitted=max_samples, random_state=random_state)
    points = X if chosen is None else X[chosen]
    report = progress or (lambda done, total: None)
    total = 1 + n_null * len(NULLS)

    def dense(cloud: np.ndarray) -> tuple[int, float]:
        placed = cloud if place is None else place(cloud)
        found = hdbscan(placed, min_cluster_size=min_cluster_size, random_state=random_state)
        share = 1 - found.n_noise / len(cloud) if found.n_clusters > 1 else 0.0
        return found.n_clusters, share

    n_clusters, share = dense(points)
    report(1, total)
    rng = np.random.default_rng(random_state)
    rows: list[tuple[str, int, float]] = []
    p_values: dict[str, float] = {}
    for number, (name, draw) in enumerate(NULLS.items()):
        # Every cloud holds at least nothing, and one null that explains the data is enough.
        if share == 0 or max(p_values.values(), default=0.0) > ALPHA:
            break
        for i in range(n_null):
            rows.append((name, *dense(draw(points, rng=rng))))
            report(2 + number * n_null + i, total)
        p_values[name] = _p_value(share, [row[-1] for row in rows if row[0] == name])
    report(total, total)
    return DensityReality(
        n_clusters=n_clusters,
        share=share,
        clouds=pd.DataFrame(rows, columns=["null", "n_clusters", "share"]),
        p_values=p_values,
        min_cluster_size=min_cluster_size,
        space=features if place is None else projection,
        n_samples=len(points),
        n_total=len(X),
    )


def _p_value(share: float, shares: Sequence[float]) -> float:
    return float(np.mean(np.array([share, *shares]) >= share))


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
        f"The data: {_groups(reality.n_clusters)} with {reality.share:.0%} of the tracks.",
        *(_detail(reality, null) for null in reality.p_values),
    )
    if reality.structure:
        return Verdict("structure", _structure(reality), details)
    return Verdict("none", _no_structure(reality), details)


def _structure(reality: DensityReality) -> str:
    as_many = int((reality.clouds["share"] >= reality.share).sum())
    return (
        f"{_found(reality)}; in {as_many or 'none'} of {len(reality.clouds)} shapeless clouds did "
        f"it find groups that hold as many ({_p(reality)}): there is structure in the data. That "
        "there are exactly so many groups, and that each of them is real, is not shown by this."
    )


def _no_structure(reality: DensityReality) -> str:
    if not reality.p_values:
        return (
            f"HDBSCAN finds no two groups of {reality.min_cluster_size} or more tracks in "
            f"{reality.space} with thinner regions between them{_sample(reality)}: there is no "
            "evidence for groups here."
        )
    null = list(reality.p_values)[-1]
    clouds = reality.clouds[reality.clouds["null"] == null]
    text = (
        f"{_found(reality)}, but in {_CLOUDS[null]} it finds up to "
        f"{_groups(clouds['n_clusters'].max())}, and up to {clouds['share'].max():.0%} in groups "
        f"({_p(reality)}): "
    )
    if null == "copula":
        return (
            f"{text}skewed or two-valued features are enough to put as many tracks in groups. "
            "There is no evidence for groups across features; read them as denser places of a "
            "continuum."
        )
    return f"{text}there is no evidence for groups here; read them as denser places of a continuum."


def _found(reality: DensityReality) -> str:
    return (
        f"HDBSCAN finds {reality.n_clusters} dense groups in {reality.space} with "
        f"{reality.share:.0%} of the tracks"
    )


def _detail(reality: DensityReality, null: str) -> str:
    clouds = reality.clouds[reality.clouds["null"] == null]
    as_many = int((clouds["share"] >= reality.share).sum())
    return (
        f"In {_CLOUDS[null]}: {clouds['n_clusters'].mean():.1f} groups with "
        f"{clouds['share'].mean():.0%} of the tracks on average, at most "
        f"{_groups(clouds['n_clusters'].max())} and {clouds['share'].max():.0%}; in {as_many} of "
        f"{len(clouds)} clouds as many tracks as in the data (p = {reality.p_values[null]:.3f})."
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
