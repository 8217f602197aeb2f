"""The exported folder: tables that belong together, and a notebook that needs nothing else."""

import io
import json
import zipfile
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.pipeline import Config, cluster, prepare, project
from music_explorer.analysis.profiles import cluster_profiles
from music_explorer.analysis.record import record_of
from music_explorer.headless.folder import write_folder, zipped
from music_explorer.headless.inputs import load
from music_explorer.store.batch import Batch
from music_explorer.store.reader import data_version
from music_explorer.store.writer import writing
from tests.headless.conftest import run_notebook

MARKUP = "<b>A & B</b> $x$ **y**"
NOW = datetime(2026, 1, 1)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two dense groups of 40 tracks and 10 far from all; every third has no genre."""
    path = tmp_path_factory.mktemp("folder") / "music.duckdb"
    rng = np.random.default_rng(0)
    centres = np.repeat([[0.2, 0.2, 0.2], [0.8, 0.8, 0.8]], 40, axis=0)
    values = np.vstack([centres + rng.normal(scale=0.01, size=(80, 3)), rng.random((10, 3))])
    tracks = pd.DataFrame(values, columns=["energy", "valence", "liveness"])
    ids = [f"row:{i:02d}" for i in range(90)]
    tracks = tracks.assign(track_id=ids, title=MARKUP, artist="A", spotify_origin="table")
    genres = pd.DataFrame({"track_id": ids, "genre": np.where(tracks["energy"] < 0.5, "Low", "Up")})
    genres = pd.concat(
        [genres[genres.index % 3 > 0], genres[genres.index % 3 > 1].assign(genre="")]
    )
    genres["genre"] = genres["genre"].replace("", "Both")
    genres = genres.assign(subgenre=None, genre_as_given=genres["genre"], origin="column")
    with writing(path) as merge:
        merge.stage(Batch(tracks, genres, n_read=90))
        merge.merge(source="t", location="t.csv", started_at=NOW)
    return path


def run_of(store, config):
    inputs = load(store, config, expect=data_version(store))
    prepared = prepare(config, inputs.frame, genres=inputs.genres)
    result = cluster(config, prepared, project(config, prepared.X))
    record = record_of(result, data_version=data_version(store), created_at=NOW)
    return result, record, prepared, inputs


@pytest.fixture(scope="module")
def exported(store, tmp_path_factory):
    """A run with noise, in the features."""
    result, *parts = run_of(store, Config(method="hdbscan", min_cluster_size=10))
    folder = tmp_path_factory.mktemp("exported") / "run"
    write_folder(folder, *parts)
    return result, folder, run_notebook(folder)


def test_the_notebook_needs_no_part_of_this_project(exported):
    imported = set(exported[2]["imported"])
    assert {"pandas", "plotly", "sklearn"} <= imported
    assert not {"music_explorer", "streamlit", "duckdb", "ingest"} & imported


def test_the_notebook_draws_every_track_and_noise_last(exported):
    result, _, notebook = exported
    assert result.n_noise > 0
    traces = notebook["map_figure"]
    assert [trace.name for trace in traces] == ["cluster 0", "cluster 1", "no cluster"]
    for trace, label in zip(traces, (0, 1, -1), strict=True):
        embedding = result.projection.embedding[result.labels == label].astype(np.float32)
        assert (np.column_stack([trace.x, trace.y, trace.z]) == embedding).all()


def test_a_title_is_no_markup_in_the_notebook(exported):
    text = exported[2]["map_figure"][0].text[0]
    assert text.startswith("<b>&lt;b&gt;A &amp; B&lt;/b&gt; $x$ **y**</b><br>A<br>")


def test_the_notebook_finds_the_recorded_scores_again(exported):
    result, _, notebook = exported
    scores = {row["score"]: row for row in notebook["scores"]}
    assert set(scores) == {"calinski_harabasz", "davies_bouldin", "silhouette"}
    for name, row in scores.items():
        assert row["recorded"] == pytest.approx(getattr(result.scores_features, name), rel=1e-12)
        assert row["again"] == pytest.approx(row["recorded"], rel=1e-9)


def test_the_notebook_has_the_profiles_of_the_analysis(exported):
    result, _, notebook = exported
    matrix = result.prepared.matrix
    known = cluster_profiles(matrix.X, result.labels, matrix.names).reindex([0, 1, -1])
    drawn = notebook["profiles_figure"][0]
    assert list(drawn.x) == list(matrix.names)
    assert np.asarray(drawn.z) == pytest.approx(known.to_numpy(), abs=1e-12)


def test_a_track_of_two_genres_counts_half_in_each(exported):
    labels = pd.read_parquet(exported[1] / "labels.parquet")
    weights = labels.groupby("track_id")["weight"].agg(["sum", "size"])
    assert weights["sum"].eq(1).all()
    assert len(weights) == 60
    assert weights["size"].value_counts().to_dict() == {1: 30, 2: 30}


def test_every_table_has_the_tracks_in_the_same_order(exported):
    result, folder, _ = exported
    tables = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("features", "scaled")}
    assignments = pd.read_parquet(folder / "assignments.parquet")
    for table, X in zip(
        tables.values(), (result.prepared.matrix.X, result.prepared.X), strict=True
    ):
        assert list(table["track_id"]) == list(assignments["track_id"])
        assert (table.drop(columns="track_id").to_numpy() == X).all()
    assert assignments["cluster"].isna().sum() == result.n_noise


def test_the_account_is_valid_json_and_says_what_was_left_out(exported):
    account = json.loads((exported[1] / "run.json").read_text())
    assert account["left_out"]["rows"] == 0
    assert account["left_out"]["columns"]["tempo"] == 0
    assert account["n_noise"] == exported[0].n_noise
    assert {"python", "n_threads", "scikit-learn"} <= set(account["environment"])


def test_the_archive_holds_the_same_tables_as_the_folder(store, tmp_path):
    _, record, *rest = run_of(store, Config(n_clusters=2))
    write_folder(tmp_path / "run", record, *rest)
    with zipfile.ZipFile(io.BytesIO(zipped(store, record, label="genre"))) as archive:
        packed = {name.split("/")[1]: archive.read(name) for name in archive.namelist()}
    assert packed == {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}


def test_a_run_without_labels_still_draws(store, tmp_path):
    config = Config(n_clusters=2, space="projection", n_components=2)
    inputs = load(store, config, expect=data_version(store), label="playlist")
    assert inputs.labels.empty
    prepared = prepare(config, inputs.frame, genres=inputs.genres)
    result = cluster(config, prepared, project(config, prepared.X))
    record = record_of(result, data_version="v", created_at=NOW)
    write_folder(tmp_path / "run", record, prepared, inputs)
    notebook = run_notebook(tmp_path / "run")
    assert not set(np.concatenate([trace.z for trace in notebook["map_figure"]])) - {0}
    assert [row["space"] for row in notebook["scores"]] == ["PCA-2"] * 3 + ["3 scaled features"] * 3


def test_tables_of_other_tracks_are_refused(store, tmp_path):
    _, record, _, inputs = run_of(store, Config(n_clusters=2))
    fewer = prepare(Config(), inputs.frame[:50], genres=inputs.genres)
    with pytest.raises(AnalysisError, match=f"run {record.run_id} is of other tracks"):
        write_folder(tmp_path / "run", record, fewer, inputs)
    assert not (tmp_path / "run").exists()
