"""What services do to a client, and what the client says about it."""

import logging
import traceback
from email.utils import formatdate
from itertools import pairwise

import pytest

from ingest.online.http import (
    Busy,
    Down,
    Http,
    NotFound,
    Stopped,
    Unavailable,
    Unreachable,
    waiting,
)
from tests.ingest.online.scripted import (
    CUT_OFF,
    DROPPED,
    HALF_JSON,
    HANGING,
    Reply,
    as_json,
)

SECRET = "hmac-5f3a9c"
WORSE = Reply(status=500)


@pytest.fixture
def ask(scripted):
    """Ask the server; options are those of the client."""

    def get(path="/thing", *, calls=1000, period_s=1.0, **options):
        http = Http("Radio", scripted.address, calls=calls, period_s=period_s, **options)
        return http.get(path, q=SECRET)

    return get


@pytest.mark.parametrize(
    "fault", [WORSE, Reply(status=503), HALF_JSON, CUT_OFF, DROPPED, Reply(b"[]"), Reply(b"")]
)
def test_what_fails_twice_in_passing_is_asked_again(scripted, ask, fault):
    scripted.faults += [fault, fault]
    assert ask() == {"ok": 1}
    assert len(scripted.requests) == 3


@pytest.mark.parametrize("fault", [WORSE, HALF_JSON, CUT_OFF, DROPPED])
def test_after_three_retries_the_service_counts_as_unavailable(scripted, ask, fault):
    scripted.faults += [fault] * 9
    with pytest.raises(Down, match="^Radio "):
        ask()
    assert len(scripted.requests) == 4


def test_a_server_that_says_nothing_times_out_and_is_asked_again(scripted, ask):
    scripted.faults.append(HANGING)
    assert ask(timeout_s=(5, 0.2)) == {"ok": 1}
    assert len(scripted.requests) == 2


def test_a_server_that_hangs_in_the_middle_times_out_and_is_asked_again(scripted, ask):
    scripted.faults += [CUT_OFF, HANGING]
    assert ask(timeout_s=(5, 0.2)) == {"ok": 1}
    assert len(scripted.requests) == 3


def test_nobody_there_is_unavailable():
    http = Http("Radio", "http://127.0.0.1:9", calls=9, period_s=1)
    with pytest.raises(Unreachable, match="cannot be reached"):
        http.get("/thing")


def test_a_short_pause_is_waited_for_and_announced(scripted, ask, capsys):
    scripted.faults.append(as_json({}, 429, Retry_After="1"))
    assert ask() == {"ok": 1}
    first, second = (request.at for request in scripted.requests)
    assert second - first >= 0.99
    assert capsys.readouterr().err == "Radio asks for 1 s; waiting\n"


def test_a_pause_may_be_given_as_a_date(scripted, ask):
    scripted.faults.append(as_json({}, 429, Retry_After=formatdate(0, usegmt=True)))
    assert ask() == {"ok": 1}


@pytest.mark.parametrize("status", [429, 503])
def test_a_long_pause_stops_at_once(scripted, ask, status):
    scripted.faults.append(as_json({}, status, Retry_After="86000"))
    with pytest.raises(Stopped) as caught:
        ask()
    assert (caught.value.provider, caught.value.retry_after_s) == ("Radio", 86_000)
    assert str(caught.value) == f"Radio answered {status}; ask again in 86,000 s"
    assert len(scripted.requests) == 1


def test_a_limit_that_does_not_end_stops(scripted, ask):
    scripted.faults += [Reply(status=429, headers={"Retry-After": "soon"})] * 4
    with pytest.raises(Stopped):
        ask()
    assert len(scripted.requests) == 4


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_not_asked_again(scripted, ask, status):
    scripted.faults.append(Reply(status=status))
    with pytest.raises(Unavailable, match=f"^Radio answered {status}$"):
        ask()
    assert len(scripted.requests) == 1


def test_a_404_is_told_apart(scripted, ask):
    scripted.faults.append(Reply(b"<html>", status=404))
    with pytest.raises(NotFound):
        ask()


def test_five_calls_in_vain_in_a_row_stop(scripted):
    http = Http("Radio", scripted.address, calls=1000, period_s=1)
    scripted.faults += [WORSE] * 16
    for _ in range(4):
        with pytest.raises(Down):
            http.get("/thing")
    assert http.get("/thing") == {"ok": 1}
    scripted.faults += [WORSE] * 20
    for _ in range(4):
        with pytest.raises(Down):
            http.get("/thing")
    with pytest.raises(Stopped, match="5 times"):
        http.get("/thing")


