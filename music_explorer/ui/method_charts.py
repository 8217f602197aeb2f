"""What single methods show besides labels: the tree of a linkage, the criterion of a mixture."""

import numpy as np
import plotly.graph_objects as go

from music_explorer.analysis.dendrogram import Dendrogram
from music_explorer.analysis.mixture import BicCurve

_BLUE = "#3685fb"


def tree(found: Dendrogram, *, names: dict[int, str], title: str) -> go.Figure:
    """Draw the top of a linkage, a colour for each cluster and grey for what joins clusters."""
    fig = go.Figure()
    for cluster, links in found.links.sort_values("cluster").groupby("cluster"):
        brackets = links[["x_left", "x_right", "y_left", "y_right", "height", "n_points"]]
        lines = [
            ([a, a, b, b, None], [ya, top, top, yb, None], [n] * 5)
            for a, b, ya, yb, top, n in brackets.itertuples(index=False)
        ]
        x, y, sizes = (sum(parts, []) for parts in zip(*lines, strict=True))
        joining = {"color": "grey"} if cluster < 0 else {}
        fig.add_trace(
            go.Scatter(
                x=x,
                y=y,
                mode="lines",
                line={"width": 2, **joining},
                name="joins clusters" if cluster < 0 else names[cluster],
                customdata=sizes,
                hovertemplate="%{customdata:,} tracks merge at a distance of %{y:.3g}",
            )
        )
    leaves = found.leaves
    every = max(1, len(leaves) // 30)
    fig.update_xaxes(
        title="branches (tracks folded into each)",
        tickvals=leaves["x"][::every],
        ticktext=leaves["n_points"][::every].map("{:,}".format),
        showgrid=False,
    )
    fig.update_yaxes(title="distance at which branches merge", rangemode="tozero")
    fig.update_layout(title=title, height=480)
    return fig


def bic(found: BicCurve, *, space: str) -> go.Figure:
    """Draw the criterion of Gaussian mixtures over k, and its lowest point."""
    fig = go.Figure(
        go.Scatter(
            x=list(found.ks),
            y=found.bic - np.min(found.bic),
            mode="lines+markers",
            line={"color": _BLUE},
            hovertemplate="k = %{x}: %{y:,.0f} above the lowest<extra></extra>",
        )
    )
    fig.add_vline(x=found.best, line={"dash": "dot", "width": 1, "color": "grey"})
    fig.update_xaxes(title="number of components k", dtick=1)
    fig.update_yaxes(title="BIC above the lowest", rangemode="tozero")
    fig.update_layout(title=f"BIC in {space}: lowest at k = {found.best}", height=400)
    return fig
