"""The page that compares two feature sets."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from music_explorer.analysis.pipeline import Config, run
from music_explorer.store import queries
from music_explorer.store.reader import open_store
from tests.pages.test_pages import texts


def shown(at) -> pd.DataFrame:
    return next(f.value for f in at.dataframe if "by chance" in f.value).set_index("")


def test_the_numbers_are_those_of_two_runs_over_their_common_tracks(open_page, small_store):
    at = open_page("compare", small_store, set="spotify", other="librosa")
    assert not at.error
    with open_store(small_store) as con:
        names = (*Config().features.columns, *Config(feature_set="librosa").features.columns)
        frame = queries.features(con, names)
    labels = {}
    for name in ("spotify", "librosa"):
        found = run(Config(feature_set=name, one_per_recording=True), frame)
        labels[name] = pd.Series(found.labels, index=found.prepared.rows["track_id"])
    both = pd.DataFrame(labels).dropna()
    assert len(both) > 20
    expected = adjusted_rand_score(both["spotify"], both["librosa"])
    table = shown(at)
    assert float(table.loc["clusters: adjusted Rand index", "one with the other"]) == pytest.approx(
        expected, abs=0.005
    )
    assert f"{len(both):,} tracks that both have" in str(at.get("plotly_chart")[0].proto.spec)


def test_no_other_set_no_comparison(open_page, small_store):
    at = open_page("compare", small_store, set="study")
    assert "neither of which repeats tracks" in at.info[0].value


def test_a_sentence_names_the_closer_set_only_where_the_interval_does(open_page, small_store):
    at = open_page("compare", small_store, set="spotify", other="spotify_all")
    said = next(m.value for m in at.markdown if "nearest to a track" in m.value)
    low, high = (
        float(x) for x in said.split("difference ")[1].split(" percentage")[0].split(" to ")
    )
    assert ("is closer to" in said) == (low > 0)
    assert low <= high
    assert "95 % interval" in texts(at)
    assert np.isfinite([low, high]).all()
