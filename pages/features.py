"""Features: how they are distributed, how they relate, and what spans the collection."""

import pandas as pd
import streamlit as st

from music_explorer.analysis.labels import main_labels
from music_explorer.analysis.profiles import correlations
from music_explorer.analysis.projection import pca
from music_explorer.ui import charts, show
from music_explorer.ui.choices import here
from music_explorer.ui.page import View, page
from music_explorer.ui.state import meaning, pairs, prepared


def main(view: View) -> None:
    """Draw the page."""
    ready = prepared(view.store, view.choices.config)
    matrix = ready.telling.matrix
    if view.choices.config.features.model:
        st.info(
            f"{ready.matrix.X.shape[1]:,} dimensions of a vector have no meaning one by one. These "
            "are the features with names that all of these tracks have.",
            icon=":material/info:",
        )
        if matrix is ready.matrix:
            return
    names = [n for n in view.choices.config.features.columns if n in matrix.origins]
    _distributions(view, names)
    if matrix is ready.matrix:
        _biplot(view)
    estimated = view.choices.config.estimated_values
    frame = view.ask("features", tuple(names), estimated=estimated)
    table = correlations(frame, names)
    fig = charts.heatmap(
        table,
        title="Rank correlation of the features (Spearman)",
        unit="rho",
        text_format=".1f",
        diverging=1,
    )
    show.figure(
        fig,
        "correlations",
        data=table.reset_index(names="feature"),
        alt="Heatmap: rank correlation of each pair of features",
    )


def _distributions(view: View, names: list[str]) -> None:
    feature = here(st.selectbox, "Feature", "feature", names, names[0])
    about = meaning(feature)
    st.caption(about)
    frame = view.ask("features", (feature,), estimated=view.choices.config.estimated_values)
    label = view.choices.label
    labelled = frame.merge(pairs(view.store, label), on="track_id")
    if labelled.empty:
        st.info(
            f"No track has a {label} yet, so there is nothing to compare. Import tracks with "
            "genres or playlists on the page *Add music*.",
            icon=":material/info:",
        )
        return
    largest = labelled["genre"].value_counts().index[:20]
    shown = labelled[labelled["genre"].isin(largest)]
    fig = charts.distributions(
        shown[feature],
        shown["genre"],
        unit=f"{feature} ({about.split('; ')[-1]})",
        title=f"{feature} by {label}",
    )
    data = shown[["track_id", "genre", feature]]
    show.figure(fig, "distribution", data=data, alt=f"Box plot: {feature} of each {label}")
    st.caption(
        "A box is the middle half of the tracks, the line in it their median; whiskers reach up to "
        "1.5 box lengths farther."
    )


def _biplot(view: View) -> None:
    ready = prepared(view.store, view.choices.config)
    flat = pca(ready.X, n_components=2)
    labels = pairs(view.store, view.choices.label)
    drawn = show.drawn(len(ready.rows))
    rows = ready.rows.iloc[drawn]
    groups = pd.Series(main_labels(rows["track_id"], labels))
    axes = charts.pca_axes(flat.explained_variance_ratio, flat.loadings, ready.matrix.names)
    fig = charts.biplot(
        flat.embedding[drawn],
        flat.loadings,
        ready.matrix.names,
        axes=[f"{name}: {words}" for name, words in axes.items()],
        groups=groups,
        hover=charts.hover_texts(rows, show.joined(labels, rows["track_id"])),
        title=f"PCA biplot of {ready.space}",
    )
    data = ready.rows[["track_id", "title", "artist"]].assign(
        PC1=flat.embedding[:, 0], PC2=flat.embedding[:, 1]
    )
    show.figure(fig, "biplot", data=data, alt="Scatter of the tracks on two principal axes")
    st.caption(
        f"Points are tracks, arrows features. The two axes hold "
        f"{sum(flat.explained_variance_ratio):.0%} of the variance. Features whose arrows point "
        "the same way rise together; where arrows are opposite, one falls as the other rises."
    )


with page(
    "Features",
    "Which numbers describe a track, and what do they tell apart? The boxes show one feature in "
    "each genre, the arrows which features rise together, the grid how closely each two are "
    "related.",
) as view:
    main(view)
