"""Which genres blur into which: genres among a song's neighbours, and a tree of genres.

Both compare songs by different artists only, since two songs by one artist are alike for reasons
that are not the genre (the artist effect, see `artists`). Both use tracks of one genre, as
`agreement.single_label` gives them: a track of several is not evidence that they blur.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from music_explorer.analysis.artists import artist_codes, comparable_classes, resample
from music_explorer.analysis.errors import AnalysisError

# Distances held at once: 16 MB of float32.
_BLOCK_DISTANCES = 4_000_000
# Distances of genres in all resamples: 64 MB of float64.
_RESAMPLED_DISTANCES = 8_000_000


@dataclass(frozen=True)
class GenreOverlap:
    """Genres of the nearest neighbours of each genre's tracks.

    Attributes
    ----------
    shares : DataFrame of shape (n_genres, n_genres)
        Share of the neighbours of the row's tracks that are of the column's genre, 0 to 1; a row
        sums to 1. Not symmetric.
    low, high : DataFrame of shape (n_genres, n_genres)
        95 % interval of each share from a bootstrap over the artists of the row's tracks, with the
        neighbours held fixed.
    expected : DataFrame of shape (n_genres, n_genres)
        The shares if neighbours were drawn at random among the other artists' tracks.
    n_tracks, n_artists : Series of shape (n_genres,)
        Tracks and primary artists of each genre.
    left_out : dict
        Genres with too few artists, by name, with the number of their artists. Their tracks are no
        one's neighbours.
    sampled : bool
        Whether the tracks are a random sample.
    hubness : float
        Skewness of how often a track is a neighbour: 0 where tracks are about equally often. The
        higher, the more the shares are made by a few hubs that are neighbours of very many tracks.
    """

    shares: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    expected: pd.DataFrame
    n_tracks: pd.Series
    n_artists: pd.Series
    left_out: dict[object, int]
    sampled: bool
    hubness: float

    @property
    def lift(self) -> pd.DataFrame:
        """Shares in proportion to chance: 1 is chance, 2 twice as many neighbours as by chance."""
        return self.shares / self.expected


@dataclass(frozen=True)
class GenreTree:
    """Average linkage of genres by their energy distance.

    Attributes
    ----------
    linkage : ndarray of shape (n_genres - 1, 4)
        As in SciPy; the leaves are `names`.
    names : tuple
        Genres, in the order of the leaves' numbers.
    supports : ndarray of shape (n_genres - 1,)
        Share of the resamples of artists, 0 to 1, in which the genres below each merge form a
        branch too. The last merge holds all genres and has 1 by definition.
    distances : DataFrame of shape (n_genres, n_genres)
        Energy distances, in the unit of the features; 0 means the same distribution.
    n_boot : int
        Resamples that the supports rest on.
    left_out : dict
        Genres with too few artists, by name, with the number of their artists.
    sampled : bool
        Whether the tracks are a random sample.
    """

    linkage: np.ndarray
    names: tuple
    supports: np.ndarray
    distances: pd.DataFrame
    n_boot: int
    left_out: dict[object, int]
    sampled: bool


def genre_overlap(
    X: np.ndarray,
    classes: Sequence[object],
    artists: Sequence[object],
    *,
    n_neighbors: int = 15,
    n_boot: int = 1000,
    max_tracks: int = 10_000,
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> GenreOverlap:
    """Count the genres of each track's nearest neighbours by other artists.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features.
    classes : sequence of shape (n_samples,)
        Genre of each track; tracks with NaN or None are left out.
    artists : sequence of shape (n_samples,)
        Artist of each track, as for `artists.artist_codes`.
    n_neighbors : int, default 15
        Neighbours of each track.
    n_boot : int, default 1000
        Resamples of the artists of each genre.
    max_tracks : int, default 10_000
        Beyond this many tracks with a genre a random sample of that size is used.
    random_state : int, default 0
        Seed.
    progress : callable of (done, total), optional
        Called after each block of tracks; it may raise to stop.

    Returns
    -------
    GenreOverlap

    Raises
    ------
    AnalysisError
        If fewer than two genres have at least 5 artists, or a track has fewer than `n_neighbors`
        tracks by other artists.

    References
    ----------
    Pampalk, Flexer & Widmer (2005), ISMIR, for the artist filter; Feldbauer & Flexer (2018),
    doi:10.1007/s10115-018-1205-y, for hubness.
    """
    from scipy.stats import skew

    by_artist = artist_codes(artists)
    compared = comparable_classes(
        classes, by_artist, max_tracks=max_tracks, random_state=random_state
    )
    who = np.unique(by_artist[compared.index], return_inverse=True)[1]
    codes, names = compared.codes, list(compared.names)
    n_others = len(who) - np.bincount(who).max()
    if n_others < n_neighbors:
        raise AnalysisError(
            f"n_neighbors={n_neighbors}, but only {n_others} tracks are by another artist than "
            "the commonest one; select more artists"
        )
    neighbours = _neighbours(X[compared.index], who, n_neighbors, progress)
    n_genres = len(names)
    counts = _counted(np.arange(len(who)).repeat(n_neighbors), codes[neighbours.ravel()], n_genres)
    of_artist = _counted(who, codes, n_genres)
    others = of_artist.sum(axis=0) - of_artist[who]

    rng = np.random.default_rng(random_state)
    rows = {"shares": [], "low": [], "high": [], "expected": []}
    for genre in range(n_genres):
        mine = codes == genre
        low, high = _share_interval(counts[mine], who[mine], n_boot, rng)
        rows["shares"].append(counts[mine].sum(axis=0) / counts[mine].sum())
        rows["low"].append(low)
        rows["high"].append(high)
        rows["expected"].append((others[mine] / others[mine].sum(axis=1, keepdims=True)).mean(0))
    occurrences = np.bincount(neighbours.ravel(), minlength=len(who))
    return GenreOverlap(
        **{name: pd.DataFrame(table, names, names) for name, table in rows.items()},
        n_tracks=pd.Series(np.bincount(codes), names),
        n_artists=pd.Series(compared.n_artists, names),
        left_out=compared.left_out,
        sampled=compared.sampled,
        hubness=float(skew(occurrences)) if np.ptp(occurrences) else 0.0,
    )


def genre_tree(
    X: np.ndarray,
    classes: Sequence[object],
    artists: Sequence[object],
    *,
    n_boot: int = 500,
    max_tracks: int = 10_000,
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> GenreTree:
    """Join the genres whose songs are distributed most alike, and bootstrap the branches.

    The energy distance of two genres is the root of twice the mean distance between their songs
    less the mean distances within each. It sees differences in spread and shape as well as in the
    mean, in the very distances that neighbours and clusters are made of. Means are over pairs of
    songs by different artists, also among resampled artists; a square that comes out below 0 by
    chance counts as 0. The artists of each genre are resampled.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Scaled features.
    classes : sequence of shape (n_samples,)
        Genre of each track; tracks with NaN or None are left out.
    artists : sequence of shape (n_samples,)
        Artist of each track, as for `artists.artist_codes`.
    n_boot : int, default 500
        Resamples of the artists; fewer with more than 126 genres, so that memory stays bounded.
    max_tracks : int, default 10_000
        Beyond this many tracks with a genre a random sample of that size is used.
    random_state : int, default 0
        Seed.
    progress : callable of (done, total), optional
        Called after each block of tracks; it may raise to stop.

    Returns
    -------
    GenreTree

    Raises
    ------
    AnalysisError
        If fewer than two genres have at least 5 artists.

    References
    ----------
    Székely & Rizzo (2013), "Energy statistics", doi:10.1016/j.jspi.2013.03.018;
    Felsenstein (1985), "Confidence limits on phylogenies: an approach using the bootstrap",
    doi:10.1111/j.1558-5646.1985.tb00420.x.
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    by_artist = artist_codes(artists)
    compared = comparable_classes(
        classes, by_artist, max_tracks=max_tracks, random_state=random_state
    )
    order = np.argsort(compared.codes, kind="stable")
    index, codes = compared.index[order], compared.codes[order]
    n_boot = min(n_boot, _RESAMPLED_DISTANCES // len(compared.names) ** 2)
    squares = _energy(X[index], codes, by_artist[index], n_boot, random_state, progress)
    # A resample of a genre to copies of one artist has no distance within it.
    squares = squares[np.isfinite(squares).all(axis=(1, 2))]
    distances = np.sqrt(np.maximum(squares, 0))
    trees = [linkage(squareform(d, checks=False), method="average") for d in distances]
    observed, resampled = trees[0], [set(_branches(tree)) for tree in trees[1:]]
    found = [[branch in tree for tree in resampled] for branch in _branches(observed)]
    names = list(compared.names)
    return GenreTree(
        linkage=observed,
        names=compared.names,
        supports=np.mean(found, axis=1) if resampled else np.full(len(found), np.nan),
        distances=pd.DataFrame(distances[0], names, names),
        n_boot=len(resampled),
        left_out=compared.left_out,
        sampled=compared.sampled,
    )


def _neighbours(
    X: np.ndarray,
    artists: np.ndarray,
    n_neighbors: int,
    progress: Callable[[int, int], None] | None,
) -> np.ndarray:
    report = progress or (lambda done, total: None)
    points = (X - X.mean(axis=0)).astype(np.float32)
    step = max(1, _BLOCK_DISTANCES // len(points))
    found = np.empty((len(points), n_neighbors), dtype=int)
    for start in range(0, len(points), step):
        block = slice(start, start + step)
        squares = _squared_distances(points[block], points)
        squares[artists[block, None] == artists] = np.inf
        found[block] = np.argpartition(squares, n_neighbors - 1, axis=1)[:, :n_neighbors]
        report(min(start + step, len(points)), len(points))
    return found


def _squared_distances(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    # |x - y|^2 = |x|^2 + |y|^2 - 2xy turns the work into one matrix product.
    squares = X @ Y.T
    squares *= -2
    squares += np.einsum("ij,ij->i", Y, Y)
    squares += np.einsum("ij,ij->i", X, X)[:, None]
    return np.maximum(squares, 0, out=squares)


def _counted(rows: np.ndarray, columns: np.ndarray, n_columns: int) -> np.ndarray:
    n_rows = int(rows.max()) + 1
    cells = np.bincount(rows * n_columns + columns, minlength=n_rows * n_columns)
    return cells.reshape(n_rows, n_columns).astype(float)


def _share_interval(
    counts: np.ndarray, artists: np.ndarray, n_boot: int, rng: np.random.Generator
) -> np.ndarray:
    who = np.unique(artists, return_inverse=True)[1]
    of_artist = np.zeros((who.max() + 1, counts.shape[1]))
    np.add.at(of_artist, who, counts)
    sums = resample(len(of_artist), n_boot, rng) @ of_artist
    return np.quantile(sums / sums.sum(axis=1, keepdims=True), [0.025, 0.975], axis=0)


def _energy(
    X: np.ndarray,
    codes: np.ndarray,
    artists: np.ndarray,
    n_boot: int,
    random_state: int,
    progress: Callable[[int, int], None] | None,
) -> np.ndarray:
    """Squared energy distances of genres, as they are and in each resample.

    `X` is sorted by `codes`. Distances are made block by block and summed at once for all
    resamples, by one matrix product with the weights that these give to the tracks.
    """
    report = progress or (lambda done, total: None)
    points = (X - X.mean(axis=0)).astype(np.float32)
    weights = _resampled_tracks(codes, artists, n_boot, random_state)
    starts = np.searchsorted(codes, np.arange(codes[-1] + 1))
    ends = np.append(starts[1:], len(codes))
    step = max(1, _BLOCK_DISTANCES // len(points))
    sums = np.empty((len(weights), len(starts), len(starts)))
    for genre, (first, end) in enumerate(zip(starts, ends, strict=True)):
        # Distances are symmetric: to the genres from this one on.
        reached = np.zeros((len(weights), len(points) - first), dtype=np.float32)
        for start in range(first, end, step):
            block = slice(start, min(start + step, end))
            distances = np.sqrt(_squared_distances(points[block], points[first:]))
            distances[artists[block, None] == artists[first:]] = 0
            reached += weights[:, block] @ distances
            report(block.stop, len(points))
        reached *= weights[:, first:]
        found = np.add.reduceat(reached, starts[genre:] - first, axis=1, dtype=float)
        sums[:, genre, genre:] = sums[:, genre:, genre] = found
    with np.errstate(invalid="ignore", divide="ignore"):
        means = sums / _n_pairs(weights, codes, artists)
    within = np.einsum("bgg->bg", means)
    return 2 * means - within[:, :, None] - within[:, None, :]


def _resampled_tracks(
    codes: np.ndarray, artists: np.ndarray, n_boot: int, random_state: int
) -> np.ndarray:
    rng = np.random.default_rng(random_state)
    weights = np.ones((n_boot + 1, len(codes)), dtype=np.float32)
    for genre in np.unique(codes):
        mine = codes == genre
        who = np.unique(artists[mine], return_inverse=True)[1]
        weights[1:, mine] = resample(who.max() + 1, n_boot, rng)[:, who]
    return weights


def _n_pairs(weights: np.ndarray, codes: np.ndarray, artists: np.ndarray) -> np.ndarray:
    """Count weighted pairs of tracks of two genres by different artists."""
    from scipy.sparse import csr_array

    n_genres = codes.max() + 1
    # What one artist has in one genre is resampled as a whole.
    keys = np.unique(artists, return_inverse=True)[1] * n_genres + codes
    parts, place = np.unique(keys, return_inverse=True)
    tracks = csr_array((np.ones(len(place)), (np.arange(len(place)), place)))
    sizes = weights.astype(float) @ tracks
    genre, artist = parts % n_genres, parts // n_genres
    totals = sizes @ csr_array((np.ones(len(parts)), (np.arange(len(parts)), genre)))
    counts = totals[:, :, None] * totals[:, None, :]
    left, right = _same(artist)
    own = csr_array(
        (np.ones(len(left)), (np.arange(len(left)), genre[left] * n_genres + genre[right])),
        shape=(len(left), n_genres**2),
    )
    return counts - ((sizes[:, left] * sizes[:, right]) @ own).reshape(counts.shape)


def _same(artist: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All ordered pairs of positions with the same artist, each position with itself included."""
    sides = pd.DataFrame({"artist": artist, "part": np.arange(len(artist))})
    pairs = sides.merge(sides, on="artist")
    return pairs["part_x"].to_numpy(), pairs["part_y"].to_numpy()


def _branches(tree: np.ndarray) -> list[frozenset[int]]:
    members = [frozenset([leaf]) for leaf in range(len(tree) + 1)]
    for left, right, *_ in tree:
        members.append(members[int(left)] | members[int(right)])
    return members[len(tree) + 1 :]
