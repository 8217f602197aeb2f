"""Playlists: every kind of item, pages, both generations, labels, changes, and what is stored."""

import pytest

from tests.ingest.conftest import digest
from tests.ingest.online import fake_reccobeats
from tests.ingest.online.fake_spotify import Playlist, episode, local, spotify_id, track
from tests.ingest.online.scripted import as_json

ROCK, JAZZ = spotify_id(1, "P"), spotify_id(2, "P")
N_ITEMS = 137


@pytest.fixture(autouse=True)
def reccobeats(monkeypatch):
    """A ReccoBeats that knows nothing, so that features end at once."""
    with fake_reccobeats.serving() as server:
        monkeypatch.setenv("MUSIC_RECCOBEATS_URL", server.address)
        yield server


def mixed_items():
    """137 items: 3 empty, 4 local, 2 episodes, 2 removed, 5 that repeat; 121 tracks."""
    items = [track(i) for i in range(N_ITEMS)]
    for i in (0, 50, 136):
        items[i] = None
    for i in (1, 49, 99, 100):
        items[i] = local(i)
    for i in (2, 135):
        items[i] = episode(i)
    for i in (3, 51):
        items[i] = track(i, id=None)
    for i in (20, 60, 110, 120, 134):
        items[i] = track(10)
    return items


@pytest.mark.parametrize("generation", [2021, 2026])
def test_every_item_is_a_track_a_repeat_or_a_reject_with_its_place(run, ask, signed_in, generation):
    signed_in.generation = generation
    signed_in.playlists[ROCK] = Playlist("Rock", mixed_items())
    done = run("spotify", f"https://open.spotify.com/playlist/{ROCK}?si=1", "--genre", "rock")
    assert done.code == 3
    assert done.out.splitlines()[0] == (
        "spotify: 1 playlist: 137 read, 121 added, 0 updated, 0 unchanged, 11 rejected, "
        "5 repeated; the reasons are in the table rejects"
    )
    rejects = dict(ask("SELECT locator, reason FROM rejects"))
    assert len(rejects) == 11
    assert rejects['playlist "Rock" item 1'] == (
        "the item is empty: the track was removed from Spotify"
    )
    assert rejects['playlist "Rock" item 2'].startswith("'Local 1' is a local file")
    assert rejects['playlist "Rock" item 136'].startswith("'Episode 135' is an episode")
    assert rejects['playlist "Rock" item 52'].startswith("'Song 51' has no id")
    assert [path for path in signed_in.asked() if "items" in path] == [
        f"playlists/{ROCK}/items@{offset}" for offset in (0, 50, 100)
    ]
    places = ask("SELECT track_id, position FROM track_playlists WHERE position IN (4, 10, 133)")
    assert sorted(places) == [(f"spotify:{spotify_id(i)}", i) for i in (4, 10, 133)]
    assert ask("SELECT DISTINCT genre, genre_as_given, origin FROM track_genres") == [
        ("Rock", "rock", "playlist")
    ]


def test_a_track_keeps_all_that_spotify_says_of_it(run, ask, signed_in):
    signed_in.generation = 2021
    signed_in.playlists[ROCK] = Playlist("Rock", [track(7, artists=[{"name": "A"}, {"name": "B"}])])
    assert run("spotify", ROCK).code == 0
    assert ask("SELECT * EXCLUDE (audio_path, license, artist_url) FROM tracks") == [
        (
            f"spotify:{spotify_id(7)}",
            "Song 7",
            "A; B",
            "Album 2",
            "2007-05-01",
            180_007,
            7,
            True,
            "GBAAA2100007",
            f"https://p.scdn.co/mp3-preview/{7:040d}",
            "https://i.scdn.co/image/7-300",
        )
    ]


def test_what_spotify_leaves_out_or_gets_wrong_is_null(run, ask, signed_in):
    bare = {"type": "track", "id": spotify_id(1), "name": "Bare"}
    odd = track(2, duration_ms=0, explicit="no", artists=None, external_ids=None, album=None)
    signed_in.playlists[ROCK] = Playlist("Rock", [bare, odd])
    assert run("spotify", ROCK).code == 0
    rows = ask("SELECT title, artist, release_date, duration_ms, popularity, explicit, isrc FROM "
               "tracks ORDER BY title")  # fmt: skip
    assert rows == [("Bare", *[None] * 6), ("Song 2", *[None] * 6)]


def test_saved_tracks_are_a_playlist(run, ask, signed_in):
    signed_in.saved = [track(i) for i in range(60)]
    assert run("spotify", "--saved").code == 0
    assert ask("SELECT playlist, count(*), max(position) FROM track_playlists GROUP BY ALL") == [
        ("Saved tracks", 60, 59)
    ]
    signed_in.server.requests.clear()
    assert "1 unchanged" in run("spotify", "--saved").out
    assert signed_in.asked() == ["me/tracks@0", "audio-features/"]


