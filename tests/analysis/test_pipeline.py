import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from music_explorer.analysis.clustering import METHODS
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.feature_sets import FEATURE_SETS, LIBROSA_STUDY, SPOTIFY_CONTINUOUS
from music_explorer.analysis.pipeline import Config, cluster, prepare, project, run, spaces
from music_explorer.analysis.recordings import joined_labels
from music_explorer.analysis.scores import internal_scores

LOUD = np.arange(60) < 30


def genres_of(tracks):
    """Rock for the loud half, Folk for the other; the first track is in both."""
    pairs = tracks[["track_id"]].assign(genre=np.where(LOUD, "Rock", "Folk"))
    both = pd.DataFrame({"track_id": tracks["track_id"][:1], "genre": "Folk"})
    return pd.concat([pairs, both], ignore_index=True)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("space", ["features", "projection"])
def test_a_run_finds_the_loud_half(method, space, tracks):
    # Where the halves differ is all there is to see.
    config = Config(
        columns=("loudness", "acousticness", "energy"),
        n_clusters=2,
        min_cluster_size=10,
        method=method,
        space=space,
    )
    result = run(config, tracks)
    clustered = result.labels >= 0
    assert result.n_clusters == 2
    assert clustered.mean() > (0.8 if method == "hdbscan" else 0.999)
    # Noise may leave the acoustic half the larger.
    assert adjusted_rand_score(LOUD[clustered], result.labels[clustered]) == 1


def test_noise_is_left_out_of_the_scores(tracks):
    # Nine tracks that are like no other, far from both halves.
    rows = range(0, 60, 7)
    tracks.loc[rows, "tempo"] = [1000.0 * (i + 1) for i in rows]
    result = run(Config(method="hdbscan", min_cluster_size=10, scaling="none"), tracks)
    clustered = result.labels != -1
    assert result.n_noise == 9
    assert not clustered[list(rows)].any()
    assert result.scores_features == internal_scores(
        result.prepared.X[clustered], result.labels[clustered]
    )


@pytest.mark.parametrize("space", ["features", "projection"])
def test_a_run_without_clusters_can_still_be_drawn(space, tracks):
    rng = np.random.default_rng(0)
    tracks.loc[:, list(SPOTIFY_CONTINUOUS)] = rng.normal(size=(60, 9))
    result = run(Config(method="hdbscan", space=space), tracks)
    assert set(result.labels) == {-1}
    assert (result.n_clusters, result.n_noise) == (0, 60)
    assert result.projection.embedding.shape == (60, 3)
    for scores in (result.scores_clustered, result.scores_features):
        assert np.isnan([scores.silhouette, scores.calinski_harabasz, scores.davies_bouldin]).all()


def test_the_method_that_chooses_k_heeds_no_number_of_clusters(tracks):
    few, many = (
        run(Config(method="hdbscan", min_cluster_size=10, n_clusters=k), tracks).labels
        for k in (2, 30)
    )
    assert np.array_equal(few, many)


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


def test_the_key_can_be_brought_in_and_left_out(tracks):
    tracks["key"] = np.arange(60) % 12
    names = {
        key: prepare(Config(key=key), tracks).matrix.names[9:]
        for key in ("set", "circular", "raw", "off")
    }
    assert names == {"set": (), "circular": ("key_sin", "key_cos"), "raw": ("key",), "off": ()}
    assert "key" not in prepare(Config(feature_set="spotify_all", key="off"), tracks).matrix.names


def test_columns_by_hand_replace_those_of_the_set(tracks):
    config = Config(feature_set="study", columns=["tempo", "loudness"])
    assert config.feature_set == "custom"
    assert config == Config(columns=("tempo", "loudness"))
    prepared = prepare(config, tracks, genres=genres_of(tracks))
    assert prepared.matrix.names == ("tempo", "loudness")
    assert len(prepared.rows) == 60


def test_a_folded_tempo_counts_as_one_feature(tracks):
    tracks["tempo"] = 60.0 * 2 ** np.linspace(0, 1.5, 60)
    prepared = prepare(Config(fold_tempo=True), tracks)
    assert prepared.space == "9 scaled features"
    assert prepared.X.shape == (60, 10)
    assert prepared.X.var(axis=0).sum() == pytest.approx(9)


