"""The pipeline: a configuration and a table in, clusters and their scores out.

Three steps, which a caller may cache apart: `prepare`, `project`, `cluster`; `run` does all.
A step that belongs to one idea (scaling, a score) lives in that idea's file.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from music_explorer.analysis.clustering import METHODS, Clustering, find_clusters
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.feature_sets import (
    CUSTOM,
    FeatureSet,
    block,
    custom_set,
    feature_set,
)
from music_explorer.analysis.matrix import (
    KEY_ENCODINGS,
    VECTOR,
    FeatureMatrix,
    feature_matrix,
    vector_matrix,
)
from music_explorer.analysis.partition import NOISE
from music_explorer.analysis.projection import PROJECTIONS, Callback, Projection
from music_explorer.analysis.recordings import joined_labels, one_per_recording
from music_explorer.analysis.scaling import BLOCK_WEIGHTS, SCALINGS, scale, weigh_blocks
from music_explorer.analysis.scores import Scores, internal_scores

SPACES = ("features", "projection")
KEYS = ("set", *KEY_ENCODINGS)
_VALID: dict[str, Collection[str]] = {
    "key": KEYS,
    "scaling": SCALINGS,
    "block_weights": BLOCK_WEIGHTS,
    "projection": PROJECTIONS,
    "space": SPACES,
    "method": METHODS,
}


@dataclass(frozen=True)
class Config:
    """Everything that decides a result, apart from the data.

    Attributes
    ----------
    feature_set : str, default "spotify"
        A name as of `feature_sets.feature_set`; ``"custom"`` where `columns` are given.
    columns : tuple of str, default ()
        Columns chosen by hand instead of those of a set; see `feature_sets.custom_set`.
    key : {"set", "circular", "raw", "off"}, default "set"
        What becomes of the column ``key``, see `matrix.feature_matrix`; ``set``: what the feature
        set says. ``circular`` and ``raw`` bring the key in where the set leaves it out.
    fold_tempo : bool, default False
        Whether tempi an octave apart are the same; see `matrix.feature_matrix`.
    scaling : {"standard", "robust", "power", "unit", "none"}, default "standard"
        See `scaling.scale`.
    block_weights : {"none", "equal"}, default "none"
        Whether Spotify and Librosa columns weigh the same together; see `scaling.weigh_blocks`.
    genres : tuple of str, default ()
        Keep only tracks in any of these genres; empty keeps all.
    sources : tuple of str, default ()
        A record of the sources that the caller has selected; nothing is filtered by it here.
    estimated_values : bool, default False
        A record of whether the caller's table has values that were estimated from other features
        where none was measured; nothing is filtered by it here.
    cap : int or None, default None
        At most so many tracks of one primary artist.
    one_per_recording : bool, default False
        Whether releases of one recording are one point; see `recordings.one_per_recording`.
    projection : {"pca", "tsne"}, default "pca"
        See `projection`.
    n_components : {2, 3}, default 3
        Dimensions of the projection.
    space : {"features", "projection"}, default "features"
        What is clustered: the scaled features, or their projection.
    method : str, default "kmeans"
        A name in `clustering.METHODS`; ``agglomerative`` is Ward's linkage.
    n_clusters : int, default 6
        2 or more, and fewer than the tracks. Not used by the methods in `clustering.CHOOSES_K`.
    min_cluster_size : int, default 25
        Tracks that a group needs to be a cluster, 2 or more; used by the methods in
        `clustering.CHOOSES_K` only.
    random_state : int, default 0
        Seed of every random step, 0 to 2**32 - 1.

    Raises
    ------
    AnalysisError
        If a value is not valid.
    """

    feature_set: str = "spotify"
    columns: tuple[str, ...] = ()
    key: str = "set"
    fold_tempo: bool = False
    scaling: str = "standard"
    block_weights: str = "none"
    genres: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    estimated_values: bool = False
    cap: int | None = None
    one_per_recording: bool = False
    projection: str = "pca"
    n_components: int = 3
    space: str = "features"
    method: str = "kmeans"
    n_clusters: int = 6
    min_cluster_size: int = 25
    random_state: int = 0

    def __post_init__(self) -> None:
        """Check every value."""
        for field, valid in _VALID.items():
            if getattr(self, field) not in valid:
                raise AnalysisError(
                    f"{field}={getattr(self, field)!r}; choose one of {', '.join(valid)}"
                )
        for field in ("columns", "genres", "sources"):
            names = getattr(self, field)
            if isinstance(names, str):
                raise AnalysisError(f"{field}={names!r}; expected several names, as ({names!r},)")
            # Lists, as JSON and widgets give them, would make a Config unhashable.
            object.__setattr__(self, field, tuple(names))
        if self.columns or self.feature_set == CUSTOM:
            object.__setattr__(self, "feature_set", custom_set(self.columns).name)
        else:
            feature_set(self.feature_set)  # refuses what is none
        for field in ("fold_tempo", "estimated_values", "one_per_recording"):
            if not isinstance(getattr(self, field), bool):
                raise AnalysisError(f"{field}={getattr(self, field)!r}; expected true or false")
        _check_integer("n_components", self.n_components, 2, 3)
        _check_integer("n_clusters", self.n_clusters, 2)
        _check_integer("min_cluster_size", self.min_cluster_size, 2)
        _check_integer("random_state", self.random_state, 0, 2**32 - 1)
        if self.cap is not None:
            _check_integer("cap", self.cap, 1)

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as a dict that ``Config(**d)`` takes back, also through JSON."""
        return asdict(self)

    @property
    def features(self) -> FeatureSet:
        """The feature set, with the columns and the key that were chosen for it."""
        chosen = custom_set(self.columns) if self.columns else feature_set(self.feature_set)
        if self.key == "set" or chosen.model:
            return chosen
        added = () if self.key == "off" or "key" in chosen.columns else ("key",)
        return replace(chosen, columns=(*chosen.columns, *added), key=self.key)

    @property
    def prepare_key(self) -> tuple:
        """The choices that `prepare` depends on: a cache key."""
        return (
            self.feature_set,
            self.columns,
            self.key,
            self.fold_tempo,
            self.scaling,
            self.block_weights,
            self.genres,
            self.sources,
            self.estimated_values,
            self.cap,
            self.one_per_recording,
            None if self.cap is None else self.random_state,
        )

    @property
    def project_key(self) -> tuple:
        """The choices that `project` depends on, those of `prepare` included: a cache key."""
        return *self.prepare_key, self.projection, self.n_components, self.random_state


