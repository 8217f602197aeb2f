from collections import Counter

import numpy as np
import pytest
from scipy.stats import binom

from music_explorer.analysis.artists import artist_codes
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.listening import (
    clusters_to_hear,
    reading,
    score,
    trial,
)

N_TRIALS = 300
LABELS = np.repeat([0, 1, 2, -1], [30, 20, 10, 5])
ARTISTS = [f"Artist {i // 2}; Guest" for i in range(len(LABELS))]
ALL = np.ones(len(LABELS), dtype=bool)


def sitting(listener, **options):
    """Play a session of trials: whether the listener found the intruder in each."""
    right = []
    for number in range(N_TRIALS):
        posed = trial(LABELS, ALL, ARTISTS, number=number, **options)
        right.append(listener(posed.tracks) == posed.intruder)
    return score(right)


def test_who_knows_the_clusters_finds_every_intruder():
    def knows(tracks):
        heard = LABELS[list(tracks)]
        return int(np.argmin([(heard == label).sum() for label in heard]))

    found = sitting(knows)
    assert found.share == 1
    assert found.low > 0.98
    assert reading(found).startswith("Above chance")


@pytest.mark.parametrize("random_state", [0, 1])
def test_who_guesses_finds_a_third(random_state):
    rng = np.random.default_rng(7)
    found = sitting(lambda tracks: rng.integers(3), random_state=random_state)
    # 4 standard deviations of a binomial share over 300 trials
    assert found.share == pytest.approx(1 / 3, abs=0.11)
    assert not reading(found).startswith("Above chance")


@pytest.mark.parametrize("always", range(3))
def test_the_place_of_the_intruder_gives_nothing_away(always):
    assert sitting(lambda tracks: always).share == pytest.approx(1 / 3, abs=0.11)


def test_two_tracks_are_of_one_cluster_and_the_intruder_is_of_another():
    posed = [trial(LABELS, ALL, ARTISTS, number=number) for number in range(N_TRIALS)]
    for one in posed:
        of_tracks = LABELS[list(one.tracks)]
        assert len(set(one.tracks)) == 3
        assert of_tracks[one.intruder] == one.other
        assert (np.delete(of_tracks, one.intruder) == one.cluster).all()
    pairs = Counter((one.cluster, one.other) for one in posed)
    assert set(pairs) == {(a, b) for a in range(3) for b in range(3) if a != b}
    # 50 of each are expected; 4 standard deviations are 26
    assert all(24 <= n <= 76 for n in pairs.values())


def test_no_two_tracks_are_by_one_artist_where_there_are_others():
    codes = artist_codes(ARTISTS)
    for number in range(N_TRIALS):
        posed = trial(LABELS, ALL, ARTISTS, number=number)
        assert len(set(codes[list(posed.tracks)])) == 3


def test_with_a_single_artist_there_are_trials_all_the_same():
    posed = trial(LABELS, ALL, ["One"] * len(LABELS), number=0)
    assert len(set(posed.tracks)) == 3


def test_only_tracks_that_can_be_played_are_played():
    playable = np.zeros(len(LABELS), dtype=bool)
    playable[[3, 4, 5, 35, 36, 55, 61, 62]] = True  # one of cluster 2, two of noise
    assert clusters_to_hear(LABELS, playable).tolist() == [0, 1]
    heard = {
        track
        for number in range(100)
        for track in trial(LABELS, playable, ARTISTS, number=number).tracks
    }
    assert heard == {3, 4, 5, 35, 36}


def test_seed_and_number_decide_a_trial():
    def first(random_state):
        return [trial(LABELS, ALL, ARTISTS, number=i, random_state=random_state) for i in range(20)]

    assert first(1) == first(1)
    assert first(1) != first(2)
    assert len(set(first(1))) > 15


@pytest.mark.parametrize("playable", [[], [0, 1, 2], [0, 1, 30]])
def test_fewer_than_two_clusters_to_hear_are_refused(playable):
    mask = np.isin(np.arange(len(LABELS)), playable)
    with pytest.raises(AnalysisError, match="clusters with two tracks that can be played"):
        trial(LABELS, mask, ARTISTS, number=0)


def test_the_score_is_the_exact_one_of_a_guesser():
    found = score([True] * 5 + [False])
    assert (found.n, found.n_right, found.share) == (6, 5, 5 / 6)
    # 6 · (1/3)⁵ · (2/3) + (1/3)⁶
    assert found.p == pytest.approx(13 / 729)
    # Clopper & Pearson: P(X >= 5 | low) = P(X <= 5 | high) = 2.5 %
    assert 6 * found.low**5 * (1 - found.low) + found.low**6 == pytest.approx(0.025)
    assert found.high**6 == pytest.approx(0.975)


def test_nineteen_guessers_in_twenty_are_not_told_apart_from_guessing():
    n = 30
    counts = range(n + 1)
    unsure = ["guessing" in reading(score([True] * k + [False] * (n - k))) for k in counts]
    assert binom.pmf(counts, n, 1 / 3)[unsure].sum() >= 0.95


def test_one_right_answer_says_nothing_and_no_answer_has_no_score():
    assert "guessing" in reading(score([True]))
    with pytest.raises(AnalysisError, match="0 trials"):
        score([])


def test_who_always_takes_a_wrong_one_is_below_chance():
    assert reading(score([False] * 20)).startswith("Below chance")
