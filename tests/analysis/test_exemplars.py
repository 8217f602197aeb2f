import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_samples

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.exemplars import exemplars, largest_artists, make_up


def picked(table, cluster, role):
    return table[(table["cluster"] == cluster) & (table["role"] == role)]


def test_the_roles_on_a_line_are_those_seen_by_eye():
    # Means 2 and 20: the border is at 11.
    X = np.array([[0.0], [1], [2.5], [4.5], [15], [19], [22], [24]])
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    table = exemplars(X, labels, n=2)
    assert picked(table, 0, "medoid")["index"].tolist() == [2]
    assert picked(table, 0, "typical")["index"].tolist() == [1, 0]
    assert picked(table, 0, "farthest")["index"].tolist() == [3, 0]
    boundary = picked(table, 0, "boundary")
    assert boundary["index"].tolist() == [3, 2]
    assert boundary["margin"].tolist() == pytest.approx([6.5, 8.5])
    assert boundary["other"].tolist() == [1, 1]
    assert picked(table, 1, "boundary")["margin"].tolist() == pytest.approx([4, 8])
    assert not (table["role"] == "misfit").any()


def test_the_medoid_has_the_least_sum_of_squared_distances(blobs):
    X, labels = blobs
    table = exemplars(X, labels)
    for cluster in range(3):
        members = np.flatnonzero(labels == cluster)
        sums = ((X[members, None] - X[members]) ** 2).sum(axis=(1, 2))
        assert picked(table, cluster, "medoid")["index"].tolist() == [members[sums.argmin()]]


def test_a_track_given_to_the_wrong_cluster_is_its_worst_misfit(blobs):
    X, labels = blobs
    wrong = labels.copy()
    lost = np.flatnonzero(labels == 1)[0]
    wrong[lost] = 0
    misfit = picked(exemplars(X, wrong), 0, "misfit").iloc[0]
    assert (misfit["index"], misfit["other"]) == (lost, 1)
    assert misfit["silhouette"] == pytest.approx(silhouette_samples(X, wrong)[lost])
    assert misfit["silhouette"] < 0
    assert misfit["margin"] < 0


def test_a_misfit_can_lie_on_its_own_side_of_the_border():
    # A wide cluster beside a tight one: its edge is nearer to the tight cluster's tracks.
    X = np.array([[-16.0], [0], [0], [1.5], [7], [7.1], [7.2]])
    edge = picked(exemplars(X, np.array([0, 0, 0, 0, 1, 1, 1])), 0, "misfit")
    assert edge["index"].tolist() == [3]
    assert edge["margin"].iloc[0] > 0 > edge["silhouette"].iloc[0]


def test_labels_need_not_be_numbered_from_0(blobs):
    X, labels = blobs
    table = exemplars(X, labels * 10 + 7)
    assert set(table["cluster"]) == set(table["other"]) == {7, 17, 27}


def test_beyond_the_limit_silhouettes_are_of_a_sample(blobs):
    X, labels = blobs
    table = exemplars(X, labels, max_silhouette=60)
    assert table["silhouette"].isna().any()
    assert table["silhouette"].notna().any()
    assert table["margin"].notna().all()


def test_noise_has_no_exemplars_and_changes_none(blobs):
    X, labels = blobs
    noisy = np.insert(X, [0, 40], 10.0, axis=0)
    table = exemplars(noisy, np.insert(labels, [0, 40], -1))
    assert set(table["cluster"]) == set(table["other"]) == {0, 1, 2}
    original = np.delete(np.arange(len(noisy)), [0, 41])
    expected = exemplars(X, labels)
    assert table.equals(expected.assign(index=original[expected["index"]]))


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2]])
def test_clusters_without_another_or_without_company_have_no_exemplars(labels):
    with pytest.raises(AnalysisError, match="of 3 tracks have no exemplars; expected at least 2"):
        exemplars(np.arange(3.0)[:, None], np.array(labels))


def test_make_up_lists_the_commonest_genres_with_share_and_lift():
    genres = pd.DataFrame(
        {"track_id": list("aabcd"), "genre": ["Rock", "Pop", "Rock", "Rock", "Pop"]}
    )
    table = make_up(np.array([0, 0, 0, 1, 1]), list("abcde"), genres, n=1)
    assert table["genre"].tolist() == ["Rock", "Pop"]
    assert table["n_tracks"].tolist() == [2.5, 1]
    assert table["share"].tolist() == pytest.approx([2.5 / 3, 1])
    assert table["lift"].tolist() == pytest.approx([2.5 / 3 / (2.5 / 4), 1 / (1.5 / 4)])


def test_a_cluster_without_labels_has_no_make_up():
    genres = pd.DataFrame({"track_id": ["a"], "genre": ["Rock"]})
    assert make_up(np.array([0, 1]), ["a", "b"], genres)["cluster"].tolist() == [0]
    assert make_up(np.array([0, 1]), ["a", "b"], genres[:0]).empty


def test_a_cluster_of_one_artist_is_flagged():
    artists = ["A", "A; B", "C", "D", None, None, "E", "E", "F", "G", "H", "I", "J"]
    labels = np.array([0] * 4 + [1] * 2 + [2] * 7)
    table = largest_artists(labels, artists)
    assert table["n_artists"].tolist() == [3, 2, 6]
    assert table["artist"].iloc[[0, 2]].tolist() == ["A", "E"]
    assert pd.isna(table["artist"].iloc[1])
    assert table["share"].tolist() == pytest.approx([0.5, 0, 2 / 7])
    assert table["dominant"].tolist() == [True, False, True]
    assert not largest_artists(np.zeros(9, int), ["E", "E", *"FGHIJKL"])["dominant"].any()
