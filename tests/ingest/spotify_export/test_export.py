"""Importing the archive: what is taken, what is counted, and that nobody is in the store."""

import json
import shutil
import zipfile

import pytest

from ingest.identity import row_track_id
from music_explorer.store import queries
from music_explorer.store.reader import data_version, open_store
from tests.ingest.conftest import digest
from tests.ingest.spotify_export.conftest import (
    ACCOUNT,
    EXTENDED,
    PERSONAL,
    heard,
    heard_by_name,
    listed,
    playlists,
    saved,
    track_id,
)

PLACES = (
    "SELECT playlist, position, track_id, added_at FROM track_playlists "
    "ORDER BY playlist, position, track_id"
)
PLAYS = "SELECT track_id, month, n_plays, ms_played FROM track_plays WHERE source = ? ORDER BY ALL"
REASONS = (
    "SELECT reason, count(*) FROM rejects JOIN ingests USING (ingest_id) WHERE source = ? "
    "GROUP BY reason ORDER BY reason"
)
SONG_7 = row_track_id("Song 7", "Band", "")


def counted(ask, part):
    return dict(ask(REASONS, f"spotify-export:{part}"))


def labels(store, kind):
    with open_store(store) as con:
        return list(queries.labels(con, kind).itertuples(index=False, name=None))


def test_playlists_keep_their_order_and_when_tracks_were_added(run, ask, archive):
    assert run("spotify-export", archive(ACCOUNT)).code == 3
    assert ask(PLACES) == [
        ("Mine", 0, track_id(1), "2024-05-01"),
        ("Mine", 1, track_id(2), None),
        ("Ours", 0, track_id(2), "2024-05-01"),
        ("Ours", 1, track_id(3), "2024-05-03"),
        ("Saved tracks", 0, track_id(3), None),
        ("Saved tracks", 1, track_id(4), None),
    ]
    assert ask("SELECT title, artist, album FROM tracks WHERE track_id = ?", track_id(3)) == [
        ("Song 3", "Band", "Album")
    ]


def test_what_is_no_track_is_counted_by_reason(run, ask, archive):
    run("spotify-export", archive(ACCOUNT | EXTENDED))
    assert counted(ask, "playlists") == {
        "a local file, which Spotify knows nothing about": 2,
        "a podcast, not a track": 1,
        "an audiobook, not a track": 1,
        "no id of a track of Spotify's": 1,
        "no title": 1,
        "the item is empty: the track was removed from Spotify": 1,
    }
    assert counted(ask, "library") == {"no id of a track of Spotify's": 1, "no title": 1}
    assert counted(ask, "history") == {
        "a local file, which Spotify knows nothing about": 1,
        "a podcast, not a track": 1,
        "a video, not a track": 1,
        "an audiobook, not a track": 1,
        "no date that can be right": 2,
        "no id of a track of Spotify's": 1,
        "no playing time that can be right": 1,
        "no title": 1,
        "not understood": 1,
    }
    assert counted(ask, "last-year") == {
        "a podcast, not a track": 1,
        "an audiobook, not a track": 1,
        "no date that can be right": 2,
        "no playing time that can be right": 2,
        "no title": 2,
    }


def test_taken_repeated_and_rejected_items_are_all_that_were_read(run, ask, archive):
    done = run("spotify-export", archive(ACCOUNT | EXTENDED))
    n_items = {"playlists": 12, "library": 4, "history": 17, "last-year": 12}
    taken = {"playlists": 4, "library": 2, "history": 6, "last-year": 3}
    repeated = {"playlists": 1, "library": 0, "history": 1, "last-year": 1}
    for part, n_read in n_items.items():
        rows = ask(
            "SELECT n_read, n_rejected, location FROM ingests WHERE source = ?",
            f"spotify-export:{part}",
        )
        n_rejected = sum(counted(ask, part).values())
        assert rows == [(n_read, n_rejected, "Spotify's data export")]
        assert taken[part] + repeated[part] + n_rejected == n_read
        assert f"  {taken[part]} of {n_read} items taken" in done.out
    assert done.out.count("1 repeated, and counted once") == 3
    assert "1 dates of adding cannot be right and were left empty" in done.out


