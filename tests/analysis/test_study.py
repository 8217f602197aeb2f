import pytest

from music_explorer.analysis.clustering import METHOD_TITLES
from music_explorer.analysis.pipeline import Config, run
from music_explorer.analysis.study import PUBLISHED, conclusions, study_configs, study_table


def test_the_study_has_eight_runs_clustered_in_a_projection():
    configs = study_configs()
    assert len(set(configs)) == 8
    assert {(c.projection, c.method, c.n_clusters) for c in configs} == {
        (projection, method, k)
        for projection in ("pca", "tsne")
        for method in ("kmeans", "agglomerative")
        for k in (6, 11)
    }
    assert {(c.space, c.feature_set, c.scaling) for c in configs} == {
        ("projection", "study", "standard")
    }


def test_only_two_numbers_are_known_as_published():
    known = {run: p.calinski_harabasz for run, p in PUBLISHED.items() if p.calinski_harabasz}
    assert known == {("pca", "kmeans", 6): 332, ("tsne", "kmeans", 6): 1252}


def test_the_table_shows_both_spaces_beside_the_published_number(tracks):
    configs = [config for config in study_configs() if config.projection == "pca"]
    runs = [run(config, tracks) for config in configs]
    table = study_table(runs)
    assert table["published_calinski_harabasz"].tolist()[0] == 332
    assert table["published_calinski_harabasz"][1:].isna().all()
    assert table["calinski_harabasz_clustered"][0] == runs[0].scores_clustered.calinski_harabasz
    assert table["davies_bouldin_features"][3] == runs[3].scores_features.davies_bouldin


def test_another_run_is_not_taken_for_the_studys(tracks):
    table = study_table([run(Config(n_clusters=3), tracks)])
    assert table["note"].tolist() == ["Not one of the study's runs."]


def test_the_studys_data_reproduce_its_scores_in_the_projection(study):
    tracks, genres = study
    result = run(study_configs()[0], tracks, genres=genres)
    assert result.prepared.X.shape == (3081, 40)
    assert result.projection.explained_variance_ratio == pytest.approx(
        [0.289, 0.095, 0.069], abs=5e-4
    )
    assert result.scores_clustered.calinski_harabasz == pytest.approx(1856, rel=0.01)
    assert result.scores_features.calinski_harabasz == pytest.approx(326, rel=0.01)


@pytest.mark.parametrize(("n_clusters", "expected"), [(6, 333), (11, 207)])
def test_the_studys_data_reproduce_its_scores_without_a_projection(study, n_clusters, expected):
    tracks, genres = study
    result = run(Config(feature_set="study", n_clusters=n_clusters), tracks, genres=genres)
    assert result.scores_features.calinski_harabasz == pytest.approx(expected, rel=0.01)


def test_outside_the_study_a_track_is_one_point(study):
    tracks, genres = study
    assert len(run(Config(feature_set="both"), tracks, genres=genres).labels) == 2994


def test_the_conclusions_name_the_numbers_of_both_spaces_and_the_best_run_in_the_features(tracks):
    table = study_table([run(config, tracks) for config in study_configs()])
    text = " ".join(conclusions(table))
    first = table.iloc[0]
    assert f"{first['calinski_harabasz_clustered']:,.0f} (PCA-3)" in text
    best = table.loc[table["calinski_harabasz_features"].idxmax()]
    assert f"is {METHOD_TITLES[best['method']]} with {best['n_clusters']} clusters" in text
    assert f"found in {best['space_clustered']}" in text
