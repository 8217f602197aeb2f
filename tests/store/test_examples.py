"""The examples: each runs as a stranger's query does, and answers what its title asks."""

import shutil
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from music_explorer.store import runs
from music_explorer.store.examples import EXAMPLES
from music_explorer.store.reader import data_version, open_store
from music_explorer.store.sandbox import query
from music_explorer.store.writer import writing

FEATURES = [
    "danceability",
    "energy",
    "loudness",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
]
OF_CLUSTERS = "Which tracks are the most typical of each cluster?"
OVER_YEARS = "Did music become louder over the years?"
OF_VECTORS = "Which tracks are nearest to one by the vectors of a model?"
# What a store has nothing to say about: no run is kept, no model made vectors, or no track has a
# release date.
EMPTY = {
    "demo_store": {OF_CLUSTERS, OF_VECTORS},
    "study_store": {OF_CLUSTERS, OF_VECTORS, OVER_YEARS},
}


def example(title):
    return next(example for example in EXAMPLES if example.title == title)


def answer(store, title) -> pd.DataFrame:
    return query(store, example(title).sql).rows.to_pandas()


def rows_of(store, sql) -> pd.DataFrame:
    with open_store(store) as con:
        return con.execute(sql).df()


@pytest.fixture(scope="module")
def standard(demo_store) -> pd.DataFrame:
    """Return the nine features of the demo, each with mean 0 and standard deviation 1."""
    names = ", ".join(FEATURES)
    frame = rows_of(demo_store, f"SELECT track_id, {names} FROM spotify_features")
    frame = frame.set_index("track_id").dropna()
    return (frame - frame.mean()) / frame.std(ddof=0)


@pytest.fixture(scope="module")
def genres(demo_store) -> pd.DataFrame:
    return rows_of(demo_store, "SELECT DISTINCT track_id, genre FROM track_genres")


@pytest.mark.parametrize("title", [example.title for example in EXAMPLES])
def test_estimated_values_change_no_answer(estimated_store, tmp_path, title):
    removed = tmp_path / "music.duckdb"
    shutil.copy(estimated_store, removed)
    with writing(removed) as merge:
        merge.remove("estimate")
    pd.testing.assert_frame_equal(answer(estimated_store, title), answer(removed, title))


@pytest.mark.parametrize("store", ["demo_store", "study_store"])
@pytest.mark.parametrize("title", [example.title for example in EXAMPLES])
def test_an_example_gives_the_columns_it_promises_within_the_limits(request, store, title):
    result = query(request.getfixturevalue(store), example(title).sql)
    assert tuple(result.rows.column_names) == example(title).columns
    assert (result.rows.num_rows == 0) == (title in EMPTY[store])
    assert not result.truncated


def test_titles_differ_and_every_example_says_why_it_may_be_empty():
    assert len({example.title for example in EXAMPLES}) == len(EXAMPLES)
    assert all(example.why.endswith(".") and example.if_empty for example in EXAMPLES)


def test_the_most_blurred_genre_is_the_one_that_pandas_finds(demo_store, standard, genres):
    own = genres.join(standard, on="track_id").dropna()
    middles = own.groupby("genre")[FEATURES].mean()
    to_each = pd.DataFrame(
        {
            genre: np.linalg.norm(own[FEATURES] - middle.to_numpy(), axis=1)
            for genre, middle in middles.iterrows()
        },
        index=own.index,
    )
    distance = pd.Series(
        [to_each.loc[i, genre] for i, genre in own["genre"].items()], index=own.index
    )
    expected = pd.DataFrame(
        {
            "genre": own["genre"],
            "share_nearer_to_another": distance > to_each.min(axis=1),
            "mean_distance": distance,
        }
    )
    expected = expected.groupby("genre").mean()
    found = answer(demo_store, "Which genre is the most blurred?").set_index("genre")
    assert found["share_nearer_to_another"].is_monotonic_decreasing
    assert found["tracks"].to_dict() == own["genre"].value_counts().to_dict()
    for column in expected:
        assert found[column].to_dict() == pytest.approx(expected[column].to_dict(), abs=6e-4)


def test_the_effect_sizes_are_those_of_pandas(demo_store, genres):
    names = ", ".join(FEATURES)
    values = rows_of(demo_store, f"SELECT track_id, {names} FROM spotify_features")
    found = answer(demo_store, "What sets two genres apart?").set_index("feature")
    first, second = found["genre_a"].iloc[0], found["genre_b"].iloc[0]
    in_one = genres[genres["genre"].isin([first, second])].drop_duplicates("track_id", keep=False)
    values = values.merge(in_one, on="track_id")
    a, b = (values.loc[values["genre"] == name, FEATURES] for name in (first, second))
    pooled = ((len(a) - 1) * a.var() + (len(b) - 1) * b.var()) / (len(a) + len(b) - 2)
    expected = (a.mean() - b.mean()) / np.sqrt(pooled)
    assert found["cohens_d"].to_dict() == pytest.approx(expected.to_dict(), abs=6e-4)
    assert found["cohens_d"].abs().is_monotonic_decreasing


def test_the_tracks_most_like_one_are_its_nearest_in_pandas(demo_store, standard):
    found = answer(demo_store, "Which tracks are the most like one track?")
    distances = np.linalg.norm(standard - standard.loc[found["track_id"][0]], axis=1)
    assert found["distance"].to_numpy() == pytest.approx(np.sort(distances)[:25], abs=6e-4)


def test_the_most_typical_track_of_a_cluster_is_the_one_in_its_middle(small_store, tmp_path):
    store = tmp_path / "kept.duckdb"
    shutil.copy(small_store, store)
    ids = [f"row:{i:03d}" for i in range(11)]
    # Cluster 0 lies evenly on a line, so its middle is row:002; the last track is noise.
    assignments = pd.DataFrame(
        {
            "track_id": ids,
            "cluster": pd.array([0] * 5 + [1] * 5 + [None], dtype="Int64"),
            "x": [0.0, 1, 2, 3, 4, 0, 0, 0, 0, 0, 9],
            "y": [0.0, 0, 0, 0, 0, 4, 5, 6, 7, 8, 9],
            "z": None,
        }
    )
    run = {
        "run_id": "r",
        "created_at": datetime(2026, 1, 1),
        "config": {},
        "environment": {},
        "data_version": data_version(store),
        "scores": {},
    }
    assert runs.keep(store, run, assignments)
    found = answer(store, OF_CLUSTERS)
    assert found["track_id"].tolist() == [
        *("row:002", "row:001", "row:003"),
        *("row:007", "row:006", "row:008"),
    ]
    assert found["distance"].tolist() == [0, 1, 1, 0, 1, 1]


def test_the_nearest_by_vectors_come_in_the_order_of_their_angle(empty_store, tmp_path):
    path = tmp_path / "vectors.duckdb"
    shutil.copyfile(empty_store, path)
    names = ["row:a", "row:b", "row:c"]
    vectors = np.array([[1, 0], [0, 2], [3, 3]], dtype=np.float32)
    with writing(path) as merge:
        merge.con.execute("INSERT INTO tracks (track_id) VALUES ('row:a'), ('row:b'), ('row:c')")
        merge.put_vectors(
            [(names, names, vectors)], model="toy", source="vectors:t", location="t", rejects=[]
        )
    found = answer(path, OF_VECTORS)
    assert found["track_id"].tolist() == ["row:a", "row:c", "row:b"]
    assert found["cosine"].tolist() == pytest.approx([1, 0.707, 0])