def test_a_reject_says_where_it_stands(run, ask, archive):
    run("spotify-export", archive(ACCOUNT | EXTENDED))
    found = ask("SELECT locator FROM rejects WHERE reason IN ('no title', 'not understood')")
    assert {locator for (locator,) in found} == {
        "Playlist1.json playlist 1 item 10",
        "YourLibrary.json item 4",
        "Streaming_History_Audio_2019-2023_0.json item 11",
        "Streaming_History_Audio_2019-2023_0.json item 15",
        "StreamingHistory_music_0.json item 9",
        "StreamingHistory_music_0.json item 10",
    }


def test_plays_of_the_extended_history_add_up_by_month(run, ask, archive):
    run("spotify-export", archive(EXTENDED))
    assert ask(PLAYS, "spotify-export:history") == [
        (track_id(1), "2019-12", 1, 100_000),
        (track_id(1), "2020-01", 2, 90_000),
        (track_id(1), "2024-05", 1, 40_000),
        (track_id(2), "2020-01", 1, 5_000),
        (track_id(8), "2020-01", 1, 200_000),
    ]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("endsong_3.json", "history"),
        ("Streaming_History_Audio_2024.json", "history"),
        ("StreamingHistory0.json", "last-year"),
        ("StreamingHistory_music_12.json", "last-year"),
    ],
)
def test_either_generation_is_known_by_all_names_of_its_files(run, ask, archive, theirs, ours):
    play = heard if ours == "history" else heard_by_name
    assert run("spotify-export", archive({theirs: [play(1, "2024-05-01 12:05", 7)]})).code == 0
    assert [row[1:] for row in ask(PLAYS, f"spotify-export:{ours}")] == [("2024-05", 1, 7)]


def test_a_play_without_an_id_finds_its_track_by_artist_and_title(run, ask, archive):
    run("spotify-export", archive(ACCOUNT))
    assert ask(PLAYS, "spotify-export:last-year") == [
        (SONG_7, "2024-06", 1, 180_000),
        (track_id(1), "2024-05", 2, 60_000),
        (track_id(1), "2024-06", 1, 29_999),
    ]
    assert ask("SELECT title, artist, album FROM tracks WHERE track_id = ?", SONG_7) == [
        ("Song 7", "Band", None)
    ]


def test_a_name_that_two_tracks_have_finds_neither(run, ask, archive):
    files = {
        "YourLibrary.json": {"tracks": [saved(1), saved(2, track="Song 1"), saved(3)]},
        "StreamingHistory0.json": [
            heard_by_name(1, "2024-05-01 12:05", 7),
            heard_by_name(3, "2024-05-01 12:05", 7, trackName="SONG  3"),
            heard_by_name(3, "2024-05-01 12:05", 7, artistName="Another"),
        ],
    }
    assert run("spotify-export", archive(files)).code == 0
    assert {row[0] for row in ask(PLAYS, "spotify-export:last-year")} == {
        row_track_id("Song 1", "Band", ""),
        track_id(3),
        row_track_id("Song 3", "Another", ""),
    }


def test_plays_of_which_both_histories_tell_are_counted_once(run, ask, archive):
    run("spotify-export", archive(ACCOUNT | EXTENDED))
    # The first play of the last year is the last of the extended history; the others are later.
    assert ask(PLAYS, "spotify-export:last-year") == [
        (SONG_7, "2024-06", 1, 180_000),
        (track_id(1), "2024-05", 1, 20_000),
        (track_id(1), "2024-06", 1, 29_999),
    ]
    total = ask("SELECT sum(n_plays), sum(ms_played) FROM track_plays")
    assert total == [(9, 435_000 + 180_000 + 49_999)]


