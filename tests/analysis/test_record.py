import json
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.pipeline import Config, run
from music_explorer.analysis.record import config_from, environment, record_of, run_id
from music_explorer.analysis.scores import Scores

NOW = datetime(2026, 1, 2, 3, 4, 5)


def result(labels, embedding, *, silhouette=0.5):
    """Return what a record is made of, with the given labels and places."""
    scores = Scores(10.0, 1.0, silhouette, silhouette_sampled=False)
    return SimpleNamespace(
        config=Config(space="projection"),
        prepared=SimpleNamespace(rows=pd.DataFrame({"track_id": [f"row:{i}" for i in labels]})),
        projection=SimpleNamespace(embedding=np.asarray(embedding, dtype=float)),
        labels=np.asarray(labels),
        space_clustered="PCA-2",
        space_features="9 scaled features",
        scores_clustered=replace(scores, silhouette=0.9),
        scores_features=scores,
    )


def test_a_record_holds_every_label_and_coordinate_of_its_run(tracks):
    found = run(Config(n_clusters=2), tracks)
    record = record_of(found, data_version="v", created_at=NOW)
    assert list(record.assignments["track_id"]) == list(tracks["track_id"])
    assert (record.assignments["cluster"] == found.labels).all()
    assert (record.assignments[["x", "y", "z"]].to_numpy() == found.projection.embedding).all()
    assert record.created_at == NOW
    assert record.summary()["n_clusters"] == 2


def test_noise_is_missing_and_never_a_number():
    record = record_of(result([0, -1, 1, -1], np.ones((4, 3))), data_version="v", created_at=NOW)
    assert record.assignments["cluster"].isna().tolist() == [False, True, False, True]
    counts = {k: v for k, v in record.summary().items() if k.startswith("n_")}
    assert counts == {"n_tracks": 4, "n_clusters": 2, "n_noise": 2}


def test_an_axis_that_the_map_lacks_is_missing():
    record = record_of(result([0, 1], [[1, 2], [3, 4]]), data_version="v", created_at=NOW)
    assert record.assignments["y"].tolist() == [2, 4]
    assert record.assignments["z"].isna().all()


def test_each_score_stands_beside_its_space_and_an_undefined_one_is_null():
    found = result([0, 0], np.ones((2, 2)), silhouette=float("nan"))
    scores = record_of(found, data_version="v", created_at=NOW).scores
    assert scores["clustered"]["space"] == "PCA-2"
    assert scores["clustered"]["silhouette"] == 0.9
    assert scores["features"]["space"] == "9 scaled features"
    assert scores["features"]["silhouette"] is None
    json.dumps(scores, allow_nan=False)


def test_the_identity_of_a_run_depends_on_all_that_decides_it():
    base = run_id(Config(), data_version="v")
    assert run_id(Config(), data_version="v") == base
    assert run_id(Config(random_state=1), data_version="v") != base
    assert run_id(Config(), data_version="w") != base
    if environment()["n_threads"] == 1:
        pytest.skip("a single core has no other number of threads to compare with")
    with threadpool_limits(1, user_api="openmp"):
        assert environment()["n_threads"] == 1
        assert run_id(Config(), data_version="v") != base


def test_the_moment_of_keeping_is_no_part_of_the_identity():
    found = result([0, 1], np.ones((2, 2)))
    first = record_of(found, data_version="v", created_at=NOW)
    second = record_of(found, data_version="v", created_at=NOW.replace(year=2027))
    assert first.run_id == second.run_id == run_id(found.config, data_version="v")


def test_a_configuration_comes_back_from_its_record():
    config = Config(genres=("Pop", "Rock"), cap=3, n_clusters=4)
    kept = record_of(
        SimpleNamespace(**vars(result([0, 1], np.ones((2, 2)))) | {"config": config}),
        data_version="v",
        created_at=NOW,
    ).config
    assert config_from(json.loads(json.dumps(kept))) == config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"clusters": 6}, "clusters: not in a configuration; choose from feature_set,"),
        ({"n_clusters": 1}, "n_clusters=1; expected a whole number, 2 or more"),
        ({"method": "magic"}, "method='magic'; choose one of kmeans,"),
        ({"genres": 5}, "{'genres': 5} is no configuration"),
    ],
)
def test_a_configuration_that_does_not_exist_is_refused(values, message):
    with pytest.raises(AnalysisError) as error:
        config_from(values)
    assert message in str(error.value)
