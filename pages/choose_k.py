"""How many clusters: every criterion over k, beside what one shapeless cloud gives."""

import pandas as pd
import streamlit as st

from music_explorer.analysis.choose_k import knee, reading
from music_explorer.analysis.clustering import METHOD_TITLES
from music_explorer.analysis.dendrogram import dendrogram
from music_explorer.analysis.errors import AnalysisError
from music_explorer.ui import evidence, method_charts, show
from music_explorer.ui.criteria_chart import criteria_over_k
from music_explorer.ui.page import View, page
from music_explorer.ui.state import run, scan


def main(view: View) -> None:
    """Draw the page."""
    config = view.choices.config
    if not evidence.takes_k(config):
        raise AnalysisError(
            f"{METHOD_TITLES[config.method]} finds the number of clusters by itself; choose "
            "another method to compare numbers of clusters"
        )
    table = scan(view.store, config, (1, *evidence.ks_for(config)))
    first = table[table["space"] == table["space"].iloc[0]]
    bend = knee(first["k"].tolist(), first["inertia"].tolist())
    sentence, waiting, figure = st.empty(), st.container(), st.empty()
    known: dict = {}

    def draw() -> None:
        fig = criteria_over_k(table, knee=bend, chosen=config.n_clusters, **known)
        figure.plotly_chart(
            fig, key=f"criteria {len(known)}", alt="Line charts: six criteria over k"
        )
        sentence.info(reading(table, **known), icon=":material/lightbulb:")

    draw()
    with waiting:
        for name, ask in (
            ("gap", evidence.gap),
            ("stability", evidence.stability_over_k),
            ("reality", evidence.reality),
        ):
            found = ask(view.store, config)
            if found is not None:
                known[name] = found
                draw()
    show.csv_button(table, "criteria_over_k")
    _of_the_method(view)
    with st.expander("The numbers"):
        show.table(table, "scan")
        if "gap" in known:
            show.table(known["gap"], "gap")
        if "stability" in known:
            show.table(known["stability"], "stability_over_k")
        if "reality" in known:
            show.table(known["reality"].table, "reality")


def _of_the_method(view: View) -> None:
    """Draw what only this method has to say about k."""
    config = view.choices.config
    result = run(view.store, config)
    if config.method == "gmm":
        curve = evidence.mixture_bic(view.store, config)
        if curve is not None:
            show.figure(
                method_charts.bic(curve, space=result.space_clustered),
                "bic",
                data=pd.DataFrame({"k": curve.ks, "bic": curve.bic}),
                alt="Line chart: Bayesian information criterion over k",
            )
            st.caption(
                "The Bayesian information criterion (BIC): lower is better; the lowest at k = 1 "
                "says that one Gaussian is enough."
            )
    if result.clustering.Z is not None:
        found = dendrogram(result.clustering.Z, result.clustering.fitted_labels)
        fitted = result.clustering.n_fitted
        show.figure(
            method_charts.tree(
                found,
                names=show.names_of_clusters(result),
                title=f"Last merges of {fitted:,} tracks, cut into {config.n_clusters}",
            ),
            "tree",
            data=found.links,
            alt="Dendrogram of the last merges",
        )
        st.caption(
            "Long legs above a cut are a gap between clusters; short ones mean that the "
            "cut could as well be elsewhere."
        )


with page(
    "How many clusters",
    "Is there a best number of clusters k? Each panel is one criterion. A line inside its shaded "
    "band scores as data without any groups do (one shapeless cloud), so it is no evidence of "
    "clusters; where the criteria disagree, no k is clearly right.",
) as view:
    main(view)
