"""A folder and the store: what a scan reads, keeps, replaces, attaches and reports."""

import contextlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime

import pandas as pd
import pytest

from ingest.audio.identity import identify
from ingest.audio.report import summary
from ingest.audio.workers import Workers
from ingest.sources.audio import Options, import_audio
from music_explorer.store.batch import Batch
from music_explorer.store.reader import data_version
from music_explorer.store.writer import writing
from tests.ingest.conftest import digest
from tests.ingest.sound import sound, tag

FILES = "SELECT path, track_id, link, reason FROM audio_files ORDER BY path"
TRACKS = "SELECT title, audio_path FROM tracks ORDER BY ALL"
MEASURED = "SELECT track_id, mfcc_01_mean FROM librosa_features ORDER BY ALL"


@contextlib.contextmanager
def one_thread():
    """Do the work in this process: the same work, without the wait for processes to start."""
    workers = Workers(lambda: ThreadPoolExecutor(1), 1, BrokenProcessPool)
    yield workers
    workers.close()


@contextlib.contextmanager
def nobody():
    pytest.fail("a file was to be read")
    yield


@pytest.fixture
def music(tmp_path):
    return tmp_path / "music"


@pytest.fixture
def bring(store, music):
    """Import a folder; returns what happened to its files."""

    def import_one(folder=music, hire=one_thread, **options):
        [done] = import_audio(store, [folder], Options(**options), hire)
        assert sum(done.outcomes.values()) == done.n_files
        return {name: n for name, n in done.outcomes.items() if n} | (
            {"vanished": len(done.vanished)} if done.vanished else {}
        )

    return import_one


@pytest.fixture
def put(store):
    """Put tracks of a table into the store."""

    def import_table(**columns):
        frame = pd.DataFrame(columns)
        if {"tempo", "energy"} & set(columns):
            frame["spotify_origin"] = "table"
        if "rms_mean" in columns:
            frame["librosa_origin"] = "table"
        with writing(store) as merge:
            merge.stage(Batch(frame, n_read=len(frame)))
            merge.merge(source="table:t", location="t", started_at=datetime(2026, 1, 1))

    return import_table


def track_of(path):
    return f"file:{identify(str(path)).audio_id}"


def test_a_file_becomes_a_track_with_tags_features_and_provenance(bring, ask, music):
    song = tag(sound(music / "a.mp3", seconds=1), title="One", artist=["Ann", "Bob"], album="Al",
               date="2004", isrc="USABC1234567")  # fmt: skip
    assert bring() == {"added": 1}
    [row] = ask("SELECT track_id, title, artist, album, release_date, isrc, audio_path FROM tracks")
    assert row[:5] == (track_of(song), "One", "Ann; Bob", "Al", "2004")
    assert row[5:] == ("USABC1234567", str(song))
    assert ask("SELECT duration_ms BETWEEN 990 AND 1080 FROM tracks") == [(True,)]
    [row] = ask(
        "SELECT sample_rate, offset_s, librosa_version, origin, source, mfcc_01_mean, "
        "librosa_version IS NOT NULL, extractor_version IS NOT NULL FROM librosa_features"
    )
    assert row[:2] == (22_050, 0)
    assert row[3:5] == ("audio", "audio:music")
    assert row[5] < 0
    assert row[6:] == (True, True)
    assert ask("SELECT track_id, source FROM track_sources") == [(track_of(song), "audio:music")]


def test_a_file_with_damaged_tags_is_kept_and_told_of(store, ask, music):
    song = tag(sound(music / "a.mp3", seconds=1), title="One")
    raw = bytearray(song.read_bytes())
    assert raw[:3] == b"ID3"
    raw[3] = 9  # a version of ID3 that there is not
    song.write_bytes(raw)
    tag(sound(music / "b.mp3", 1, seconds=1), title="Two")
    [done] = import_audio(store, [music], Options(), one_thread)
    assert done.damaged == [str(song)]
    assert f"  damaged tags, so called as the file: 1 file ({song})" in summary(done)
    assert ask("SELECT title FROM tracks ORDER BY title") == [("Two",), ("a",)]


def test_a_file_without_tags_is_called_as_its_file(bring, ask, music):
    sound(music / "One. Two.wav")
    bring()
    assert ask("SELECT title, artist FROM tracks") == [("One. Two", None)]


