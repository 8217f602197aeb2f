"""The evidence on the pages: verdicts, stability, intervals, and work that a visitor stops."""

import pytest

from music_explorer.ui import evidence, jobs
from tests.pages.test_pages import figures, texts


def table(at, name: str):
    return next(frame.value for frame in at.dataframe if name in frame.value.columns)


def test_two_far_apart_groups_are_called_structure_with_their_numbers(open_page, small_store):
    at = open_page("clusters", small_store, k="2", set="both")
    assert not at.exception
    assert "There is structure in the data (p = 0.050" in at.success[0].value
    shown = table(at, "one shapeless cloud")
    assert set(shown["reads"]) <= {"better than one cloud", "as one cloud", "worse than one cloud"}
    silhouette = shown[shown["score"].str.startswith("Silhouette")].iloc[0]
    assert silhouette["reads"] == "better than one cloud"
    assert silhouette["here"] > 0.5


def test_one_cloud_is_called_a_continuum(open_page, one_cloud):
    at = open_page("clusters", one_cloud, k="4", set="both")
    assert not at.exception
    assert not at.success
    assert any("no evidence for groups" in box.value for box in at.info)


def test_dense_groups_are_checked_against_shapeless_clouds(open_page, small_store):
    at = open_page("clusters", small_store, set="both", method="hdbscan", mcs="10")
    assert not at.exception
    assert "HDBSCAN finds 2 dense groups in 36 scaled features" in at.success[0].value
    assert "in none of 38 shapeless clouds did it find groups that hold as many" in (
        at.success[0].value
    )
    assert "(p = 0.050)" in at.success[0].value
    assert any(box.label.startswith("The groups beside") for box in at.expander)
    assert "- The data: 2 groups with" in texts(at)
    assert "Each of 19 clouds has the correlations" in texts(at)


def test_dense_groups_of_a_map_are_checked_in_that_map(open_page, small_store):
    at = open_page(
        "clusters", small_store, set="both", method="hdbscan", mcs="10", space="projection"
    )
    assert not at.exception
    assert "HDBSCAN finds 2 dense groups in PCA-3" in at.success[0].value


def test_one_cloud_has_no_dense_groups(open_page, one_cloud):
    at = open_page("clusters", one_cloud, set="both", method="hdbscan", mcs="10")
    assert not at.exception
    assert not at.success
    assert any("HDBSCAN finds no two groups of 10 or more" in box.value for box in at.info)
    assert "No shapeless cloud can have fewer groups, so none was drawn." in texts(at)


def test_stability_stands_beside_that_of_shapeless_clouds(open_page, small_store):
    at = open_page("clusters", small_store, k="2", set="both")
    shown = table(at, "stability")
    assert shown["stability"].str.fullmatch(r"highly stable \(1\.00\)").all()
    assert (shown["in one cloud"].str[:4].astype(float) < 1).all()


def test_a_cluster_that_dissolves_is_marked_in_the_map_and_in_the_crosstab(open_page, one_cloud):
    at = open_page("clusters", one_cloud, k="4", set="both")
    dissolved = table(at, "stability")["stability"].str.startswith("dissolved")
    assert dissolved.any()
    names = [trace.name for trace in figures(at)[0].data]
    assert sum("(dissolves)" in name for name in names) == dissolved.sum()
    at = open_page("genres", one_cloud, k="4", set="both")
    assert "(dissolves)" in at.get("plotly_chart")[0].proto.spec


def test_the_rand_index_has_an_interval_over_artists_and_what_chance_gives(open_page, small_store):
    at = open_page("genres", small_store, k="2", set="both")
    assert not at.exception
    assert at.metric[0].label == "ARI"
    assert at.metric[0].value == "1.000"
    assert at.metric[0].delta.startswith("95 % interval ")
    assert "bootstrap over 30 artists" in texts(at)
    assert "an adjusted Rand index of 1.00" in texts(at).replace("\\", "")  # of Markdown


@pytest.mark.parametrize("unit", ["tracks", "% of the cluster", "standardised residuals"])
def test_the_crosstab_comes_in_every_unit(open_page, small_store, unit):
    at = open_page("genres", small_store, k="2", set="both")
    at.segmented_control(key="unit").set_value(unit).run()
    assert not at.exception
    shown = table(at, "Left").set_index("cluster")["Left"]
    expected = {
        "tracks": [60, 0],
        "% of the cluster": [100, 0],
        # (60 - 30) / sqrt(30 (1 - 60/120) (1 - 60/120)), counted by hand
        "standardised residuals": [10.95, -10.95],
    }[unit]
    assert sorted(shown, reverse=True) == expected


def test_boundaries_say_what_a_classifier_finds_and_what_chance_is(open_page, small_store):
    at = open_page("boundaries", small_store, set="both")
    assert not at.exception
    values = {metric.label: metric.value for metric in at.metric}
    assert values["Balanced accuracy"] == "100%"
    assert values["Chance"] == "50%"
    assert len(at.get("plotly_chart")) == 3


def test_artists_as_labels_are_refused_in_one_line(open_page, small_store):
    at = open_page("boundaries", small_store, set="both", label="artist")
    assert not at.exception
    assert len(at.error) == 1


def test_a_method_that_finds_k_itself_is_not_scanned(open_page, small_store):
    at = open_page("choose_k", small_store, set="both", method="hdbscan")
    assert not at.exception
    assert "finds the number of clusters by itself" in at.error[0].value


@pytest.mark.parametrize(("method", "n_charts"), [("kmeans", 1), ("agglomerative", 2), ("gmm", 2)])
def test_each_method_shows_its_own_criterion(open_page, small_store, method, n_charts):
    # With two clusters the evidence stops at few k: mixtures of many take long.
    at = open_page("choose_k", small_store, set="both", method=method, k="2")
    assert not at.exception
    assert not at.error, at.error[0].value
    assert len(at.get("plotly_chart")) == n_charts


def test_work_that_a_visitor_stopped_waits_for_a_click(open_page, small_store):
    at = open_page("boundaries", small_store, set="both", seed="5")
    key = next(k for k in jobs._desk()._jobs if k[0] == "boundaries" and 5 in k)
    at.session_state["stopped_jobs"] = {key}
    at.run()
    assert "stopped" in at.info[0].value
    assert not at.metric
    at.button(key=f"start {hash(key)}").click().run()
    assert at.metric


def test_the_evidence_looks_at_every_k_up_to_the_chosen_one():
    from music_explorer.analysis.pipeline import Config

    assert evidence.ks_for(Config(n_clusters=9)) == tuple(range(2, 10))
    assert evidence.ks_for(Config(n_clusters=3)) == (2, 3, 4)
