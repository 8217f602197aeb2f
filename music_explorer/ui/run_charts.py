"""Figures of kept runs. Nothing here knows Streamlit or the store."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from music_explorer.analysis.compare import Comparison
from music_explorer.analysis.partition import NOISE

# Blue and orange: apart for the colour-blind, visible on light and on dark.
_STAYED, _MOVED = "rgba(54, 133, 251, 0.4)", "rgba(240, 109, 8, 0.5)"
_NODE = "#8888a0"


def sankey(
    found: Comparison, *, first: str, second: str, text_colour: str | None = None
) -> go.Figure:
    """Draw where the tracks of each cluster of one run are in another.

    Parameters
    ----------
    found : Comparison
        The two runs.
    first, second : str
        What the two columns are called.
    text_colour : str, optional
        Of the clusters' names: Plotly's own is too pale on coloured bands.
    """
    rows, columns = found.contingency.index, found.contingency.columns
    links = _links(found)
    fig = go.Figure(
        go.Sankey(
            node={
                "label": [
                    *map(cluster_name, rows),
                    *(_matched_name(c, found.matches) for c in columns),
                ],
                "color": _NODE,
                "pad": 18,
                "thickness": 14,
                "line": {"width": 0},
                "hovertemplate": "%{label}: %{value:,} tracks<extra></extra>",
            },
            link={
                "source": rows.get_indexer(links["first"]),
                "target": len(rows) + columns.get_indexer(links["second"]),
                "value": links["tracks"],
                "color": np.where(links["stayed"], _STAYED, _MOVED),
                "customdata": np.where(links["stayed"], "stayed", "moved"),
                "hovertemplate": "%{source.label} → %{target.label}: %{value:,} tracks "
                "%{customdata}<extra></extra>",
            },
            textfont={"size": 13, "color": text_colour},
        )
    )
    ends = {"yref": "paper", "y": 1.02, "xref": "paper", "showarrow": False, "yanchor": "bottom"}
    # One above the other, since a small screen has no room for both in one line.
    fig.add_annotation(text=first, x=0, xanchor="left", yshift=20, **ends)
    fig.add_annotation(text=second, x=1, xanchor="right", **ends)
    fig.update_layout(
        title="Tracks that stayed (blue) and moved (orange)",
        height=max(420, 180 + 44 * max(found.contingency.shape)),
        margin={"t": 110, "b": 24},
    )
    return fig


def _links(found: Comparison) -> pd.DataFrame:
    links = found.contingency.stack().rename("tracks").reset_index()
    links = links[links["tracks"] > 0]
    return links.assign(stayed=links["second"].map(found.matches) == links["first"])


def cluster_name(cluster: int) -> str:
    """Return the name of a cluster, or of noise, which may also be missing."""
    return "no cluster" if pd.isna(cluster) or cluster == NOISE else f"cluster {cluster}"


def _matched_name(cluster: int, matches: dict[int, int]) -> str:
    if cluster == NOISE:
        return cluster_name(cluster)
    match = f"matches {matches[cluster]}" if cluster in matches else "new"
    return f"{cluster_name(cluster)} ({match})"
