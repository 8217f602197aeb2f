"""ReccoBeats, played by a server on this machine."""

import pytest

from ingest.online import reccobeats
from ingest.online.http import Down, Stopped, Unavailable
from ingest.online.matching import Wanted
from ingest.online.reccobeats import Match
from tests.ingest.online import fake_reccobeats as fake
from tests.ingest.online.scripted import HALF_JSON, Reply, as_json


def spotify(bare, isrc=None):
    return Wanted(f"spotify:{bare}", "Song", "Band", 200_000, isrc)


def other(number, isrc):
    return Wanted(f"row:{number}", "Song", "Band", 200_000, isrc)


@pytest.fixture
def ask(monkeypatch):
    """Serve rows and ask about tracks; returns the answers and the server."""

    def run(rows, wanted, faults=()):
        with fake.serving(*rows) as server:
            server.faults += faults
            monkeypatch.setenv("MUSIC_RECCOBEATS_URL", server.address)
            return list(reccobeats.features(reccobeats.connect(), wanted)), server

    return run


def test_a_track_is_found_by_its_spotify_id(ask):
    [answer], server = ask([fake.row(7, spotify_id="aaa")], [spotify("aaa")])
    assert answer.found == {"spotify:aaa": fake.VALUES}
    assert answer.matches == {"spotify:aaa": Match("spotify", fake.row(7)["id"])}
    assert type(answer.found["spotify:aaa"]["key"]) is int
    assert len(server.requests) == 1


def test_a_track_is_found_by_isrc_where_its_spotify_id_is_unknown(ask):
    rows = [fake.row(7, isrc="USABC1234567", tempo=90), fake.row(8, spotify_id="bbb")]
    tracks = [spotify("aaa", "us-abc-12-34567"), spotify("bbb"), other(1, "USABC1234567")]
    [answer], server = ask(rows, tracks)
    assert answer.asked == tracks
    assert {track: values["tempo"] for track, values in answer.found.items()} == {
        "spotify:aaa": 90,
        "spotify:bbb": 147.78,
        "row:1": 90,
    }
    assert [answer.matches[t.track_id].evidence for t in tracks] == ["isrc", "spotify", "isrc"]
    assert [request.query["ids"] for request in server.requests] == ["aaa,bbb", "USABC1234567"]


def test_what_is_unknown_is_asked_and_not_found(ask):
    [answer], _ = ask([], [spotify("aaa", "USABC1234567")])
    assert (len(answer.asked), answer.found, answer.matches) == (1, {}, {})


def test_a_track_without_spotify_id_and_isrc_is_not_asked_about(ask):
    # What is no ISRC would be refused, and with it all that is asked about at the same time.
    answers, server = ask([], [other(1, None), other(2, "--"), other(3, "undefined")])
    assert answers == []
    assert server.requests == []


def test_forty_are_asked_about_at_a_time(ask):
    rows = [fake.row(i, spotify_id=f"t{i:03d}") for i in range(95)]
    answers, server = ask(rows, [spotify(f"t{i:03d}") for i in range(95)])
    assert [len(answer.asked) for answer in answers] == [40, 40, 15]
    assert sum(len(answer.found) for answer in answers) == 95
    assert [len(r.query["ids"].split(",")) for r in server.requests] == [40, 40, 15]


@pytest.mark.parametrize("track", [other(1, "USABC1234567"), spotify("aaa")])
def test_of_several_rows_for_a_track_it_is_always_the_same(ask, track):
    rows = [fake.row(i, spotify_id="aaa", isrc="USABC1234567", tempo=100 + i) for i in (3, 1, 2)]
    for order in (rows, rows[::-1]):
        [answer], _ = ask(order, [track])
        assert answer.found[track.track_id]["tempo"] == 101


def test_a_spotify_id_beats_an_isrc(ask):
    rows = [fake.row(1, isrc="USABC1234567", tempo=1), fake.row(2, spotify_id="aaa", tempo=2)]
    [answer], _ = ask(rows, [spotify("aaa", "USABC1234567")])
    assert answer.found["spotify:aaa"]["tempo"] == 2