class Telling(NamedTuple):
    """Features that can be put into words.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_telling)
        Scaled values of the tracks.
    matrix : FeatureMatrix
        The same in their own units, with their names.
    """

    X: np.ndarray
    matrix: FeatureMatrix


@dataclass(frozen=True)
class Prepared:
    """Tracks that enter the analysis, and their scaled features.

    Attributes
    ----------
    rows : DataFrame of shape (n_samples, ...)
        The tracks, numbered from 0 in the order of every array here. Where a feature set repeats
        tracks once for each genre, the column ``genre`` tells which.
    matrix : FeatureMatrix
        The features in their own units, and what was left out.
    X : ndarray of shape (n_samples, n_features)
        The scaled features.
    space : str
        Name of that space, such as ``9 scaled features``.
    stands_for : dict of str to str
        The ``track_id`` of each release that is left out, and of the track of the same recording
        that stands for it.
    n_estimated : int
        Tracks some of whose features are estimated, not measured.
    telling : Telling
        What words about the tracks are made of: the features themselves, or those features with
        names that all tracks have, if the vectors of a model are clustered and there are some.
    """

    rows: pd.DataFrame
    matrix: FeatureMatrix
    X: np.ndarray
    space: str
    stands_for: dict[str, str]
    telling: Telling
    n_estimated: int = 0

    @property
    def n_merged(self) -> int:
        """Releases that another track of the same recording stands for."""
        return len(self.stands_for)


@dataclass(frozen=True)
class Run:
    """A result: clusters of the prepared tracks, scored in two spaces.

    Attributes
    ----------
    config : Config
        What was asked for.
    prepared : Prepared
        What was clustered.
    projection : Projection
        What is drawn.
    clustering : Clustering
        Labels, and what else the method knows.
    space_clustered, space_features : str
        Names of the two spaces; equal if the features were clustered.
    scores_clustered, scores_features : Scores
        Scores in the clustered space and in the scaled features. Only the latter compare across
        projections. Noise is left out of them: beside scores of another method stands `n_noise`.
        NaN with fewer than two clusters.
    """

    config: Config
    prepared: Prepared
    projection: Projection
    clustering: Clustering
    space_clustered: str
    space_features: str
    scores_clustered: Scores
    scores_features: Scores

    @property
    def labels(self) -> np.ndarray:
        """Cluster of each track, 0 the largest; -1 is noise, for agreement a group of its own."""
        return self.clustering.labels

    @property
    def inertia(self) -> float:
        """Within-cluster sum of squares in the clustered space, noise left out."""
        return self.clustering.inertia

    @property
    def n_clusters(self) -> int:
        """Clusters found, noise not counted."""
        return self.clustering.n_clusters

    @property
    def n_noise(self) -> int:
        """Tracks of no cluster, which the scores leave out."""
        return self.clustering.n_noise


