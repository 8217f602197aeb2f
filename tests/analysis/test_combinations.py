"""Whatever is chosen together works together, or is refused in one line."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from music_explorer.analysis.clustering import METHODS
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.feature_sets import FEATURE_COLUMNS, FEATURE_SETS
from music_explorer.analysis.pipeline import (
    KEYS,
    SPACES,
    Config,
    cluster,
    prepare,
    project,
    spaces,
)
from music_explorer.analysis.presets import PRESETS
from music_explorer.analysis.projection import PROJECTIONS
from music_explorer.analysis.scaling import BLOCK_WEIGHTS, SCALINGS

# A few features of each kind, so that many preparations are quick.
FEW = ("danceability", "instrumentalness", "tempo", "key", "mfcc_01_mean", "librosa_tempo")


@pytest.fixture(scope="module")
def library():
    """Return 72 tracks with every feature, as a store gives them, and their genres."""
    rng = np.random.default_rng(0)
    n = 72
    values = rng.normal(size=(n, len(FEATURE_COLUMNS))) + np.repeat([0, 3], n // 2)[:, None]
    frame = pd.DataFrame(values, columns=list(FEATURE_COLUMNS))
    frame["instrumentalness"] = frame["instrumentalness"].clip(lower=0)
    frame["tempo"] = 120 + 10 * frame["tempo"]
    frame["librosa_tempo"] = np.where(rng.random(n) < 0.2, 0.5, 1.0) * frame["tempo"]
    frame.loc[3, "librosa_tempo"] = 0.0
    frame["key"] = rng.integers(0, 12, n)
    frame["mode"] = rng.integers(0, 2, n)
    frame["time_signature"] = 4
    frame["duration_ms"] = rng.integers(100_000, 300_000, n)
    frame.loc[5, "mfcc_01_mean"] = np.nan
    ids = [f"spotify:{i}" for i in range(n)]
    frame.insert(0, "track_id", ids)
    frame.insert(1, "title", [f"Song {i % 70}" for i in range(n)])
    frame.insert(2, "artist", [f"Artist {i % 20}" for i in range(n)])
    frame["isrc"] = [None if i % 3 else f"GBAYE01{i % 66:05d}" for i in range(n)]
    genres = pd.DataFrame({"track_id": [*ids, ids[0]], "genre": [*["Rock", "Folk"] * 36, "Folk"]})
    return frame, genres


def check(run, config):
    """Check that a run is whole: every track has a label, and a score or a reason for none."""
    n_tracks = len(run.prepared.rows)
    assert run.labels.shape == (n_tracks,)
    assert run.prepared.X.shape[0] == run.projection.embedding.shape[0] == n_tracks
    assert np.isfinite(run.prepared.X).all()
    assert np.isfinite(run.projection.embedding).all()
    assert run.projection.embedding.shape[1] == config.n_components
    assert set(run.labels) - {-1} == set(range(run.n_clusters))
    assert set(spaces(config, run.prepared, run.projection)) == {
        run.space_clustered,
        run.space_features,
    }
    scored = np.isfinite([run.scores_clustered.silhouette, run.scores_features.silhouette])
    assert scored.all() if run.n_clusters >= 2 else not scored.any()
    assert run.n_noise == 0 or config.method == "hdbscan"


def check_every_method(preparation, frame, genres):
    """Prepare and project once, then cluster by every method in both spaces."""
    first = Config(**preparation)
    prepared = prepare(first, frame, genres=genres)
    placed = project(first, prepared.X)
    for method, space in product(METHODS, SPACES):
        config = Config(**preparation, method=method, space=space, n_clusters=3, min_cluster_size=8)
        check(cluster(config, prepared, placed), config)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("scaling", SCALINGS)
def test_every_preparation_can_be_clustered_by_every_method(scaling, key, library):
    for fold_tempo, block_weights in product((False, True), BLOCK_WEIGHTS):
        preparation = {
            "columns": FEW,
            "key": key,
            "fold_tempo": fold_tempo,
            "scaling": scaling,
            "block_weights": block_weights,
        }
        check_every_method(preparation, *library)


@pytest.mark.parametrize("projection", PROJECTIONS)
@pytest.mark.parametrize("n_components", [2, 3])
def test_every_projection_can_be_clustered_by_every_method(projection, n_components, library):
    check_every_method({"projection": projection, "n_components": n_components}, *library)


@pytest.mark.parametrize("feature_set", FEATURE_SETS)
@pytest.mark.parametrize("one_per_recording", [False, True])
def test_every_feature_set_can_be_clustered_by_every_method(
    feature_set, one_per_recording, library
):
    selection = {"one_per_recording": one_per_recording, "cap": 4, "genres": ("Rock", "Folk")}
    check_every_method({"feature_set": feature_set, **selection}, *library)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_runs(name, library):
    frame, genres = library
    config = Config(**PRESETS[name].fields)
    prepared = prepare(config, frame, genres=genres)
    check(cluster(config, prepared, project(config, prepared.X)), config)


@pytest.mark.parametrize("method", METHODS)
def test_too_few_tracks_are_refused_in_one_line_by_every_method(method, library):
    frame, _ = library
    config = Config(method=method, n_clusters=6)
    prepared = prepare(config, frame[:5])
    with pytest.raises(AnalysisError, match="for 5 tracks; choose 2 to") as refusal:
        cluster(config, prepared, project(config, prepared.X))
    assert "\n" not in str(refusal.value)
