"""One visitor's way through the app, on a store of sounds that lie on this machine."""

import contextlib
import csv
import io
import os
import re
from pathlib import Path

import duckdb
import numpy as np
import pytest
import soundfile
from playwright.sync_api import TimeoutError as TooLate

from tests.browser.conftest import IDLE, open_url, running_app
from tests.conftest import run_ingest
from tests.ingest.sound import tag

N_FILES, RATE, SECONDS = 36, 22_050, 2.0
SHOTS = os.environ.get("SCREENSHOTS")

# Where a point of the 3D map is on the screen; the one that is farthest from all others there.
LONELY_POINT = """() => {
  const div = document.querySelector('.st-key-chart_clusters .js-plotly-plot');
  const scene = div._fullLayout.scene._scene;
  const { model, view, projection } = scene.glplot.cameraParams;
  const times = (m, v) =>
    [0, 1, 2, 3].map(i => m[i] * v[0] + m[4 + i] * v[1] + m[8 + i] * v[2] + m[12 + i] * v[3]);
  const box = scene.container.getBoundingClientRect();
  const points = div._fullData.flatMap(t => Array.from(t.x, (x, i) => {
    const at = [x, t.y[i], t.z[i]].map((value, k) => value * scene.dataScale[k]);
    const clip = times(projection, times(view, times(model, [...at, 1])));
    return { row: t.customdata[i],
             x: box.left + (clip[0] / clip[3] + 1) / 2 * box.width,
             y: box.top + (1 - clip[1] / clip[3]) / 2 * box.height };
  }));
  const alone = p => Math.min(...points.map(o => o === p ? 1e9 : Math.hypot(o.x - p.x, o.y - p.y)));
  return points.reduce((best, p) => alone(p) > alone(best) ? p : best);
}"""
HEARD = """() => {
  const audio = document.querySelector('audio');
  if (audio && audio.paused) audio.play();
  return audio && audio.currentTime > 0.3;
}"""


@pytest.fixture(scope="module")
def audible(tmp_path_factory):
    """Return a store of short sounds: half of them hum, half of them hiss."""
    folder = tmp_path_factory.mktemp("sounds")
    rng = np.random.default_rng(0)
    t = np.arange(round(SECONDS * RATE)) / RATE
    for i in range(N_FILES):
        hum = 0.2 * np.sin(2 * np.pi * (110 + 10 * i) * t) * (1 + np.sin(2 * np.pi * 2 * t))
        hiss = 0.05 * rng.standard_normal(len(t)) * (1 + i / N_FILES)
        path = folder / f"{i:02d}.flac"
        soundfile.write(path, hiss if i % 2 else hum, RATE)
        kind = "Noise" if i % 2 else "Drone"
        tag(path, title=f"Sound {i:02d}", artist=f"Artist {i % 9}", genre=kind)
    store = tmp_path_factory.mktemp("audible") / "sounds.duckdb"
    done = run_ingest("audio", folder, "--store", store)
    assert done.returncode == 0, done.stderr
    return store


