"""Two descriptions of the same tracks: whether the same tracks are near, and whose share a class.

Clusterings of the two are compared by the adjusted Rand index; neighbours need no clusters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from music_explorer.analysis.artists import artist_codes, resample
from music_explorer.analysis.association import Interval, interval
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.sampling import sample

_QUERIES = 200  # at once: a row of distances each
_LEVEL = 0.95


@dataclass(frozen=True)
class TwoSpaces:
    """How two descriptions of the same tracks compare.

    Attributes
    ----------
    overlap : Interval
        Share of a track's `n` nearest tracks by other artists that both have, 0 to 1.
    overlap_chance : float
        The same of two lists that are drawn at random.
    same_class : tuple of two Interval, or None
        For each description, the share of those neighbours, of the ones with a class, that have the
        track's class, 0 to 1; None if fewer than two classes are known.
    difference : Interval or None
        The second share less the first, over the same tracks and the same resamples.
    class_chance : float
        The share among all tracks by other artists; NaN if no classes are known.
    n : int
        Neighbours of a track.
    n_tracks, n_asked : int
        Tracks, and how many of them were asked for their neighbours.
    """

    overlap: Interval
    overlap_chance: float
    same_class: tuple[Interval, Interval] | None
    difference: Interval | None
    class_chance: float
    n: int
    n_tracks: int
    n_asked: int


def compare_spaces(
    first: np.ndarray,
    second: np.ndarray,
    classes: Sequence[object],
    artists: Sequence[object],
    *,
    n: int = 10,
    max_tracks: int = 2000,
    n_boot: int = 1000,
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> TwoSpaces:
    """Compare the nearest neighbours of the same tracks in two spaces.

    Neighbours by the same artist are left out, since an artist sounds like itself and stays within
    a genre. Intervals come from drawing the artists of the asked tracks anew.

    Parameters
    ----------
    first, second : ndarray of shape (n_samples, n_features) each
        Scaled features of the same tracks in the same order; the numbers of features may differ.
    classes : sequence of shape (n_samples,)
        Class of each track, NaN or None for none.
    artists : sequence of shape (n_samples,)
        Artist of each track, as for `artists.artist_codes`.
    n : int, default 10
        Neighbours of a track.
    max_tracks : int, default 2000
        Beyond this many tracks only a random sample of that size is asked for its neighbours,
        which are still looked for among all.
    n_boot : int, default 1000
        Resamples.
    random_state : int, default 0
        Seed of the sample and of the resamples.
    progress : callable of (done, total), optional
        Called after each block of tracks; it may raise to stop.

    Returns
    -------
    TwoSpaces

    Raises
    ------
    AnalysisError
        If an artist leaves fewer than `n` tracks by others.

    References
    ----------
    Pampalk, Flexer & Widmer (2005), ISMIR, for the artist filter and genre among neighbours as a
    measure of similarity; Lee & Verleysen (2009), doi:10.1016/j.neucom.2008.12.017, for the overlap
    of neighbourhoods.
    """
    by_artist, codes = artist_codes(artists), pd.factorize(pd.Series(list(classes)))[0]
    n_others = len(codes) - np.bincount(by_artist).max(initial=0)
    if n_others < n:
        raise AnalysisError(
            f"one artist leaves {n_others} tracks by others, and {n} neighbours are asked for; "
            "select more tracks"
        )
    chosen = sample(len(codes), max_fitted=max_tracks, random_state=random_state)
    asked = np.arange(len(codes)) if chosen is None else chosen
    report = progress or (lambda done, total: None)
    spaces = [_centred(first), _centred(second)]
    tables = []
    for start in range(0, len(asked), _QUERIES):
        block = asked[start : start + _QUERIES]
        lists = [_nearest(X, block, by_artist, n) for X in spaces]
        tables.append(_values(block, lists, codes, by_artist))
        report(start + len(block), len(asked))
    values = pd.concat(tables, ignore_index=True)
    intervals = _intervals(values, by_artist[asked], n_boot, random_state)
    has_classes = codes.max(initial=-1) > 0
    return TwoSpaces(
        overlap=intervals["overlap"],
        overlap_chance=float((n / values["n_others"]).mean()),
        same_class=(intervals["first"], intervals["second"]) if has_classes else None,
        difference=intervals["difference"] if has_classes else None,
        class_chance=float(values["chance"].mean()) if has_classes else float("nan"),
        n=n,
        n_tracks=len(codes),
        n_asked=len(asked),
    )


def _centred(X: np.ndarray) -> np.ndarray:
    return (X - X.mean(axis=0)).astype(np.float32)


def _nearest(X: np.ndarray, block: np.ndarray, by_artist: np.ndarray, n: int) -> np.ndarray:
    """Find the nearest tracks by other artists, in no order."""
    # Less the square of the query itself, which is the same for all.
    squares = np.einsum("ij,ij->i", X, X) - 2 * X[block] @ X.T
    squares[by_artist[block][:, None] == by_artist] = np.inf
    return np.argpartition(squares, n - 1, axis=1)[:, :n]


def _values(
    block: np.ndarray, lists: list[np.ndarray], codes: np.ndarray, by_artist: np.ndarray
) -> pd.DataFrame:
    """Return what each asked track says; NaN where it says nothing."""
    others = by_artist[block][:, None] != by_artist
    known = codes >= 0
    own = codes[block]
    of_class = others & (codes == own[:, None])
    chance = of_class.sum(axis=1) / np.maximum((others & known).sum(axis=1), 1)
    shares = []
    for near in lists:
        counted = known[near].sum(axis=1)
        same = (codes[near] == own[:, None]).sum(axis=1)
        defined = (own >= 0) & (counted > 0)
        shares.append(np.where(defined, same / np.maximum(counted, 1), np.nan))
    common = [len(np.intersect1d(a, b)) for a, b in zip(*lists, strict=True)]
    return pd.DataFrame(
        {
            "overlap": np.array(common) / lists[0].shape[1],
            "first": shares[0],
            "second": shares[1],
            "difference": shares[1] - shares[0],
            "chance": np.where(own >= 0, chance, np.nan),
            "n_others": others.sum(axis=1),
        }
    )


def _intervals(
    values: pd.DataFrame, by_artist: np.ndarray, n_boot: int, random_state: int
) -> dict[str, Interval]:
    """Draw the artists anew: each value is the mean over the tracks of those drawn."""
    artists = pd.factorize(by_artist)[0]
    weights = resample(artists.max() + 1, n_boot, np.random.default_rng(random_state))
    found = {}
    for name in ("overlap", "first", "second", "difference"):
        per_artist = values[name].groupby(artists)
        sums, counts = per_artist.sum().to_numpy(), per_artist.count().to_numpy()
        with np.errstate(invalid="ignore"):  # no track of a class was drawn: not defined
            means = (weights @ sums) / (weights @ counts)
        found[name] = interval(
            values[name].mean(), means, _LEVEL, int(counts.sum()), int((counts > 0).sum())
        )
    return found
