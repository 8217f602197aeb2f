"""The pipeline: a configuration and a table in, clusters and their scores out.

Three steps, which a caller may cache apart: `prepare`, `project`, `cluster`; `run` does all.
A step that belongs to one idea (scaling, a score) lives in that idea's file.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from music_explorer.analysis.clustering import METHODS
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.feature_sets import FEATURE_SETS
from music_explorer.analysis.matrix import FeatureMatrix, feature_matrix
from music_explorer.analysis.projection import PROJECTIONS, Projection
from music_explorer.analysis.scaling import SCALINGS, scale
from music_explorer.analysis.scores import Scores, internal_scores

SPACES = ("features", "projection")
_VALID: dict[str, Collection[str]] = {
    "feature_set": FEATURE_SETS,
    "scaling": SCALINGS,
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
        A name in `feature_sets.FEATURE_SETS`.
    scaling : {"standard", "robust", "power", "none"}, default "standard"
        See `scaling.scale`.
    genres : tuple of str, default ()
        Keep only tracks in any of these genres; empty keeps all.
    sources : tuple of str, default ()
        A record of the sources that the caller has selected; nothing is filtered by it here.
    cap : int or None, default None
        At most so many tracks of one primary artist.
    projection : {"pca", "tsne"}, default "pca"
        See `projection`.
    space : {"features", "projection"}, default "features"
        What is clustered: the scaled features, or their projection.
    method : {"kmeans", "agglomerative"}, default "kmeans"
        See `clustering`.
    n_clusters : int, default 6
        2 or more, and fewer than the tracks.
    random_state : int, default 0
        Seed of every random step, 0 to 2**32 - 1.

    Raises
    ------
    AnalysisError
        If a value is not valid.
    """

    feature_set: str = "spotify"
    scaling: str = "standard"
    genres: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    cap: int | None = None
    projection: str = "pca"
    space: str = "features"
    method: str = "kmeans"
    n_clusters: int = 6
    random_state: int = 0

    def __post_init__(self) -> None:
        """Check every value."""
        for field, valid in _VALID.items():
            if getattr(self, field) not in valid:
                raise AnalysisError(
                    f"{field}={getattr(self, field)!r}; choose one of {', '.join(valid)}"
                )
        for field in ("genres", "sources"):
            names = getattr(self, field)
            if isinstance(names, str):
                raise AnalysisError(f"{field}={names!r}; expected several names, as ({names!r},)")
            # Lists, as JSON and widgets give them, would make a Config unhashable.
            object.__setattr__(self, field, tuple(names))
        _check_integer("n_clusters", self.n_clusters, 2)
        _check_integer("random_state", self.random_state, 0, 2**32 - 1)
        if self.cap is not None:
            _check_integer("cap", self.cap, 1)

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as a dict that ``Config(**d)`` takes back, also through JSON."""
        return asdict(self)

    @property
    def prepare_key(self) -> tuple:
        """The choices that `prepare` depends on: a cache key."""
        seed = None if self.cap is None else self.random_state
        return self.feature_set, self.scaling, self.genres, self.sources, self.cap, seed

    @property
    def project_key(self) -> tuple:
        """The choices that `project` depends on, those of `prepare` included: a cache key."""
        return *self.prepare_key, self.projection, self.random_state


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
    """

    rows: pd.DataFrame
    matrix: FeatureMatrix
    X: np.ndarray
    space: str


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
    labels : ndarray of int, shape (n_samples,)
        Cluster of each track, 0 the largest.
    inertia : float
        Within-cluster sum of squares in the clustered space.
    space_clustered, space_features : str
        Names of the two spaces; equal if the features were clustered.
    scores_clustered, scores_features : Scores
        Scores in the clustered space and in the scaled features. Only the latter compare across
        projections.
    """

    config: Config
    prepared: Prepared
    projection: Projection
    labels: np.ndarray
    inertia: float
    space_clustered: str
    space_features: str
    scores_clustered: Scores
    scores_features: Scores


def prepare(config: Config, frame: pd.DataFrame, *, genres: pd.DataFrame | None = None) -> Prepared:
    """Select tracks, build their feature matrix and scale it.

    Parameters
    ----------
    config : Config
        The choices; those in `Config.prepare_key` count.
    frame : DataFrame
        One row a track: ``track_id``, ``title``, ``artist`` (several joined by ``"; "``) and
        feature columns, NaN where missing.
    genres : DataFrame, optional
        ``track_id`` and ``genre``, a row for each pair. Needed for a genre filter.

    Returns
    -------
    Prepared

    Raises
    ------
    AnalysisError
        If no track is selected, or too few have the features.
    """
    feature_set = FEATURE_SETS[config.feature_set]
    selected = frame
    if config.genres:
        genres = _of_genres(genres, config.genres)
        selected = frame[frame["track_id"].isin(genres["track_id"])]
    if config.cap is not None:
        selected = _cap_artists(selected, config.cap, config.random_state)
    if feature_set.repeat_per_genre and genres is not None:
        pairs = genres[["track_id", "genre"]].drop_duplicates()
        selected = selected.drop(columns="genre", errors="ignore")
        selected = selected.merge(pairs, on="track_id", how="left")
    matrix = feature_matrix(selected, feature_set.columns, key=feature_set.key)
    kind = "unscaled" if config.scaling == "none" else "scaled"
    # The two columns of a circular key are one feature.
    n_features = len(matrix.names) - len(matrix.circular) // 2
    return Prepared(
        rows=selected.iloc[matrix.index].reset_index(drop=True),
        matrix=matrix,
        X=scale(matrix.X, config.scaling, circular=matrix.circular),
        space=f"{n_features} {kind} features",
    )


def project(config: Config, X: np.ndarray) -> Projection:
    """Project the scaled features to three dimensions, to be drawn or clustered.

    Parameters
    ----------
    config : Config
        ``projection`` and ``random_state`` count.
    X : ndarray of shape (n_samples, n_features)
        `Prepared.X`.
    """
    return PROJECTIONS[config.projection](X, n_components=3, random_state=config.random_state)


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
        ``space``, ``method``, ``n_clusters`` and ``random_state`` count.
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
        If there are too few tracks, or too few distinct ones, for ``n_clusters``, or if
        `projection` is of other tracks.
    """
    if len(projection.embedding) != len(prepared.X):
        raise AnalysisError(
            f"projection of {len(projection.embedding)} tracks for {len(prepared.X)} prepared "
            "ones; project these tracks again"
        )
    scored_in = spaces(config, prepared, projection)
    space_clustered = next(iter(scored_in))
    found = METHODS[config.method](
        scored_in[space_clustered],
        n_clusters=config.n_clusters,
        random_state=config.random_state,
    )
    scores = {
        name: internal_scores(points, found.labels, random_state=config.random_state)
        for name, points in scored_in.items()
    }
    return Run(
        config=config,
        prepared=prepared,
        projection=projection,
        labels=found.labels,
        inertia=found.inertia,
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