def prepare(config: Config, frame: pd.DataFrame, *, genres: pd.DataFrame | None = None) -> Prepared:
    """Select tracks, build their feature matrix and scale it.

    Parameters
    ----------
    config : Config
        The choices; those in `Config.prepare_key` count.
    frame : DataFrame
        One row a track: ``track_id``, ``title``, ``artist`` (several joined by ``"; "``), feature
        columns, NaN where missing, and for `Config.one_per_recording` ``duration_ms`` and ``isrc``.
        ``is_estimated``, if it is there, says whose features are not all measured.
    genres : DataFrame, optional
        ``track_id`` and ``genre``, a row for each pair. Needed for a genre filter.

    Notes
    -----
    For the vectors of a model, `frame` has them in the column ``vector``; see
    `matrix.vector_matrix`.

    Returns
    -------
    Prepared

    Raises
    ------
    AnalysisError
        If no track is selected, or too few have the features.
    """
    chosen = config.features
    selected = frame
    if config.genres:
        genres = _of_genres(genres, config.genres)
        selected = frame[frame["track_id"].isin(genres["track_id"])]
    stands_for: dict[str, str] = {}
    if config.one_per_recording:
        kept, stands_for = one_per_recording(selected)
        selected = selected.iloc[kept]
    if config.cap is not None:
        selected = _cap_artists(selected, config.cap, config.random_state)
    if chosen.repeat_per_genre and genres is not None:
        pairs = joined_labels(genres, stands_for)
        selected = selected.drop(columns="genre", errors="ignore")
        selected = selected.merge(pairs, on="track_id", how="left")
    if chosen.model:
        return _prepare_vectors(config, selected, stands_for)
    matrix = feature_matrix(selected, chosen.columns, key=chosen.key, fold_tempo=config.fold_tempo)
    blocks = [block(column) for column in matrix.origins]
    X = scale(matrix.X, config.scaling, circular=matrix.circular)
    X = weigh_blocks(X, blocks, config.block_weights)
    rows = selected.iloc[matrix.index].reset_index(drop=True)
    n_estimated = 0
    if "is_estimated" in rows:
        n_estimated = rows.loc[rows["is_estimated"], "track_id"].nunique()
    return Prepared(
        rows=rows,
        matrix=matrix,
        X=X,
        space=_space_name(config, matrix, n_blocks=len(set(blocks))),
        stands_for=stands_for,
        telling=Telling(X, matrix),
        n_estimated=n_estimated,
    )


def _prepare_vectors(
    config: Config, selected: pd.DataFrame, stands_for: dict[str, str]
) -> Prepared:
    matrix = vector_matrix(selected)
    rows = selected.iloc[matrix.index].drop(columns=VECTOR).reset_index(drop=True)
    X = scale(matrix.X, config.scaling)
    named = [name for name in config.features.columns if name in rows and rows[name].notna().all()]
    telling = Telling(X, matrix)
    if any(rows[name].nunique() > 1 for name in named):
        features = feature_matrix(rows, named, key="off")
        telling = Telling(scale(features.X), features)
    n = f"{len(matrix.names):,}"
    spaces = {"unit": f"{n} dimensions by angle", "none": f"{n} unscaled dimensions"}
    return Prepared(
        rows=rows,
        matrix=matrix,
        X=X,
        space=spaces.get(config.scaling, f"{n} scaled dimensions"),
        stands_for=stands_for,
        telling=telling,
    )


def project(config: Config, X: np.ndarray, *, callback: Callback | None = None) -> Projection:
    """Project the scaled features to two or three dimensions, to be drawn or clustered.

    Parameters
    ----------
    config : Config
        ``projection``, ``n_components`` and ``random_state`` count.
    X : ndarray of shape (n_samples, n_features)
        `Prepared.X`.
    callback : callable, optional
        Shows how far a slow projection is, and may end it; see `projection.Callback`.
    """
    return PROJECTIONS[config.projection](
        X,
        n_components=config.n_components,
        random_state=config.random_state,
        callback=callback,
    )


def spaces(config: Config, prepared: Prepared, projection: Projection) -> dict[str, np.ndarray]:
    """Give the spaces that scores are shown in, the clustered one first.

    Returns
    -------
    dict of str to ndarray
        Name and points: the projection and the features, or the features alone if they are
        clustered.
    """
    features = {prepared.space: prepared.X}
    if config.space == "features":
        return features
    return {projection.space: projection.embedding, **features}


