"""Evidence behind the pages: work of seconds, done once for everybody, shown as it comes in.

Each function returns None if the visitor stopped the work.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from music_explorer.analysis import pipeline
from music_explorer.analysis.agreement import single_label
from music_explorer.analysis.association import (
    ArtistPermutation,
    Interval,
    ari_interval,
    artist_permutation,
)
from music_explorer.analysis.clustering import CHOOSES_K
from music_explorer.analysis.fidelity import Fidelity, trustworthiness_continuity
from music_explorer.analysis.gap import gap_statistic
from music_explorer.analysis.mixture import BicCurve, bic
from music_explorer.analysis.overlap import GenreOverlap, GenreTree, genre_overlap, genre_tree
from music_explorer.analysis.pipeline import Config, Prepared, Run
from music_explorer.analysis.reality import Reality, reality_steps
from music_explorer.analysis.reality_of_density import DensityReality, density_check
from music_explorer.analysis.sampling import sample
from music_explorer.analysis.separability import Separability, separability
from music_explorer.analysis.stability import (
    SeedAri,
    bootstrap_jaccard,
    null_jaccard,
    seed_ari,
    stability_curve,
    stability_table,
)
from music_explorer.ui.jobs import Job, finished, with_progress
from music_explorer.ui.state import Store, labels, prepared, projection, run

MAX_K = 15
KS_OF_MIXTURES = tuple(range(1, 16))
MOST_SAMPLES = 3_000
N_NULL = 29


class Stability(NamedTuple):
    """How stable each cluster is, beside shapeless clouds, and the seeds beside each other."""

    table: pd.DataFrame
    seeds: SeedAri


class Association(NamedTuple):
    """How firmly the adjusted Rand index of clusters and labels stands."""

    ari: Interval
    permutation: ArtistPermutation


class Boundaries(NamedTuple):
    """How well defined the labels are in the features."""

    separability: Separability
    overlap: GenreOverlap
    tree: GenreTree


def ks_for(config: Config) -> tuple[int, ...]:
    """Return every k that the evidence looks at: the usual range, up to the chosen one at least."""
    return tuple(range(2, max(MAX_K, config.n_clusters) + 1))


def takes_k(config: Config) -> bool:
    """Tell whether the method can be run at every k of a range."""
    return config.method not in CHOOSES_K


def reality(
    store: Store, config: Config, draw: Callable[[Reality], None] | None = None
) -> Reality | None:
    """Return the reality check of a configuration over all k; ``draw`` shows the first part."""
    ready, placed = prepared(store, config), projection(store, config)
    in_projection = config.space == "projection"

    def work(job: Job) -> Reality:
        for found in reality_steps(
            ready.X,
            place=_placing(config) if in_projection else None,
            method=config.method,
            ks=ks_for(config),
            n_null=N_NULL,
            random_state=config.random_state,
            max_samples=MOST_SAMPLES,
            features=ready.space,
            projection=placed.space,
            progress=job.report,
        ):
            job.show(found)
        return found

    key = _reality_key(store, config)
    return with_progress(key, work, "Reality check against shapeless clouds", draw=draw)


def density(store: Store, config: Config) -> DensityReality | None:
    """Return the reality check of a method that finds k by itself."""
    ready, placed = prepared(store, config), projection(store, config)

    def work(job: Job) -> DensityReality:
        return density_check(
            ready.X,
            place=_placing(config) if config.space == "projection" else None,
            min_cluster_size=config.min_cluster_size,
            n_null=N_NULL,
            random_state=config.random_state,
            max_samples=MOST_SAMPLES,
            features=ready.space,
            projection=placed.space,
            progress=job.report,
        )

    key = ("density", *_clustered(store, config), config.min_cluster_size)
    return with_progress(key, work, "Reality check against shapeless clouds")


def gap(store: Store, config: Config) -> pd.DataFrame | None:
    """Return the gap statistic over k, from 1; of many tracks on a sample."""
    ready, placed = prepared(store, config), projection(store, config)
    points = next(iter(pipeline.spaces(config, ready, placed).values()))
    chosen = _sample(len(points), config)

    def work(job: Job) -> pd.DataFrame:
        return gap_statistic(
            points[chosen],
            ks=(1, *ks_for(config)),
            method=config.method,
            random_state=config.random_state,
            progress=job.report,
        )

    key = ("gap", *_clustered(store, config), ks_for(config))
    return with_progress(key, work, "Gap statistic")


def stability_over_k(store: Store, config: Config) -> pd.DataFrame | None:
    """Return the mean stability at every k, beside shapeless clouds; of many tracks on a sample."""
    X = prepared(store, config).X

    def work(job: Job) -> pd.DataFrame:
        return stability_curve(
            X[_sample(len(X), config)],
            ks=ks_for(config),
            method=config.method,
            place=_placing(config) if config.space == "projection" else None,
            random_state=config.random_state,
            progress=job.report,
        )

    key = ("stability over k", *_clustered(store, config), ks_for(config))
    return with_progress(key, work, "Stability at every k")


def mixture_bic(store: Store, config: Config) -> BicCurve | None:
    """Return the criterion of Gaussian mixtures over k, from 1."""
    ready, placed = prepared(store, config), projection(store, config)
    points = next(iter(pipeline.spaces(config, ready, placed).values()))

    def work(job: Job) -> BicCurve:
        return bic(points, KS_OF_MIXTURES, random_state=config.random_state, progress=job.report)

    key = ("bic", *_clustered(store, config))
    return with_progress(key, work, "Gaussian mixtures of every k")


def stability(store: Store, config: Config) -> Stability | None:
    """Return how stable the clusters of a configuration are."""
    result = run(store, config)
    points = pipeline.spaces(config, result.prepared, result.projection)[result.space_clustered]
    how = {"method": config.method, "random_state": config.random_state}

    def work(job: Job) -> Stability:
        jaccard = bootstrap_jaccard(points, result.labels, progress=job.report, **how)
        null = null_jaccard(
            result.prepared.X,
            n_clusters=config.n_clusters,
            place=_placing(config) if config.space == "projection" else None,
            progress=job.report,
            **how,
        )
        seeds = seed_ari(points, n_clusters=config.n_clusters, **how)
        return Stability(stability_table(jaccard, null), seeds)

    return with_progress(_stability_key(store, config), work, "Stability of the clusters")


def known(store: Store, config: Config) -> tuple[Reality, Stability] | tuple[None, None]:
    """Return the reality check and the stability, if somebody has waited for both before."""
    found = finished(_reality_key(store, config)), finished(_stability_key(store, config))
    return (None, None) if any(part is None for part in found) else found


def dissolving(store: Store, config: Config) -> frozenset[int]:
    """Return the clusters that are known to dissolve; none while their stability is not known."""
    known = finished(_stability_key(store, config))
    if known is None:
        return frozenset()
    return frozenset(known.table.loc[known.table["dissolved"], "cluster"])


def fidelity(store: Store, config: Config) -> Fidelity | None:
    """Return how faithful the map of a configuration is to the features."""
    ready, placed = prepared(store, config), projection(store, config)

    def work(job: Job) -> Fidelity:
        return trustworthiness_continuity(ready.X, placed.embedding)

    key = ("fidelity", store.version, *config.project_key)
    return with_progress(key, work, "Neighbours in the map and in the features", expected_s=2)


def association(store: Store, result: Run, kind: str) -> Association | None:
    """Return the interval of the adjusted Rand index, and what chance gives."""
    classes = classes_of(result.prepared, labels(store, result.config, kind), kind)
    artists = result.prepared.rows["artist"]

    def work(job: Job) -> Association:
        found = ari_interval(result.labels, classes, artists, progress=job.report)
        dealt = artist_permutation(result.labels, classes, artists, progress=job.report)
        return Association(found, dealt)

    config = result.config
    key = ("association", *_clustered(store, config), config.n_clusters, *_method(config), kind)
    return with_progress(key, work, "Resampling artists")


def boundaries(store: Store, config: Config, kind: str) -> Boundaries | None:
    """Return how well defined the labels are, whatever the clusters."""
    ready = prepared(store, config)
    classes = classes_of(ready, labels(store, config, kind), kind)
    artists = ready.rows["artist"]

    def work(job: Job) -> Boundaries:
        # Three parts of about the same length.
        def part(i: int) -> Callable[[int, int], None]:
            return lambda done, total: job.report(i * total + done, 3 * total)

        how = {"random_state": config.random_state}
        return Boundaries(
            separability(ready.X, classes, artists, progress=part(0), **how),
            genre_overlap(ready.X, classes, artists, progress=part(1), **how),
            genre_tree(ready.X, classes, artists, progress=part(2), **how),
        )

    key = ("boundaries", store.version, *config.prepare_key, config.random_state, kind)
    return with_progress(key, work, f"How well defined the {kind}s are")


def classes_of(ready: Prepared, known: pd.DataFrame, kind: str) -> np.ndarray:
    """Return the one label of each track; NaN for a track with none or several."""
    if kind == "genre" and "genre" in ready.rows:  # the track stands once for each of its genres
        return ready.rows["genre"].to_numpy()
    return single_label(ready.rows["track_id"], known)


def _sample(n_samples: int, config: Config) -> np.ndarray | slice:
    chosen = sample(n_samples, max_fitted=MOST_SAMPLES, random_state=config.random_state)
    return slice(None) if chosen is None else chosen


def _placing(config: Config) -> Callable[[np.ndarray], np.ndarray]:
    return lambda cloud: pipeline.project(config, cloud).embedding


def _method(config: Config) -> tuple:
    return config.method, config.min_cluster_size


def _clustered(store: Store, config: Config) -> tuple:
    return store.version, *config.project_key, config.space, config.method


def _reality_key(store: Store, config: Config) -> tuple:
    return ("reality", *_clustered(store, config), ks_for(config))


def _stability_key(store: Store, config: Config) -> tuple:
    return ("stability", *_clustered(store, config), config.n_clusters)
