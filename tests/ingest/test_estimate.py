"""Estimated values: learnt from what may be learnt from, written where nothing was measured."""

import re
import shutil
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from ingest.sources.estimate import ESTIMATED
from music_explorer.store.batch import Batch
from music_explorer.store.reader import data_version
from music_explorer.store.writer import writing
from tests.conftest import run_ingest
from tests.ingest.conftest import digest

N_KNOWN, N_LACKING, N_OF_OTHERS = 300, 40, 30
FEATURES = ["mfcc_01_mean", "mfcc_02_mean", "zero_crossing_rate_mean"]
ESTIMATES = "SELECT * FROM spotify_features WHERE origin = 'estimated' ORDER BY track_id"
MEASURED = "SELECT * FROM spotify_features WHERE origin <> 'estimated' ORDER BY track_id"


def library(n_known=N_KNOWN, *, n_artists=60, seed=0, namespace="row", origin="table"):
    """Return tracks whose energy is linear in a feature, and whose valence is noise.

    The 40 after the first have no values. The last 30 have values in contradiction to the rest, of
    which 10 are Spotify's, 10 are of a table with its ids, and 10 are ReccoBeats'.
    """
    rng = np.random.default_rng(seed)
    n = n_known + N_LACKING + N_OF_OTHERS
    mfcc = rng.normal(-200, 50, size=n)
    energy = np.clip(0.5 + (mfcc + 200) / 300 + rng.normal(scale=0.05, size=n), 0, 1)
    energy[-N_OF_OTHERS:] = 0
    who = [origin] * n_known + [None] * N_LACKING + ["spotify", "table", "reccobeats"] * 10
    names = [namespace] * (n - N_OF_OTHERS) + ["spotify"] * N_OF_OTHERS
    tracks = pd.DataFrame(
        {
            "track_id": [f"{names[i]}:{i:03d}" for i in range(n)],
            "title": [f"Song {i}" for i in range(n)],
            "artist": [f"Artist {i % n_artists:02d}; Guest {i}" for i in range(n)],
            "mfcc_01_mean": mfcc,
            "mfcc_02_mean": rng.normal(100, 20, size=n),
            "zero_crossing_rate_mean": rng.uniform(size=n),
            "librosa_origin": "table",
            "energy": energy,
            "valence": rng.uniform(size=n),
            "tempo": 120.0,
            "spotify_origin": who,
        }
    )
    tracks.loc[tracks["spotify_origin"].isna(), ["energy", "valence", "tempo"]] = None
    return tracks


def put(store, tracks, source="songs"):
    with writing(store) as merge:
        merge.stage(Batch(tracks, n_read=len(tracks)))
        return merge.merge(source=source, location=source, started_at=datetime(2026, 1, 1))


@pytest.fixture(scope="module")
def estimated(tmp_path_factory):
    """The library in a store, estimated once: what was said, and the store."""
    path = tmp_path_factory.mktemp("estimated") / "music.duckdb"
    put(path, library())
    before = tmp_path_factory.mktemp("before") / "music.duckdb"
    shutil.copy(path, before)
    done = run_ingest("estimate", "--store", path)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout, path, before


@pytest.fixture
def of_its_own(estimated, store):
    """A copy of the estimated store where commands look for it."""
    store.parent.mkdir()
    shutil.copy(estimated[1], store)
    return store


def said_of(name, out):
    found = [line.strip() for line in out.splitlines() if line.strip().startswith(f"{name}: ")]
    assert len(found) == 1, out
    return found[0]


def known():
    return library().iloc[:N_KNOWN]


@pytest.mark.parametrize(("name", "fate"), [("energy", "written"), ("valence", "left out")])
def test_the_r2_that_is_printed_is_that_of_scikit_learn(estimated, name, fate):
    tracks = known()
    trees = ExtraTreesRegressor(100, min_samples_split=5, random_state=0)
    groups = tracks["artist"].str.split("; ").str[0]
    X, y = tracks[FEATURES].to_numpy(), tracks[name].to_numpy()
    r2 = r2_score(y, cross_val_predict(trees, X, y, groups=groups, cv=GroupKFold(5)))
    line = said_of(name, estimated[0])
    assert line.startswith(f"{name}: R² {r2:.3f} over 300 tracks by 60 artists, {fate}")


def test_a_value_without_enough_tracks_is_left_out_and_said_so(estimated):
    for name in set(ESTIMATED) - {"energy", "valence"}:
        assert said_of(name, estimated[0]) == (
            f"{name}: left out: 0 tracks by 0 artists to learn from; at least 200 by 20 are needed"
        )


def test_tracks_without_values_get_estimates_near_the_relation_and_nothing_else(estimated, ask):
    names = "track_id, energy, mfcc_01_mean"
    rows = ask(f"SELECT {names} FROM features WHERE spotify_origin = 'estimated'", at=estimated[1])
    assert len(rows) == N_LACKING
    assert {row[0] for row in rows} == {f"row:{i}" for i in range(300, 340)}
    energy, mfcc = np.array([row[1:] for row in rows]).T
    truth = np.clip(0.5 + (mfcc + 200) / 300, 0, 1)
    assert np.abs(energy - truth).mean() < 0.05
    assert ((energy >= 0) & (energy <= 1)).all()
    others = "count(valence), count(tempo), count(key), count(loudness), count(DISTINCT source)"
    where = "FROM spotify_features WHERE origin = 'estimated' AND source = 'estimate'"
    assert ask(f"SELECT count(*), {others} {where}", at=estimated[1]) == [(40, 0, 0, 0, 0, 1)]