def cluster(config: Config, prepared: Prepared, projection: Projection) -> Run:
    """Cluster in the chosen space and score in both.

    Parameters
    ----------
    config : Config
        ``space``, ``method``, ``n_clusters``, ``min_cluster_size`` and ``random_state`` count.
    prepared : Prepared
        Result of `prepare`.
    projection : Projection
        Result of `project` for the same tracks.

    Returns
    -------
    Run

    Raises
    ------
    AnalysisError
        If there are too few tracks, or too few distinct ones, for ``n_clusters`` or
        ``min_cluster_size``, or if `projection` is of other tracks.
    """
    if len(projection.embedding) != len(prepared.X):
        raise AnalysisError(
            f"projection of {len(projection.embedding)} tracks for {len(prepared.X)} prepared "
            "ones; project these tracks again"
        )
    scored_in = spaces(config, prepared, projection)
    space_clustered = next(iter(scored_in))
    found = find_clusters(
        scored_in[space_clustered],
        method=config.method,
        n_clusters=config.n_clusters,
        min_cluster_size=config.min_cluster_size,
        random_state=config.random_state,
    )
    scores = {
        name: _scores(points, found, random_state=config.random_state)
        for name, points in scored_in.items()
    }
    return Run(
        config=config,
        prepared=prepared,
        projection=projection,
        clustering=found,
        space_clustered=space_clustered,
        space_features=prepared.space,
        scores_clustered=scores[space_clustered],
        scores_features=scores[prepared.space],
    )


def run(config: Config, frame: pd.DataFrame, *, genres: pd.DataFrame | None = None) -> Run:
    """Prepare, project and cluster in one go.

    Parameters
    ----------
    config : Config
        The choices.
    frame : DataFrame
        One row a track, as for `prepare`.
    genres : DataFrame, optional
        ``track_id`` and ``genre``, a row for each pair.

    Returns
    -------
    Run
        The same labels for the same configuration, data, machine, library versions and thread
        count.

    Raises
    ------
    AnalysisError
        As `prepare` and `cluster`.

    Examples
    --------
    >>> result = run(Config(n_clusters=6), frame)  # doctest: +SKIP
    >>> result.scores_features.silhouette  # doctest: +SKIP
    """
    prepared = prepare(config, frame, genres=genres)
    return cluster(config, prepared, project(config, prepared.X))


def _scores(X: np.ndarray, found: Clustering, *, random_state: int) -> Scores:
    clustered = found.labels != NOISE
    if found.n_clusters < 2:
        nothing = float("nan")
        return Scores(nothing, nothing, nothing, silhouette_sampled=False)
    return internal_scores(X[clustered], found.labels[clustered], random_state=random_state)


def _space_name(config: Config, matrix: FeatureMatrix, *, n_blocks: int) -> str:
    kind = "unscaled" if config.scaling == "none" else "scaled"
    # The two columns of a circular feature are one.
    name = f"{len(matrix.names) - len(matrix.circular)} {kind} features"
    weighed = config.block_weights == "equal" and n_blocks > 1
    return f"{name} in equal blocks" if weighed else name


def _of_genres(genres: pd.DataFrame | None, wanted: tuple[str, ...]) -> pd.DataFrame:
    known = [] if genres is None else sorted(genres["genre"].dropna().unique())
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise AnalysisError(
            f"genres={', '.join(map(str, unknown))}: no track has that genre; "
            f"choose from {', '.join(known) or 'none, since these tracks have no genre'}"
        )
    return genres[genres["genre"].isin(wanted)]


def _cap_artists(frame: pd.DataFrame, cap: int, random_state: int) -> pd.DataFrame:
    primary = frame["artist"].str.split("; ", n=1).str[0]
    order = np.random.default_rng(random_state).permutation(len(frame))
    rank = primary.iloc[order].groupby(primary.iloc[order]).cumcount()
    # Tracks without an artist are not by one and the same artist: all stay.
    kept = (rank < cap) | primary.iloc[order].isna()
    return frame.iloc[np.sort(order[kept.to_numpy()])]


def _check_integer(field: str, value: object, low: int, high: float = float("inf")) -> None:
    valid = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    if not valid:
        wanted = f"{low} or more" if high == float("inf") else f"{low} to {high}"
        raise AnalysisError(f"{field}={value!r}; expected a whole number, {wanted}")
