"""The chart of any result."""

import numpy as np
import pandas as pd
import pytest

from music_explorer.ui.result_chart import (
    MAX_BARS,
    Axes,
    colour_columns,
    default_colour,
    default_kind,
    default_y,
    draw,
    number_columns,
)

ROWS = pd.DataFrame(
    {
        "genre": ["Rock", "Metal", "Rock", None],
        "year": [2001, 2002, 2003, 2004],
        "loudness": [-5.0, -4.0, np.nan, -7.0],
        "explicit": [True, False, True, False],
        "nothing": [np.nan] * 4,
    }
)


def test_only_numbers_can_be_measured():
    assert number_columns(ROWS) == ["year", "loudness"]
    assert default_y(ROWS, "year") == "loudness"
    assert default_y(ROWS[["year"]], "year") == "year"


@pytest.mark.parametrize(
    ("x", "kind"),
    [("genre", "bar"), ("explicit", "bar"), ("year", "line"), ("loudness", "scatter")],
)
def test_the_kind_follows_from_the_type(x, kind):
    assert default_kind(ROWS, x, None) == kind


def test_dates_in_order_make_a_line():
    days = pd.DataFrame({"day": pd.date_range("2026-01-01", periods=3), "n": [1, 2, 3]})
    assert default_kind(days, "day", None) == "line"
    assert default_kind(days.assign(day=days["day"].dt.date), "day", None) == "line"


def test_repeated_places_are_told_apart_by_the_text_that_does_so():
    rows = pd.DataFrame({"bpm": [60, 60, 70], "n": [1, 2, 3], "genre": ["A", "B", "A"]})
    assert default_colour(rows, "bpm") == "genre"
    assert default_kind(rows, "bpm", None) == "scatter"
    assert default_kind(rows, "bpm", "genre") == "line"
    assert default_colour(rows, "n") is None
    assert default_colour(rows.assign(genre="A"), "bpm") is None


def test_groups_of_many_values_colour_nothing_but_numbers_colour_a_scatter():
    rows = pd.DataFrame({"x": range(30), "name": [str(i) for i in range(30)], "two": [0, 1] * 15})
    assert colour_columns(rows, "bar") == ["two"]
    assert colour_columns(rows, "scatter") == ["x", "two"]
    marker = draw(rows, Axes("x", "two", "x", "scatter")).data[0].marker
    assert list(marker.color) == list(range(30))
    assert marker.showscale


def test_bars_of_text_lie_in_the_order_of_the_rows_and_missing_values_are_counted():
    fig = draw(ROWS, Axes("genre", "loudness", None, "bar"))
    bars = fig.data[0]
    assert bars.orientation == "h"
    assert (list(bars.y), list(bars.x)) == (["Rock", "Metal"], [-5, -4])
    assert fig.layout.yaxis.autorange == "reversed"
    assert fig.layout.title.subtitle.text == "2 rows without genre or loudness not drawn"


def test_each_group_is_a_trace_and_a_missing_group_has_a_name():
    fig = draw(ROWS, Axes("year", "loudness", "genre", "scatter"))
    assert [trace.name for trace in fig.data] == ["Rock", "Metal", "(missing)"]
    assert fig.layout.showlegend


def test_more_groups_than_colours_differ_by_form_too():
    rows = pd.DataFrame({"x": range(12), "y": range(12), "g": [str(i) for i in range(12)]})
    traces = {kind: draw(rows, Axes("x", "y", "g", kind)).data for kind in ("line", "bar")}
    assert [trace.line.dash for trace in traces["line"]] == ["solid"] * 10 + ["dot"] * 2
    assert [trace.marker.pattern.shape for trace in traces["bar"]] == [""] * 10 + ["/"] * 2


def test_a_line_goes_from_left_to_right():
    rows = pd.DataFrame({"year": [2003, 2001, 2002], "n": [3, 1, 2]})
    line = draw(rows, Axes("year", "n", None, "line")).data[0]
    assert (list(line.x), list(line.y)) == ([2001, 2002, 2003], [1, 2, 3])


def test_too_many_bars_are_cut_and_stacked_rows_are_named():
    n = MAX_BARS + 1
    rows = pd.DataFrame({"name": [f"{i:03d}" for i in range(n)] * 2, "n": 1})
    fig = draw(rows, Axes("name", "n", None, "bar"))
    assert len(set(fig.data[0].y)) == MAX_BARS
    assert fig.layout.barmode == "relative"
    assert fig.layout.title.subtitle.text == (
        f"the first {MAX_BARS} of {n} name; rows of the same name are stacked"
    )


def test_no_text_of_a_result_is_markup():
    rows = pd.DataFrame({"<b>x</b>": ["<i>a</i>"], "n": [1], "g": ["<u>g</u>"]})
    fig = draw(rows, Axes("<b>x</b>", "n", "g", "bar"))
    assert "<b>" not in fig.layout.title.text + fig.layout.yaxis.title.text
    assert fig.layout.yaxis.ticktext == ("&lt;i&gt;a&lt;/i&gt;",)
    assert fig.data[0].name == "&lt;u&gt;g&lt;/u&gt;"
    assert fig.data[0].hovertext[0].startswith("&lt;b&gt;x&lt;/b&gt;: &lt;i&gt;a&lt;/i&gt;<br>n: 1")
