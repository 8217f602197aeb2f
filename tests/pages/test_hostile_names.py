"""Names from files are text in whatever leaves the app, and in what the server is asked for."""

import csv
import io
import json

import duckdb
import pandas as pd
import plotly.graph_objects as go
import pytest

from music_explorer.store.selected import everything_of, found_by, matching, named, with_label
from music_explorer.ui import charts, exits
from music_explorer.ui.covers import trusted
from tests.hostile import MARK, NAMES, hostile_store
from tests.pages.test_pages import figures
from tests.pages.test_sql import run

FORMULA = tuple("=+-@\t\r\n")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return hostile_store(tmp_path_factory.mktemp("hostile") / "hostile.duckdb")


@pytest.fixture(scope="module")
def track_ids(hostile):
    with duckdb.connect(str(hostile), read_only=True) as con:
        return [i for (i,) in con.execute("SELECT track_id FROM tracks LIMIT 40").fetchall()]


def cells(content: bytes) -> list[str]:
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return [cell for row in rows for cell in row]


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_no_cell_of_an_exported_table_is_a_formula(hostile, track_ids):
    found = cells(exits.csv(everything_of(hostile, track_ids)))
    assert not [c for c in found if c.startswith(FORMULA) and not is_number(c)]
    for name in ("=cmd|'/C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1"):
        assert f"'{name}" in found


def test_neither_a_header_nor_a_category_is_a_formula():
    rows = pd.DataFrame({"=1+1": pd.Categorical(["@SUM(1)", "a"]), "＝2": ["＝1", "\n=1"]})
    assert cells(exits.csv(rows)) == ["'=1+1", "'＝2", "'@SUM(1)", "'＝1", "a", "'\n=1"]


def test_a_name_is_no_directive_of_a_playlist():
    paths = ["/music/a.mp3", "/music/b\n/etc/passwd.mp3", "#EXTINF.mp3"]
    files = pd.DataFrame(
        {"title": NAMES[12], "artist": NAMES[1], "duration_ms": 1000, "audio_path": paths}
    )
    lines = exits.m3u(files).decode().splitlines()
    assert len(lines) == 1 + 2 * len(paths)
    assert all(line.startswith("#EXTINF:1,<script>") for line in lines[1::2])
    assert lines[2] == "/music/a.mp3"
    assert lines[4] == "file:///music/b%0A/etc/passwd.mp3"
    assert lines[6].startswith("file:///")


def test_a_figure_that_leaves_runs_and_loads_nothing_of_a_name():
    table = pd.DataFrame([range(len(NAMES))] * 2, index=NAMES[:2], columns=NAMES)
    fig = charts.heatmap(table, title="Genres", unit="tracks")
    fig.add_scatter(x=[0], y=[0], name=f"</script>{NAMES[1]}")  # even where a name is left raw
    page = exits.html(fig, "genres", NAMES[1])
    assert MARK in page
    for attack in ("<script>window.hostile", "<img", "<b>Mxk", '<a href="https://hostile'):
        assert attack not in page
    assert page.count("<script") == exits.html(go.Figure(), "genres", "").count("<script")


def test_no_figure_of_a_page_has_markup_of_a_name(open_page, hostile):
    for stem in ("overview", "genres", "store"):
        at = open_page(stem, hostile)
        assert not at.exception
        for fig in figures(at):
            text = json.dumps(fig.to_plotly_json(), default=str, ensure_ascii=False)
            assert not [tag for tag in ("<img", "<script", "<a href", "\u202e") if tag in text]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_sql(hostile, name):
    with_it = found_by(hostile, with_label("genre", name))
    assert len(with_it) == 20
    assert sorted(found_by(hostile, named(with_it))) == sorted(with_it)
    assert set(with_it) <= set(found_by(hostile, matching(name)))


def test_the_sql_page_shows_names_as_data(open_page, hostile):
    at = run(
        open_page("sql", hostile),
        "SELECT title, genre FROM tracks JOIN track_genres USING (track_id)",
    )
    at.segmented_control(key="sql_view").set_value("Chart").run()
    assert not at.exception


@pytest.mark.parametrize(
    "address",
    [
        "/etc/passwd",
        "data/music.duckdb",
        "file:///etc/passwd",
        "<svg onload=alert(1)>",
        "http://i.scdn.co/image/a",
        "https://hostile.example/i.scdn.co",
        "https://i.scdn.co@hostile.example/a",
        "https://hostile-scdn.co/a",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "https://[broken",
        None,
        float("nan"),
    ],
)
def test_only_services_with_covers_are_asked_for_one(address):
    assert trusted(address) is None


def test_a_cover_of_a_service_is_shown():
    for host in ("i.scdn.co", "cdn-images.dzcdn.net", "is1-ssl.mzstatic.com"):
        assert trusted(f"https://{host}/a.jpg") == f"https://{host}/a.jpg"