def test_a_newest_saved_track_that_was_removed_is_a_reject(run, ask, signed_in):
    signed_in.saved = [None, track(1)]
    signed_in.faults_at["/v1/me/tracks"].append(as_json({"items": [None], "total": 2}))
    done = run("spotify", "--saved")
    assert (done.code, done.err) == (3, "")
    assert "2 read, 1 added, 0 updated, 0 unchanged, 1 rejected" in done.out


def test_without_playlists_all_of_ones_own_are_read_and_nobody_elses(run, ask, signed_in):
    signed_in.playlists = {
        ROCK: Playlist("Mine", [track(1)]),
        JAZZ: Playlist("Theirs", [track(2)], owner="somebody"),
    }
    assert run("spotify").code == 0
    assert ask("SELECT playlist FROM track_playlists") == [("Mine",)]
    assert not [path for path in signed_in.asked() if JAZZ in path]


def test_where_ones_own_playlists_cannot_be_listed_one_line_says_why(run, signed_in):
    signed_in.faults_at["/v1/me/"].append(as_json({"error": {"status": 403}}, 403))
    done = run("spotify")
    assert done.code == 1
    assert "cannot list your playlists: 403" in done.error
    assert "you own no playlist on Spotify" in run("spotify").error


def test_a_playlist_without_a_version_is_always_read_again(run, ask, signed_in):
    name = " A  very long\nname " + "of a playlist " * 9
    signed_in.playlists[ROCK] = Playlist(name, [track(1)], snapshot_id=None)
    assert run("spotify", ROCK).code == 0
    assert "1 read, 0 added, 0 updated, 1 unchanged" in run("spotify", ROCK).out
    assert ask("SELECT playlist FROM track_playlists") == [(" ".join(name.split()),)]


def test_a_track_in_two_playlists_keeps_both_genres_and_removing_one_keeps_the_other(
    run, ask, signed_in, tmp_path, content
):
    signed_in.playlists = {
        ROCK: Playlist("Mix", [track(1), track(2)]),
        JAZZ: Playlist("Mix", [track(2), track(3)]),
    }
    file = tmp_path / "genres.toml"
    file.write_text(f'[genres]\nRock = ["{ROCK}"]\nJazz = ["spotify:playlist:{JAZZ}"]\n')
    only_jazz = tmp_path / "jazz.toml"
    only_jazz.write_text(f'[genres]\nJazz = ["{JAZZ}"]\n')
    assert run("spotify", "--playlists", file).code == 0
    genres = "SELECT right(track_id, 1), genre FROM track_genres ORDER BY ALL"
    assert ask(genres) == [("1", "Rock"), ("2", "Jazz"), ("2", "Rock"), ("3", "Jazz")]
    assert ask("SELECT DISTINCT source FROM track_sources ORDER BY 1") == [
        ("spotify:Mix",),
        (f"spotify:Mix ({JAZZ})",),
    ]
    assert run("remove", "spotify:Mix").code == 0
    assert ask(genres) == [("2", "Jazz"), ("3", "Jazz")]
    assert ask("SELECT name, playlist_id FROM playlists") == [("Mix", JAZZ)]
    assert ask("SELECT DISTINCT right(track_id, 1) FROM lookups ORDER BY 1") == [("2",), ("3",)]
    assert run("remove", "spotify:*").code == 0
    assert not any(content().values())


def test_features_go_with_the_last_playlist_that_has_the_track(run, ask, signed_in):
    signed_in.generation = 2021
    signed_in.playlists = {
        ROCK: Playlist("A", [track(1), track(2)]),
        JAZZ: Playlist("B", [track(2)]),
    }
    assert run("spotify", ROCK, JAZZ).code == 0
    assert ask("SELECT source FROM spotify_features ORDER BY 1") == [("spotify:A",)] * 2
    assert "0 kept" not in run("remove", "spotify:A").out
    assert ask("SELECT right(track_id, 1), source FROM spotify_features") == [("2", "spotify:B")]
    assert run("remove", "spotify:B").code == 0
    assert ask("SELECT * FROM spotify_features") == []


def test_a_playlist_under_two_genres_gives_both(run, ask, signed_in, tmp_path):
    signed_in.playlists[ROCK] = Playlist("Mix", [track(1)])
    file = tmp_path / "genres.toml"
    file.write_text(f'[genres]\nRock = ["{ROCK}"]\nIndie = ["{ROCK}"]\n')
    assert run("spotify", "--playlists", file).code == 0
    assert ask("SELECT genre FROM track_genres ORDER BY 1") == [("Indie",), ("Rock",)]
    file.write_text(f'[genres]\nMetal = ["{ROCK}"]\n')
    assert "0 added, 1 updated" in run("spotify", "--playlists", file).out
    assert ask("SELECT genre FROM track_genres") == [("Metal",)]


