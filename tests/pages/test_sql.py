"""The SQL page: ask, look, select, take along."""

import io
from collections import deque
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from music_explorer.ui import schema_browser, sql
from music_explorer.ui.plain_text import literal
from music_explorer.ui.sql import EXAMPLES, MAX_HISTORY
from music_explorer.ui.sql_commands import MAX_LINK_BYTES
from tests.pages.test_pages import DEMO_GENRES, figures, numbers, texts


def run(at: AppTest, query: str | None = None) -> AppTest:
    """Press Run, with a query of one's own or with what the editor holds."""
    if query is not None:
        at.text_area(key="query").input(query)
    return button(at, "Run").click().run()


def button(at: AppTest, label: str):
    return next(b for b in at.button if b.label.startswith(label))


def labels_of(at: AppTest) -> list[str]:
    return [b.label for b in at.button]


def result(at: AppTest) -> pd.DataFrame:
    return at.dataframe[-1].value


def test_nothing_is_asked_before_a_click(open_page, demo_store):
    at = open_page("sql", demo_store)
    assert at.text_area(key="query").value == EXAMPLES[0].sql
    assert len(at.dataframe) == 1  # the columns
    assert "History of this session" not in {box.label for box in at.selectbox}


def test_an_example_fills_the_editor_and_its_rows_come_on_a_click(open_page, demo_store):
    at = run(open_page("sql", demo_store))
    assert not at.exception
    assert set(result(at)["genre"]) == DEMO_GENRES
    assert result(at)["tracks"].sum() == 5986
    example = EXAMPLES[3]
    at.selectbox(key="example").set_value(example).run()
    assert at.text_area(key="query").value == example.sql
    assert at.selectbox(key="example").value is None  # it can be brought again
    assert example.why in texts(at)
    assert set(result(at)["genre"]) == DEMO_GENRES  # still the rows that were asked for
    assert "6 rows of: SELECT genre" in texts(at)
    run(at)
    assert "No run is kept in this store yet" in at.info[0].value
    assert not at.error


def test_an_error_is_one_line_with_its_place_below_and_no_markup(open_page, small_store):
    at = run(open_page("sql", small_store), "DROP TABLE tracks")
    refused = "only SELECT and EXPLAIN are allowed here; this is DROP"
    assert [error.value for error in at.error] == [literal(refused)]
    run(at, "SELECT\n  enrgy_x FROM features")
    assert "enrgy\\_x" in at.error[0].value
    assert "\n" not in at.error[0].value
    assert "LINE 2" in at.code[0].value
    assert str(small_store.parent) not in at.error[0].value + at.code[0].value
    run(at, "SELECT DATE 'infinity' AS forever")
    assert "VARCHAR" in at.error[0].value
    assert not at.exception


def test_two_clicks_make_a_chart_of_the_result(open_page, demo_store):
    at = run(open_page("sql", demo_store))
    at.segmented_control(key="sql_view").set_value("Chart").run()
    figure = figures(at)[0]
    assert figure.layout.title.text == "loudness_db by genre"
    assert set(figure.data[0].y) == DEMO_GENRES
    next(box for box in at.selectbox if box.label == "Y").select("tracks").run()
    assert numbers(figures(at)[0].data[0].x).sum() == 5986


def test_the_choices_of_a_chart_follow_the_columns_of_the_next_result(open_page, small_store):
    at = run(open_page("sql", small_store))
    at.segmented_control(key="sql_view").set_value("Chart").run()
    run(at, "SELECT range AS i, range * range AS square FROM range(5)")
    assert not at.exception
    assert figures(at)[0].layout.title.text == "square by i"
    assert figures(at)[0].data[0].mode == "lines+markers"
    run(at, "SELECT 'a' AS text")
    assert "needs a column of numbers" in at.info[0].value
    assert not [label for label in labels_of(at) if label.startswith("Select")]


def test_tracks_of_a_result_become_the_selection_and_unknown_ones_are_counted(
    open_page, small_store
):
    at = run(
        open_page("sql", small_store),
        "SELECT unnest(['row:005', 'row:001', 'row:005', 'nobody:1', NULL]) AS track_id",
    )
    assert "1 value of track_id: no track of this store has such an id" in texts(at)
    button(at, "Select these 2 tracks").click().run()
    chosen = at.session_state["selection"]
    assert chosen.track_ids == ("row:005", "row:001")
    assert chosen.definition.startswith("SQL: SELECT unnest")
    assert chosen.spec.startswith("sql:SELECT unnest")
    button(at, "2 tracks selected").click().run()
    assert "selection" not in at.session_state
    run(at, chosen.sql)
    assert sorted(result(at)["track_id"]) == ["row:001", "row:005"]


def test_tracks_of_a_cut_result_cannot_be_selected(open_page, small_store):
    at = run(
        open_page("sql", small_store), "SELECT track_id FROM tracks, range(100) ORDER BY track_id"
    )
    assert "the first 10,000; there are more" in texts(at)
    assert button(at, "Select these").disabled


def test_the_history_has_rows_seconds_and_errors_and_brings_a_query_back(open_page, small_store):
    at = run(open_page("sql", small_store), "SELECT 1 AS one")
    run(at, "SELECT nothing")
    box = at.selectbox(key="past")
    assert box.options[0].startswith('failed, Binder Error: Referenced column "nothing"')
    assert box.options[1].startswith("1 row, ")
    assert box.options[1].endswith(" s: SELECT 1 AS one")
    box.select_index(1).run()
    assert at.text_area(key="query").value == "SELECT 1 AS one"
    assert at.selectbox(key="past").value is None
    assert "nothing" in at.error[0].value  # brought back, not run