def test_from_the_overview_to_a_selection_that_another_browser_opens(browser, audible, tmp_path):
    with running_app(audible, MUSIC_WRITABLE="1") as address:
        page = open_url(browser, f"{address}/?set=librosa&k=2&label=genre", 1)
        page.set_default_timeout(120_000)
        page.set_viewport_size({"width": 1500, "height": 1500})
        shot(page, 1, "overview")
        page.get_by_role("link", name="The clusters").first.click()
        page.wait_for_url("**/clusters**")
        page.wait_for_function(IDLE, arg=2)
        shot(page, 2, "map")
        clicked = click_a_point(page)
        shot(page, 3, "point_clicked")
        page.wait_for_function(HEARD)
        shot(page, 4, "heard")
        encircle(page)
        tray = page.locator(".st-key-tray")
        tray.get_by_text("tracks selected").wait_for()
        page.wait_for_function(IDLE, arg=2)
        shot(page, 5, "encircled")
        words = tray.inner_text()
        assert "encircled in PCA-3" in words
        assert "than the rest" in words
        chosen = exported(page, "CSV", tmp_path)
        ids = [
            row["track_id"] for row in csv.DictReader(io.StringIO(chosen.read_text("utf-8-sig")))
        ]
        assert 1 < len(ids) < N_FILES
        assert f"{len(ids)} tracks selected" in words
        with duckdb.connect(str(audible), read_only=True) as con:
            sql = exported(page, "SQL", tmp_path).read_text()
            assert {row[0] for row in con.execute(sql).fetchall()} == set(ids)
            parquet = exported(page, "Parquet", tmp_path)
            taken = con.execute("SELECT track_id FROM read_parquet($1)", [str(parquet)])
            assert [row[0] for row in taken.fetchall()] == ids
            of_ids = "SELECT audio_path FROM tracks WHERE track_id IN $ids"
            paths = {row[0] for row in con.execute(of_ids, {"ids": ids}).fetchall()}
        lines = exported(page, "M3U", tmp_path).read_text().splitlines()
        assert {line for line in lines if not line.startswith("#")} == paths
        assert all(Path(path).exists() for path in paths)
        tray.get_by_role("button", name="Link").click()
        link = page.locator("[data-testid=stPopoverBody] code").inner_text()
        shot(page, 6, "link")
        page.close()
    with running_app(audible) as fresh:
        other = browser.new_context(viewport={"width": 1500, "height": 1500})
        page = other.new_page()
        page.goto(link.replace(address, fresh))
        page.locator(".st-key-tray").get_by_text("tracks selected").wait_for(timeout=120_000)
        page.wait_for_function(IDLE, arg=2, timeout=240_000)
        shot(page, 7, "another_browser")
        assert first_lines(page.locator(".st-key-tray").inner_text()) == first_lines(words)
        assert f"track={clicked}" in page.url.replace("%3A", ":")
        bright = page.evaluate(
            "() => document.querySelector('.st-key-chart_clusters .js-plotly-plot')._fullData"
            ".filter(t => t.name.startsWith('cluster')).reduce((n, t) => n + t.x.length, 0)"
        )
        assert bright == len(ids)
        other.close()


def click_a_point(page) -> str:
    """Click a point that no other one hides, and return the track that is shown."""
    page.evaluate("() => document.querySelector('.st-key-chart_clusters').scrollIntoView()")
    page.wait_for_timeout(1000)
    point = page.evaluate(LONELY_POINT)
    for held_ms in (500, 1_000, 2_000, 4_000, 8_000):
        page.mouse.move(point["x"] + 2, point["y"])
        page.mouse.move(point["x"], point["y"])
        page.wait_for_timeout(held_ms)
        page.mouse.down()
        page.wait_for_timeout(held_ms)  # plotly sees a press when it draws the next frame
        page.mouse.up()
        with contextlib.suppress(TooLate):
            page.wait_for_url("**track=**", timeout=5_000, wait_until="commit")
            break
    page.wait_for_function(IDLE, arg=3)
    return re.search(r"track=([^&]+)", page.url.replace("%3A", ":")).group(1)


def encircle(page) -> None:
    """Draw a line around the left half of the flat map."""
    flat = page.locator(".st-key-chart_flat .js-plotly-plot")
    flat.scroll_into_view_if_needed()
    flat.locator('.modebar-btn[data-val="lasso"]').click(force=True)
    box = flat.locator(".nsewdrag").first.bounding_box()
    left, top = box["x"] + 3, box["y"] + 3
    right, low = box["x"] + box["width"] / 2, box["y"] + box["height"] - 3
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in [(right, top), (right, low), (left, low), (left, top + 2)]:
        page.mouse.move(x, y, steps=12)
    page.mouse.up()


def exported(page, label: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.locator(".st-key-tray").get_by_role("button", name=label, exact=False).first.click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def first_lines(text: str) -> list[str]:
    return text.splitlines()[:2]


def shot(page, number: int, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"walk_{number}_{name}.png")
