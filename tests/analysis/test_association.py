import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from music_explorer.analysis.association import _Pairs, ari_interval, artist_permutation
from music_explorer.analysis.errors import AnalysisError


@pytest.fixture(scope="module")
def few_artists():
    """Twelve artists with 25 songs each: genre and, mostly, cluster are the artist's."""
    rng = np.random.default_rng(0)
    artists = np.repeat(np.arange(12), 25)
    genre = np.arange(12) % 4
    cluster = np.where(rng.random(12) < 0.6, genre, rng.integers(4, size=12))
    labels = np.where(rng.random(300) < 0.95, cluster[artists], rng.integers(4, size=300))
    return labels, genre[artists], [f"Artist {number}" for number in artists]


def random_tracks(n=60, *, n_artists=15, seed=0):
    rng = np.random.default_rng(seed)
    artists = rng.integers(n_artists, size=n)
    artists[:n_artists] = np.arange(n_artists)
    return rng.integers(3, size=n), rng.integers(4, size=n), artists


def named(artists):
    return [f"Artist {number}" for number in artists]


def test_with_all_weights_1_it_is_scikit_learns_index():
    for seed in range(5):
        labels, codes, artists = random_tracks(seed=seed)
        value = _Pairs.of(artists, labels, codes).ari(np.ones((1, 15)))[0]
        assert value == pytest.approx(adjusted_rand_score(codes, labels), abs=1e-12)


def test_a_resample_is_the_count_of_pairs_but_those_between_copies_of_an_artist():
    labels, codes, artists = random_tracks()
    weights = np.random.default_rng(1).integers(0, 4, size=15).astype(float)
    same = artists[:, None] == artists
    pair_weight = np.where(same, weights[artists], weights[artists][:, None] * weights[artists])
    upper = np.triu(pair_weight, k=1)
    in_cluster = labels[:, None] == labels
    in_class = codes[:, None] == codes
    both, clusters, classes, total = (
        (upper * mask).sum()
        for mask in (in_cluster & in_class, in_cluster, in_class, np.ones_like(same))
    )
    expected = clusters * classes / total
    by_hand = (both - expected) / ((clusters + classes) / 2 - expected)
    assert _Pairs.of(artists, labels, codes).ari(weights[None])[0] == pytest.approx(by_hand)


def test_where_genre_is_the_artist_the_interval_is_wider_than_one_over_songs(few_artists):
    labels, genre, artists = few_artists
    over_artists = ari_interval(labels, genre, artists)
    over_songs = ari_interval(labels, genre, [None] * len(labels))
    assert (
        over_artists.value == over_songs.value == pytest.approx(adjusted_rand_score(genre, labels))
    )
    assert over_artists.high - over_artists.low > 3 * (over_songs.high - over_songs.low)
    assert over_artists.low < over_artists.value < over_artists.high
    assert (over_artists.n_artists, over_songs.n_artists) == (12, 300)


def test_copies_do_not_lift_the_resamples_above_the_observed_value():
    rng = np.random.default_rng(0)
    artists = np.repeat(np.arange(30), 10)
    labels, genre = rng.integers(4, size=30)[artists], rng.integers(4, size=30)[artists]
    counted = _Pairs.of(artists, labels, genre)
    weights = rng.multinomial(30, np.full(30, 1 / 30), size=4000).astype(float)
    # The standard error of the mean of the resamples is about .001.
    assert counted.ari(weights).mean() == pytest.approx(counted.ari(np.ones((1, 30)))[0], abs=0.01)