def test_measured_values_stay_as_they_were(estimated, ask):
    _, after, before = estimated
    assert ask(MEASURED, at=after) == ask(MEASURED, at=before)
    assert len(ask(MEASURED, at=after)) == N_KNOWN + N_OF_OTHERS


def test_what_was_not_learnt_from_is_counted_and_said_why(estimated):
    assert said_of("not learnt from", estimated[0]) == (
        "not learnt from: 20 tracks with values of Spotify, as its terms forbid training models "
        "on its content; 10 tracks with values of ReccoBeats, as it publishes no licence for its "
        "values"
    )
    assert "300 tracks have their values from tables without Spotify's ids: make" in estimated[0]


def test_how_far_each_value_can_be_trusted_is_kept_for_sql(estimated, ask):
    rows = ask(
        "SELECT feature, extraction, r2, n_learnt, n_artists FROM estimates", at=estimated[1]
    )
    assert [row[:2] + row[3:] for row in rows] == [("energy", "songs", N_KNOWN, 60)]
    assert f"energy: R² {rows[0][2]:.3f} over" in estimated[0]


def test_status_counts_the_estimates(estimated, run):
    done = run("status", at=estimated[1])
    assert re.search(r"with spotify features +330\n", done.out)
    assert re.search(r"with estimated values +40\n", done.out)


def test_a_second_run_changes_nothing(of_its_own, run, ask):
    version, rows = data_version(of_its_own), ask(ESTIMATES)
    done = run("estimate")
    assert done.code == 0
    assert "40 tracks have estimated values: 0 new or changed, 40 unchanged; 0 had" in done.out
    assert (data_version(of_its_own), ask(ESTIMATES)) == (version, rows)


def test_a_second_run_replaces_what_the_first_wrote(of_its_own, run, ask):
    rows = ask(ESTIMATES)
    # Of one track the sound is another now, and one is measured.
    tracks = library().iloc[300:302].drop(columns=["energy", "valence", "tempo", "spotify_origin"])
    put(of_its_own, tracks.iloc[:1].assign(mfcc_01_mean=-500.0))
    put(of_its_own, tracks.iloc[1:].assign(valence=0.5, spotify_origin="table"))
    done = run("estimate")
    assert "39 tracks have estimated values: " in done.out
    again = ask(ESTIMATES)
    assert [row[0] for row in again] == [row[0] for row in rows if row[0] != "row:301"]
    lowest = min(library()["mfcc_01_mean"])
    assert lowest > -500
    assert ask("SELECT energy FROM spotify_features WHERE track_id = 'row:300'")[0][0] < 0.3


def test_remove_takes_all_of_them_out(of_its_own, run, ask, estimated):
    done = run("remove", "estimate")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "estimate: 0 tracks removed, 40 kept because other sources have them\n"
        "40 of those had their feature values from estimate; run it again to fill them\n"
    )
    assert ask(ESTIMATES) == []
    assert data_version(of_its_own) == data_version(estimated[2])
    assert run("remove", "estimate").error == (
        "error: no source 'estimate' in this store; it has: songs"
    )


def test_features_of_two_extractors_are_not_mixed(store, run, ask):
    put(store, library(), "songs")
    # Elsewhere the same sound means the opposite.
    other = library(seed=1, namespace="fma", origin="fma")
    put(store, other.assign(energy=1 - other["energy"], extractor_version="other"), "others")
    done = run("estimate")
    assert done.code == 0
    blocks = re.findall(r"Librosa features by '(.+)': (\d+) tracks to learn", done.out)
    assert blocks == [("other", "300"), ("songs", "300")]
    names = "split_part(track_id, ':', 1), corr(energy, mfcc_01_mean)"
    rows = ask(f"SELECT {names} FROM features WHERE spotify_origin = 'estimated' GROUP BY 1")
    assert dict(rows)["row"] > 0.9
    assert dict(rows)["fma"] < -0.9


@pytest.mark.parametrize(("n_known", "n_artists"), [(199, 60), (300, 19)])
def test_too_little_to_learn_from_is_refused_in_one_line(store, run, n_known, n_artists):
    put(store, library(n_known, n_artists=n_artists))
    before = digest(store)
    done = run("estimate")
    assert done.code == 1
    assert done.error == (
        f"error: nothing to learn from: {n_known} tracks by {n_artists} artists have both Librosa "
        "features and Spotify-style values that may be learnt from, and 200 by 20 are needed, "
        "with features of one extractor (left out: 20 tracks with values of Spotify, as its terms "
        "forbid training models on its content; 10 tracks with values of ReccoBeats, as it "
        "publishes no licence for its values); import open data that has both, as "
        "'python -m ingest fma FOLDER' does"
    )
    assert digest(store) == before


def test_a_table_with_spotifys_ids_is_not_learnt_from(store, run):
    put(store, library(namespace="spotify"))
    done = run("estimate")
    assert done.code == 1
    assert "error: nothing to learn from: 0 tracks by 0 artists" in done.error
    assert "320 tracks with values of Spotify" in done.error


def test_estimates_are_not_learnt_from(store, run):
    tracks = library(199)
    lacking = tracks["spotify_origin"].isna()
    tracks.loc[lacking, "energy"] = 0.5
    tracks.loc[lacking, "spotify_origin"] = "estimated"
    put(store, tracks)
    assert "error: nothing to learn from: 199 tracks by 60 artists" in run("estimate").error


def test_a_store_that_does_not_exist_is_not_made(store, run):
    done = run("estimate")
    assert (done.code, store.exists()) == (1, False)
    assert done.error.startswith("error: nothing to learn from: 0 tracks by 0 artists")
    assert "left out" not in done.error
