"""The figure of two tracks: what their distance is made of. It knows no Streamlit and no store."""

import pandas as pd
import plotly.graph_objects as go

# Each reading, what it means, and a colour that is visible on light and on dark.
_READINGS = {
    "alike": ("alike: few tracks are as near", "#3685fb"),
    "between": ("in between", "#8888a0"),
    "apart": ("apart: most tracks are as near", "#f06d08"),
}
_MOST_BARS = 40


def contributions(table: pd.DataFrame, *, title: str) -> go.Figure:
    """Draw what each feature adds to the distance of two tracks.

    Parameters
    ----------
    table
        A row a feature: ``feature, share`` (% of the squared distance), ``as_near`` (% of the
        tracks), ``reading``, ``here, there`` (values of the two tracks), ``meaning``.
    title
        Title of the figure.
    """
    bars = _bars(table)
    order = list(dict.fromkeys(bars["feature"]))
    fig = go.Figure()
    for reading, (meaning, colour) in _READINGS.items():
        part = bars[bars["reading"] == reading]
        fig.add_trace(
            go.Bar(
                x=part["share"],
                y=part["feature"],
                name=meaning,
                orientation="h",
                marker_color=colour,
                customdata=part[["about"]],
                hovertemplate="%{y}: %{x:.1f} % of the squared distance<br>%{customdata[0]}"
                "<extra></extra>",
            )
        )
    fig.update_xaxes(title="% of the squared distance", rangemode="tozero")
    fig.update_yaxes(
        categoryorder="array", categoryarray=order, autorange="reversed", automargin=True
    )
    fig.update_layout(
        title=title,
        barmode="stack",
        height=max(320, 190 + 24 * len(order)),
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        margin={"t": 110},
    )
    return fig


def _bars(table: pd.DataFrame) -> pd.DataFrame:
    """Return the features that add most, and what the others add together in each reading."""
    ranked = table.sort_values("share", ascending=False, kind="stable")
    ranked["about"] = [
        f"the track {row.here:.4g}, the neighbour {row.there:.4g}<br>{row.as_near:.1f} % of the "
        f"tracks are as near in it<br>{row.meaning}"
        for row in ranked.itertuples()
    ]
    rest = ranked[_MOST_BARS:]
    sums = rest.groupby("reading", as_index=False)["share"].sum()
    sums["feature"] = f"the other {len(rest)}"
    return pd.concat([ranked[:_MOST_BARS], sums.assign(about="together")], ignore_index=True)