def test_a_perfect_association_stays_perfect_in_every_resample():
    genre = np.repeat([0, 1, 2], 40)
    result = ari_interval(genre + 5, genre, named(np.arange(120) // 4))
    assert (result.low, result.value, result.high) == pytest.approx((1, 1, 1))


def test_the_interval_covers_what_it_should():
    # A library is 150 artists of a world in which the index is known from 20,000.
    def library(n_artists, rng):
        genre = rng.integers(4, size=n_artists)
        cluster = np.where(rng.random(n_artists) < 0.7, genre, rng.integers(4, size=n_artists))
        artists = np.arange(n_artists).repeat(rng.geometric(0.4, size=n_artists))
        return cluster[artists], genre[artists], named(artists)

    world = library(20_000, np.random.default_rng(0))
    truth = adjusted_rand_score(world[1], world[0])
    rng = np.random.default_rng(1)
    intervals = [ari_interval(*library(150, rng), n_boot=300) for _ in range(100)]
    covered = sum(found.low <= truth <= found.high for found in intervals)
    # 95 of 100 expected; under 86 has a probability below 1 in 1,000.
    assert covered >= 86


def test_the_interval_does_not_depend_on_memory_blocks_or_order_of_calls(monkeypatch):
    labels, codes, artists = random_tracks(300, n_artists=60)
    artists = named(artists)
    whole = ari_interval(labels, codes, artists, n_boot=50)
    monkeypatch.setattr("music_explorer.analysis.association._BLOCK", 600)
    seen = []
    assert ari_interval(
        labels, codes, artists, n_boot=50, progress=lambda *step: seen.append(step)
    ) == pytest.approx(whole)
    assert seen == [(10, 50), (20, 50), (30, 50), (40, 50), (50, 50)]


def test_tracks_without_a_class_do_not_count():
    labels, codes, artists = random_tracks()
    classes = np.where(np.arange(60) < 50, codes.astype(object), None)
    assert ari_interval(labels, classes, named(artists)).n_tracks == 50


def test_thousands_of_classes_are_possible():
    rng = np.random.default_rng(0)
    artists = named(np.repeat(np.arange(3000), 2))
    result = ari_interval(rng.integers(11, size=6000), artists, artists, n_boot=20)
    assert result.n_artists == 3000
    assert abs(result.low) < 0.01


def test_an_interval_over_artists_needs_two():
    with pytest.raises(AnalysisError, match="1 artist; .* at least 2"):
        ari_interval(np.array([0, 1]), ["x", "y"], ["A", "A; B"])
    with pytest.raises(AnalysisError, match="at least 2 classes"):
        ari_interval(np.array([0, 1]), ["x", "x"], ["A", "B"])


def test_a_raising_progress_stops_the_work():
    def stop(done, total):
        raise KeyboardInterrupt

    labels, codes, artists = random_tracks()
    for function in (ari_interval, artist_permutation):
        with pytest.raises(KeyboardInterrupt):
            function(labels, codes, named(artists), progress=stop)


def test_unrelated_artists_are_no_rarity_among_permuted_ones():
    rng = np.random.default_rng(0)
    p = []
    for _ in range(100):
        artists = np.repeat(np.arange(40), 10)
        labels, genre = rng.integers(4, size=40)[artists], np.repeat(np.arange(4), 10)[artists]
        p.append(artist_permutation(labels, genre, named(artists), n_permutations=39).p)
    # 5 of 100 expected at .05; more than 13 has a probability below 1 in 1,000.
    assert sum(value <= 0.05 for value in p) <= 13
    assert np.median(p) == pytest.approx(0.5, abs=0.2)


def test_permuted_artists_agree_far_more_than_permuted_songs_would(few_artists):
    labels, genre, artists = few_artists
    whole = artist_permutation(labels, genre, artists)
    songs = artist_permutation(labels, genre, [None] * len(labels))
    assert whole.observed == songs.observed == pytest.approx(adjusted_rand_score(genre, labels))
    assert whole.null_high > 5 * songs.null_high
    assert songs.p == pytest.approx(1 / 201)


def test_a_permutation_keeps_every_song_of_a_class():
    # Were a class to grow or shrink, a clustering equal to the classes would not reach 1.
    genre = np.repeat([0, 1], [10, 30])
    result = artist_permutation(genre, genre, np.repeat(list("ABCD"), 10))
    assert result.observed == 1
    # One artist in four is the class of 10, and dealing it to that class gives the classes back.
    assert result.p == pytest.approx(0.25, abs=0.1)
