"""Previews: who is asked in which order, what is refused, and what becomes of a file."""

import contextlib
import os

import pytest

from ingest.audio import stream, tasks
from ingest.audio.workers import processes
from ingest.errors import IngestError
from ingest.online import previews
from ingest.online.http import Stopped, Unavailable
from ingest.online.matching import Wanted
from ingest.online.previews import Clip
from music_explorer.store.schema import columns
from tests.ingest.online import fake_deezer, fake_itunes
from tests.ingest.online.scripted import HALF_JSON, Reply, as_json
from tests.ingest.sound import sound

ISRC = "GBDUW0000059"
SIGNED = "?hdnea=exp=1770015730~hmac=5f3a9c"
LIMIT = as_json({}, 429, Retry_After="86000")


def crash(*_):
    os._exit(139)


def wanted(title="Song", artist="Band", duration_ms=200_000, isrc=None, preview_url=None):
    return Wanted("spotify:aaa", title, artist, duration_ms, isrc, preview_url)


@pytest.fixture(scope="module")
def mp3(tmp_path_factory):
    return sound(tmp_path_factory.mktemp("clips") / "a.mp3", seconds=1).read_bytes()


@pytest.fixture(scope="module")
def worker():
    """A process that decodes, which all tests share."""
    with processes(1) as workers:
        yield workers


@pytest.fixture
def serve(monkeypatch):
    """Start Deezer and iTunes with catalogues; returns both and the client."""
    with contextlib.ExitStack() as stack:

        def start(tracks=(), songs=(), clips=None, cache=None):
            deezer = stack.enter_context(fake_deezer.serving(*tracks, clips=clips))
            itunes = stack.enter_context(fake_itunes.serving(*songs))
            monkeypatch.setenv("MUSIC_DEEZER_URL", deezer.address)
            monkeypatch.setenv("MUSIC_ITUNES_URL", itunes.address)
            return deezer, itunes, previews.connect(cache=cache)

        yield start


def on_deezer(number=1, title="Song", artist="Band", seconds=200, **more):
    return fake_deezer.track(number, title, artist, seconds, **{"preview": "http://d/1"} | more)


def on_itunes(number=2, title="Song", artist="Band", milliseconds=200_000, preview="http://i/2"):
    return fake_itunes.song(number, title, artist, milliseconds, preview=preview)


def test_the_address_that_spotify_gave_comes_first(serve):
    deezer, itunes, services = serve([on_deezer(isrc=ISRC)], [on_itunes()])
    clip = previews.find(wanted(isrc=ISRC, preview_url="http://s/1"), services)
    assert clip == Clip("spotify", "spotify", "aaa", "http://s/1")
    assert deezer.requests == itunes.requests == []


def test_deezer_is_asked_by_isrc_first(serve):
    deezer, itunes, services = serve([on_deezer(title="Other", isrc=ISRC)], [on_itunes()])
    clip = previews.find(wanted(isrc="gb-duw-00-00059"), services)
    assert clip == Clip("deezer", "isrc", "1", "http://d/1")
    assert deezer.paths() == [f"/track/isrc:{ISRC}"]
    assert itunes.requests == []


@pytest.mark.parametrize("isrc", [None, "USABC1234567"])
def test_deezer_is_asked_by_names_next(serve, isrc):
    deezer, itunes, services = serve([on_deezer(seconds=203)], [on_itunes()])
    clip = previews.find(wanted("Song (feat. X)", "Band; Other", isrc=isrc), services)
    assert clip == Clip("deezer", "names", "1", "http://d/1")
    assert deezer.requests[-1].query["q"] == 'artist:"Band" track:"Song"'
    assert itunes.requests == []


def test_a_recording_without_preview_on_deezer_is_looked_for_on_itunes(serve):
    _, itunes, services = serve([on_deezer(isrc=ISRC, preview="")], [on_itunes()])
    clip = previews.find(wanted(isrc=ISRC), services)
    assert clip == Clip("itunes", "names", "2", "http://i/2")
    [asked] = itunes.requests
    assert asked.query == {
        "term": "Band Song", "media": "music", "entity": "song", "limit": "5", "country": "US",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("title", "artist", "seconds"),
    [("Song", "Band", 196), ("Song", "Band", 204), ("Song - Live", "Band", 200),
     ("Song (Guest Remix)", "Band", 200), ("Song", "Cover Band", 200)],
)  # fmt: skip
def test_what_may_be_another_recording_is_refused(serve, title, artist, seconds):
    _, itunes, services = serve(
        [on_deezer(title=title, artist=artist, seconds=seconds)],
        [on_itunes(title=title, artist=artist, milliseconds=seconds * 1000)],
    )
    assert previews.find(wanted(), services) is None
    assert len(itunes.requests) == 1


