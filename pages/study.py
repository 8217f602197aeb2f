"""The study's table: every combination that it tried, scored in both spaces."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from music_explorer.analysis.clustering import METHOD_TITLES
from music_explorer.analysis.pipeline import Run
from music_explorer.analysis.study import conclusions, study_configs, study_table
from music_explorer.ui import charts, evidence, show
from music_explorer.ui.map_chart import track_map
from music_explorer.ui.page import View, page
from music_explorer.ui.state import pairs, run

STUDY = TABLE = "study"


def main(view: View) -> None:
    """Draw the page."""
    sources = set(view.ask("sources")["source"])
    published = STUDY in sources
    if not published:
        st.info(
            "This store does not hold the study's tracks, so the table below is the same "
            "experiment on your own. For the study itself: `python -m ingest study`.",
            icon=":material/info:",
        )
    chosen = (STUDY,) if published and len(sources) > 1 else ()
    seed = view.choices.config.random_state
    configs = [replace(config, sources=chosen) for config in study_configs(random_state=seed)]
    opened = _opened()

    st.header("Both spaces side by side")
    table, progress, picture = st.empty(), st.container(), st.empty()
    runs = [run(view.store, config) for config in configs if config.projection == "pca"]
    table.dataframe(_shown(runs, published), hide_index=True)
    if opened < len(runs):
        _picture(view, runs[opened], picture)
    with progress:  # t-SNE takes its time; what is above can be read meanwhile
        runs += [run(view.store, config) for config in configs[len(runs) :]]
    with table.container():
        st.caption(
            "CH: Calinski-Harabasz, higher is better. DB: Davies-Bouldin, lower is better. "
            "Silhouette: higher is better. Click a row's box to open its picture below. "
            "Of the sidebar only the seed counts here: the rest is as the study had it."
        )
        show.table(_shown(runs, published), TABLE, on_select="rerun", selection_mode="single-row")
    if runs[opened].config.projection != "pca":
        _picture(view, runs[opened], picture)
    st.header("What to make of it")
    if published:
        st.markdown("\n".join(f"- {line}" for line in conclusions(study_table(runs))))
    _beside_one_cloud(view, runs)


def _beside_one_cloud(view: View, runs: Sequence[Run]) -> None:
    """Say what the reality check says of k-means in PCA, for both numbers of clusters."""
    for result in runs:
        config = result.config
        if (config.projection, config.method) != ("pca", "kmeans"):
            continue
        found = evidence.reality(view.store, config)
        if found is not None:
            st.markdown(f"**{config.n_clusters} clusters in {result.space_clustered}**")
            show.reality(found, config.n_clusters)


def _opened() -> int:
    """Return the row whose box was clicked, before the table is drawn."""
    selection = st.session_state.get(f"table_{TABLE}", {}).get("selection", {})
    return next(iter(selection.get("rows", [])), 0)


def _shown(runs: Sequence[Run], published: bool) -> pd.DataFrame:
    found = study_table(runs).round(3)
    known = found["published_calinski_harabasz"]
    table = pd.DataFrame(
        {
            "method": found["method"].map(METHOD_TITLES),
            "k": found["n_clusters"],
            "clustered in": found["space_clustered"],
            "CH there": found["calinski_harabasz_clustered"].round(),
            f"CH in {found['space_features'][0]}": found["calinski_harabasz_features"].round(),
            "published CH": known.map("{:.0f}".format).where(known.notna(), "not known"),
            "DB there": found["davies_bouldin_clustered"],
            "DB in the features": found["davies_bouldin_features"],
            "silhouette there": found["silhouette_clustered"],
            "silhouette in the features": found["silhouette_features"],
            "what is known": found["note"],
        }
    )
    return table if published else table.drop(columns=["published CH", "what is known"])


def _picture(view: View, result: Run, place) -> None:
    rows, config = result.prepared.rows, result.config
    labels = show.joined(pairs(view.store, "genre"), rows["track_id"])
    fig = track_map(
        result.projection.embedding,
        hover=charts.hover_texts(rows, labels),
        axes=list(show.axes(result.projection, result.prepared)),
        groups=show.cluster_names(result),
        title=f"{METHOD_TITLES[config.method]}, {config.n_clusters} clusters in "
        f"{result.space_clustered}",
    )
    data = rows[["track_id", "title", "artist"]].assign(cluster=result.labels)
    with place.container():
        show.figure(fig, "study_run", data=data, alt="3D scatter of the opened run")


with page(
    "The 2021 study",
    "A study clustered 3,081 songs by 40 features in PCA or t-SNE, and preferred t-SNE by scores "
    "taken in each. Scores of different spaces do not compare: read down the columns of the "
    "features, the space that all rows share.",
) as view:
    main(view)
