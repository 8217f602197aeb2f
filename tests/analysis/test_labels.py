import pandas as pd

from music_explorer.analysis.labels import main_labels


def pairs_of(**labels: str) -> pd.DataFrame:
    rows = [(track, label) for track, names in labels.items() for label in names.split()]
    return pd.DataFrame(rows, columns=["track_id", "genre"])


def test_a_track_of_several_labels_gets_the_one_that_most_tracks_have():
    pairs = pairs_of(a="pop rock", b="rock", c="rock")
    assert list(main_labels(["a", "b", "c"], pairs)) == ["rock", "rock", "rock"]


def test_rare_labels_become_other_and_stand_last():
    pairs = pairs_of(a="x", b="x", c="y", d="y", e="z", f="a")
    labels = main_labels(list("abcdefg"), pairs, n_labels=3)
    assert list(labels) == ["x", "x", "y", "y", "other", "other", "none"]
    assert list(labels.categories) == ["x", "y", "other", "none"]


def test_no_label_is_lost_while_there_is_room():
    pairs = pairs_of(a="x", b="y", c="z")
    assert list(main_labels(list("abc"), pairs, n_labels=3)) == ["x", "y", "z"]


def test_a_repeated_track_is_labelled_each_time():
    assert list(main_labels(["a", "a"], pairs_of(a="x"))) == ["x", "x"]
