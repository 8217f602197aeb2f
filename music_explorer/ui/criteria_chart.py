"""Every criterion over the number of clusters, each with the band of one shapeless cloud."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from music_explorer.analysis.reality import Reality

_PANELS = {
    "inertia": "Inertia<br>look for the bend",
    "silhouette": "Silhouette<br>higher is better",
    "davies_bouldin": "Davies-Bouldin<br>lower is better",
    "calinski_harabasz": "Calinski-Harabasz<br>higher is better",
    "gap": "Gap<br>first k not below the next",
    "jaccard": "Stability (mean Jaccard)<br>higher is better",
}
_COLOURS = ("#3685fb", "#f06d08")
_BANDS = ("rgba(54,133,251,.2)", "rgba(240,109,8,.2)")
_CLOUD = "one shapeless cloud"
_DASHES = ("solid", "dash")
_ARROW = {"arrowcolor": "grey", "arrowhead": 2, "arrowwidth": 1.5}


def criteria_over_k(
    scan: pd.DataFrame,
    *,
    knee: int | None,
    chosen: int,
    reality: Reality | None = None,
    gap: pd.DataFrame | None = None,
    stability: pd.DataFrame | None = None,
) -> go.Figure:
    """Draw all criteria over k.

    Parameters
    ----------
    scan : DataFrame
        Result of `choose_k.scan_k`.
    knee : int, optional
        The bend of the inertia.
    chosen : int
        The k that the visitor chose.
    reality : Reality, optional
        The bands of one shapeless cloud.
    gap : DataFrame, optional
        Result of `gap.gap_statistic`.
    stability : DataFrame, optional
        Result of `stability.stability_curve`.
    """
    # Two beside each other, as many as a phone has room for.
    fig = make_subplots(
        rows=3, cols=2, subplot_titles=list(_PANELS.values()), vertical_spacing=0.15
    )
    fig.update_annotations(font_size=13)
    for i, panel in enumerate(_PANELS):
        place = {"row": i // 2 + 1, "col": i % 2 + 1}
        for trace in _traces(panel, scan, reality, gap, stability):
            fig.add_trace(trace, **place)
        fig.add_vline(x=chosen, line={"dash": "dot", "width": 1, "color": "grey"}, **place)
    if knee is not None:
        first = scan[scan["space"] == scan["space"].iloc[0]].set_index("k")
        text = f"knee at k = {knee}"
        fig.add_annotation(
            x=knee, y=first["inertia"][knee], text=text, ax=50, ay=-40, row=1, col=1, **_ARROW
        )
    fig.update_xaxes(title="number of clusters k", tickformat="d", title_standoff=4)
    fig.update_layout(
        title=f"Criteria over k (dotted: the chosen k = {chosen})",
        height=860,
        margin={"t": 100},
        legend={"orientation": "h", "y": -0.1},
    )
    return fig


def _traces(
    panel: str,
    scan: pd.DataFrame,
    reality: Reality | None,
    gap: pd.DataFrame | None,
    stability: pd.DataFrame | None,
) -> list[go.Scatter]:
    spaces = list(scan["space"].unique())
    if panel == "gap":
        if gap is None:
            return []
        bars = {"type": "data", "array": gap["s"], "thickness": 1}
        return [_line(gap["k"], gap["gap"], f"in {spaces[0]}", 0, error_y=bars)]
    if panel == "jaccard":
        if stability is None:
            return []
        band = _band(stability["k"], stability["null_low"], stability["null_high"], 0)
        return [band, _line(stability["k"], stability["jaccard"], f"in {spaces[0]}", 0)]
    found = []
    # Inertias of two spaces have no common unit: only that of the clustered one is drawn.
    for j, space in enumerate(spaces[:1] if panel == "inertia" else spaces):
        if reality is not None and panel != "inertia":
            band = _null_band(reality, space, panel, j)
            found.append(band.update(showlegend=panel == "silhouette" and j == 0))
        table = scan[scan["space"] == space].dropna(subset=[panel])
        if reality is not None and panel != "inertia":
            # A sample scores otherwise than all tracks: the line must be of those of the band.
            table = _checked(reality, space, panel).rename(columns={"observed": panel})
        legend = {"legendgroup": space, "showlegend": panel == "silhouette"}
        found.append(_line(table["k"], table[panel], f"in {space}", j, **legend))
    return found


def _null_band(reality: Reality, space: str, score: str, j: int) -> go.Scatter:
    # The widest over the families of clouds: a score must leave them all to mean something.
    rows = _checked(reality, space, score, every_null=True)
    limits = rows.groupby("k").agg(low=("low", "min"), high=("high", "max"))
    return _band(limits.index, limits["low"], limits["high"], j)


def _checked(reality: Reality, space: str, score: str, *, every_null: bool = False) -> pd.DataFrame:
    table = reality.table if every_null else reality.entries
    return table[(table["space"] == space) & (table["score"] == score)].sort_values("k")


def _line(x: pd.Series, y: pd.Series, name: str, j: int, **more) -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        name=name,
        mode="lines+markers",
        line={"color": _COLOURS[j], "dash": _DASHES[j]},
        hovertemplate=f"k = %{{x}}: %{{y:.4g}}<extra>{name}</extra>",
        **{"showlegend": False, **more},
    )


def _band(x: pd.Series, low: pd.Series, high: pd.Series, j: int) -> go.Scatter:
    return go.Scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([low, high[::-1]]),
        fill="toself",
        fillcolor=_BANDS[j],
        line={"width": 0},
        mode="lines",
        name=_CLOUD,
        legendgroup=_CLOUD,
        hoverinfo="skip",
        showlegend=False,
    )
