import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.pipeline import Config, cluster, prepare, project, run, spaces

LOUD = np.arange(60) < 30


def genres_of(tracks):
    """Rock for the loud half, Folk for the other; the first track is in both."""
    pairs = tracks[["track_id"]].assign(genre=np.where(LOUD, "Rock", "Folk"))
    both = pd.DataFrame({"track_id": tracks["track_id"][:1], "genre": "Folk"})
    return pd.concat([pairs, both], ignore_index=True)


@pytest.mark.parametrize("method", ["kmeans", "agglomerative"])
@pytest.mark.parametrize("space", ["features", "projection"])
def test_a_run_finds_the_loud_half(method, space, tracks):
    result = run(Config(n_clusters=2, method=method, space=space), tracks)
    assert result.labels.tolist() == np.where(LOUD, 0, 1).tolist()


def test_a_run_in_the_projection_is_scored_in_both_spaces(tracks):
    result = run(Config(n_clusters=2, space="projection"), tracks)
    assert (result.space_clustered, result.space_features) == ("PCA-3", "9 scaled features")
    # Leaving out six dimensions of noise makes clusters look better.
    assert result.scores_clustered.silhouette > result.scores_features.silhouette


def test_a_run_in_the_features_has_one_space(tracks):
    result = run(Config(n_clusters=2, scaling="none"), tracks)
    assert result.space_clustered == result.space_features == "9 unscaled features"
    assert result.scores_clustered == result.scores_features


def test_steps_apart_give_the_same_run_for_tsne_too(tracks):
    config = Config(n_clusters=3, projection="tsne", space="projection")
    prepared = prepare(config, tracks)
    apart = cluster(config, prepared, project(config, prepared.X))
    again = run(config, tracks)
    assert np.array_equal(apart.labels, again.labels)
    assert apart.inertia == again.inertia
    assert list(spaces(config, prepared, apart.projection)) == ["t-SNE-3", "9 scaled features"]


def test_the_same_config_gives_the_same_labels(tracks):
    config = Config(n_clusters=5, cap=4, random_state=11)
    assert np.array_equal(run(config, tracks).labels, run(config, tracks).labels)


def test_a_projection_of_other_tracks_is_refused(tracks):
    config = Config(n_clusters=2)
    prepared = prepare(config, tracks)
    with pytest.raises(AnalysisError, match="projection of 30 tracks for 60"):
        cluster(config, prepared, project(config, prepared.X[:30]))


def test_rows_are_those_of_the_matrix(tracks):
    tracks.loc[1, "tempo"] = np.nan
    prepared = prepare(Config(), tracks)
    assert prepared.matrix.n_dropped_rows == 1
    assert prepared.rows["track_id"].tolist() == [f"spotify:{i}" for i in range(60) if i != 1]
    assert prepared.rows.index.tolist() == list(range(59))


def test_a_genre_filter_keeps_every_track_of_that_genre(tracks):
    prepared = prepare(Config(genres=("Folk",)), tracks, genres=genres_of(tracks))
    assert prepared.rows["track_id"].tolist() == [f"spotify:{i}" for i in (0, *range(30, 60))]


def test_an_unknown_genre_is_named(tracks):
    with pytest.raises(AnalysisError, match="genres=Polka: .* choose from Folk, Rock"):
        prepare(Config(genres=("Polka",)), tracks, genres=genres_of(tracks))
    with pytest.raises(AnalysisError, match="these tracks have no genre"):
        prepare(Config(genres=("Polka",)), tracks)


def test_a_cap_counts_by_the_primary_artist(tracks):
    prepared = prepare(Config(cap=2), tracks)
    primary = prepared.rows["artist"].str.split("; ").str[0]
    assert primary.value_counts().to_dict() == {f"Artist {i}": 2 for i in range(10)}
    assert prepared.rows["track_id"].str[8:].astype(int).is_monotonic_increasing


def test_another_seed_caps_to_other_tracks(tracks):
    first, second = (
        prepare(Config(cap=1, random_state=seed), tracks).rows["track_id"].tolist()
        for seed in (0, 1)
    )
    assert first != second


def test_tracks_without_an_artist_are_not_capped_as_one(tracks):
    tracks.loc[:9, "artist"] = None
    rows = prepare(Config(cap=1), tracks).rows
    assert rows["artist"].isna().sum() == 10


def test_only_the_study_repeats_a_track_per_genre(tracks):
    tracks["mode"] = tracks["key"] = range(60)
    genres = genres_of(tracks)
    study = prepare(Config(feature_set="study"), tracks, genres=genres).rows
    assert len(study) == 61
    assert study.loc[study["track_id"] == "spotify:0", "genre"].tolist() == ["Rock", "Folk"]
    assert len(prepare(Config(feature_set="spotify"), tracks, genres=genres).rows) == 60


def test_a_circular_key_counts_as_one_feature(tracks):
    tracks["key"] = np.arange(60) % 12
    prepared = prepare(Config(feature_set="spotify_all"), tracks)
    assert prepared.X.shape == (60, 11)
    assert prepared.space == "10 scaled features"
    assert prepared.X.var(axis=0).sum() == pytest.approx(10)


@pytest.mark.parametrize(
    ("field", "value", "match"),
    [
        ("feature_set", "chroma", "feature_set='chroma'; choose one of spotify"),
        ("scaling", "minmax", "scaling='minmax'; choose one of standard, robust, power, none"),
        ("projection", "umap", "projection='umap'; choose one of pca, tsne"),
        ("space", "pca", "space='pca'; choose one of features, projection"),
        ("method", "dbscan", "method='dbscan'; choose one of kmeans, agglomerative"),
        ("n_clusters", 1, "n_clusters=1; expected a whole number, 2 or more"),
        ("n_clusters", 6.0, "n_clusters=6.0"),
        ("n_clusters", True, "n_clusters=True"),
        ("cap", 0, "cap=0; expected a whole number, 1 or more"),
        ("random_state", -1, "random_state=-1; expected a whole number, 0 to 4294967295"),
        ("random_state", 2**32, "random_state=4294967296"),
        ("genres", "Rock", "genres='Rock'; expected several names"),
    ],
)
def test_a_config_refuses_what_is_not_valid(field, value, match):
    with pytest.raises(AnalysisError, match=match):
        Config(**{field: value})


def test_a_config_survives_json():
    config = Config(genres=("Rock", "Pop"), cap=3, n_clusters=11)
    again = Config(**json.loads(json.dumps(config.to_dict())))
    assert again == config
    assert hash(again) == hash(config)


def test_cache_keys_change_only_with_what_a_step_depends_on():
    config = Config()
    assert Config(n_clusters=9, method="agglomerative").project_key == config.project_key
    assert Config(random_state=1).prepare_key == config.prepare_key
    assert Config(random_state=1).project_key != config.project_key
    assert Config(random_state=1, cap=2).prepare_key != Config(cap=2).prepare_key
    assert Config(scaling="power").project_key != config.project_key


def test_too_few_tracks_for_the_clusters_are_refused(tracks):
    with pytest.raises(AnalysisError, match="n_clusters=6 for 5 tracks; choose 2 to 4"):
        run(Config(), tracks[:5])


def test_importing_the_package_does_not_import_heavy_libraries():
    code = (
        "import pkgutil, sys, importlib, music_explorer.analysis as package\n"
        "for module in pkgutil.iter_modules(package.__path__):\n"
        "    importlib.import_module(f'{package.__name__}.{module.name}')\n"
        "heavy = {'sklearn', 'scipy', 'kneed', 'fastcluster', 'streamlit', 'duckdb'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
