"""Figures of the evidence: genres beside genres. Nothing here knows Streamlit or the store."""

import numpy as np
import plotly.graph_objects as go

from music_explorer.analysis.overlap import GenreOverlap, GenreTree
from music_explorer.ui.charts import heatmap, plain

_LINE = {"color": "#3685fb", "width": 2}


def overlap(found: GenreOverlap, *, kind: str) -> go.Figure:
    """Draw whose neighbours each genre's tracks have, with the interval of each share."""
    fig = heatmap(
        100 * found.shares,
        title=f"What {kind}s the nearest tracks are of",
        unit="% of row",
    )
    beside = np.dstack([100 * found.low, 100 * found.high, found.lift])
    fig.update_traces(
        customdata=beside,
        hovertemplate="Tracks of %{y}: %{z:.1f} % of the neighbours are %{x}<br>"
        "95 %% interval %{customdata[0]:.1f} to %{customdata[1]:.1f} %%<br>"
        "%{customdata[2]:.2f} times as many as by chance<extra></extra>".replace("%%", "%"),
    )
    fig.update_layout(xaxis_title=f"{kind} of the neighbours", yaxis_title=f"{kind} of the track")
    return fig


def genre_tree(tree: GenreTree, *, kind: str) -> go.Figure:
    """Draw the tree of genres, each branch with the share of resamples that have it too."""
    from scipy.cluster.hierarchy import dendrogram

    drawn = dendrogram(tree.linkage, labels=list(tree.names), no_plot=True)
    # SciPy lists the brackets in an order of its own; heights tell which merge each is.
    merges = np.argsort(np.argsort([d[1] for d in drawn["dcoord"]], kind="stable"))
    fig = go.Figure()
    for across, heights, merge in zip(drawn["icoord"], drawn["dcoord"], merges, strict=True):
        support = tree.supports[merge]
        fig.add_trace(
            go.Scatter(
                x=heights,
                y=across,
                mode="lines",
                line=_LINE | {"dash": "solid" if support >= 0.5 else "dot"},
                hoverinfo="skip",
            )
        )
        fig.add_trace(
            go.Scatter(
                x=[heights[1]],
                y=[(across[1] + across[2]) / 2],
                mode="markers+text",
                marker={"size": 7, "color": _LINE["color"]},
                text=[f"{support:.0%}"],
                textposition="top right",
                hovertemplate=f"This branch is in {support:.0%} of {tree.n_boot} resamples of the "
                f"artists; energy distance {heights[1]:.2f}<extra></extra>",
            )
        )
    places = 10 * np.arange(len(drawn["ivl"])) + 5
    fig.update_yaxes(
        tickvals=places,
        ticktext=[plain(name) for name in drawn["ivl"]],
        showgrid=False,
        zeroline=False,
    )
    # Room for the number at the last branch.
    reach = 1.15 * max(max(heights) for heights in drawn["dcoord"])
    fig.update_xaxes(title="energy distance between the merged branches", range=[0, reach])
    fig.update_layout(
        title=f"Which {kind}s are near each other",
        showlegend=False,
        height=max(320, 120 + 34 * len(places)),
    )
    return fig
