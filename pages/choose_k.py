"""How many clusters: inertia with its knee, and three scores beside it, over k."""

import streamlit as st

from music_explorer.analysis.choose_k import knee, reading
from music_explorer.ui import charts, show
from music_explorer.ui.page import View, page
from music_explorer.ui.state import scan

KS = tuple(range(2, 16))


def main(view: View) -> None:
    """Draw the page."""
    config = view.choices.config
    table = scan(view.store, config, KS)
    st.success(reading(table), icon=":material/lightbulb:")
    first = table[table["space"] == table["space"].iloc[0]]
    bend = knee(first["k"].tolist(), first["inertia"].tolist())
    fig = charts.lines_over_k(table, knee=bend, chosen=config.n_clusters)
    show.figure(fig, "scores_over_k", data=table, alt="Line charts: four scores over k")
    with st.expander("The numbers"):
        show.table(table, "scan")


with page(
    "How many clusters",
    "Every score over one range of k, each in its own named space. Inertia always falls, so look "
    "for its bend; the other three have a best value. If they disagree, no k is clearly right.",
) as view:
    main(view)
