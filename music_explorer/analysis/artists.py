"""Artists as the unit of evidence: songs by one artist are alike and share a genre.

Numbers about genre that treat songs as independent are overconfident (the artist effect: Pampalk,
Flexer & Widmer 2005, "Improvements of audio-based music similarity and genre classification",
ISMIR; Flexer & Schnitzer 2010, doi:10.1162/COMJ_a_00004).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from music_explorer.analysis.errors import AnalysisError


def artist_codes(artists: Sequence[object]) -> np.ndarray:
    """Give each track the number of its primary artist.

    Parameters
    ----------
    artists : sequence of shape (n_samples,)
        Artist of each track, several joined by ``"; "``, the first the primary one; NaN or None
        where it is not known.

    Returns
    -------
    ndarray of int, shape (n_samples,)
        From 0. Each track without an artist has a number of its own: unknown artists are not one
        and the same.
    """
    codes = primary_artists(artists)[0]
    unknown = codes < 0
    codes[unknown] = codes.max(initial=-1) + 1 + np.arange(unknown.sum())
    return codes


def primary_artists(artists: Sequence[object]) -> tuple[np.ndarray, np.ndarray]:
    """Find the primary artist of each track.

    Parameters
    ----------
    artists : sequence of shape (n_samples,)
        As for `artist_codes`.

    Returns
    -------
    codes : ndarray of int, shape (n_samples,)
        Position in `names`; -1 where no artist is known.
    names : ndarray of str
        Each primary artist once.
    """
    codes, several = pd.factorize(pd.Series(artists))
    first, names = pd.factorize(np.array([names.split("; ", 1)[0] for names in several], object))
    return np.where(codes >= 0, first[codes] if len(first) else -1, -1), names


class Compared(NamedTuple):
    """Result of `comparable_classes`.

    Attributes
    ----------
    index : ndarray of int
        Positions of the tracks that take part.
    codes : ndarray of int, shape (len(index),)
        Class of each of them, a position in `names`.
    names : tuple
        Classes that take part, sorted.
    n_artists : ndarray of int, shape (len(names),)
        Primary artists in each.
    left_out : dict
        Classes with too few artists, by name, with the number of their artists.
    sampled : bool
        Whether the tracks are a random sample.
    """

    index: np.ndarray
    codes: np.ndarray
    names: tuple
    n_artists: np.ndarray
    left_out: dict[object, int]
    sampled: bool


def comparable_classes(
    classes: Sequence[object],
    artists: np.ndarray,
    *,
    min_artists: int = 5,
    max_tracks: int = 10_000,
    random_state: int = 0,
) -> Compared:
    """Keep the tracks of classes that have enough artists to be compared across artists.

    Parameters
    ----------
    classes : sequence of shape (n_samples,)
        Class of each track, such as from `agreement.single_label`; tracks with NaN or None are
        left out.
    artists : ndarray of int, shape (n_samples,)
        From `artist_codes`.
    min_artists : int, default 5
        A class with fewer primary artists is left out by name.
    max_tracks : int, default 10_000
        Beyond this many tracks with a class, a random sample of that size is used.
    random_state : int, default 0
        Seed of the sample.

    Returns
    -------
    Compared

    Raises
    ------
    AnalysisError
        If fewer than two classes have enough artists, as when the classes are artists.
    """
    given = pd.Series(list(classes), dtype=object)
    index = np.flatnonzero(given.notna())
    sampled = len(index) > max_tracks
    if sampled:
        rng = np.random.default_rng(random_state)
        index = np.sort(rng.choice(index, max_tracks, replace=False))
    codes, names = pd.factorize(given.iloc[index], sort=True)
    pairs = np.unique(np.column_stack([codes, artists[index]]), axis=0)
    n_artists = np.bincount(pairs[:, 0], minlength=len(names))
    enough = n_artists >= min_artists
    if enough.sum() < 2:
        raise AnalysisError(
            f"{int(enough.sum())} of {len(names)} labels have songs by at least {min_artists} "
            "artists, and at least 2 are needed: a label is judged on artists it was not learnt "
            "from, so choose a label that several artists share, such as genre"
        )
    kept = enough[codes]
    return Compared(
        index=index[kept],
        codes=(np.cumsum(enough) - 1)[codes[kept]],
        names=tuple(names[enough]),
        n_artists=n_artists[enough],
        left_out=dict(zip(names[~enough], n_artists[~enough].tolist(), strict=True)),
        sampled=sampled,
    )


def resample(n_artists: int, n_boot: int, rng: np.random.Generator) -> np.ndarray:
    """Draw artists with replacement.

    Parameters
    ----------
    n_artists : int
        Artists to draw from, and to draw.
    n_boot : int
        Resamples.
    rng : Generator
        Source of randomness.

    Returns
    -------
    ndarray of float, shape (n_boot, n_artists)
        How often each artist was drawn; a row sums to `n_artists`.
    """
    return rng.multinomial(n_artists, np.full(n_artists, 1 / n_artists), size=n_boot).astype(float)
