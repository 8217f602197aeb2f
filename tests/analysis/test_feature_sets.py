import numpy as np
import pandas as pd
import pytest

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.feature_sets import (
    FEATURE_COLUMNS,
    FEATURE_SETS,
    LIBROSA_ALL,
    LIBROSA_STUDY,
    SPOTIFY,
    SPOTIFY_CONTINUOUS,
    block,
    coverage,
    custom_set,
    default_feature_set,
)


def table(n_spotify, n_librosa):
    """Tracks with only Spotify features above tracks with only the study's Librosa features."""
    frame = pd.DataFrame(1.0, index=range(n_spotify + n_librosa), columns=[*SPOTIFY])
    frame = frame.assign(**dict.fromkeys(LIBROSA_STUDY, 1.0))
    frame.loc[: n_spotify - 1, list(LIBROSA_STUDY)] = np.nan
    frame.loc[n_spotify:, list(SPOTIFY)] = np.nan
    return frame


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("spotify", 9),
        ("spotify_all", 13),
        ("librosa", 27),
        ("both", 36),
        ("librosa_all", 104),
        ("study", 40),
        ("everything", 117),
    ],
)
def test_a_set_has_its_number_of_distinct_columns(name, size):
    assert len(set(FEATURE_SETS[name].columns)) == len(FEATURE_SETS[name].columns) == size


def test_columns_are_named_as_in_the_store():
    assert LIBROSA_STUDY[0] == "mfcc_01_mean"
    assert LIBROSA_STUDY[-1] == "spectral_contrast_7_mean"
    assert {"chroma_12_std", "tonnetz_6_mean", "rms_std", "onset_rate"} <= set(LIBROSA_ALL)


def test_only_the_study_repeats_tracks():
    assert [s.name for s in FEATURE_SETS.values() if s.repeat_per_genre] == ["study"]


def test_coverage_is_the_share_of_tracks_with_the_features():
    shares = coverage(table(n_spotify=3, n_librosa=1))
    assert shares["spotify"] == 0.75
    assert shares["librosa"] == 0.25


def test_a_mixture_needs_both_of_its_blocks():
    only_spotify = pd.DataFrame(1.0, index=range(4), columns=list(SPOTIFY_CONTINUOUS))
    assert coverage(only_spotify)["spotify"] == 1
    assert coverage(only_spotify)["both"] == 0


def test_an_absent_column_does_not_empty_a_set():
    frame = table(n_spotify=4, n_librosa=0).drop(columns="loudness")
    assert coverage(frame)["spotify"] == 1


def test_an_empty_library_covers_nothing():
    assert set(coverage(pd.DataFrame(columns=list(SPOTIFY))).values()) == {0.0}


@pytest.mark.parametrize(("n_spotify", "n_librosa", "name"), [(3, 2, "spotify"), (2, 3, "librosa")])
def test_the_default_covers_most_tracks(n_spotify, n_librosa, name):
    assert default_feature_set(coverage(table(n_spotify, n_librosa))) == name


def test_among_equals_the_default_is_the_nine_spotify_features():
    assert default_feature_set(dict.fromkeys(FEATURE_SETS, 1.0)) == "spotify"
    assert default_feature_set({}) == "spotify"


def test_the_study_is_never_a_default():
    assert default_feature_set({"study": 1.0, "librosa": 0.5}) == "librosa"


def test_a_set_by_hand_holds_the_columns_in_their_order():
    chosen = custom_set(["tempo", "mfcc_01_std", "key"])
    assert chosen.name == "custom"
    assert chosen.columns == ("tempo", "mfcc_01_std", "key")
    assert (chosen.key, chosen.repeat_per_genre) == ("circular", False)


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ((), r"columns=\(\); choose some of danceability, energy"),
        (("tempo", "year"), "columns='year': no such feature; choose from danceability"),
        (("tempo", "key", "tempo"), "columns=tempo more than once"),
    ],
)
def test_a_set_by_hand_refuses_what_it_cannot_hold(columns, match):
    with pytest.raises(AnalysisError, match=match):
        custom_set(columns)


def test_every_column_is_of_one_block():
    assert {block(column) for column in SPOTIFY} == {"spotify"}
    assert {block(column) for column in LIBROSA_ALL} == {"librosa"}
    assert set(FEATURE_COLUMNS) == {*SPOTIFY, *LIBROSA_ALL}