def test_a_rescan_opens_nothing_and_leaves_the_store_byte_for_byte(bring, store, music):
    song = sound(music / "a.wav")
    (music / "b.mp3").write_text("no audio")
    assert bring() == {"added": 1, "rejected": 1}
    before, status = digest(store), song.stat()
    # Other bytes of the same size and time: only a program that reads them could tell.
    song.write_bytes(bytes(status.st_size))
    os.utime(song, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert bring(hire=nobody) == {"unchanged": 1, "rejected": 1}
    assert digest(store) == before


def test_a_rescan_looks_again_at_a_rejected_file_that_changed(bring, ask, music):
    (music / "rock").mkdir(parents=True)
    (music / "rock" / "a.wav").touch()
    sound(music / "b.wav", 2)
    assert bring() == {"added": 1, "rejected": 1}
    assert ask("SELECT locator, reason FROM rejects") == [(f"{music}/rock/a.wav", "is empty")]
    sound(music / "rock" / "a.wav", 1)
    assert bring() == {"added": 1, "unchanged": 1}
    assert ask("SELECT title FROM tracks ORDER BY 1") == [("a",), ("b",)]


def test_retagging_keeps_the_track_and_its_features_and_takes_the_tags(bring, ask, music):
    song = tag(sound(music / "a.flac"), title="Old", genre="Pop")
    bring()
    known = ask(MEASURED)
    tag(song, title="New", genre="Rock")
    assert bring() == {"updated": 1}
    assert ask("SELECT track_id, title FROM tracks") == [(track_of(song), "New")]
    assert ask("SELECT genre, origin FROM track_genres") == [("Rock", "tag")]
    assert ask(MEASURED) == known


def test_moving_and_renaming_keep_the_track(bring, ask, music):
    sound(music / "pop" / "a.wav")
    bring(genre_from="folder")
    known = ask("SELECT track_id FROM tracks")
    (music / "rock").mkdir()
    (music / "pop" / "a.wav").rename(music / "rock" / "b.wav")
    assert bring(genre_from="folder") == {"moved": 1}
    assert ask("SELECT track_id FROM tracks") == known
    assert ask("SELECT audio_path FROM tracks") == [(f"{music}/rock/b.wav",)]
    assert ask("SELECT genre FROM track_genres") == [("Rock",)]
    assert [row[0] for row in ask(FILES)] == [f"{music}/rock/b.wav"]


def test_a_folder_that_is_renamed_attaches_to_the_tracks_it_made(bring, ask, music, tmp_path):
    sound(music / "a.wav")
    bring()
    music.rename(tmp_path / "elsewhere")
    assert bring(tmp_path / "elsewhere") == {"linked": 1}
    assert ask("SELECT audio_path FROM tracks") == [(f"{tmp_path}/elsewhere/a.wav",)]


@pytest.mark.parametrize("how", ["copy", "symlink", "hardlink"])
def test_a_file_under_two_names_is_one_track_with_both_genres(bring, ask, music, how):
    song, other = sound(music / "pop" / "a.wav"), music / "rock" / "b.wav"
    other.parent.mkdir()
    {"copy": shutil.copy, "symlink": os.symlink, "hardlink": os.link}[how](song, other)
    assert bring(genre_from="folder") == {"added": 1, "copies": 1}
    assert ask("SELECT track_id, audio_path FROM tracks") == [(track_of(song), str(song))]
    assert ask("SELECT genre, origin FROM track_genres ORDER BY 1") == [
        ("Pop", "folder"),
        ("Rock", "folder"),
    ]
    assert ask("SELECT count(*) FROM librosa_features") == [(1,)]
    assert bring(genre_from="folder", hire=nobody) == {"unchanged": 2}


def test_when_one_of_two_copies_goes_the_other_carries_the_track(bring, ask, music):
    sound(music / "a.wav")
    shutil.copy(music / "a.wav", music / "b.wav")
    bring()
    (music / "a.wav").unlink()
    assert bring(hire=nobody) == {"unchanged": 1}
    assert ask("SELECT audio_path FROM tracks") == [(f"{music}/b.wav",)]
    assert [row[0] for row in ask(FILES)] == [f"{music}/b.wav"]


def test_a_file_changed_in_place_replaces_its_track(bring, ask, music):
    song = tag(sound(music / "a.wav", 1), title="Same", artist="Ann", genre="Pop")
    bring()
    tag(sound(song, 2), title="Same", artist="Ann", genre="Rock")
    assert bring() == {"updated": 1}
    assert ask("SELECT track_id FROM tracks") == [(track_of(song),)]
    assert ask("SELECT track_id FROM librosa_features") == [(track_of(song),)]
    assert ask("SELECT genre FROM track_genres") == [("Rock",)]
    assert ask("SELECT count(*) FROM track_sources") == [(1,)]


def test_a_file_that_cannot_be_read_any_more_is_rejected_and_its_track_kept(bring, ask, music):
    song = sound(music / "a.wav")
    bring()
    known = ask(MEASURED)
    song.write_bytes(b"broken")
    assert bring() == {"rejected": 1}
    assert ask(MEASURED) == known
    sound(song, 3)
    assert bring() == {"updated": 1}
    assert ask("SELECT track_id FROM tracks") == [(track_of(song),)]


def test_a_vanished_file_is_reported_and_kept(bring, ask, music):
    sound(music / "a.wav", 1), sound(music / "b.wav", 2)
    bring()
    known = ask(TRACKS)
    (music / "a.wav").unlink()
    assert bring(hire=nobody) == {"unchanged": 1, "vanished": 1}
    assert ask(TRACKS) == known
    assert bring(hire=nobody) == {"unchanged": 1, "vanished": 1}


def test_folders_of_one_name_are_one_source_and_do_not_lose_each_other(bring, ask, tmp_path):
    for number, disk in enumerate(("one", "two")):
        sound(tmp_path / disk / "music" / f"{disk}.wav", number)
        assert bring(tmp_path / disk / "music") == {"added": 1}
    assert bring(tmp_path / "one" / "music", hire=nobody) == {"unchanged": 1}
    assert ask("SELECT DISTINCT source FROM track_sources") == [("audio:music",)]
    assert ask("SELECT count(*) FROM tracks") == [(2,)]


def test_a_folder_inside_another_is_a_source_of_its_own(bring, ask, music):
    sound(music / "rock" / "a.wav")
    bring()
    bring(music / "rock")
    assert bring(hire=nobody) == {"unchanged": 1}
    assert ask("SELECT source FROM track_sources ORDER BY 1") == [
        ("audio:music",),
        ("audio:rock",),
    ]


def test_genres_come_from_folders_from_tags_or_from_nowhere(bring, ask, music):
    tag(sound(music / "hip-hop" / "a.wav", 1), genre=["Rock", "r&b"])
    tag(sound(music / "b.wav", 2), genre="Jazz")
    genres = "SELECT genre, genre_as_given, origin FROM track_genres ORDER BY 1"
    bring(genre_from="folder")
    assert ask(genres) == [("Hip Hop", "hip-hop", "folder")]
    assert bring(genre_from="tag") == {"updated": 2}
    assert [(row[0], row[2]) for row in ask(genres)] == [
        ("Jazz", "tag"),
        ("R&B", "tag"),
        ("Rock", "tag"),
    ]
    bring(genre_from="none")
    assert ask(genres) == []


def test_another_excerpt_is_measured_again(bring, ask, music):
    sound(music / "a.wav", seconds=3)
    bring(excerpt_s=1.0)
    first = ask("SELECT analysed_s, mfcc_01_mean FROM librosa_features")
    assert bring(excerpt_s=1.0, hire=nobody) == {"unchanged": 1}
    assert bring(excerpt_s=2.0) == {"updated": 1}
    second = ask("SELECT analysed_s, mfcc_01_mean FROM librosa_features")
    assert (first[0][0], second[0][0]) == (1, 2)
    assert first[0][1] != second[0][1]
    bring(excerpt_s=1.0, offset="middle")
    assert ask("SELECT offset_s, analysed_s FROM librosa_features") == [(1, 1)]


def test_a_file_too_short_to_measure_is_rejected(bring, ask, music):
    sound(music / "a.wav", 1), sound(music / "tiny.wav", 2, seconds=0.05)
    assert bring() == {"added": 1, "rejected": 1}
    reason = "tiny.wav holds 0.050 s; 0.093 s are needed"
    assert ask("SELECT locator, reason FROM rejects") == [(f"{music}/tiny.wav", reason)]


def test_unreadable_files_are_rejected_with_the_reason_and_the_rest_goes_on(bring, ask, music):
    sound(music / "good.flac")
    (music / "empty.mp3").touch()
    (music / "text.mp3").write_text("no sound in here\n" * 200)
    broken = sound(music / "broken.flac", 1).read_bytes()
    (music / "broken.flac").write_bytes(broken[:42] + b"\xff" * 500)
    (music / "nowhere.mp3").symlink_to(music / "nothing.mp3")
    assert bring() == {"added": 1, "rejected": 4}
    rejects = dict(ask("SELECT locator, reason FROM rejects"))
    assert set(rejects) == {str(music / f"{n}") for n in
                            ("empty.mp3", "text.mp3", "broken.flac", "nowhere.mp3")}  # fmt: skip
    assert rejects[f"{music}/empty.mp3"] == "is empty"
    assert all(rejects.values())
    counts = "SELECT n_read, n_added, n_rejected FROM ingests"
    assert ask(counts) == [(5, 1, 4)]


def test_a_file_that_could_not_be_opened_is_tried_again_though_it_did_not_change(bring, ask, music):
    sound(music / "a.wav", 1)
    song = sound(music / "b.wav", 2)

    @contextlib.contextmanager
    def too_late():
        song.rename(music / "away")
        with one_thread() as workers:
            yield workers

    assert bring(hire=too_late) == {"added": 1, "rejected": 1}
    assert ask("SELECT reason FROM rejects") == [("cannot be opened: No such file or directory",)]
    (music / "away").rename(song)
    assert bring() == {"unchanged": 1, "added": 1}


KNOWN = {"track_id": ["spotify:" + "a" * 22], "title": ["Söng"], "artist": ["Ann; Bob"],
         "album": ["Hers"], "duration_ms": [10_000], "tempo": [120.0]}  # fmt: skip
BOTH = "SELECT track_id, title, artist, album, tempo, mfcc_01_mean < 0, audio_path FROM features"


def test_the_same_isrc_attaches_a_file_to_the_track_that_is_known(bring, put, ask, music):
    put(**KNOWN, isrc=["US-ABC-12-34567"])
    song = tag(sound(music / "a.wav"), title="Other", artist="Else", isrc="usabc1234567")
    assert bring() == {"linked": 1}
    met = (KNOWN["track_id"][0], "Söng", "Ann; Bob", "Hers", 120.0, True, str(song))
    assert ask(BOTH) == [met]
    assert ask(FILES) == [(str(song), KNOWN["track_id"][0], "isrc", None)]
    assert bring(hire=nobody) == {"unchanged": 1}


@pytest.mark.parametrize(("seconds", "link"), [(13, "names"), (7, "names"), (14, None), (6, None)])
def test_the_same_names_attach_a_file_within_three_seconds(bring, put, ask, music, seconds, link):
    put(**KNOWN)
    song = tag(sound(music / "a.wav", seconds=seconds), title="song!", artist=["ANN", "Cid"])
    bring()
    [(_, track_id, found, _)] = ask(FILES)
    assert found == link
    assert track_id == (KNOWN["track_id"][0] if link else track_of(song))


def test_of_several_releases_the_one_of_the_nearest_length_is_attached_to(bring, put, ask, music):
    ids = [f"spotify:{letter * 22}" for letter in "abc"]
    put(track_id=ids, title=["Song"] * 3, artist=["Ann"] * 3, duration_ms=[12_000, 10_500, 8000])
    tag(sound(music / "a.wav", seconds=10), title="Song", artist="Ann")
    bring()
    assert [row[1] for row in ask(FILES)] == [ids[1]]


def test_titles_alone_attach_nothing(bring, put, ask, music):
    put(**KNOWN | {"artist": [None]})
    tag(sound(music / "a.wav", seconds=10), title="Söng")
    assert bring() == {"added": 1}


def test_two_encodings_of_one_recording_are_one_track(bring, ask, music):
    for ending in ("flac", "mp3"):
        tag(sound(music / f"a.{ending}", seconds=1), title="One", artist="Ann")
    assert bring() == {"added": 1, "linked": 1}
    assert ask("SELECT track_id, audio_path FROM tracks") == [
        (track_of(music / "a.flac"), f"{music}/a.flac")
    ]
    assert [row[2] for row in ask(FILES)] == [None, "names"]


def test_without_linking_a_file_stays_a_track_of_its_own(bring, put, ask, music):
    put(**KNOWN, isrc=["USABC1234567"])
    song = tag(sound(music / "a.wav"), isrc="USABC1234567")
    assert bring(link=False) == {"added": 1}
    assert ask(FILES) == [(str(song), track_of(song), None, None)]


def test_retagging_keeps_an_attached_file_where_it_is(bring, put, ask, music):
    put(**KNOWN, isrc=["USABC1234567"])
    song = tag(sound(music / "a.flac"), isrc="USABC1234567")
    bring()
    tag(song, isrc="USXXX1234567", title="Another")
    assert bring() == {"updated": 1}
    assert ask("SELECT track_id, title, isrc FROM tracks") == [
        (KNOWN["track_id"][0], "Söng", "USABC1234567")
    ]


def test_removing_the_source_undoes_it(bring, put, ask, store, music):
    put(**KNOWN, isrc=["USABC1234567"])
    version = data_version(store)
    tag(sound(music / "a.wav", 1), isrc="USABC1234567", genre="Rock")
    sound(music / "b.wav", 2)
    assert bring() == {"linked": 1, "added": 1}
    with writing(store) as merge:
        done = merge.remove("audio:music")
    assert done == {"tracks_removed": 1, "tracks_kept": 1, "features_lost": 1}
    assert data_version(store) == version
    assert ask("SELECT audio_path FROM tracks") == [(None,)]
    assert ask(FILES) == []


def test_removing_one_of_two_sources_leaves_the_path_of_the_other(bring, ask, store, music):
    song = sound(music / "rock" / "a.wav")
    shutil.copy(song, music / "0.wav")
    bring(), bring(music / "rock")
    with writing(store) as merge:
        merge.remove("audio:music")
    assert ask("SELECT audio_path FROM tracks") == [(str(song),)]
