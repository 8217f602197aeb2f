"""MusicBrainz, played by a server on this machine."""

import time

import pytest

from ingest.errors import IngestError
from ingest.online import musicbrainz
from ingest.online.http import Down, Stopped, Unavailable
from ingest.online.musicbrainz import Given
from tests.ingest.online import fake_musicbrainz as fake
from tests.ingest.online.scripted import HALF_JSON, HANGING, Reply, as_json

ISRC = "USABC1234567"
BAND = fake.artist(1, "Band", pop=9, rock=2)


@pytest.fixture
def ask(monkeypatch):
    """Serve what there is and ask; returns the answer and the server."""

    def run(question, what, *, isrcs=None, artists=(), faults=(), **options):
        with fake.serving(isrcs, artists) as server:
            server.faults += faults
            monkeypatch.setenv("MUSIC_MUSICBRAINZ_URL", server.address)
            http = musicbrainz.connect("me@example.org", **options)
            return question(http, what), server

    return run


@pytest.fixture
def of_isrc(ask):
    def run(*recordings, **options):
        return ask(musicbrainz.of_isrc, ISRC, isrcs={ISRC: recordings}, **options)

    return run


@pytest.fixture
def of_artist(ask):
    def run(name, *artists, **options):
        return ask(musicbrainz.of_artist, name, artists=artists, **options)

    return run


def test_the_votes_for_the_recording_decide(of_isrc):
    given, server = of_isrc(fake.recording(1, BAND, jazz=1, hip_hop=4, blues=3))
    assert given == Given("hip hop", "recording/recording-1")
    assert server.paths() == [f"/ws/2/isrc/{ISRC}"]


def test_the_votes_for_recordings_of_one_isrc_are_added(of_isrc):
    recordings = [fake.recording(2, BAND, jazz=3), fake.recording(1, BAND, jazz=2, folk=4)]
    for order in (recordings, recordings[::-1]):
        given, _ = of_isrc(*order)
        assert given == Given("jazz", "recording/recording-1")


@pytest.mark.parametrize("genres", [{"rock": 2, "jazz": 2}, {"jazz": 2, "rock": 2}])
def test_of_genres_with_as_many_votes_the_first_in_the_alphabet_is_taken(of_isrc, genres):
    assert of_isrc(fake.recording(1, BAND, **genres))[0].genre == "jazz"


def test_the_first_artist_decides_where_nobody_voted_for_the_recording(of_isrc):
    guest = fake.artist(2, "Guest", jazz=99)
    given, server = of_isrc(fake.recording(1, BAND, guest, jazz=0, folk=-1))
    assert given == Given("pop", "artist/artist-1")
    assert len(server.requests) == 1


def test_what_nobody_voted_for_has_no_genre(of_isrc):
    assert of_isrc(fake.recording(1, fake.artist(1, "Band")))[0] is None


def test_an_unknown_isrc_has_no_genre(ask):
    given, server = ask(musicbrainz.of_isrc, ISRC)
    assert given is None
    assert len(server.requests) == 1


def test_an_artist_is_found_by_name_and_its_votes_decide(of_artist):
    other = fake.artist(2, "Band of Horses", folk=9)
    given, server = of_artist("BAND", other, BAND)
    assert given == Given("pop", "artist/artist-1")
    assert server.paths() == ["/ws/2/artist", "/ws/2/artist/artist-1"]


def test_of_several_artists_with_one_name_none_is_taken(of_artist):
    given, server = of_artist("Band", BAND, fake.artist(2, "band", folk=9))
    assert given is None
    assert server.paths() == ["/ws/2/artist"]


@pytest.mark.parametrize("name", ["Various Artists", "[unknown]"])
def test_who_is_nobody_in_particular_has_no_genre(of_artist, name):
    assert of_artist(name, fake.artist(1, name, pop=9))[0] is None


def test_a_name_of_signs_alone_is_compared_as_it_is(of_artist):
    given, _ = of_artist("!!!", fake.artist(1, "!!!", dance_punk=3))
    assert given.genre == "dance punk"
    assert of_artist("!!!", fake.artist(1, "???", dance_punk=3))[0] is None


