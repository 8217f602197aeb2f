"""The tracks that a query's result names."""

import pytest

from music_explorer.store.sandbox import query
from music_explorer.store.selected import known_tracks, tracks_of


def test_known_tracks_keep_their_order_and_come_once(small_store):
    asked = ["row:007", "nobody:1", "row:003", "row:007"]
    assert known_tracks(small_store, asked) == ["row:007", "row:003"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT track_id FROM tracks WHERE track_id <= 'row:002'",
        "SELECT track_id, 'é;' AS é FROM tracks WHERE track_id <= 'row:002' -- a remark",
        "SELECT TRACK_ID FROM tracks WHERE track_id <= 'row:002' ; -- a remark; and another",
        "FROM tracks ORDER BY track_id LIMIT 3;\n\n",
        "WITH t AS (FROM tracks) FROM t WHERE track_id <= 'row:002'",
    ],
)
def test_the_select_of_a_result_gives_exactly_its_tracks(small_store, sql):
    found = query(small_store, tracks_of(sql)).rows
    assert found.column_names == ["track_id"]
    assert sorted(found["track_id"].to_pylist()) == ["row:000", "row:001", "row:002"]
