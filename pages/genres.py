"""Clusters against genres: the crosstab, and how closely the two are associated."""

import pandas as pd
import streamlit as st

from music_explorer.analysis.agreement import agreement, crosstab, percentages, residuals
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.pipeline import Run
from music_explorer.analysis.separability import proportion
from music_explorer.ui import charts, evidence, show
from music_explorer.ui.choices import here
from music_explorer.ui.definitions import of_cell, of_label
from music_explorer.ui.menu import link
from music_explorer.ui.page import View, page
from music_explorer.ui.plain_text import counted, literal
from music_explorer.ui.selection import select
from music_explorer.ui.state import labels as labels_of
from music_explorer.ui.state import run

COUNTS, ROWS, COLUMNS, RESIDUALS = (
    "tracks",
    "% of the cluster",
    "% of the label",
    "standardised residuals",
)
_MOST = 40
_ANY = None


def main(view: View) -> None:
    """Draw the page."""
    if not view.ask("label_kinds"):
        st.info(
            "No track has a genre, playlist or artist yet, so there is nothing to compare with. "
            "Import tracks with genres on the page *Add music*.",
            icon=":material/info:",
        )
        return
    result = run(view.store, view.choices.config)
    kind = view.choices.label
    labels = labels_of(view.store, view.choices.config, kind)
    metrics = st.container()
    classes = evidence.classes_of(result.prepared, labels, kind)
    try:
        found = agreement(result.labels, classes)
    except AnalysisError as error:
        st.info(literal(str(error)), icon=":material/info:")
        found = None
    _crosstab(view, result, labels, kind)
    if found is None:
        return
    with metrics:
        place = st.empty()
        with place.container():
            show.agreement(found, kind, len(classes))
        firm = evidence.association(view.store, result, kind)
        if firm is not None:
            with place.container():
                show.agreement(found, kind, len(classes), firm)
    st.header("In proportion")
    boundaries = evidence.boundaries(view.store, view.choices.config, kind)
    if boundaries is not None:
        st.markdown(literal(proportion(found.ari, boundaries.separability, label=kind)))
        link("boundaries", "More on genre boundaries")


def _crosstab(view: View, result: Run, labels: pd.DataFrame, kind: str) -> None:
    rows = result.prepared.rows
    repeated = kind == "genre" and "genre" in rows
    if repeated:
        counts = pd.crosstab(result.labels, rows["genre"])
    else:
        counts = crosstab(result.labels, rows["track_id"], labels)
    units = [COUNTS, ROWS, COLUMNS, RESIDUALS]
    unit = here(st.segmented_control, "Show", "unit", units, ROWS, required=True)
    table = {
        COUNTS: lambda: counts,
        ROWS: lambda: percentages(counts, normalise="row"),
        COLUMNS: lambda: percentages(counts, normalise="column"),
        RESIDUALS: lambda: residuals(counts),
    }[unit]()
    largest = counts.sum().sort_values(ascending=False).index
    names = show.names_of_clusters(result, evidence.dissolving(view.store, result.config))
    table = table[largest[:_MOST]].rename(index=names)
    fig = charts.heatmap(
        table,
        title=f"Clusters against {kind}",
        unit=unit,
        text_format=".0f" if unit != RESIDUALS else ".1f",
        diverging=table.abs().max(axis=None) if unit == RESIDUALS else None,
    )
    show.figure(
        fig,
        "crosstab",
        data=table.reset_index(names="cluster"),
        alt=f"Heatmap: each cluster against each {kind}",
    )
    if len(largest) > _MOST:
        st.caption(f"The {_MOST} largest of {len(largest):,} are shown.")
    if not repeated:
        st.caption("A track with several labels counts in each with an equal share.")
    if unit == RESIDUALS:
        st.caption(
            "How far a count is from what it would be if clusters and labels had nothing to do "
            "with each other, in standard deviations: beyond ±2 is more than chance, if the tracks "
            "were independent, which tracks of one artist are not."
        )
    with st.expander("The table"):
        show.table(table.round(2).reset_index(names="cluster"), "crosstab_table")
    _select(view, result, kind, list(counts.columns[counts.any()]))


def _select(view: View, result: Run, kind: str, found: list[str]) -> None:
    """Offer the tracks of a cell, or of a label in whatever cluster, as the selection."""
    names = {_ANY: "any cluster"} | show.names_of_clusters(result)
    which, where, button = st.columns([2, 2, 2], vertical_alignment="bottom")
    label = which.selectbox(f"Tracks of the {kind}", found, key=f"cell_{kind}")
    cluster = where.selectbox("in", list(names), format_func=names.get, key="cell_cluster")
    if cluster == _ANY:
        chosen = of_label(view.store, kind, label)
    else:
        chosen = of_cell(view.store, result, cluster, kind, label)
    button.button(
        f"Select {counted(len(chosen.track_ids), 'track')}",
        icon=":material/playlist_add_check:",
        on_click=select,
        args=(chosen,),
        disabled=not chosen.track_ids,
    )


with page(
    "Clusters and genres",
    "Do the clusters follow the genres? Read a row to see what a cluster consists of, a column to "
    "see where a genre goes. Genre is a weak label, so this is association, not accuracy.",
) as view:
    main(view)
