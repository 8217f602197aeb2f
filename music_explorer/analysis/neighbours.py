"""The nearest tracks of a track, what makes them near, and tracks that are near to very many.

All in the scaled features, never in a projection, which keeps only some of the distances.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.profiles import phrase
from music_explorer.analysis.sampling import sample

# A track with so many times its fair share of the lists is a hub.
HUB = 5
# Alike in a feature: at most a fifth of the tracks are as near in it. Apart: at least half are, and
# the feature adds to the distance at least what it would if all added the same.
ALIKE, APART = 0.2, 0.5
_QUERIES = 1000


@dataclass(frozen=True)
class Hubness:
    """How often tracks are among the nearest neighbours of others.

    Attributes
    ----------
    k_occurrence : ndarray of float, shape (n_samples,)
        Lists of `n` neighbours that each track is in; `n` on average. Scaled up where `sampled`.
    skewness : float
        Of `k_occurrence`: 0 where tracks are about equally often in lists. The higher, the more
        a few hubs fill the lists, and the more tracks are in none.
    n : int
        Length of a list.
    sampled : bool
        Whether only the lists of a random sample of the tracks were made.
    """

    k_occurrence: np.ndarray
    skewness: float
    n: int
    sampled: bool

    @property
    def hubs(self) -> np.ndarray:
        """Tracks that are in more than five times as many lists as on average: bool for each."""
        return self.k_occurrence > HUB * self.n


def neighbours(
    X: np.ndarray, row: int, *, n: int = 15, exclude: np.ndarray | None = None
) -> pd.DataFrame:
    """Find the nearest tracks of one track.

    Exact, in one pass over the tracks.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features.
    row : int
        Position of the track, which is no neighbour of itself.
    n : int, default 15
        Neighbours, 1 or more.
    exclude : ndarray of bool, shape (n_samples,), optional
        Tracks that are left out, such as those by the same artist.

    Returns
    -------
    DataFrame
        ``index``: position in `X`; ``distance``: Euclidean, in the unit of `X`. The nearest first,
        of equally near ones the first in `X`; fewer than `n` where no more are left.

    Raises
    ------
    AnalysisError
        If there is no such row, or `n` is under 1.
    """
    from scipy.spatial.distance import cdist

    if not 0 <= row < len(X):
        raise AnalysisError(f"row={row}; choose one from 0 to {len(X) - 1}")
    if n < 1:
        raise AnalysisError(f"n={n}; choose 1 neighbour or more")
    left = np.ones(len(X), dtype=bool) if exclude is None else ~np.asarray(exclude)
    left[row] = False
    index = np.flatnonzero(left)
    distances = cdist(X[row : row + 1], X)[0, index]
    if n < len(index):
        # All that are as near as the last one: which of them come first must not be chance.
        near = distances <= np.partition(distances, n - 1)[n - 1]
        index, distances = index[near], distances[near]
    order = np.argsort(distances, kind="stable")[:n]
    return pd.DataFrame({"index": index[order], "distance": distances[order]})


def why(X: np.ndarray, row: int, other: int, names: Sequence[str]) -> pd.Series:
    """Share out the squared distance of two tracks to the features.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features.
    row, other : int
        Positions of the two tracks.
    names : sequence of str, shape (n_features,)
        Feature of each column; columns of one name are one feature, as the two of a circle are.

    Returns
    -------
    Series
        By feature, 0 to 1; they sum to 1, or are all 0 where the two tracks are identical. A small
        share alone does not tell that two tracks are alike in a feature: see `as_near`.
    """
    squares, features = _squares(X[[other]], X[row], names)
    total = squares.sum()
    return pd.Series(squares[0] / total if total else squares[0], index=features)


def as_near(
    X: np.ndarray,
    row: int,
    others: Sequence[int],
    names: Sequence[str],
    *,
    max_tracks: int = 10_000,
    random_state: int = 0,
) -> pd.DataFrame:
    """Tell how common it is to be as near to a track, feature by feature.

    That two tracks share a value says little if most tracks have it, as no instrumental part,
    and much if few do. So what two tracks have in common is judged by all the others.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features.
    row : int
        Position of the track.
    others : sequence of int
        Positions of the tracks that are compared with it.
    names : sequence of str, shape (n_features,)
        Feature of each column, as for `why`.
    max_tracks : int, default 10_000
        Beyond this many tracks a random sample of that size judges.
    random_state : int, default 0
        Seed of the sample.

    Returns
    -------
    DataFrame of shape (len(others), n_features)
        Share of the tracks, 0 to 1, that are at least as near to `row` in the feature as the other
        one is; `row` itself is not counted. Half is what a random track has on average, or more
        where many have the same value.
    """
    judges = sample(len(X), max_fitted=max_tracks, random_state=random_state)
    judges = np.arange(len(X)) if judges is None else judges
    squares, features = _squares(X[judges[judges != row]], X[row], names)
    of_others, _ = _squares(X[list(others)], X[row], names)
    shares = [(squares <= square).mean(axis=0) for square in of_others]
    return pd.DataFrame(
        np.reshape(shares, (-1, len(features))), index=list(others), columns=features
    )


def in_words(
    X: np.ndarray, row: int, near: pd.DataFrame, names: Sequence[str], *, n: int = 3
) -> pd.DataFrame:
    """Say what tracks have in common with a track, and how they differ from it.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features.
    row : int
        Position of the track.
    near : DataFrame
        From `as_near`.
    names : sequence of str, shape (n_features,)
        Feature of each column, as for `why`.
    n : int, default 3
        Features named at most.

    Returns
    -------
    DataFrame
        ``alike``: features that `reading` calls so, the rarest first. ``apart``: how the other
        track differs in those that it calls so, what adds most to the distance first, such as
        ``"louder, happier"``. Empty where there is none.
    """
    found = [
        (
            ", ".join(_alike(shares, n)),
            ", ".join(_apart(X, row, other, names, shares, n)),
        )
        for other, shares in near.iterrows()
    ]
    return pd.DataFrame(found, index=near.index, columns=["alike", "apart"])


def reading(near: pd.Series, shares: pd.Series) -> pd.Series:
    """Read each feature of a pair of tracks.

    Parameters
    ----------
    near : Series
        A row of `as_near`.
    shares : Series
        Result of `why` for the same pair.

    Returns
    -------
    Series
        For each feature ``"alike"``: at most a fifth of the tracks are as near in it; ``"apart"``:
        at least half are, and it adds to the distance at least what it would if all features added
        the same; or ``"between"``.
    """
    apart = (near >= APART) & (shares >= 1 / len(shares))
    words = np.where(apart, "apart", np.where(near <= ALIKE, "alike", "between"))
    return pd.Series(words, index=near.index)


def typical_distances(X: np.ndarray, *, n_pairs: int = 10_000, random_state: int = 0) -> np.ndarray:
    """Draw pairs of tracks at random: what a distance is to be compared with.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features, of at least two tracks.
    n_pairs : int, default 10_000
        Pairs.
    random_state : int, default 0
        Seed.

    Returns
    -------
    ndarray of shape (n_pairs,)
        Their distances, ascending.
    """
    rng = np.random.default_rng(random_state)
    first = rng.integers(len(X), size=n_pairs)
    second = (first + rng.integers(1, len(X), size=n_pairs)) % len(X)
    return np.sort(np.linalg.norm(X[first] - X[second], axis=1))


def hubness(
    X: np.ndarray,
    *,
    n: int = 15,
    max_tracks: int = 10_000,
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Hubness:
    """Count how often each track is among the nearest neighbours of others.

    In many dimensions some tracks, near the middle, are near to very many without being like them:
    they turn up in list after list, and other tracks in none.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features.
    n : int, default 15
        Neighbours of each track, fewer than the tracks.
    max_tracks : int, default 10_000
        Beyond this many tracks only a random sample of that size is asked for its neighbours,
        which are still looked for among all.
    random_state : int, default 0
        Seed of the sample.
    progress : callable of (done, total), optional
        Called after each thousand tracks; it may raise to stop.

    Returns
    -------
    Hubness

    Raises
    ------
    AnalysisError
        If there are not more than `n` tracks, or `n` is under 1.

    References
    ----------
    Radovanović, Nanopoulos & Ivanović (2010), "Hubs in space", JMLR 11, for the count and its
    skewness; Feldbauer & Flexer (2018), doi:10.1007/s10115-018-1205-y. Where a hub begins is a
    convention: here at five times the average.
    """
    from scipy.stats import skew
    from sklearn.neighbors import NearestNeighbors

    if not 1 <= n < len(X):
        raise AnalysisError(f"n={n} neighbours of {len(X)} tracks; choose 1 to {len(X) - 1}")
    report = progress or (lambda done, total: None)
    chosen = sample(len(X), max_fitted=max_tracks, random_state=random_state)
    asked = np.arange(len(X)) if chosen is None else chosen
    points = (X - X.mean(axis=0)).astype(np.float32)
    search = NearestNeighbors(n_neighbors=n + 1, algorithm="brute").fit(points)
    counts = np.zeros(len(X))
    for start in range(0, len(asked), _QUERIES):
        block = asked[start : start + _QUERIES]
        found = search.kneighbors(points[block], return_distance=False)
        itself = found == block[:, None]
        itself[~itself.any(axis=1), -1] = True  # copies of it came before it
        counts += np.bincount(found[~itself], minlength=len(X))
        report(start + len(block), len(asked))
    return Hubness(
        k_occurrence=counts * (len(X) / len(asked)),
        skewness=float(skew(counts)) if np.ptp(counts) else 0.0,
        n=n,
        sampled=chosen is not None,
    )


def _squares(
    points: np.ndarray, track: np.ndarray, names: Sequence[str]
) -> tuple[np.ndarray, pd.Index]:
    """Squared differences of points from a track, feature by feature."""
    codes, features = pd.factorize(pd.Index(names))
    squares = (points - track) ** 2
    if len(features) < len(codes):
        squares = squares @ np.eye(len(features))[codes]
    return squares, features


def _alike(near: pd.Series, n: int) -> list[str]:
    return list(near[near <= ALIKE].sort_values(kind="stable").index[:n])


def _apart(
    X: np.ndarray, row: int, other: int, names: Sequence[str], near: pd.Series, n: int
) -> list[str]:
    shares = why(X, row, other, names)
    far = shares[reading(near, shares) == "apart"].sort_values(ascending=False, kind="stable")
    return [_difference(X[other] - X[row], feature, list(names)) for feature in far.index[:n]]


def _difference(differences: np.ndarray, feature: str, names: list[str]) -> str:
    if feature == "key" or names.count(feature) > 1:  # on a circle there is no more and no less
        return f"a different {feature.replace('_', ' ')}"
    return phrase(feature, differences[names.index(feature)])
