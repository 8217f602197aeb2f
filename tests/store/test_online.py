"""Playlists and lookups: remembered, cleaned up with what they are about, added to older stores."""

from datetime import datetime

import duckdb
import pandas as pd
import pytest

from music_explorer.store import online, schema, transfer
from music_explorer.store.batch import Batch, Playlist
from music_explorer.store.errors import StoreError
from music_explorer.store.reader import open_store
from music_explorer.store.writer import writing

ROCK, JAZZ = "spotify:Rock", "spotify:Jazz"


def playlist(bench, source, *track_ids, state="read", seen=None):
    """Import a playlist; ``seen`` says more than the tracks of this batch."""
    now = Playlist(source, source[-4:], source[8:], [], "1", 9, 9, state, list(seen or track_ids))
    batch = Batch(pd.DataFrame({"track_id": track_ids}), n_read=len(track_ids), playlist=now)
    with writing(bench.path) as merge:
        merge.stage(batch)
        merge.merge(source=source, location=source, started_at=datetime(2026, 1, 1))
        return merge.n_left


def fill(bench, provider, *answers, kind="features", **values):
    """Write what a provider answered: pairs of a track and the evidence or None."""
    origin = {"features": "spotify_origin", "preview": "librosa_origin"}[kind]
    found = [{"track_id": track, **values, origin: provider} for track, why in answers if why]
    rows = [(track, provider, kind, why, why and "ref") for track, why in answers]
    lookups = pd.DataFrame(rows, columns=["track_id", "provider", "kind", "evidence", "reference"])
    tracks = pd.DataFrame(found) if found else pd.DataFrame({"track_id": [], origin: []})
    with writing(bench.path) as merge:
        merge.fill(Batch(tracks, lookups=lookups))


def lacking(bench, kind="features", sources=(ROCK,)):
    with open_store(bench.path) as con:
        rows = online.lacking(con, kind, sources)
    return {row["track_id"]: row["asked"] for row in rows}


def test_what_a_provider_answered_is_asked_of_nobody_again(bench):
    playlist(bench, ROCK, "spotify:a", "spotify:b", "spotify:c")
    assert lacking(bench) == {"spotify:a": [], "spotify:b": [], "spotify:c": []}
    fill(bench, "reccobeats", ("spotify:a", "isrc"), ("spotify:b", None), tempo=120.0)
    assert lacking(bench) == {"spotify:b": ["reccobeats"], "spotify:c": []}
    assert bench.rows("SELECT track_id, tempo, origin, source FROM spotify_features") == [
        ("spotify:a", 120.0, "reccobeats", ROCK)
    ]
    assert bench.rows("SELECT track_id, evidence, reference FROM lookups ORDER BY 1") == [
        ("spotify:a", "isrc", "ref"),
        ("spotify:b", None, None),
    ]
    assert lacking(bench, "preview") == {"spotify:a": [], "spotify:b": [], "spotify:c": []}


def test_filling_never_touches_values_that_are_known(bench):
    bench.put("table:t", track_id=["spotify:a"], tempo=[90.0])
    playlist(bench, ROCK, "spotify:a")
    assert lacking(bench) == {}
    fill(bench, "reccobeats", ("spotify:a", "spotify"), tempo=120.0, energy=0.5)
    assert bench.rows("SELECT tempo, energy, origin FROM spotify_features") == [
        (90.0, None, "table")
    ]


def test_filling_touches_neither_genres_nor_playlists(bench):
    bench.put(
        ROCK,
        track_id=["spotify:a"],
        genres=[("spotify:a", "Rock", None)],
        playlists=[("spotify:a", "Rock", 0, None)],
    )
    fill(bench, "reccobeats", ("spotify:a", "spotify"), tempo=120.0)
    assert bench.rows("SELECT genre FROM track_genres") == [("Rock",)]
    assert bench.rows("SELECT playlist FROM track_playlists") == [("Rock",)]


def test_an_impossible_value_is_refused_and_nothing_is_published(bench):
    playlist(bench, ROCK, "spotify:a")
    before = bench.hash()
    with pytest.raises(StoreError, match="a service holds a value the store refuses"):
        fill(bench, "reccobeats", ("spotify:a", "spotify"), tempo=301.0)
    assert bench.hash() == before