def both_blocks(tracks):
    rng = np.random.default_rng(1)
    return tracks.assign(**dict(zip(LIBROSA_STUDY, rng.normal(size=(27, 60)), strict=True)))


def test_equal_blocks_weigh_the_same_with_a_circle_among_them(tracks):
    tracks = both_blocks(tracks).assign(key=np.arange(60) % 12)
    config = Config(feature_set="both", key="circular", block_weights="equal")
    prepared = prepare(config, tracks)
    variance = prepared.X.var(axis=0)
    librosa = np.isin(prepared.matrix.names, LIBROSA_STUDY)
    assert variance[librosa].sum() == pytest.approx(37 / 2)
    assert variance[~librosa].sum() == pytest.approx(37 / 2)
    assert prepared.space == "37 scaled features in equal blocks"


def test_equal_blocks_change_nothing_where_there_is_one(tracks):
    plain, weighed = (prepare(Config(block_weights=w), tracks) for w in ("none", "equal"))
    assert plain.X == pytest.approx(weighed.X)
    assert plain.space == weighed.space


def test_a_projection_has_as_many_dimensions_as_asked(tracks):
    result = run(Config(n_clusters=2, n_components=2, space="projection"), tracks)
    assert result.projection.embedding.shape == (60, 2)
    assert result.space_clustered == "PCA-2"


def test_tracks_with_estimated_values_are_counted_once_each(tracks):
    assert prepare(Config(), tracks).n_estimated == 0
    marked = tracks.assign(is_estimated=[True] * 7 + [False] * 53, mode=1.0, key=range(60))
    marked.loc[0, "tempo"] = np.nan  # left out, so it does not count
    assert prepare(Config(), marked).n_estimated == 6
    genres = pd.concat([genres_of(tracks), genres_of(tracks).assign(genre="Blues")])
    repeated = prepare(Config(feature_set="study"), marked, genres=genres)
    assert len(repeated.rows) > 100
    assert repeated.n_estimated == 6


def releases_of(tracks):
    """Tracks 1 and 2 are further releases of track 0, by their ISRC."""
    return tracks.assign(isrc=["GBAYE0000001"] * 3 + [f"GBAYE01{i:05d}" for i in range(3, 60)])


def test_releases_of_one_recording_are_one_point_if_asked(tracks):
    tracks = releases_of(tracks)
    assert prepare(Config(), tracks).n_merged == 0
    prepared = prepare(Config(one_per_recording=True), tracks)
    assert prepared.n_merged == 2
    assert prepared.rows["track_id"].tolist() == [f"spotify:{i}" for i in (0, *range(3, 60))]


def test_a_cap_counts_recordings_and_not_releases(tracks):
    tracks = releases_of(tracks)
    rows = prepare(Config(one_per_recording=True, cap=4), tracks).rows
    primary = rows["artist"].str.split("; ").str[0]
    assert set(primary.value_counts()) == {4}


def test_a_recording_is_repeated_for_the_genres_of_all_its_releases(tracks):
    tracks = releases_of(tracks).assign(mode=range(60), key=range(60))
    genres = genres_of(tracks)
    genres.loc[1, "genre"] = "Blues"
    config = Config(feature_set="study", one_per_recording=True)
    rows = prepare(config, tracks, genres=genres).rows
    assert set(rows.loc[rows["track_id"] == "spotify:0", "genre"]) == {"Rock", "Folk", "Blues"}