def test_quotes_and_backslashes_stay_inside_the_question(of_artist):
    _, server = of_artist('A" OR "B\\', BAND)
    assert server.requests[0].query["query"] == 'artist:"A  OR  B "'


def test_the_program_says_who_it_is_and_who_asks(of_isrc):
    _, server = of_isrc(fake.recording(1, BAND))
    agent = server.requests[0].headers["User-Agent"]
    assert agent == "MusicClusteringExplorer/1.0 ( me@example.org )"


@pytest.mark.parametrize("contact", [None, "", "me", "me@example.org )\nX: y", "mé@example.org"])
def test_without_a_contact_nothing_is_asked(contact):
    with pytest.raises(IngestError, match="is no contact; MusicBrainz wants to know who asks"):
        musicbrainz.connect(contact)


def test_the_public_service_is_asked_once_a_second(monkeypatch):
    """Whatever a mirror may be asked."""
    monkeypatch.delenv("MUSIC_MUSICBRAINZ_URL")
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)
    rate = musicbrainz.connect("https://example.org")._rate
    for _ in range(3):
        rate.wait()
    assert [round(s) for s in waits] == [1, 1]


def test_requests_keep_their_distance_retries_too(monkeypatch):
    period_s = 0.2
    with fake.serving({ISRC: [fake.recording(1, BAND)]}) as server:
        server.faults += [Reply(status=503)] * 2
        monkeypatch.setenv("MUSIC_MUSICBRAINZ_URL", server.address)
        http = musicbrainz.connect("me@example.org", period_s=period_s)
        began = time.monotonic()
        for _ in range(5):
            musicbrainz.of_isrc(http, ISRC)
    times = [request.at - began for request in server.requests]
    assert len(times) == 7
    # The n-th begins n periods after the first at the earliest, and is noted later than it begins.
    assert all(at >= n * period_s for n, at in enumerate(times))


@pytest.mark.parametrize(
    "fault", [Reply(status=503), as_json({}, 503, Retry_After="0"), Reply(status=500), HALF_JSON]
)
def test_trouble_that_passes_is_waited_for(of_isrc, fault):
    given, server = of_isrc(fake.recording(1, BAND, jazz=1), faults=[fault, fault])
    assert given.genre == "jazz"
    assert len(server.requests) == 3


def test_a_server_that_says_nothing_is_asked_again(of_isrc):
    recording = fake.recording(1, BAND, jazz=1)
    given, server = of_isrc(recording, faults=[HANGING], timeout_s=(5, 0.2))
    assert given.genre == "jazz"
    assert len(server.requests) == 2


def test_a_pause_that_is_asked_for_is_kept(of_isrc):
    fault = as_json({"error": "Your requests are exceeding the allowable rate limit."}, 503,
                    Retry_After="1")  # fmt: skip
    _, server = of_isrc(fake.recording(1, BAND), faults=[fault])
    first, second = (request.at for request in server.requests)
    assert second - first >= 0.99


def test_a_limit_that_does_not_end_stops(of_isrc):
    with pytest.raises(Stopped, match="^MusicBrainz answered 503$"):
        of_isrc(fake.recording(1, BAND), faults=[Reply(status=503)] * 4)


@pytest.mark.parametrize(
    "reply",
    [Reply(status=404), as_json({"error": "Invalid isrc."}, 400), as_json({"recordings": None}),
     as_json({})],
)  # fmt: skip
def test_an_answer_of_another_kind_does_not_mean_that_nothing_is_known(of_isrc, reply):
    with pytest.raises(Unavailable):
        of_isrc(fake.recording(1, BAND), faults=[reply])


def test_what_is_of_a_strange_shape_is_passed_over(of_isrc):
    strange = as_json({"recordings": [
        None, {}, {"artist-credit": "Band", "genres": [None, {"name": 5.5, "count": 9}]},
        {"artist-credit": [{"artist": None}], "genres": [{"name": "rock", "count": "9"}]},
        fake.recording(1, BAND, jazz=1),
    ]})  # fmt: skip
    assert of_isrc(faults=[strange])[0] == Given("jazz", "recording/recording-1")


def test_nobody_there_is_unavailable():
    with pytest.raises(Down, match="^MusicBrainz cannot be reached"):
        musicbrainz.of_isrc(musicbrainz.connect("me@example.org"), ISRC)