def test_features_pass_to_another_playlist_when_theirs_is_removed(bench):
    playlist(bench, JAZZ, "spotify:a", "spotify:b")
    playlist(bench, ROCK, "spotify:a")
    fill(bench, "reccobeats", ("spotify:a", "isrc"), ("spotify:b", "isrc"), tempo=120.0)
    assert bench.rows("SELECT DISTINCT source FROM spotify_features") == [(JAZZ,)]
    with writing(bench.path) as merge:
        done = merge.remove(JAZZ)
    assert done == {"tracks_removed": 1, "tracks_kept": 1, "features_lost": 0}
    assert bench.rows("SELECT track_id, source FROM spotify_features") == [("spotify:a", ROCK)]
    assert bench.rows("SELECT track_id FROM lookups") == [("spotify:a",)]
    assert bench.rows("SELECT source FROM playlists") == [(ROCK,)]


def test_whoever_gave_values_that_went_with_the_playlist_may_be_asked_again(bench):
    playlist(bench, ROCK, "spotify:a")
    bench.put("table:t", track_id=["spotify:a"], title=["A"])
    fill(bench, "reccobeats", ("spotify:a", "isrc"), tempo=120.0)
    fill(bench, "deezer", ("spotify:a", None), kind="preview")
    with writing(bench.path) as merge:
        assert merge.remove(ROCK)["features_lost"] == 1
    assert bench.rows("SELECT provider FROM lookups") == [("deezer",)]
    assert lacking(bench, sources=("table:t",)) == {"spotify:a": []}


def test_a_playlist_read_to_its_end_releases_the_tracks_that_left_it(bench):
    assert playlist(bench, ROCK, "spotify:a", "spotify:b") == 0
    playlist(bench, JAZZ, "spotify:a")
    assert playlist(bench, ROCK, "spotify:c", state="begun") == 0
    assert bench.rows("SELECT count(*) FROM tracks") == [(3,)]
    assert bench.rows("SELECT seen FROM playlists WHERE state = 'begun'") == [(["spotify:c"],)]
    assert playlist(bench, ROCK, "spotify:d", seen=["spotify:c", "spotify:d"]) == 2
    assert bench.rows("SELECT track_id, source FROM track_sources ORDER BY ALL") == [
        ("spotify:a", JAZZ),
        ("spotify:c", ROCK),
        ("spotify:d", ROCK),
    ]
    assert bench.rows("SELECT state, seen FROM playlists WHERE source = $1", ROCK) == [("read", [])]


def test_a_settled_playlist_is_asked_about_again(bench):
    playlist(bench, ROCK, "spotify:a")
    playlist(bench, JAZZ, "spotify:a", state="begun")
    with writing(bench.path) as merge:
        merge.settle_playlists([ROCK, JAZZ])
    assert bench.rows("SELECT source, state FROM playlists ORDER BY 1") == [
        (JAZZ, "begun"),
        (ROCK, "done"),
    ]


def test_a_pattern_means_all_sources_that_it_fits(bench):
    for source in (ROCK, JAZZ, "table:spotify:x"):
        bench.put(source, track_id=["spotify:a"])
    with writing(bench.path) as merge:
        assert merge.sources_like("spotify:*") == [JAZZ, ROCK]
        assert merge.sources_like(ROCK) == [ROCK]
        with pytest.raises(StoreError, match=r"no source 'audio:\*' in this store; it has: "):
            merge.sources_like("audio:*")


@pytest.fixture
def first_version(bench):
    """A store of the first schema version."""
    bench.put("s", track_id=["spotify:a"], tempo=[90.0])
    with duckdb.connect(str(bench.path)) as con:
        for table in ("playlists", "lookups"):
            con.execute(f"DROP TABLE {table}")
        con.execute("UPDATE store_version SET schema_version = 1")
    return bench


def test_a_store_of_the_first_schema_is_read_as_it_is(first_version, tmp_path):
    assert first_version.rows("SELECT count(*) FROM lookups") == [(0,)]
    assert first_version.rows("SELECT track_id FROM features") == [("spotify:a",)]
    written = transfer.export(first_version.path, tmp_path / "out")
    assert (written["tracks"], written["lookups"]) == (1, 0)
    assert first_version.rows("SELECT schema_version FROM store_version") == [(1,)]


def test_a_store_of_the_first_schema_gets_the_newer_tables_with_the_next_import(first_version):
    playlist(first_version, ROCK, "spotify:b")
    assert first_version.rows("SELECT schema_version FROM store_version") == [
        (schema.SCHEMA_VERSION,)
    ]
    assert first_version.rows("SELECT source FROM playlists") == [(ROCK,)]
    comments = first_version.rows(
        "SELECT count(*), count(comment) FROM duckdb_columns() WHERE table_name = 'lookups'"
    )
    assert comments == [(len(schema.columns("lookups")),) * 2]
