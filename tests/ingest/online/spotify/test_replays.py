"""Whole runs: as the 2021 study did it, as it goes today, and killed on the way."""

import contextlib
import signal
import subprocess
import sys
import threading

import pytest

from music_explorer.analysis.feature_sets import FEATURE_SETS
from music_explorer.analysis.pipeline import Config
from music_explorer.analysis.pipeline import run as cluster
from music_explorer.store import queries
from music_explorer.store.reader import open_store
from tests.conftest import ROOT
from tests.ingest.online import fake_deezer, fake_itunes, fake_reccobeats
from tests.ingest.online.fake_spotify import Playlist, isrc, spotify_id, track
from tests.ingest.online.scripted import HANGING, Reply
from tests.ingest.sound import sound

GENRES = ("Rock", "Pop", "Jazz", "Metal", "Folk", "Classical", "Hip Hop", "Electronic", "Country",
          "Blues", "Reggae")  # fmt: skip
N_PLAYLISTS = 6
ROCK, POP = spotify_id(1, "P"), spotify_id(2, "P")


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> bytes:
    return sound(tmp_path_factory.mktemp("clips") / "a.mp3", seconds=0.3).read_bytes()


@pytest.fixture
def others(monkeypatch, clip):
    """Start ReccoBeats, Deezer and iTunes with what they are to know."""
    with contextlib.ExitStack() as stack:

        def start(rows=(), tracks=(), songs=()):
            deezer = stack.enter_context(fake_deezer.serving(*tracks, clips={"a.mp3": clip}))
            signed = f"{deezer.address}/clips/a.mp3?hdnea=exp=1770015730~hmac=5f3a9c"
            for one in tracks:
                one["preview"] = signed
            for one in songs:
                one["previewUrl"] = signed
            reccobeats = stack.enter_context(fake_reccobeats.serving(*rows))
            itunes = stack.enter_context(fake_itunes.serving(*songs))
            monkeypatch.setenv("MUSIC_RECCOBEATS_URL", reccobeats.address)
            monkeypatch.setenv("MUSIC_DEEZER_URL", deezer.address)
            monkeypatch.setenv("MUSIC_ITUNES_URL", itunes.address)
            return reccobeats, deezer, itunes

        yield start


def on_deezer(number: int, **more: object) -> dict:
    return fake_deezer.track(number, f"Song {number}", f"Artist {number % 7}", 180, **more)


def test_the_studys_own_way(run, ask, signed_in, others, clip, tmp_path, store):
    """A file of 11 genres with 6 playlists each; a track in two; five tracks have no preview."""
    others()
    signed_in.generation, signed_in.clips["a.mp3"] = 2021, clip
    preview = f"{signed_in.server.address}/clips/a.mp3?cid=the-client-id"
    lines, number = ["[genres]"], 0
    for genre in GENRES:
        ids = []
        for _ in range(N_PLAYLISTS):
            number += 1
            one = track(number, preview_url=None if number % 13 == 0 else preview)
            both = [track(1, preview_url=preview)] * (number == N_PLAYLISTS + 1)
            ids.append(spotify_id(number, "P"))
            signed_in.playlists[ids[-1]] = Playlist(f"{genre} {number}", [one, *both])
        addresses = ", ".join(f'"https://open.spotify.com/playlist/{name}"' for name in ids)
        lines.append(f'"{genre}" = [{addresses}]')
    (tmp_path / "genres.toml").write_text("\n".join(lines))
    done = run("spotify", "--playlists", tmp_path / "genres.toml", "--previews")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "spotify: 66 playlists: 67 read, 66 added, 1 updated, 0 unchanged, 0 rejected",
        "  features of 66 tracks: 66 from Spotify by Spotify id, 0 that nobody has",
        "  previews of 66 tracks: 61 from Spotify by Spotify id, 5 that nobody has",
        "  5 of 66 tracks have no preview, so no Librosa features; their other values are kept",
    ]
    with open_store(store) as con:
        counts = queries.counts(con)
        by_genre = queries.genre_counts(con)
        known = queries.coverage(con)
    assert (counts["tracks"], counts["genres"], counts["track_genre_pairs"]) == (66, 11, 67)
    assert set(by_genre["source"]) == {"spotify"}
    assert dict(zip(by_genre["genre"], by_genre["n_tracks"], strict=True)) == dict.fromkeys(
        GENRES, 6
    ) | {"Pop": 7}
    for name in FEATURE_SETS["study"].columns:
        expected = 61 / 66 if name in FEATURE_SETS["librosa"].columns else 1
        assert known[name] == pytest.approx(expected), name
    assert ask("SELECT DISTINCT origin FROM librosa_features") == [("preview",)]
    kept = f"{signed_in.server.address}/clips/a.mp3"
    assert ask("SELECT DISTINCT preview_url FROM tracks WHERE preview_url NOTNULL") == [(kept,)]
    assert ask("SELECT DISTINCT provider, kind, evidence FROM lookups ORDER BY ALL") == [
        ("deezer", "preview", None),
        ("itunes", "preview", None),
        ("spotify", "features", "spotify"),
        ("spotify", "preview", "spotify"),
    ]


