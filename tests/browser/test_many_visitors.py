"""Ten visitors at once, each with a t-SNE of their own."""

import numpy as np

from music_explorer.analysis.pipeline import Config, prepare, project
from music_explorer.store import queries
from music_explorer.store.reader import open_store
from tests.browser.conftest import running_app

FEATURE_SETS = ("spotify", "librosa", "both", "spotify_all", "study")
SCALINGS = ("standard", "robust")
MAP = "() => document.querySelector('.js-plotly-plot')?._fullData?.[0]?.type === 'scatter3d'"
POINTS = """() => {
  const points = [];
  for (const trace of document.querySelector('.js-plotly-plot')._fullData)
    for (let i = 0; i < trace.x.length; i++)
      points.push([trace.customdata[i], trace.x[i], trace.y[i], trace.z[i]]);
  return points;
}"""


def test_ten_visitors_who_ask_for_tsne_at_once_each_get_the_right_map(browser, small_store):
    asked = [(name, scaling) for name in FEATURE_SETS for scaling in SCALINGS]
    with running_app(small_store) as address:
        contexts = [browser.new_context() for _ in asked]
        pages = [context.new_page() for context in contexts]
        for page, (name, scaling) in zip(pages, asked, strict=True):
            url = f"{address}/clusters?proj=tsne&k=2&set={name}&scale={scaling}"
            page.goto(url, wait_until="commit")
        drawn = []
        for page, context in zip(pages, contexts, strict=True):
            page.wait_for_function(MAP, timeout=240_000)
            drawn.append(np.array(page.evaluate(POINTS)))
            context.close()
    for points, (name, scaling) in zip(drawn, asked, strict=True):
        expected = the_map(small_store, name, scaling)
        shown = np.full_like(expected, np.nan)
        shown[points[:, 0].astype(int)] = points[:, 1:]
        np.testing.assert_allclose(shown, expected, rtol=1e-4, atol=1e-4)


def the_map(store, feature_set: str, scaling: str) -> np.ndarray:
    once = feature_set != "study"  # which repeats a track for each of its genres
    config = Config(
        feature_set=feature_set, scaling=scaling, projection="tsne", one_per_recording=once
    )
    with open_store(store) as con:
        frame = queries.features(con, config.features.columns)
        genres = queries.labels(con, "genre").rename(columns={"label": "genre"})
    return project(config, prepare(config, frame, genres=genres).X).embedding
