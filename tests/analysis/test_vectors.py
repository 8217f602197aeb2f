"""Vectors of a model through the pipeline."""

import numpy as np
import pandas as pd
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.feature_sets import default_feature_set, feature_set
from music_explorer.analysis.matrix import vector_matrix
from music_explorer.analysis.pipeline import Config, prepare, run
from music_explorer.analysis.scaling import scale

VECTORS = np.array([[1, 0, 5], [0, 2, 5], [3, 0, 5], [0, 4, 5]], dtype=np.float32)
OF_A_MODEL = Config(feature_set="model:toy", scaling="unit", n_clusters=2, n_components=2)


def frame_with(vectors, **columns) -> pd.DataFrame:
    ids = [f"row:{i}" for i in range(len(vectors))]
    frame = pd.DataFrame({"track_id": ids, "title": ids, "artist": ids, **columns})
    return frame.assign(vector=pd.Series(list(vectors), dtype=object))


def test_a_model_is_a_feature_set_with_a_scaling_of_its_own():
    chosen = feature_set("model:toy")
    assert (chosen.model, chosen.scaling, chosen.title) == ("toy", "unit", "Vectors of toy")
    assert Config(feature_set="model:toy", key="circular").features.columns == chosen.columns


@pytest.mark.parametrize("name", ["model:", "toy"])
def test_what_is_no_feature_set_is_refused(name):
    with pytest.raises(
        AnalysisError, match=f"feature_set={name!r}; choose one of spotify, .*or mod"
    ):
        Config(feature_set=name)


def test_a_store_of_vectors_alone_starts_with_them():
    assert default_feature_set({"spotify": 0.0, "model:toy": 0.4}) == "model:toy"
    assert default_feature_set({"spotify": 0.4, "model:toy": 0.4}) == "spotify"


def test_tracks_without_a_vector_are_left_out_and_counted():
    vectors = [VECTORS[0], None, VECTORS[1], VECTORS[2]]
    matrix = vector_matrix(frame_with(vectors))
    assert matrix.X.tolist() == VECTORS[[0, 1, 2]].tolist()
    assert matrix.X.dtype == np.float32
    assert matrix.names == ("dim_001", "dim_002", "dim_003")
    assert matrix.index.tolist() == [0, 2, 3]
    assert (matrix.n_dropped_rows, matrix.constant_columns) == (1, ("dim_003",))


@pytest.mark.parametrize(
    ("vectors", "reason"),
    [
        ([VECTORS[0], VECTORS[1], None, None], "2 of 4 tracks have a vector of this model"),
        ([VECTORS[0]] * 4, "all 4 vectors are the same"),
    ],
)
def test_vectors_that_cannot_be_compared_are_refused(vectors, reason):
    with pytest.raises(AnalysisError, match=reason):
        vector_matrix(frame_with(vectors))


def test_unit_scaling_makes_distances_of_angles():
    X = scale(VECTORS, "unit")
    assert X.dtype == np.float32
    assert np.linalg.norm(X, axis=1) == pytest.approx(1)
    centred = VECTORS - VECTORS.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=1)
    cosine = centred @ centred.T / np.outer(lengths, lengths)
    distances = np.linalg.norm(X[:, None] - X, axis=2)
    assert distances == pytest.approx(np.sqrt(np.maximum(2 - 2 * cosine, 0)), abs=1e-3)


def test_a_vector_in_the_middle_has_no_angle_and_stays_there():
    X = scale(np.array([[1.0, 0], [-1, 0], [0, 0]]), "unit")
    assert X.tolist() == [[1, 0], [-1, 0], [0, 0]]


def test_vectors_are_clustered_and_features_with_names_tell_of_the_clusters():
    vectors = np.repeat(np.eye(2, 8), 20, axis=0) + np.random.default_rng(0).normal(
        0, 0.01, (40, 8)
    )
    energy = np.repeat([0.1, 0.9], 20)
    partly = np.where(np.arange(40) % 2, 0.5, np.nan)
    found = run(OF_A_MODEL, frame_with(vectors.astype(np.float32), energy=energy, valence=partly))
    assert found.labels.tolist() == [0] * 20 + [1] * 20
    assert found.prepared.space == "8 dimensions by angle"
    assert found.prepared.telling.matrix.names == ("energy",)
    assert "vector" not in found.prepared.rows


def test_without_features_with_names_the_dimensions_stand_for_themselves():
    prepared = prepare(OF_A_MODEL, frame_with(VECTORS, energy=[0.5] * 4))
    assert prepared.telling.matrix is prepared.matrix
    assert prepared.telling.X is prepared.X
