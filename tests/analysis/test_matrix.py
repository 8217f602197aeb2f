import numpy as np
import pandas as pd
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.matrix import feature_matrix


def frame_of(**columns):
    return pd.DataFrame(columns)


def test_an_incomplete_column_leaves_before_any_row_does():
    frame = frame_of(a=np.arange(100.0), b=np.arange(100.0))
    frame.loc[:5, "b"] = np.nan
    matrix = feature_matrix(frame, ["a", "b"])
    assert matrix.names == ("a",)
    assert matrix.dropped_columns == {"b": 0.94}
    assert matrix.n_dropped_rows == 0


def test_a_column_of_exactly_95_percent_stays_and_its_rows_leave():
    frame = frame_of(a=np.arange(100.0), b=np.arange(100.0))
    frame.loc[:4, "b"] = np.nan
    matrix = feature_matrix(frame, ["a", "b"])
    assert matrix.names == ("a", "b")
    assert matrix.n_dropped_rows == 5
    assert matrix.index.tolist() == list(range(5, 100))


def test_a_column_that_the_table_lacks_has_coverage_0():
    assert feature_matrix(frame_of(a=[1.0, 2, 3]), ["a", "b"]).dropped_columns == {"b": 0.0}


def test_tracks_without_any_feature_do_not_cost_a_column():
    frame = frame_of(a=[1.0, 2, 3, None, None], b=[3.0, 2, 1, None, None])
    matrix = feature_matrix(frame, ["a", "b"])
    assert matrix.dropped_columns == {}
    assert matrix.n_dropped_rows == 2


def test_index_holds_positions_not_labels():
    frame = frame_of(a=[np.nan, 1.0, 2, 3]).set_axis([10, 20, 30, 40])
    assert feature_matrix(frame, ["a"], min_coverage=0.5).index.tolist() == [1, 2, 3]


def test_infinity_is_missing():
    frame = frame_of(a=[1.0, 2, 3, np.inf])
    assert feature_matrix(frame, ["a"], min_coverage=0.5).n_dropped_rows == 1


def test_none_in_an_object_column_is_missing():
    frame = frame_of(a=pd.Series([1, 2, 3, None], dtype=object))
    matrix = feature_matrix(frame, ["a"], min_coverage=0.5)
    assert matrix.X.dtype == np.float64
    assert matrix.X.ravel().tolist() == [1, 2, 3]


def test_constant_columns_are_named_and_stay():
    matrix = feature_matrix(
        frame_of(a=[1.0, 2, 3], time_signature=[4, 4, 4]), ["a", "time_signature"]
    )
    assert matrix.constant_columns == ("time_signature",)
    assert matrix.X.shape == (3, 2)


def distances_from_c(key):
    frame = frame_of(key=np.arange(12), a=np.arange(12.0))
    matrix = feature_matrix(frame, ["a", "key"], key=key)
    points = matrix.X[:, 1:]
    return np.linalg.norm(points - points[0], axis=1)


def test_a_fifth_is_next_door_on_the_circle_and_a_tritone_opposite():
    distances = distances_from_c("circular")
    assert distances[7] == pytest.approx(distances[5])
    assert distances[7] == pytest.approx(np.sort(distances)[1])
    assert distances[6] == pytest.approx(2)
    assert distances.argmax() == 6


def test_a_raw_key_is_a_plain_number():
    assert distances_from_c("raw").tolist() == list(range(12))


def test_key_can_be_left_out():
    matrix = feature_matrix(frame_of(key=[1, 2, 3], a=[1.0, 2, 3]), ["a", "key"], key="off")
    assert matrix.names == ("a",)
    assert matrix.dropped_columns == {}


def test_the_circular_pair_knows_its_place():
    matrix = feature_matrix(frame_of(key=[1, 2, 3], a=[1.0, 2, 3]), ["key", "a"])
    assert [[matrix.names[i] for i in pair] for pair in matrix.circular] == [["key_sin", "key_cos"]]
    assert matrix.origins == ("a", "key", "key")


def test_three_rows_are_enough_and_two_are_not():
    assert len(feature_matrix(frame_of(a=[1.0, 2, 3]), ["a"]).X) == 3
    with pytest.raises(AnalysisError, match="2 of 2 tracks"):
        feature_matrix(frame_of(a=[1.0, 2]), ["a"])


def test_the_error_tells_the_coverage_of_each_column():
    frame = frame_of(a=[1.0, 2, None, None], b=[None, None, 1.0, 2])
    with pytest.raises(AnalysisError, match=r"a 50%, b 50%, c 0%"):
        feature_matrix(frame, ["a", "b", "c"])


def test_an_empty_table_is_an_analysis_error():
    with pytest.raises(AnalysisError, match="0 of 0 tracks"):
        feature_matrix(pd.DataFrame(columns=["a"]), ["a"])


def test_identical_tracks_are_refused():
    with pytest.raises(AnalysisError, match="same value in all 3"):
        feature_matrix(frame_of(a=[1.0, 1, 1]), ["a"])


def test_an_unknown_key_encoding_is_named():
    with pytest.raises(AnalysisError, match="key='spiral'; choose one of circular, raw, off"):
        feature_matrix(frame_of(a=[1.0, 2, 3]), ["a"], key="spiral")


def folded(tempi):
    frame = frame_of(a=np.arange(float(len(tempi))), tempo=tempi)
    return feature_matrix(frame, ["tempo", "a"], fold_tempo=True, min_coverage=0.5)


def test_tempi_an_octave_apart_meet_when_folded():
    points = folded([90.0, 180.0, 45.0, 127.0]).X[:, 1:]
    assert np.array_equal(points[0], points[1])
    assert np.array_equal(points[0], points[2])
    # 127 lies almost exactly half an octave above 90.
    assert np.linalg.norm(points[3] - points[0]) == pytest.approx(2, abs=0.01)


def test_the_octave_of_tempi_has_no_edge():
    points = folded([59.9, 60.1, 119.9, 120.1]).X[:, 1:]
    assert np.linalg.norm(points - points[0], axis=1).max() < 0.05


def test_a_folded_tempo_is_one_circular_feature():
    matrix = folded([90.0, 100.0, 110.0])
    assert matrix.names == ("a", "tempo_sin", "tempo_cos")
    assert matrix.circular == ((1, 2),)
    assert matrix.origins == ("a", "tempo", "tempo")


def test_a_tempo_of_0_cannot_be_folded_and_is_missing():
    matrix = folded([90.0, 0.0, 100.0, 110.0])
    assert matrix.n_dropped_rows == 1
    assert matrix.index.tolist() == [0, 2, 3]


def test_tempi_that_differ_by_octaves_only_are_constant():
    assert folded([50.1, 100.2, 200.4]).constant_columns == ("tempo_sin", "tempo_cos")


def test_tempo_and_key_can_both_be_circles():
    frame = frame_of(key=[1, 2, 3], tempo=[90.0, 100, 110], librosa_tempo=[91.0, 50, 110])
    matrix = feature_matrix(frame, ["key", "tempo", "librosa_tempo"], fold_tempo=True)
    assert len(matrix.names) == 6
    assert {tuple(matrix.origins[i] for i in pair) for pair in matrix.circular} == {
        ("key", "key"),
        ("tempo", "tempo"),
        ("librosa_tempo", "librosa_tempo"),
    }


def test_the_table_is_left_as_it_was():
    frame = frame_of(tempo=[90.0, 0, 110, 120], a=[1.0, 2, 3, 4])
    before = frame.copy()
    feature_matrix(frame, ["tempo", "a"], fold_tempo=True, min_coverage=0.5)
    assert frame.equals(before)