@pytest.mark.parametrize(
    ("field", "value", "match"),
    [
        ("feature_set", "chroma", "feature_set='chroma'; choose one of spotify"),
        (
            "scaling",
            "minmax",
            "scaling='minmax'; choose one of standard, robust, power, unit",
        ),
        ("projection", "mds", "projection='mds'; choose one of pca, tsne"),
        ("key", "spiral", "key='spiral'; choose one of set, circular, raw, off"),
        ("block_weights", "half", "block_weights='half'; choose one of none, equal"),
        ("columns", "tempo", "columns='tempo'; expected several names"),
        ("columns", ("year",), "columns='year': no such feature"),
        ("feature_set", "custom", r"columns=\(\); choose some of danceability"),
        ("fold_tempo", 1, "fold_tempo=1; expected true or false"),
        ("one_per_recording", "yes", "one_per_recording='yes'; expected true or false"),
        ("n_components", 4, "n_components=4; expected a whole number, 2 to 3"),
        ("min_cluster_size", 1, "min_cluster_size=1; expected a whole number, 2 or more"),
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
    config = Config(genres=("Rock", "Pop"), cap=3, n_clusters=11, columns=("tempo", "key"))
    again = Config(**json.loads(json.dumps(config.to_dict())))
    assert again == config
    assert hash(again) == hash(config)


def test_a_config_of_an_older_version_is_read():
    old = {
        "feature_set": "both",
        "scaling": "robust",
        "genres": ["Rock"],
        "sources": [],
        "cap": None,
        "projection": "tsne",
        "space": "projection",
        "method": "agglomerative",
        "n_clusters": 11,
        "random_state": 3,
    }
    config = Config(**old)
    assert {**config.to_dict(), **old, "genres": ("Rock",), "sources": ()} == config.to_dict()
    assert config.features == FEATURE_SETS["both"]


def test_cache_keys_change_only_with_what_a_step_depends_on():
    config = Config()
    assert Config(n_clusters=9, method="agglomerative").project_key == config.project_key
    assert Config(random_state=1).prepare_key == config.prepare_key
    assert Config(random_state=1).project_key != config.project_key
    assert Config(random_state=1, cap=2).prepare_key != Config(cap=2).prepare_key
    assert Config(scaling="power").project_key != config.project_key
    assert Config(n_components=2).prepare_key == config.prepare_key
    assert Config(n_components=2).project_key != config.project_key
    assert Config(method="hdbscan", min_cluster_size=9).project_key == config.project_key


@pytest.mark.parametrize(
    "choice",
    [
        {"columns": ("tempo", "loudness")},
        {"key": "raw"},
        {"fold_tempo": True},
        {"block_weights": "equal"},
        {"estimated_values": True},
        {"one_per_recording": True},
    ],
)
def test_every_choice_of_the_preparation_is_in_its_cache_key(choice):
    assert Config(**choice).prepare_key != Config().prepare_key


def test_too_few_tracks_for_the_clusters_are_refused(tracks):
    with pytest.raises(AnalysisError, match="n_clusters=6 for 5 tracks; choose 2 to 4"):
        run(Config(), tracks[:5])


def test_importing_the_package_does_not_import_heavy_libraries():
    code = (
        "import pkgutil, sys, importlib, music_explorer.analysis as package\n"
        # Compiled kernels are imported where they are called.
        "for module in pkgutil.iter_modules(package.__path__):\n"
        "    if not module.name.endswith('_kernels'):\n"
        "        importlib.import_module(f'{package.__name__}.{module.name}')\n"
        "heavy = {'sklearn', 'scipy', 'numba', 'kneed', 'fastcluster', 'streamlit', 'duckdb'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_labels_follow_the_release_that_the_features_chose():
    # The earlier release would stand for both, but lacks a feature.
    tracks = pd.DataFrame(
        {
            "track_id": ["t:0", "t:1", "t:2", "t:3", "t:4"],
            "title": ["x", "x", "a", "b", "c"],
            "artist": "A",
            "duration_ms": 100_000.0,
            "isrc": None,
            "release_date": ["1990", "2000", "2000", "2000", "2000"],
            **{name: [0.1, 0.2, 0.3, 0.4, 0.5] for name in SPOTIFY_CONTINUOUS},
        }
    )
    tracks.loc[0, "energy"] = np.nan
    prepared = prepare(Config(one_per_recording=True), tracks)
    assert prepared.stands_for == {"t:0": "t:1"}
    labels = pd.DataFrame({"track_id": ["t:0", "t:2"], "genre": ["Pop", "Jazz"]})
    joined = joined_labels(labels, prepared.stands_for)
    assert dict(joined.to_numpy()) == {"t:1": "Pop", "t:2": "Jazz"}
    assert set(joined["track_id"]) <= set(prepared.rows["track_id"])