def test_values_that_are_missing_or_impossible_are_left_out_and_counted(ask):
    bad = fake.row(
        1, spotify_id="aaa", energy=1.01, loudness=-61, tempo=0, key=-1, mode=0.5,
        valence=None, liveness="0.1", danceability=float("nan"), speechiness=10**400,
        acousticness=True,
    )  # fmt: skip
    del bad["instrumentalness"]
    good = fake.row(2, spotify_id="bbb", loudness=3, key=0)
    [answer], _ = ask([bad, good], [spotify("aaa"), spotify("bbb")])
    assert answer.found == {
        "spotify:aaa": {},
        "spotify:bbb": fake.VALUES | {"loudness": 3, "key": 0},
    }
    assert answer.n_dropped == 7


def test_rows_of_a_strange_shape_are_passed_over(ask):
    strange = as_json(
        {"content": [None, 1, {}, {"href": 5, "isrc": 5}, fake.row(1, spotify_id="a")]}
    )
    [answer], _ = ask([], [spotify("a")], [strange])
    assert answer.found == {"spotify:a": fake.VALUES}


def test_a_row_without_isrc_is_nobodys(ask):
    blank = as_json({"content": [fake.row(1, isrc=""), fake.row(2, isrc=None)]})
    tracks = [spotify("aaa"), other(1, "USABC1234567")]
    [answer], _ = ask([], tracks, [as_json({"content": []}), blank])
    assert (answer.asked, answer.found) == (tracks, {})


@pytest.mark.parametrize("status", [200, 400])
def test_an_error_in_the_body_is_an_error_whatever_the_status(ask, status):
    with pytest.raises(Unavailable, match="^ReccoBeats reports error 4002$"):
        ask([], [spotify("aaa")], [fake.error(4002, status)])


@pytest.mark.parametrize("reply", [Reply(status=404), as_json({"content": None}), as_json({})])
def test_an_answer_of_another_kind_does_not_mean_that_nothing_is_known(ask, reply):
    with pytest.raises(Unavailable):
        ask([], [spotify("aaa")], [reply])


def test_its_own_not_found_means_that_nothing_is_known(ask):
    [answer], _ = ask([], [spotify("aaa")], [fake.error(4041, 404)])
    assert (len(answer.asked), answer.found) == (1, {})


@pytest.mark.parametrize(
    "fault", [fake.error(4291), fake.error(5001), HALF_JSON, Reply(status=500)]
)
def test_trouble_that_passes_is_waited_for(ask, fault):
    [answer], _ = ask([fake.row(1, spotify_id="aaa")], [spotify("aaa")], [fault, fault])
    assert set(answer.found) == {"spotify:aaa"}


def test_batches_before_a_stop_stand(monkeypatch):
    tracks = [spotify(f"t{i:03d}") for i in range(80)]
    with fake.serving(fake.row(1, spotify_id="t000")) as server:
        monkeypatch.setenv("MUSIC_RECCOBEATS_URL", server.address)
        answers = reccobeats.features(reccobeats.connect(), tracks)
        assert set(next(answers).found) == {"spotify:t000"}
        server.faults.append(as_json({}, 429, Retry_After="86000"))
        with pytest.raises(Stopped):
            next(answers)


def test_nobody_there_is_unavailable():
    with pytest.raises(Down):
        list(reccobeats.features(reccobeats.connect(), [spotify("aaa")]))


def test_uploaded_audio_gets_nine_values(monkeypatch):
    with fake.serving() as server:
        monkeypatch.setenv("MUSIC_RECCOBEATS_URL", server.address)
        values, n_dropped = reccobeats.analyse(reccobeats.connect(), b"RIFF", "a.wav")
    assert values == {n: v for n, v in fake.VALUES.items() if n not in ("key", "mode")}
    assert n_dropped == 0
