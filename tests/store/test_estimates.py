"""Estimates in the store: never beside measured values, and gone with what they were made from."""

from datetime import datetime

import pandas as pd
import pytest

from music_explorer.store import online
from music_explorer.store.batch import Batch, Counts
from music_explorer.store.reader import data_version, open_store
from music_explorer.store.writer import writing

ROW = "SELECT energy, valence, tempo, origin, source FROM spotify_features WHERE track_id = ?"


TRUST = "SELECT feature, extraction, r2, n_learnt, n_artists FROM estimates ORDER BY feature"


def estimate(bench, **columns):
    values = pd.DataFrame(columns)
    names = [name for name in columns if name != "track_id"]
    trust = pd.DataFrame({"feature": names, "extraction": "own", "r2": 0.5})
    with writing(bench.path) as merge:
        return merge.estimate(
            values, trust.assign(n_learnt=300, n_artists=60), started_at=datetime(2026, 1, 3)
        )


@pytest.fixture
def estimated(bench):
    """Two tracks of audio with estimates; one of them is of a playlist, too."""
    bench.put("audio:a", track_id=["file:a", "spotify:b"], mfcc_01_mean=[-5.0, -6.0])
    bench.put("spotify:Rock", track_id=["spotify:b"], title=["B"])
    done = estimate(bench, track_id=["file:a", "spotify:b"], energy=[0.5, 0.6], valence=[0.1, 0.2])
    assert done == (2, 0, 0)
    return bench


def test_estimates_say_that_they_are_and_are_logged(estimated):
    assert estimated.rows(ROW, "file:a") == [(0.5, 0.1, None, "estimated", "estimate")]
    origins = estimated.rows("SELECT DISTINCT spotify_origin FROM features")
    assert origins == [("estimated",)]
    log = "SELECT n_read, n_added, n_updated, n_unchanged FROM ingests WHERE source = 'estimate'"
    assert estimated.rows(log) == [(2, 0, 2, 0)]


def test_how_far_estimates_can_be_trusted_is_kept_as_long_as_they_are(estimated):
    known = [(name, "own", 0.5, 300, 60) for name in ("energy", "valence")]
    assert estimated.rows(TRUST) == known
    estimate(estimated, track_id=["file:a"], energy=[0.7])
    assert estimated.rows(TRUST) == known[:1]
    with writing(estimated.path) as merge:
        merge.remove("estimate")
    assert estimated.rows(TRUST) == []


def test_estimates_are_replaced_whole(estimated):
    version = data_version(estimated.path)
    columns = {"track_id": ["file:a", "spotify:b"], "energy": [0.5, 0.6]}
    assert estimate(estimated, **columns, valence=[0.1, 0.2]) == (0, 2, 0)
    assert data_version(estimated.path) == version
    assert estimate(estimated, **columns, valence=[0.1, None]) == (1, 1, 0)
    assert estimate(estimated, track_id=["file:a"], energy=[0.7]) == (1, 0, 1)
    assert estimated.rows("SELECT track_id, energy, valence FROM spotify_features") == [
        ("file:a", 0.7, None)
    ]


def test_estimates_are_not_written_over_measured_values(estimated):
    estimated.put("table:t", track_id=["file:a"], energy=[0.9])
    assert estimate(estimated, track_id=["file:a"], energy=[0.5]) == (0, 0, 1)
    assert estimated.rows("SELECT track_id, energy, origin FROM spotify_features") == [
        ("file:a", 0.9, "table")
    ]


@pytest.mark.parametrize("energy", [0.9, 0.5], ids=["another value", "the estimated value"])
def test_measured_values_that_arrive_take_the_whole_row(estimated, energy):
    # Also where the source has had the track all along.
    counts = estimated.put("audio:a", track_id=["file:a"], energy=[energy])
    assert counts == Counts(n_read=1, n_updated=1)
    assert estimated.rows(ROW, "file:a") == [(energy, None, None, "table", "audio:a")]
    assert estimated.rows(ROW, "spotify:b")[0][3] == "estimated"


def test_a_source_that_has_no_values_leaves_the_estimates(estimated):
    rows = estimated.rows(ROW, "file:a")
    estimated.put("table:t", track_id=["file:a"], title=["A"], tempo=[None], energy=[None])
    assert estimated.rows(ROW, "file:a") == rows


def test_services_are_asked_as_if_there_were_no_estimate_and_their_answers_win(estimated):
    with open_store(estimated.path) as con:
        lacking = online.lacking(con, "features", ["spotify:Rock"])
        assert [track["track_id"] for track in lacking] == ["spotify:b"]
        three = ["file:a", "spotify:b", "spotify:c"]
        assert online.n_lacking(con, "features", three, settled_by=["reccobeats"]) == 3
        assert online.n_lacking(con, "preview", three[:2], settled_by=["deezer"]) == 0
    given = {"track_id": ["spotify:b"], "tempo": [99.0], "spotify_origin": ["reccobeats"]}
    with writing(estimated.path) as merge:
        merge.fill(Batch(pd.DataFrame(given)))
    assert estimated.rows(ROW, "spotify:b") == [(None, None, 99.0, "reccobeats", "spotify:Rock")]
    with writing(estimated.path) as merge:
        merge.fill(Batch(pd.DataFrame(given).assign(tempo=50.0)))
    assert estimated.rows(ROW, "spotify:b")[0][2] == 99.0


def test_estimates_go_with_the_sound_that_they_were_made_from(estimated):
    with writing(estimated.path) as merge:
        done = merge.remove("audio:a")
    assert done == {"tracks_removed": 1, "tracks_kept": 1, "features_lost": 1}
    assert estimated.rows("SELECT track_id FROM tracks") == [("spotify:b",)]
    assert estimated.rows("SELECT * FROM spotify_features") == []


def test_removing_the_estimates_keeps_the_tracks(estimated):
    with writing(estimated.path) as merge:
        assert merge.sources_like("est*") == ["estimate"]
        done = merge.remove("estimate")
    assert done == {"tracks_removed": 0, "tracks_kept": 2, "features_lost": 2}
    assert estimated.rows("SELECT count(*) FROM librosa_features") == [(2,)]
    assert estimated.rows("SELECT * FROM spotify_features") == []