def test_an_unchanged_playlist_costs_one_request_and_leaves_the_file_as_it_was(
    run, signed_in, store
):
    signed_in.generation = 2021
    signed_in.playlists[ROCK] = Playlist("Rock", [track(i) for i in range(60)])
    assert run("spotify", ROCK).code == 0
    before = digest(store)
    signed_in.server.requests.clear()
    done = run("spotify", ROCK)
    assert (done.code, signed_in.asked()) == (0, [f"playlists/{ROCK}"])
    assert done.out.splitlines()[0] == (
        "spotify: 1 playlist (1 unchanged since they were read): 0 read, 0 added, 0 updated, "
        "0 unchanged, 0 rejected (nothing changed)"
    )
    assert digest(store) == before


def test_a_changed_playlist_gives_and_takes_back_exactly_what_changed(run, ask, signed_in):
    signed_in.playlists[ROCK] = Playlist("Rock", [track(1), track(2), track(3)])
    assert run("spotify", ROCK, "--genre", "Rock").code == 0
    signed_in.playlists[ROCK] = Playlist("Rock", [track(1), track(4)], snapshot_id="2")
    done = run("spotify", ROCK, "--genre", "Rock")
    assert "2 read, 1 added, 0 updated, 1 unchanged, 0 rejected, 2 that left" in done.out
    assert ask("SELECT right(track_id, 1) FROM tracks ORDER BY 1") == [("1",), ("4",)]
    assert ask("SELECT count(*) FROM track_genres") == [(2,)]


def test_a_dry_run_reads_playlists_and_asks_and_writes_nothing_else(
    run, signed_in, store, reccobeats
):
    signed_in.playlists[ROCK] = Playlist("Rock", [*[track(i) for i in range(60)], None])
    before = digest(store)
    done = run("spotify", ROCK, "--previews", "--dry-run")
    assert done.code == 3
    assert done.out.splitlines() == [
        "spotify: 1 playlist: 61 read, 60 tracks would be added, 1 rejected",
        "  60 of 60 tracks would be asked for features",
        "  60 of 60 tracks would be asked for previews",
        "  dry run: nothing was written",
    ]
    assert digest(store) == before
    assert len(signed_in.asked()) == 3
    assert not reccobeats.requests


def test_a_dry_run_knows_what_the_store_has(run, signed_in, store):
    signed_in.generation = 2021
    signed_in.playlists[ROCK] = Playlist("Rock", [track(1), track(2)])
    assert run("spotify", ROCK).code == 0
    before = digest(store)
    signed_in.playlists[ROCK] = Playlist("Rock", [track(2), track(3)], snapshot_id="2")
    done = run("spotify", ROCK, "--dry-run")
    assert "2 read, 1 tracks would be added" in done.out
    assert "1 of 2 tracks would be asked for features" in done.out
    assert digest(store) == before


def test_a_dry_run_counts_what_an_unchanged_playlist_lacks_but_not_what_nobody_has(
    run, signed_in, reccobeats
):
    """The tracks were read by an earlier run, and ReccoBeats answered that it has no features."""
    signed_in.playlists[ROCK] = Playlist("Rock", [track(1), track(2)])
    assert run("spotify", ROCK).code == 0
    done = run("spotify", ROCK, "--previews", "--dry-run")
    assert done.out.splitlines() == [
        "spotify: 1 playlist (1 unchanged since they were read): 0 read, 0 tracks would be added, "
        "0 rejected",
        "  0 of 2 tracks would be asked for features",
        "  2 of 2 tracks would be asked for previews",
        "  dry run: nothing was written",
    ]
    reccobeats.requests.clear()
    assert run("spotify", ROCK).code == 0
    assert not reccobeats.requests


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[genres", "is no TOML: "),
        ("Rock = 1", "needs [genres] with lines such as"),
        ("[genres]", "needs [genres] with lines such as"),
        ("[genres]\nRock = 'x'", "'Rock' = 'x' is no genre with a list of playlists"),
        ("[genres]\nRock = []", "'Rock' = '[]' is no genre with a list of playlists"),
        ("[genres]\nRock = ['no id']", "Rock: 'no id' is no playlist; give its address"),
        (f"[genres]\nRock = ['spotify:album:{ROCK}']", "is no playlist; give its address"),
    ],
)
def test_a_file_that_is_not_understood_is_refused_in_one_line(
    run, tmp_path, store, settings, text, said
):
    file = tmp_path / "genres.toml"
    file.write_text(text)
    done = run("spotify", "--playlists", file)
    assert done.code == 1
    assert said in done.error
    assert not store.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--playlists", "f.toml", "--genre", "Rock"),
        ("--playlists", "f.toml", ROCK),
        ("--genre", "Rock"),
        ("--genre", " ", ROCK),
        (ROCK, "--keep-previews", "folder"),
    ],
)
def test_contradicting_options_are_wrong_usage(run, settings, store, arguments):
    assert run("spotify", *arguments).code == 2
    assert not store.exists()


def test_a_bad_playlist_is_named_in_one_line(run, settings, store):
    done = run("spotify", "https://open.spotify.com/album/1")
    assert done.code == 1
    assert "'https://open.spotify.com/album/1' is no playlist" in done.error
    assert not store.exists()
