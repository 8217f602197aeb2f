import csv
import os
from pathlib import Path

import numpy as np
import pytest

from tests.browser.conftest import open_url, running_app

HEADER = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,"
    "Added By,Added At,Genres,Record Label,Danceability,Energy,Key,Loudness,Mode,Speechiness,"
    "Acousticness,Instrumentalness,Liveness,Valence,Tempo,Time Signature"
)
SHOTS = os.environ.get("SCREENSHOTS")


@pytest.fixture(scope="module")
def address(small_store):
    """Return the address of one server, as what a visitor brings stays in their session."""
    with running_app(small_store) as running:
        yield running


def exportify_file(path: Path, n_tracks: int, seed: int) -> Path:
    """Write a playlist as exportify.net does: two kinds of music, one genre each."""
    rng = np.random.default_rng(seed)
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.split(","))
        for i in range(n_tracks):
            loud = i % 2
            level = 0.15 + 0.6 * loud
            unit = np.clip(rng.normal(level, 0.05, size=7), 0, 1).round(3)
            writer.writerow(
                [
                    f"spotify:track:{seed}{i:021d}",
                    f"Song {i}",
                    "Album",
                    "One;Two",
                    "2019-05-17",
                    200_000 + i,
                    50,
                    "false",
                    "me",
                    "2024-01-01T00:00:00Z",
                    "metal" if loud else "ambient",
                    "Label",
                    unit[0],
                    unit[1],
                    i % 12,
                    round(-20 + 15 * loud + rng.normal(), 3),
                    loud,
                    *unit[2:7],
                    round(90 + 60 * loud + rng.normal(), 3),
                    4,
                ]
            )
    return path


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def test_an_exportify_file_becomes_a_labelled_map_in_four_actions(browser, address, tmp_path):
    file = exportify_file(tmp_path / "road_trip.csv", 80, seed=1)
    page = open_url(browser, f"{address}/add", 0)  # 1: open the page
    page.set_default_timeout(120_000)
    page.locator('input[type="file"]').set_input_files(file)  # 2: choose the file
    page.get_by_text("80 read, 80 added").wait_for()
    page.get_by_text("How road_trip.csv was read: CSV, comma, UTF-8").wait_for()
    shot(page, "add_understood")
    page.get_by_role("button", name="Show the clusters of these tracks").click()  # 3
    page.wait_for_url("**/clusters**")
    page.wait_for_function("() => document.querySelector('.js-plotly-plot')?._fullData")
    page.get_by_role("combobox", name="Colour by").click()  # 4: colour by genre
    page.get_by_role("option", name="genre", exact=True).click()
    page.wait_for_function(
        "() => document.querySelector('.js-plotly-plot')?._fullData?.map(t => t.name)"
        ".includes('Metal')"
    )
    names = page.evaluate(
        "() => document.querySelector('.js-plotly-plot')._fullData.map(t => t.name)"
    )
    assert names == ["Ambient", "Metal"]
    shot(page, "add_map")
    page.close()


def test_one_visitors_files_are_not_seen_by_another(browser, address, tmp_path):
    file = exportify_file(tmp_path / "mine.csv", 40, seed=2)
    mine = open_url(browser, f"{address}/add", 0)
    mine.locator('input[type="file"]').set_input_files(file)
    mine.get_by_role("button", name="Show the clusters of these tracks").click()
    mine.get_by_text("40 tracks in your files").wait_for()
    other = browser.new_page()
    other.goto(f"{address}/clusters")
    other.get_by_text("120 tracks in").first.wait_for()
    assert other.get_by_text("40 tracks in your files").count() == 0
    mine.close()
    other.close()


def test_a_file_that_is_no_table_is_refused_in_one_line(browser, address, tmp_path):
    file = tmp_path / "page.csv"
    file.write_text("<!DOCTYPE html><html><body>Sign in</body></html>")
    page = open_url(browser, f"{address}/add", 0)
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_text("page.csv is a web page, not a table").wait_for()
    assert page.get_by_role("button", name="Show the clusters").count() == 0
    page.close()