def test_todays_way(run, ask, signed_in, others, store):
    """A new app: no audio features, no previews; ReccoBeats, Deezer and iTunes fill both sets."""
    signed_in.playlists[ROCK] = Playlist("Rock", [track(i) for i in range(60)])
    rows = [fake_reccobeats.row(i, spotify_id=spotify_id(i), energy=i / 60) for i in range(50)]
    rows += [fake_reccobeats.row(i, isrc=isrc(i)) for i in range(50, 55)]
    rows += [fake_reccobeats.row(55, spotify_id=spotify_id(55), tempo=None, key=-1)]
    tracks = [on_deezer(i, isrc=isrc(i)) for i in range(40)]
    tracks += [on_deezer(i) for i in range(40, 50)]
    songs = [fake_itunes.song(i, f"Song {i}", f"Artist {i % 7}", 180_900) for i in range(50, 54)]
    reccobeats, deezer, itunes = others(rows, tracks, songs)
    done = run("spotify", ROCK, "--genre", "Rock", "--previews")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "spotify: 1 playlist: 60 read, 60 added, 0 updated, 0 unchanged, 0 rejected",
        "  features of 60 tracks: 5 from ReccoBeats by ISRC, 51 from ReccoBeats by Spotify id, "
        "4 that nobody has",
        "  Spotify gives this app no audio features (it gives new apps none)",
        "  previews of 60 tracks: 40 from Deezer by ISRC, 10 from Deezer by artist, title and "
        "length, 4 from iTunes by artist, title and length, 6 that nobody has",
        "  6 of 60 tracks have no preview, so no Librosa features; their other values are kept",
    ]
    assert signed_in.asked("/v1/audio-features") == ["audio-features/"]
    assert ask("SELECT origin, count(*), count(time_signature) FROM spotify_features "
               "GROUP BY ALL") == [("reccobeats", 56, 0)]  # fmt: skip
    assert ask("SELECT tempo, key, energy FROM spotify_features WHERE right(track_id, 2) = '55'"
               ) == [(None, None, 0.69)]  # fmt: skip
    assert ask("SELECT count(*) FROM tracks WHERE preview_url NOTNULL") == [(0,)]
    assert b"hdnea" not in store.read_bytes()
    with open_store(store) as con:
        frame = queries.features(con, FEATURE_SETS["spotify"].columns)
    result = cluster(Config(feature_set="spotify", n_clusters=2), frame)
    assert len(result.clustering.labels) == 55
    assert "tempo" in result.prepared.matrix.names
    assert "time_signature" not in result.prepared.matrix.names
    for server in (signed_in.server, reccobeats, deezer, itunes):
        server.requests.clear()
    assert run("spotify", ROCK, "--genre", "Rock", "--previews").code == 0
    assert signed_in.asked() == [f"playlists/{ROCK}", "audio-features/"]
    assert reccobeats.requests == deezer.requests == itunes.requests == []


def test_a_service_that_stops_leaves_its_share_for_the_next_run(run, ask, signed_in, others):
    signed_in.playlists[ROCK] = Playlist("Rock", [track(i) for i in range(60)])
    reccobeats, _, _ = others([fake_reccobeats.row(i, spotify_id=spotify_id(i)) for i in range(60)])
    proper = reccobeats.answer
    reccobeats.answer = lambda request: (
        fake_reccobeats.error(4291, 429) if len(reccobeats.requests) > 1 else proper(request)
    )
    done = run("spotify", ROCK)
    assert done.code == 4
    assert "40 from ReccoBeats by Spotify id, 0 that nobody has, 20 still to be asked for" in (
        done.out
    )
    assert "stopped early: ReccoBeats " in done.err
    reccobeats.answer = proper
    reccobeats.requests.clear()
    assert run("spotify", ROCK).code == 0
    (request,) = reccobeats.requests
    assert len(request.query["ids"].split(",")) == 20
    assert ask("SELECT count(*) FROM spotify_features") == [(60,)]


