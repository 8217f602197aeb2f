"""Clusters against genres: the crosstab, and how closely the two are associated."""

import pandas as pd
import streamlit as st

from music_explorer.analysis.agreement import agreement, crosstab, percentages, single_label
from music_explorer.analysis.errors import AnalysisError
from music_explorer.ui import charts, show
from music_explorer.ui.page import View, page
from music_explorer.ui.state import pairs, run

COUNTS, ROWS, COLUMNS = "tracks", "% of the cluster", "% of the label"


def main(view: View) -> None:
    """Draw the page."""
    result = run(view.store, view.choices.config)
    kind = view.choices.label
    labels = pairs(view.store, kind)
    rows = result.prepared.rows
    repeated = kind == "genre" and "genre" in rows
    classes = rows["genre"] if repeated else single_label(rows["track_id"], labels)
    try:
        show.agreement(agreement(result.labels, classes), kind, len(rows))
    except AnalysisError as error:
        st.info(str(error), icon=":material/info:")
    if repeated:
        counts = pd.crosstab(result.labels, rows["genre"])
    else:
        counts = crosstab(result.labels, rows["track_id"], labels)
    largest = counts.sum().sort_values(ascending=False).index
    counts = counts[largest[:40]]
    unit = st.segmented_control(
        "Show", [COUNTS, ROWS, COLUMNS], default=ROWS, required=True, key="unit"
    )
    table = {
        COUNTS: counts,
        ROWS: percentages(counts, normalise="row"),
        COLUMNS: percentages(counts, normalise="column"),
    }[unit]
    table.index = [f"cluster {i}" for i in table.index]
    fig = charts.heatmap(table, title=f"Clusters against {kind}", unit=unit)
    show.figure(
        fig,
        "crosstab",
        data=table.reset_index(names="cluster"),
        alt=f"Heatmap: each cluster against each {kind}",
    )
    if len(largest) > 40:
        st.caption(f"The 40 largest of {len(largest):,} are shown.")
    if not repeated:
        st.caption("A track with several labels counts in each with an equal share.")
    with st.expander("The table"):
        show.table(table.round(2).reset_index(names="cluster"), "crosstab_table")


with page(
    "Clusters and genres",
    "Do the clusters follow the genres? Read a row to see what a cluster consists of, a column to "
    "see where a genre goes. Genre is a weak label, so this is association, not accuracy.",
) as view:
    main(view)