def test_no_more_calls_than_allowed_are_begun_in_any_period(scripted):
    period_s, calls = 0.3, 4
    http = Http("Radio", scripted.address, calls=calls, period_s=period_s)
    scripted.faults += [WORSE] * 2  # retries count, too
    for _ in range(8):
        http.get("/thing")
    times = [request.at for request in scripted.requests]
    assert len(times) == 10
    # A request begins after the one before was noted: one more than the limit takes a period.
    for before, last in zip(times, times[calls + 1 :], strict=False):
        assert last - before >= period_s


def test_a_download_is_bounded(scripted):
    http = Http("Radio", "", calls=9, period_s=1)
    scripted.answer = lambda _: Reply(bytes(5_000_001))
    with pytest.raises(Unavailable, match=r"^Radio sent more than 5,000,000 bytes$"):
        http.download(f"{scripted.address}/clip", max_bytes=5_000_000)
    assert len(http.download(f"{scripted.address}/clip", max_bytes=5_000_001)) == 5_000_001


def test_a_download_that_breaks_off_is_begun_again(scripted):
    http = Http("Radio", "", calls=9, period_s=1)
    scripted.answer = lambda _: Reply(b"whole")
    scripted.faults.append(CUT_OFF)
    assert http.download(f"{scripted.address}/clip", max_bytes=99) == b"whole"


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "http://a..b/", "http://[::1", "http://127.0.0.1:99999/"]
)
def test_what_is_no_address_is_unavailable(url):
    http = Http("Radio", "", calls=9, period_s=1)
    with pytest.raises(Unavailable):
        http.download(url, max_bytes=9)


def test_half_a_character_cannot_be_asked_for(scripted):
    http = Http("Radio", scripted.address, calls=9, period_s=1)
    with pytest.raises(Unavailable):
        http.get("/thing", q="\ud800")


def test_a_file_is_uploaded_as_form_data(scripted):
    http = Http("Radio", scripted.address, calls=9, period_s=1)
    scripted.faults.append(WORSE)
    http.post_file("/upload", field="sound", name="a.wav", data=b"RIFF")
    for request in scripted.requests:  # the second attempt sends all of it again
        assert b'name="sound"; filename="a.wav"' in request.body
        assert b"RIFF" in request.body


def test_the_program_introduces_itself(scripted, ask):
    ask()
    assert scripted.requests[0].headers["User-Agent"].startswith("MusicClusteringExplorer/")


@pytest.mark.parametrize(
    "fault",
    [WORSE, Reply(status=403), Reply(status=404), HALF_JSON, CUT_OFF, DROPPED, HANGING,
     as_json({"error": f"bad q={SECRET}"}, 400), as_json({}, 429, Retry_After="86000"),
     Reply(status=302, headers={"Location": f"http://127.0.0.1:9/?{SECRET}"}),
     Reply(status=302, headers={"Location": f"http://a..b/?{SECRET}"})],
)  # fmt: skip
def test_nothing_of_an_address_is_told(scripted, ask, capfd, caplog, fault):
    caplog.set_level(logging.DEBUG)
    scripted.faults += [fault] * 4
    with pytest.raises((Stopped, Unavailable)) as caught:
        ask(timeout_s=(5, 0.1))
    told = "".join(traceback.format_exception(caught.value)) + "".join(capfd.readouterr())
    error = caught.value
    while error is not None:
        told += repr(error) + str(vars(error))
        error = error.__cause__ or error.__context__
    assert "Radio" in told
    assert SECRET not in told + caplog.text


def test_calls_of_others_get_the_same_patience():
    answers = iter([Busy("answered 500"), Busy("answered 429", is_limit=True), "done"])

    def call():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert waiting("Radio", call) == "done"


def test_what_others_raise_passes_through():
    def call():
        raise ValueError("theirs")

    with pytest.raises(ValueError, match="theirs"):
        waiting("Radio", call)


def test_the_pauses_grow(scripted, ask):
    scripted.faults += [WORSE] * 3
    ask(backoff_s=0.1)
    times = [request.at for request in scripted.requests]
    first, second, third = (later - earlier for earlier, later in pairwise(times))
    assert first >= 0.1
    assert second >= 0.2
    assert third >= 0.4
