"""The study's table: every combination that it tried, scored in both spaces."""

from dataclasses import replace

import streamlit as st

from music_explorer.analysis.pipeline import Config
from music_explorer.analysis.study import study_configs, study_table
from music_explorer.ui import charts, show
from music_explorer.ui.page import View, page
from music_explorer.ui.state import pairs, run

STUDY = "study"


def main(view: View) -> None:
    """Draw the page."""
    sources = set(view.ask("sources")["source"])
    if STUDY not in sources:
        st.info(
            "This store does not hold the study's tracks, so the table below is the same "
            "experiment on your own. For the study itself: `python -m ingest study`.",
            icon=":material/info:",
        )
    chosen = (STUDY,) if STUDY in sources and len(sources) > 1 else ()
    seed = view.choices.config.random_state
    configs = [replace(c, sources=chosen) for c in study_configs(random_state=seed)]
    st.subheader("Both spaces side by side")
    place = st.empty()
    runs = []
    for config in configs:
        runs.append(run(view.store, config))
        with place.container():
            event = _table(runs, with_published=STUDY in sources, ready=len(runs) == len(configs))
    opened = event.selection.rows[0] if event and event.selection.rows else 0
    _picture(view, configs[opened])


def _table(runs: list, *, with_published: bool, ready: bool):
    table = study_table(runs)
    if not with_published:
        table = table.drop(columns=["published_calinski_harabasz", "note"])
    if not ready:
        st.dataframe(table, hide_index=True)
        return None
    st.caption("Click a row's box to open its picture below.")
    return show.table(table, "study", on_select="rerun", selection_mode="single-row")


def _picture(view: View, config: Config) -> None:
    result = run(view.store, config)
    rows = result.prepared.rows
    labels = pairs(view.store, "genre").groupby("track_id")["genre"].agg(", ".join)
    fig = charts.scatter_3d(
        result.projection.embedding,
        hover=charts.hover_texts(rows, labels),
        axes=("", "", ""),
        groups=show.cluster_names(result),
        title=f"{config.method}, {config.n_clusters} clusters in {result.space_clustered}",
    )
    data = rows[["track_id", "title", "artist"]].assign(cluster=result.labels)
    show.figure(fig, "study_run", data=data, alt="3D scatter of the opened run")


with page(
    "The 2021 study",
    "A study of 3,081 songs clustered 40 features in PCA or t-SNE with k-means or agglomeration, 6 "
    "and 11 clusters, and preferred t-SNE by its scores. Scores taken in different spaces cannot "
    "be compared: read down the columns of the features, where all rows share one space.",
) as view:
    main(view)