def test_a_preview_that_is_no_audio_is_counted_and_asked_for_again(run, ask, signed_in, others):
    signed_in.playlists[ROCK] = Playlist("Rock", [track(1)])
    _, deezer, _ = others(tracks=[on_deezer(1, isrc=isrc(1))])
    proper = deezer.answer
    deezer.answer = lambda request: (
        Reply(b"no audio") if request.path.startswith("/clips") else proper(request)
    )
    done = run("spotify", ROCK, "--previews")
    assert done.code == 3
    assert "previews of 1 tracks: 0 found, 0 that nobody has, 1 still to be asked for" in done.out
    assert "could not be used, so asked for again by the next run: " in done.out
    assert ask("SELECT * FROM lookups WHERE kind = 'preview'") == []
    deezer.answer = proper
    assert "1 from Deezer by ISRC" in run("spotify", ROCK, "--previews").out


# stage -> tracks, whether previews are wanted, and the request at which the run is killed
KILLED = {
    "playlists": (9, False, 0, f"/v1/playlists/{ROCK}/items", 3),
    "features": (45, False, 1, "/v1/audio-features", 2),
    "previews": (9, True, 2, "/clips/a.mp3", 5),
}


@pytest.mark.parametrize("stage", KILLED)
def test_a_killed_run_asks_for_nothing_twice_and_ends_as_an_undisturbed_one(
    run, ask, signed_in, others, content, store, stage
):
    n, with_previews, which, path, number = KILLED[stage]
    signed_in.playlists = {
        POP: Playlist("Pop", [track(0), track(200)]),
        ROCK: Playlist("Rock", [*[track(i) for i in range(n)], *[None] * 120, track(n), track(3)]),
    }
    songs = (*range(n + 1), 200)
    rows = [fake_reccobeats.row(i, spotify_id=spotify_id(i)) for i in range(n)]
    servers = (signed_in.server, *others(rows, [on_deezer(i, isrc=isrc(i)) for i in songs]))
    arguments = ["spotify", POP, ROCK, "--genre", "Rock", *["--previews"] * with_previews]
    _kill_at_request([*arguments, "--store", store], servers[which], path, number)
    pages = dict(ask("SELECT playlist_id, n_read FROM playlists"))
    known = set(ask("SELECT split_part(track_id, ':', 2), kind FROM lookups"))
    assert pages[POP] == 2
    assert {kind for _, kind in known} == {
        "playlists": set(),
        "features": {"features"},
        "previews": {"features", "preview"},
    }[stage]
    for server in servers:
        server.requests.clear()

    assert run(*arguments).code == (3 if stage == "playlists" else 0)
    spotify, reccobeats, deezer, _ = servers
    for request in spotify.requests:
        if request.path.endswith("/items"):
            assert int(request.query["offset"]) >= pages.get(request.path.split("/")[-2], 0)
    for request in reccobeats.requests:
        for name in request.query["ids"].split(","):
            assert (name, "features") not in known
    name_of = {f"/track/isrc:{isrc(i)}": spotify_id(i) for i in songs}
    for request in deezer.requests:
        assert (name_of.get(request.path), "preview") not in known
    if stage != "playlists":
        assert not [p for p in spotify.paths() if p.startswith("/v1/playlists")]

    resumed = content()
    assert len(resumed["tracks"]) == len(songs)
    assert len(resumed["librosa_features"]) == len(songs) * with_previews
    assert run("remove", "spotify:*").code == 0
    assert run(*arguments).code == 3
    assert content() == resumed


def test_ctrl_c_keeps_what_was_answered_and_says_so(run, ask, signed_in, store):
    signed_in.playlists[ROCK] = Playlist("Rock", [track(i) for i in range(120)])
    path = f"/v1/playlists/{ROCK}/items"
    arguments = ["spotify", ROCK, "--store", store]
    code, out, err = _kill_at_request(arguments, signed_in.server, path, 3, how=signal.SIGINT)
    assert code == 4
    assert out.startswith("spotify: 0 playlists: 100 read, 100 added, ")
    assert err.strip() == "stopped; what was finished is kept, run again to go on"
    assert ask("SELECT n_read, state FROM playlists") == [(100, "begun")]
    assert ask("SELECT count(*) FROM track_playlists") == [(100,)]


def _kill_at_request(arguments, server, path, number, *, how=signal.SIGKILL):
    """Start a run and kill it when it waits for the answer to its n-th request to a path."""
    proper, is_waiting = server.answer, threading.Event()

    def answer(request):
        if request.path == path and server.paths().count(path) >= number:
            is_waiting.set()
            return HANGING
        return proper(request)

    server.answer = answer
    process = subprocess.Popen(
        [sys.executable, "-m", "ingest", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert is_waiting.wait(120)
        process.send_signal(how)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    server.answer = proper
    return process.returncode, out, err
