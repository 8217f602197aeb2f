import numpy as np
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.two_spaces import compare_spaces

N = 240
RNG = np.random.default_rng(0)
CLASSES = np.repeat(["a", "b", "c", "d"], N // 4)
ARTISTS = [f"artist {i // 2}" for i in range(N)]
APART = 50.0 * np.eye(4)[np.repeat(range(4), N // 4)] + RNG.normal(size=(N, 4))
NOISE = RNG.normal(size=(N, 6))


def test_a_space_and_its_rotation_have_the_same_neighbours():
    rotation = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
    found = compare_spaces(APART, APART @ rotation * 3 + 7, CLASSES, ARTISTS)
    assert found.overlap.value == found.overlap.low == 1
    assert (found.difference.value, found.difference.low, found.difference.high) == (0, 0, 0)


def test_two_noises_share_neighbours_as_chance_has_it():
    found = compare_spaces(NOISE, RNG.normal(size=(N, 6)), CLASSES, ARTISTS)
    assert found.overlap_chance == pytest.approx(10 / (N - 2))  # two tracks an artist
    assert found.overlap.low <= found.overlap_chance <= found.overlap.high


def test_a_space_of_classes_is_told_from_noise_whichever_comes_first():
    for first, second, sign in ((APART, NOISE, -1), (NOISE, APART, 1)):
        found = compare_spaces(first, second, CLASSES, ARTISTS)
        shares = sorted(of_one.value for of_one in found.same_class)
        assert shares[1] == 1
        assert shares[0] == pytest.approx(found.class_chance, abs=0.05)
        assert found.class_chance == pytest.approx(58 / 238)
        assert sign * found.difference.low > 0.6
        assert sign * found.difference.high > 0.6


def test_neighbours_by_the_same_artist_do_not_count():
    # Each artist alone in a corner of a space that has nothing to do with the classes.
    pairs = 1000.0 * RNG.normal(size=(N // 2, 3)).repeat(2, axis=0) + RNG.normal(size=(N, 3))
    found = compare_spaces(pairs, NOISE, CLASSES, ARTISTS, n=1)
    assert found.same_class[0].value < 0.5


def test_a_sample_is_asked_and_its_neighbours_are_looked_for_among_all():
    found = compare_spaces(APART, APART, CLASSES, ARTISTS, max_tracks=50, n=40)
    assert (found.n_asked, found.n_tracks, found.overlap.n_tracks) == (50, N, 50)
    assert found.same_class[0].value == 1  # of 58 in the class, 12 or so were asked


def test_tracks_without_a_class_neither_ask_nor_count():
    some = np.where(np.arange(N) % 3 == 0, CLASSES, None)
    found = compare_spaces(APART, NOISE, some, ARTISTS, n=30)
    assert found.same_class[0].n_tracks == N / 3
    assert found.same_class[0].value == 1
    nothing = compare_spaces(APART, NOISE, [None] * N, ARTISTS)
    assert (nothing.same_class, nothing.difference) == (None, None)
    assert np.isnan(nothing.class_chance)


def test_the_same_random_state_gives_the_same_numbers():
    how = {"max_tracks": 100, "n_boot": 50}
    once, again, other = (
        compare_spaces(APART, NOISE, CLASSES, ARTISTS, random_state=seed, **how)
        for seed in (1, 1, 2)
    )
    assert once == again
    assert once.overlap != other.overlap


def test_too_few_tracks_by_others_are_refused():
    with pytest.raises(AnalysisError, match="one artist leaves 4 tracks by others, and 10 neigh"):
        compare_spaces(APART[:10], NOISE[:10], CLASSES[:10], ["a"] * 6 + list("bcde"))
