"""What the store knows of audio files, and an import that is published in several batches."""

from datetime import datetime

import pandas as pd
import pytest

from music_explorer.store import audio_files
from music_explorer.store.batch import Batch, Counts
from music_explorer.store.errors import StoreError
from music_explorer.store.reader import data_version, open_store
from music_explorer.store.writer import sole_writer, writing

STATE = "SELECT path, track_id, reason FROM audio_files ORDER BY path"


def row(path, track_id, *, reason=None, audio_id=None, link=None):
    """Return a row of ``audio_files`` as a batch has it."""
    return {
        "path": path,
        "size": 1,
        "mtime_ns": 2,
        "audio_id": audio_id or track_id and track_id[5:],
        "track_id": track_id,
        "link": link,
        "reason": reason,
        "genres": [],
        "genre_from": "none",
        "settings": "30 s",
    }


def batch(*files, gone=(), tracks=(), n_unchanged=0, rejects=()):
    frame = pd.DataFrame({"track_id": tracks, "audio_path": [f"/{t}" for t in tracks]})
    n_read = len(files) + n_unchanged
    files = pd.DataFrame(files) if files else None
    return Batch(frame, None, None, list(rejects), n_read, files, list(gone), n_unchanged)


def put(merge, *args, source="audio:m", ingest_id=None, **kwargs):
    merge.stage(batch(*args, **kwargs))
    return merge.merge(
        source=source, location="/m", started_at=datetime(2026, 1, 1), ingest_id=ingest_id
    )


@pytest.fixture
def filled(bench):
    """Two copies of file:a and one file of file:b."""
    with writing(bench.path) as merge:
        files = [row("/1", "file:a"), row("/2", "file:a"), row("/3", "file:b")]
        put(merge, *files, tracks=["file:a", "file:b"])
    return bench


def test_a_row_is_replaced_by_its_path(filled):
    with writing(filled.path) as merge:
        put(merge, row("/1", "file:c"), tracks=["file:c"])
    assert filled.rows(STATE) == [
        ("/1", "file:c", None),
        ("/2", "file:a", None),
        ("/3", "file:b", None),
    ]
    assert filled.rows("SELECT count(*) FROM tracks") == [(3,)]


def test_a_track_without_a_file_is_released_and_goes_if_no_other_source_has_it(filled):
    filled.put("t", track_id=["file:b"], tempo=[100.0])
    with writing(filled.path) as merge:
        put(merge, gone=["/1", "/2", "/3"])
    assert filled.rows(STATE) == []
    assert filled.rows("SELECT track_id, tempo, audio_path FROM features") == [
        ("file:b", 100.0, None)
    ]
    assert filled.rows("SELECT track_id, source FROM track_sources") == [("file:b", "t")]


def test_a_copy_that_goes_leaves_the_track(filled):
    with writing(filled.path) as merge:
        put(merge, gone=["/1"])
    assert filled.rows("SELECT track_id FROM tracks ORDER BY 1") == [("file:a",), ("file:b",)]


def test_a_file_that_turned_unreadable_keeps_its_track(filled):
    with writing(filled.path) as merge:
        put(merge, row("/3", None, reason="is empty"))
    assert filled.rows(STATE)[2] == ("/3", "file:b", "is empty")
    assert filled.rows("SELECT count(*) FROM tracks") == [(2,)]


def test_the_same_path_may_belong_to_two_sources(filled):
    with writing(filled.path) as merge:
        put(merge, row("/1", "file:a"), tracks=["file:a"], source="audio:other")
    with open_store(filled.path) as con:
        assert [r[0] for r in audio_files.known(con, "audio:other")] == ["/1"]
        assert [r[0] for r in audio_files.known(con, "audio:m")] == ["/1", "/2", "/3"]


def test_a_source_of_rejected_files_alone_can_be_removed(bench):
    with writing(bench.path) as merge:
        put(merge, row("/1", None, reason="is empty"), rejects=[("/1", "is empty")])
    with writing(bench.path) as merge:
        assert merge.remove("audio:m")["tracks_removed"] == 0
    assert bench.rows(STATE) == []


def test_audio_files_are_no_part_of_the_data_version(filled):
    version = data_version(filled.path)
    with writing(filled.path) as merge:
        put(merge, row("/4", None, reason="is empty"))
    assert data_version(filled.path) == version


def test_recordings_are_found_by_audio_by_isrc_and_by_folded_names(bench):
    bench.put(
        "t",
        track_id=["row:1", "row:2", "row:3"],
        isrc=["us-abc-12-34567", None, None],
        title=["x", "Don't Stop (Café)", "?!"],
        artist=["y", "Ann; Bob", "Cid"],
        duration_ms=[1000, 2000, 3000],
    )
    with writing(bench.path) as merge:
        put(merge, row("/1", "row:3", audio_id="cafe", link="isrc"))
    wanted = pd.DataFrame(
        [
            (0, "cafe", None, None, None),
            (1, "new", "USABC1234567", None, None),
            (2, "new", None, "ANN", "dont stop cafe"),
            (3, "new", None, "Cid", "..."),
        ],
        columns=["row_no", "audio_id", "isrc", "artist", "title"],
    )
    with open_store(bench.path) as con:
        found = [(*r[:4], r[6]) for r in audio_files.recordings(con, wanted)]
    assert found == [
        (0, "row:3", "audio", "isrc", None),
        (1, "row:1", "isrc", "isrc", 1000),
        (2, "row:2", "names", "names", 2000),
        (3, None, None, None, None),
    ]


def test_batches_of_one_import_add_up_in_one_row(bench):
    with sole_writer(bench.path) as version:
        with version() as merge:
            counts = put(merge, row("/1", "file:a"), tracks=["file:a"], n_unchanged=5)
            ingest_id = merge.ingest_id
        assert counts == Counts(n_read=6, n_added=1, n_unchanged=5)
        with version() as merge:
            again = put(
                merge,
                row("/2", "file:b"),
                tracks=["file:b"],
                rejects=[("/3", "is empty")],
                ingest_id=ingest_id,
            )
        assert again == Counts(n_read=1, n_added=1, n_rejected=1)
    logged = "SELECT ingest_id, n_read, n_added, n_unchanged, n_rejected FROM ingests"
    assert bench.rows(logged) == [(1, 7, 2, 5, 1)]
    assert bench.rows("SELECT * FROM rejects") == [(1, "/3", "is empty")]


def test_a_version_that_fails_leaves_the_one_before_published(bench):
    def fail():
        with sole_writer(bench.path) as version:
            with version() as merge:
                put(merge, row("/1", "file:a"), tracks=["file:a"])
            with version() as merge:
                put(merge, row("/2", "file:b"), tracks=["file:b"])
                raise ZeroDivisionError("half-way")

    with pytest.raises(ZeroDivisionError, match="half-way"):
        fail()
    assert bench.rows(STATE) == [("/1", "file:a", None)]


def test_others_are_kept_out_between_two_versions(bench, make_bench):
    with sole_writer(bench.path) as version:
        with version() as merge:
            put(merge, row("/1", "file:a"), tracks=["file:a"])
        with pytest.raises(StoreError, match="another import is writing"):
            bench.put("t", track_id=["file:c"])
    bench.put("t", track_id=["file:c"])
