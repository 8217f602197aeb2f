"""Does a clustering group music as a listener does? Two clips of one cluster, one of another.

Who hears what the clustering found picks out the intruder; who guesses is right in a third of the
trials. The triangle test of sensory analysis, asked of clusters as word intrusion is of topics.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from music_explorer.analysis.artists import artist_codes
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.partition import NOISE

N_CLIPS = 3
CHANCE = 1 / N_CLIPS
_LEVEL = 0.95


@dataclass(frozen=True)
class Trial:
    """Three tracks, one of which is of another cluster.

    Attributes
    ----------
    tracks : tuple of int
        Positions of the three tracks, in the order in which they are played.
    intruder : int
        Which of the three is of another cluster, 0 to 2.
    cluster : int
        Cluster of the two.
    other : int
        Cluster of the intruder.
    """

    tracks: tuple[int, ...]
    intruder: int
    cluster: int
    other: int


@dataclass(frozen=True)
class ListeningScore:
    """How often the intruder was found.

    Attributes
    ----------
    n, n_right : int
        Trials, and those in which the intruder was found.
    share : float
        n_right / n, 0 to 1.
    low, high : float
        Exact 95 % interval of the share that the listener would reach in the long run.
    p : float
        Probability that a guesser finds at least as many.
    """

    n: int
    n_right: int
    share: float
    low: float
    high: float
    p: float


def clusters_to_hear(labels: np.ndarray, playable: np.ndarray) -> np.ndarray:
    """Give the clusters that a trial can be made of.

    Parameters
    ----------
    labels : ndarray of int, shape (n_samples,)
        Cluster of each track; noise (-1) is no cluster.
    playable : ndarray of bool, shape (n_samples,)
        Tracks that can be played.

    Returns
    -------
    ndarray of int
        Clusters with two playable tracks or more, ascending.
    """
    labels = np.asarray(labels)
    clusters, counts = np.unique(labels[playable & (labels != NOISE)], return_counts=True)
    return clusters[counts >= 2]


def trial(
    labels: np.ndarray,
    playable: np.ndarray,
    artists: Sequence[object],
    *,
    number: int,
    random_state: int = 0,
) -> Trial:
    """Draw a trial; each cluster and each other cluster are equally likely.

    No two of the three tracks are by one artist where the clusters have enough artists: an artist
    sounds like itself, whatever the clustering.

    Parameters
    ----------
    labels : ndarray of int, shape (n_samples,)
        Cluster of each track; tracks of noise (-1) are not played.
    playable : ndarray of bool, shape (n_samples,)
        Tracks that can be played, each track at one of its positions only.
    artists : sequence of shape (n_samples,)
        Artist of each track, as for `artists.artist_codes`.
    number : int
        Number of the trial, from 0.
    random_state : int, default 0
        Seed of the session; with the number it decides the trial.

    Returns
    -------
    Trial

    Raises
    ------
    AnalysisError
        If fewer than two clusters have two playable tracks.

    References
    ----------
    Chang, Boyd-Graber, Gerrish, Wang & Blei (2009), "Reading tea leaves: how humans interpret topic
    models", NeurIPS. ISO 4120:2021, "Sensory analysis: triangle test".
    """
    clusters = clusters_to_hear(labels, playable)
    if len(clusters) < 2:
        raise AnalysisError(
            f"{len(clusters)} clusters with two tracks that can be played; a trial needs at least "
            "2, so add audio files or choose other tracks"
        )
    rng = np.random.default_rng([random_state, number])
    codes = artist_codes(artists)
    cluster, other = rng.choice(clusters, 2, replace=False)
    of_cluster, of_other = (np.flatnonzero(playable & (labels == c)) for c in (cluster, other))
    pair = [rng.choice(of_cluster)]
    pair.append(_by_another(of_cluster[of_cluster != pair[0]], pair, codes, rng))
    intruder = int(rng.integers(N_CLIPS))
    tracks = np.insert(pair, intruder, _by_another(of_other, pair, codes, rng))
    return Trial(tuple(tracks.tolist()), intruder, int(cluster), int(other))


def score(right: Sequence[bool]) -> ListeningScore:
    """Set the share of intruders found against guessing.

    Parameters
    ----------
    right : sequence of bool
        Whether the intruder was found, a value for each trial. The interval holds if their number
        was decided before the first.

    Returns
    -------
    ListeningScore

    Raises
    ------
    AnalysisError
        If there is no trial.

    References
    ----------
    Clopper & Pearson (1934), "The use of confidence or fiducial limits illustrated in the case of
    the binomial", doi:10.1093/biomet/26.4.404; at the borders of the interval the exact test of
    guessing has p = .025.
    """
    from scipy.stats import binomtest

    if not len(right):
        raise AnalysisError("0 trials have no score; answer at least one")
    found = binomtest(int(np.sum(right)), len(right), CHANCE, alternative="greater")
    both_sides = binomtest(found.k, found.n, CHANCE)
    low, high = both_sides.proportion_ci(_LEVEL, method="exact")
    return ListeningScore(
        n=found.n,
        n_right=found.k,
        share=found.k / found.n,
        low=float(low),
        high=float(high),
        p=float(found.pvalue),
    )


def reading(found: ListeningScore) -> str:
    """Say whether a listener hears what the clustering found.

    Parameters
    ----------
    found : ListeningScore
        A score.

    Returns
    -------
    str
        Above or below chance only if the interval leaves out a third.
    """
    if found.low > CHANCE:
        return "Above chance: these clusters can be told apart by ear."
    if found.high < CHANCE:
        return "Below chance: the ear groups these tracks in another way than the clusters do."
    return "So far not told apart from guessing, which finds a third of the intruders."


def _by_another(
    tracks: np.ndarray, heard: list[int], codes: np.ndarray, rng: np.random.Generator
) -> int:
    """Draw one of the tracks; by an artist who is not heard yet, if there is one."""
    by_others = tracks[~np.isin(codes[tracks], codes[heard])]
    return rng.choice(by_others if len(by_others) else tracks)