def test_of_several_results_the_fitting_one_is_taken(serve):
    songs = [on_itunes(1, "Song - Live"), on_itunes(2, milliseconds=260_000), on_itunes(3)]
    _, _, services = serve([], [*songs, on_itunes(4, preview=None)])
    assert previews.find(wanted(), services).reference == "3"


def test_a_quotation_mark_does_not_end_the_title_in_the_search(serve):
    deezer, _, services = serve([on_deezer(title='The "Best" Song')])
    assert previews.find(wanted('The "Best" Song'), services).provider == "deezer"
    assert deezer.requests[0].query["q"].count('"') == 4


def test_a_track_that_cannot_be_named_has_none_and_nobody_is_asked(serve):
    deezer, itunes, services = serve()
    assert previews.find(wanted(None, None), services) is None
    assert deezer.requests == itunes.requests == []


def test_a_service_that_wants_a_pause_is_left_out_for_the_rest_of_the_run(serve):
    deezer, itunes, services = serve([on_deezer()], [on_itunes()])
    deezer.faults.append(LIMIT)
    for _ in range(3):
        assert previews.find(wanted(), services).provider == "itunes"
    assert len(deezer.requests) == 1
    assert services.stopped["deezer"].retry_after_s == 86_000


def test_the_quota_of_deezer_in_a_body_with_status_200_stops_it(serve):
    deezer, _, services = serve([on_deezer()], [on_itunes()])
    deezer.faults += [fake_deezer.error(4)] * 4
    assert previews.find(wanted(), services).provider == "itunes"
    assert set(services.stopped) == {"deezer"}


@pytest.mark.parametrize("code", [4, 700])
def test_deezer_is_asked_again_when_it_is_busy(serve, code):
    deezer, _, services = serve([on_deezer()])
    deezer.faults += [fake_deezer.error(code)] * 2
    assert previews.find(wanted(), services).provider == "deezer"


def test_itunes_says_with_403_that_it_was_asked_too_often(serve):
    _, itunes, services = serve([], [on_itunes()])
    itunes.faults += [Reply(b"", 403)] * 2
    assert previews.find(wanted(), services).provider == "itunes"
    itunes.faults += [Reply(b"", 403)] * 4
    with pytest.raises(Unavailable):
        previews.find(wanted(), services)
    assert set(services.stopped) == {"itunes"}


@pytest.mark.parametrize(
    "fault", [fake_deezer.error(300), HALF_JSON, Reply(status=404), as_json({})]
)
def test_a_service_in_trouble_is_passed_over_and_counted(serve, fault):
    deezer, _, services = serve([on_deezer()], [on_itunes()])
    deezer.faults += [fault] * 4
    assert previews.find(wanted(), services).provider == "itunes"
    assert services.failed == {"deezer": 1}
    assert services.stopped == {}


def test_nothing_found_is_only_said_when_everybody_answered(serve):
    deezer, _, services = serve()
    assert previews.find(wanted(isrc=ISRC), services) is None
    deezer.faults.append(fake_deezer.error(300))
    with pytest.raises(Unavailable):
        previews.find(wanted(), services)
    deezer.faults.append(LIMIT)
    for _ in range(2):
        with pytest.raises(Unavailable):
            previews.find(wanted(), services)


def test_when_nobody_is_left_to_ask_it_ends(serve):
    deezer, itunes, services = serve()
    deezer.faults.append(LIMIT)
    itunes.faults.append(LIMIT)
    with pytest.raises(Stopped):
        previews.find(wanted(), services)


@pytest.mark.parametrize("ending", ["mp3", "m4a"])
def test_a_preview_is_measured_as_a_file_is(serve, tmp_path, ending, worker):
    path = sound(tmp_path / f"a.{ending}", seconds=1)
    deezer, _, services = serve(clips={"a": path.read_bytes()})
    url = f"{deezer.address}/clips/a{SIGNED}"
    clip, row = previews.features(wanted(preview_url=url), services, worker)
    assert clip.provider == "spotify"
    limit = stream.limit(path.stat().st_size, 30.0)
    file = worker.finish(tasks.measure, str(path), 30.0, "start", limit=limit).value
    assert row == file | {"librosa_origin": "preview"}
    assert (row["sample_rate"], row["offset_s"]) == (22_050, 0)
    assert set(row) - {"librosa_origin"} == set(columns("librosa_features")) - {
        "track_id", "origin", "source",
    }  # fmt: skip