def test_a_year_or_month_in_which_a_track_was_heard_for_thirty_seconds_is_a_label(
    run, store, archive
):
    run("spotify-export", archive(ACCOUNT | EXTENDED))
    assert labels(store, "listening year") == [
        (SONG_7, "2024"),
        (track_id(1), "2019"),
        (track_id(1), "2020"),
        (track_id(1), "2024"),
        (track_id(8), "2020"),
    ]
    assert labels(store, "listening month") == [
        (SONG_7, "2024-06"),
        (track_id(1), "2019-12"),
        (track_id(1), "2020-01"),
        (track_id(1), "2024-05"),
        (track_id(8), "2020-01"),
    ]
    with open_store(store) as con:
        assert {"listening year", "listening month"} <= set(queries.label_kinds(con))


def test_nobody_is_in_the_store_nor_in_what_is_said(run, store, archive):
    folder = archive(ACCOUNT | EXTENDED, name=PERSONAL["username"])
    done = run("spotify-export", folder)
    again = run("spotify-export", folder)
    damaged = folder / "Spotify Account Data" / "Streaming_History_Audio_2024_1.json"
    damaged.write_text(f'[{{"username": "{PERSONAL["username"]}", "ts": }}]')
    refused = run("spotify-export", folder)
    assert (done.code, again.code, refused.code) == (3, 3, 1)
    said = "".join(one.out + one.err for one in (done, again, refused))
    found = [path for path in store.parent.rglob("*") if path.is_file()]
    assert store in found
    kept = b"".join(path.read_bytes() for path in found)
    with open_store(store) as con:
        tables = [
            name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        ]
        rows = "".join(str(con.execute(f"FROM {name}").fetchall()) for name in tables)
    assert "Song 7" in rows  # what is searched is what was stored
    for value in PERSONAL.values():
        assert value not in said
        assert value not in rows
        assert value.encode() not in kept
        assert value.encode("utf-16-le") not in kept


def test_a_second_run_changes_nothing(run, ask, store, archive):
    folder = archive(ACCOUNT | EXTENDED)
    run("spotify-export", folder)
    tables = ("tracks", "track_sources", "track_playlists", "track_plays")
    before = [ask(f"FROM {name} ORDER BY ALL") for name in tables]
    version = data_version(store)
    done = run("spotify-export", folder)
    assert done.out.count("(nothing changed)") == 4
    assert [ask(f"FROM {name} ORDER BY ALL") for name in tables] == before
    assert data_version(store) == version


def test_the_zip_gives_what_the_folder_gives(run, ask, archive, zipped, tmp_path):
    run("spotify-export", archive(ACCOUNT | EXTENDED))
    tables = ("tracks", "track_playlists", "track_plays", "rejects")
    from_folder = [ask(f"FROM {name} ORDER BY ALL") for name in tables]
    other = tmp_path / "other.duckdb"
    assert run("spotify-export", zipped(ACCOUNT | EXTENDED), at=other).code == 3
    assert [ask(f"FROM {name} ORDER BY ALL", at=other) for name in tables] == from_folder


def test_archives_that_come_one_after_the_other_keep_each_others_parts(run, ask, archive):
    run("spotify-export", archive(ACCOUNT, "first"))
    run("spotify-export", archive(EXTENDED, "second"))
    assert len(ask(PLACES)) == 6
    assert len(ask(PLAYS, "spotify-export:history")) == 5
    run("spotify-export", archive(ACCOUNT, "first"))
    assert len(ask(PLAYS, "spotify-export:history")) == 5


def test_names_that_a_table_gave_in_full_stay(run, ask, archive, table):
    run("table", table("t.csv", "id name artists", (track_id(1)[8:], "Song 1", "Band;Guest")))
    assert ask("SELECT artist FROM tracks") == [("Band; Guest",)]
    run("spotify-export", archive(ACCOUNT))
    assert ask("SELECT artist, album FROM tracks WHERE track_id = ?", track_id(1)) == [
        ("Band; Guest", None)
    ]


