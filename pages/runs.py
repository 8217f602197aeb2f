"""Kept runs: all of them by score, two of them side by side, each as a download."""

from typing import Any

import pandas as pd
import streamlit as st

from music_explorer.analysis.compare import Comparison, compare
from music_explorer.ui import ledger, show
from music_explorer.ui.page import View, page
from music_explorer.ui.run_charts import cluster_name, sankey
from music_explorer.ui.run_table import SCORE_COLUMNS, differences, run_name, runs_table
from music_explorer.ui.spreadsheet import safe_cells

LAST_KEPT = "last kept first"


def main(view: View) -> None:
    """Draw the page."""
    runs = ledger.listing(view.store)
    if not runs:
        st.info(
            "No run is kept yet. Make your choices on the page The clusters and press "
            "“Keep this run” there; keep two to compare them.",
            icon=":material/bookmark_add:",
        )
        st.caption(ledger.where_kept(view.store))
        return
    _table(view, runs)
    by_id = {run["run_id"]: run for run in runs}
    _one(view, by_id)
    _two(view, by_id)


def _table(view: View, runs: list[dict[str, Any]]) -> None:
    by = st.selectbox("Sort by", [LAST_KEPT, *SCORE_COLUMNS], key="runs_by", width=360)
    table = runs_table(runs, by=None if by == LAST_KEPT else by)
    st.dataframe(table.round(dict.fromkeys(SCORE_COLUMNS, 3)), hide_index=True, key="table_runs")
    show.csv_button(safe_cells(table), "runs")
    st.caption(
        "Scores compare only where they were taken in the same space of the same tracks, and "
        "leave noise out. Davies-Bouldin: lower is better; the other two: higher is better. "
        + ledger.where_kept(view.store)
    )


def _one(view: View, runs: dict[str, dict[str, Any]]) -> None:
    st.header("One run")
    chosen, download, forget = st.columns([4, 1, 1], vertical_alignment="bottom")
    run_id = chosen.selectbox("Run", list(runs), key="one_run", **_named(runs))
    with download:
        ledger.download_button(view.store, run_id, label=view.choices.label)
    if forget.button("Forget", icon=":material/delete:", key="forget_run"):
        ledger.forget(view.store, run_id)
        st.rerun()


def _two(view: View, runs: dict[str, dict[str, Any]]) -> None:
    st.header("Two runs side by side")
    if len(runs) < 2:
        st.info("Keep a second run to compare the two.", icon=":material/compare_arrows:")
        return
    ids = list(runs)
    left, right = st.columns(2)
    first = left.selectbox("First", ids, index=1, key="first_run", **_named(runs))
    second = right.selectbox("Second", ids, index=0, key="second_run", **_named(runs))
    if first == second:
        st.info("Choose two different runs.", icon=":material/compare_arrows:")
        return
    found = compare(ledger.read(view.store, first), ledger.read(view.store, second))
    _agreement(found)
    show.figure(
        sankey(
            found,
            first=run_name(runs[first]),
            second=run_name(runs[second]),
            text_colour=_text_colour(),
        ),
        "runs_sankey",
        data=found.contingency.reset_index(names="cluster of the first"),
        alt="Sankey diagram: tracks of each cluster of the first run by cluster of the second",
    )
    _moved(view, found)
    with st.expander("In what they differ"):
        show.table(differences(runs[first], runs[second]), "runs_differences")


def _named(runs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {"format_func": lambda run_id: run_name(runs[run_id])}


def _text_colour() -> str | None:
    theme = st.context.theme.type
    return st.get_option(f"theme.{theme}.textColor") if theme else None


def _agreement(found: Comparison) -> None:
    share = len(found.moved) / found.n_shared
    boxes = st.container(horizontal=True)  # unlike columns, it breaks before a number is cut off
    boxes.metric("ARI", f"{found.ari:.3f}", help="1 identical, 0 as by chance.", border=True)
    boxes.metric("Moved", f"{len(found.moved):,} ({share:.0%})", border=True)
    boxes.metric("In both", f"{found.n_shared:,}", border=True)
    st.caption(
        "Clusters are matched one to one so that as many tracks as possible stay; a track has "
        "moved if its two clusters are not matched. Noise (no cluster) counts as one more. "
        f"{found.n_only_first:,} tracks are only in the first run, {found.n_only_second:,} only in "
        "the second."
    )


def _moved(view: View, found: Comparison) -> None:
    st.header("Tracks that moved")
    names = view.ask("features", ()).set_index("track_id")[["title", "artist"]]
    moved = found.moved.join(names, on="track_id")
    table = pd.DataFrame(
        {
            "title": moved["title"],
            "artist": moved["artist"],
            "in the first": moved["first"].map(cluster_name),
            "in the second": moved["second"].map(cluster_name),
            "track_id": moved["track_id"],
        }
    )
    st.dataframe(table, hide_index=True, key="table_moved", height=360)
    show.csv_button(safe_cells(table), "moved")


with page(
    "Runs",
    "Every clustering that you kept, with its scores. Choose two below the table: do they find the "
    "same groups, and which tracks changed sides?",
) as view:
    main(view)