def test_the_history_keeps_the_last_queries_only(open_page, small_store):
    at = open_page("sql", small_store)
    past = [sql.Past(f"SELECT {i}", "") for i in range(MAX_HISTORY)]
    at.session_state["_sql_history"] = deque(past, maxlen=MAX_HISTORY)
    run(at, "SELECT 'new'")
    past = at.session_state["_sql_history"]
    assert len(past) == MAX_HISTORY
    assert past[0].sql == "SELECT 'new'"
    assert past[-1].sql == f"SELECT {MAX_HISTORY - 2}"


def test_a_query_in_a_link_waits_for_a_click(open_page, small_store):
    at = open_page("sql", small_store, sql="SELECT 42 AS answer")
    assert at.text_area(key="query").value == "SELECT 42 AS answer"
    assert "came with a link" in at.info[0].value
    assert len(at.dataframe) == 1
    run(at)
    assert result(at)["answer"].tolist() == [42]
    assert not at.info


def test_a_link_that_is_too_long_is_not_taken(open_page, small_store):
    at = open_page("sql", small_store, sql=f"SELECT '{'x' * MAX_LINK_BYTES}'")
    assert at.text_area(key="query").value == EXAMPLES[0].sql
    assert "over 2,000 bytes" in at.info[0].value


def test_the_same_query_can_be_taken_along(open_page, small_store, monkeypatch):
    monkeypatch.delenv("MUSIC_WRITABLE", raising=False)
    at = run(open_page("sql", small_store), "SELECT 'it''s' AS said")
    shell, program, *_ = [code.value for code in at.code]
    assert shell == """duckdb -readonly small.duckdb -c 'SELECT '"'"'it'"'"''"'"'s'"'"' AS said'"""
    assert "duckdb.connect('small.duckdb', read_only=True)" in program
    assert str(small_store.parent) not in shell + program
    run(at, f"SELECT '{'x' * MAX_LINK_BYTES}' AS x")
    assert "There is no link: it would be over 2,000 bytes" in texts(at)


def test_columns_are_found_by_name_or_meaning_in_every_table(open_page, small_store):
    at = open_page("sql", small_store)
    at.text_input(key="column_words").input("BEATS minute").run()
    found = at.dataframe[0].value
    assert set(found["column"]) == {"tempo", "librosa_tempo"}
    assert {"spotify_features", "features"} <= set(found["table"])
    at.text_input(key="column_words").input("no such column").run()
    assert at.dataframe[0].value.empty


def test_a_search_takes_no_pattern():
    tree = pd.DataFrame({"table_name": ["t"], "column_name": ["a"], "meaning": [None]})
    assert schema_browser.matching(tree, "t a").equals(tree)
    assert schema_browser.matching(tree, ".*").empty


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1 AS a, 2 AS a, INTERVAL 3 DAY AS i, TIME '10:00' AS t, {'a': 1} AS s, "
        "MAP {'a': 1} AS m, '\\xAA'::BLOB AS b, [1, 2] AS l, uuid() AS u, NULL AS nothing, "
        "'{}'::JSON AS j, TIMESTAMPTZ '2026-01-01' AS z, true AS yes, sum(1) AS whole, "
        "1.5 AS part, 170141183460469231731687303715884105727 AS huge",
        "SELECT 1 AS one WHERE false",
        "EXPLAIN FROM tracks JOIN track_genres USING (track_id)",
    ],
)
def test_a_result_of_any_shape_is_shown_drawn_and_downloaded(open_page, small_store, query):
    at = run(open_page("sql", small_store), query)
    assert not at.exception
    assert not at.error
    _, answer = at.session_state["_sql_answer"]
    file = io.BytesIO()
    pq.write_table(answer.table, file)
    assert pq.read_table(file).num_rows == len(answer.rows)
    at.segmented_control(key="sql_view").set_value("Chart").run()
    assert not at.exception


def test_columns_of_one_name_get_names_of_their_own_and_sums_stay_numbers():
    table = pa.table([[1], [2], [3], [4]], names=["a", "a_2", "a", "a"])
    assert sql._storable(table).column_names == ["a", "a_2", "a_3", "a_4"]
    table = pa.table({"a": pa.array([3], pa.decimal128(38, 0)), "d": pa.array([date(2026, 1, 1)])})
    assert sql._readable(table)["a"].dtype == "int64"


def test_the_page_keeps_its_answer_while_another_page_is_open(open_page, small_store):
    at = run(open_page("sql", small_store), "SELECT 7 AS seven")
    at.switch_page("pages/store.py").run()
    at.switch_page("pages/sql.py").run()
    assert at.text_area(key="query").value == "SELECT 7 AS seven"
    assert result(at)["seven"].tolist() == [7]


def test_markdown_shows_text_literally():
    assert literal("a *b*\n$y$ [z](u)") == "a \\*b\\* \\$y\\$ \\[z\\]\\(u\\)"


@pytest.mark.parametrize("late", [":material/x:", ":bomb:", "https://a.b", "www.a.b", "a@b.c"])
def test_what_markdown_finds_after_its_escapes_is_broken_by_a_joiner(late):
    assert literal(late).count("\u2060") == 1
    assert literal(late).replace("\u2060", "").replace("\\", "") == late
    assert literal("3:30 \u202eend") == "3\\:30 end"


def test_whose_last_query_was_stopped_comes_after_the_others(open_page, small_store, monkeypatch):
    places = []

    def query(path, text, *, behind):
        places.append(behind)
        if text == "stopped":
            raise sql.sandbox.TookTooLong("stopped after 8 s")
        return sql.sandbox.Result(pa.table({"one": [1]}), False)

    monkeypatch.setattr(sql.sandbox, "query", query)
    at = open_page("sql", small_store)
    for text in ("stopped", "SELECT 1", "SELECT 1"):
        run(at, text)
    assert places == [False, True, False]