def test_removing_takes_playlists_and_plays_away(run, ask, archive):
    run("spotify-export", archive(ACCOUNT | EXTENDED))
    assert run("remove", "spotify-export:history").code == 0
    assert ask(PLAYS, "spotify-export:history") == []
    assert ask("SELECT count(*) FROM tracks WHERE track_id = ?", track_id(8)) == [(0,)]
    assert run("remove", "spotify-export:*").code == 0
    for name in ("tracks", "track_playlists", "track_plays"):
        assert ask(f"SELECT count(*) FROM {name}") == [(0,)]


def test_names_in_broken_letters_and_playlists_without_a_name_are_not_fatal(run, ask, archive):
    files = {
        "Playlist1.json": {
            "playlists": [
                {"name": None, "items": [listed(1)]},
                {"name": "No items"},
                "no playlist",
                playlists(Fine=[listed(2, trackName="half \ud83d", artistName=None)])["playlists"][
                    0
                ],
            ]
        }
    }
    assert run("spotify-export", archive(files)).code == 3
    assert counted(ask, "playlists") == {"the playlist has no name": 1, "not understood": 2}
    assert ask("SELECT title, artist FROM tracks") == [("half ?", None)]


@pytest.mark.parametrize("file", ["Playlist1.json", "StreamingHistory_music_0.json"])
@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'[{"a": 1}', b'[{"a": 1},]', b'[{"a": 1}]]', b'["\xff"]', b"[" * 100_000, b"7"],
    ids=["empty", "open", "cut", "comma", "more", "no UTF-8", "nested", "a number"],
)
def test_a_damaged_file_is_refused_by_name_and_nothing_is_changed(
    run, store, filled, archive, file, content
):
    folder = archive(ACCOUNT)
    (folder / "Spotify Account Data" / file).write_bytes(content)
    done = run("spotify-export", folder)
    assert done.code == 1
    assert done.error.startswith(f"error: {file} ")
    assert digest(store) == filled


def test_a_damaged_zip_is_refused_and_nothing_is_changed(run, store, filled, zipped):
    path = zipped(EXTENDED)
    with zipfile.ZipFile(path) as file:
        start = file.infolist()[0].header_offset + 200
    data = bytearray(path.read_bytes())
    data[start : start + 20] = bytes(20)
    path.write_bytes(data)
    done = run("spotify-export", path)
    assert done.code == 1
    assert "Streaming_History_Audio_2019-2023_0.json is damaged" in done.error
    path.write_bytes(data[:-100])
    assert run("spotify-export", path).error == (
        "error: my_spotify_data.zip is no folder and no .zip, or it is damaged"
    )
    assert digest(store) == filled


def test_what_is_no_archive_is_refused(run, store, filled, tmp_path, archive):
    assert run("spotify-export", tmp_path / "gone").error == (
        "error: cannot read gone: No such file or directory"
    )
    empty = archive({"Userdata.json": PERSONAL})
    assert "my_spotify_data has no file of Spotify's data export" in (
        run("spotify-export", empty).error
    )
    twice = archive(EXTENDED)
    shutil.copytree(twice / "Spotify Account Data", twice / "again")
    done = run("spotify-export", twice)
    assert (done.code, "twice, so it is more than one archive" in done.error) == (1, True)
    assert digest(store) == filled


def test_files_are_read_in_parts_whatever_their_layout(run, ask, archive):
    plays = [heard(n % 50, f"2024-{n % 12 + 1:02d}-01T00:00:{n % 60:02d}Z", n) for n in range(3000)]
    folder = archive({"endsong_0.json": []})
    path = folder / "Spotify Account Data" / "endsong_0.json"
    path.write_text("\ufeff" + json.dumps(plays, indent=4), encoding="utf-8")
    assert path.stat().st_size > 2 << 20  # more than two parts
    assert run("spotify-export", folder).code == 0
    assert ask("SELECT sum(n_plays), sum(ms_played) FROM track_plays") == [(3000, 3000 * 2999 // 2)]