def test_a_dead_preview_is_replaced_by_that_of_the_next_service(serve, mp3, worker):
    deezer, _, services = serve(clips={"b": mp3, "page": b"<html>gone"})
    gone, page, good = (f"{deezer.address}/clips/{name}" for name in ("gone", "page", "b"))
    catalogue = [on_deezer(isrc=ISRC, preview=page)]
    _, _, services = serve(catalogue, [on_itunes(preview=good)])
    clip, _ = previews.features(wanted(isrc=ISRC, preview_url=gone), services, worker)
    assert clip.provider == "itunes"
    assert services.failed == {"deezer": 1}  # found by ISRC and again by names, fetched once


def test_previews_that_are_no_audio_are_not_the_same_as_none(serve, worker):
    deezer, _, services = serve(clips={"page": b"<html>gone"})
    with pytest.raises(Unavailable, match="could not be used"):
        previews.features(wanted(preview_url=f"{deezer.address}/clips/page"), services, worker)
    assert (
        previews.features(wanted(preview_url=f"{deezer.address}/clips/gone"), services, worker)
        is None
    )


def test_a_preview_over_five_megabytes_is_refused(serve):
    deezer, _, services = serve(clips={"big": bytes(5_000_001)})
    clip = Clip("deezer", "isrc", "1", f"{deezer.address}/clips/big")
    with pytest.raises(Unavailable, match="more than 5,000,000 bytes"):
        previews.fetch(clip, services)


def test_what_is_no_audio_cannot_be_measured(worker):
    with pytest.raises(IngestError):
        previews.measure(b"<html>", worker)


def test_a_preview_that_kills_the_decoder_is_of_no_use_and_the_next_one_is(
    serve, mp3, worker, monkeypatch
):
    deezer, _, services = serve(clips={"a": mp3})
    track = wanted(preview_url=f"{deezer.address}/clips/a")
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "measure", crash)
        with pytest.raises(Unavailable):
            previews.features(track, services, worker)
    assert services.failed == {"spotify": 1}
    assert previews.features(track, services, worker) is not None


def test_without_a_cache_folder_nothing_is_kept(serve, tmp_path, mp3, monkeypatch, worker):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deezer, _, services = serve(clips={"a": mp3})
    previews.features(wanted(preview_url=f"{deezer.address}/clips/a"), services, worker)
    assert list(tmp_path.iterdir()) == []


def test_with_a_cache_folder_a_preview_is_fetched_once(serve, tmp_path, mp3, worker):
    deezer, _, services = serve(clips={"a": mp3}, cache=tmp_path / "clips")
    track = wanted(preview_url=f"{deezer.address}/clips/a{SIGNED}")
    first, second = (previews.features(track, services, worker) for _ in range(2))
    assert first == second
    assert deezer.paths() == ["/clips/a"]
    [kept] = (tmp_path / "clips").iterdir()
    assert kept.name == "spotify-aaa"
    assert kept.read_bytes() == mp3


def test_what_cannot_be_decoded_is_not_kept(serve, tmp_path, worker):
    deezer, _, services = serve(clips={"a": b"<html>"}, cache=tmp_path / "clips")
    with pytest.raises(Unavailable):
        previews.features(wanted(preview_url=f"{deezer.address}/clips/a"), services, worker)
    assert list((tmp_path / "clips").iterdir()) == []


def test_a_reference_cannot_lead_out_of_the_cache_folder(serve, tmp_path, mp3, worker):
    deezer, _, services = serve(clips={"a": mp3}, cache=tmp_path / "clips")
    track = wanted(preview_url=f"{deezer.address}/clips/a")._replace(track_id="row:../../x")
    previews.features(track, services, worker)
    assert [path.name for path in (tmp_path / "clips").iterdir()] == ["spotify-row-x"]


def test_a_cache_folder_that_cannot_be_made_is_said_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(IngestError, match="cannot keep previews in"):
        previews.connect(cache=tmp_path / "file" / "clips")


def test_a_signature_is_never_told(serve, capfd, caplog, worker):
    caplog.set_level("DEBUG")
    deezer, _, services = serve(clips={"page": b"<html>"})
    told = ""
    for name in ("page", "gone"):
        track = wanted(preview_url=f"{deezer.address}/clips/{name}{SIGNED}")
        for fault in ((), [Reply(status=500)] * 4, [LIMIT]):
            deezer.faults += fault
            with contextlib.suppress(Unavailable):
                previews.features(track, services, worker)
        told += f"{services.failed} {[repr(e) for e in services.stopped.values()]}"
        services.stopped.clear()
    assert "hmac" not in told + caplog.text + "".join(capfd.readouterr())
