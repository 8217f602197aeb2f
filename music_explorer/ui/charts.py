"""Figures: frames in, a Plotly figure out. Nothing here knows Streamlit or the store.

Traces carry no colours of their own where the theme has them, so that a figure fits the light and
the dark theme; more than ten groups differ by symbol as well as by colour.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from music_explorer.ui.plain_text import seen

HEIGHT = 640
N_COLOURS = 10  # of the themes
_DIVERGING = "RdBu_r"
_ARROW = {"arrowcolor": "grey", "arrowhead": 2, "arrowwidth": 1.5}
_TWO_COLOURS = ("#3685fb", "#f06d08")


def hover_texts(rows: pd.DataFrame, labels: pd.Series) -> list[str]:
    """Return what a point says: title, artist, and its label (text by ``track_id``)."""
    genre = rows["track_id"].map(labels)
    return [
        f"<b>{plain(title)}</b><br>{plain(artist)}<br>{plain(text)}"
        for title, artist, text in zip(rows["title"], rows["artist"], genre, strict=True)
    ]


def unfolding(embedding: np.ndarray, *, title: str) -> go.Figure:
    """Draw the first two axes of an unfinished map: small to send and quick to draw."""
    x, y = embedding[:, :2].astype(np.float32).T
    marker = {"size": 3, "opacity": 0.5, "color": _TWO_COLOURS[0]}
    fig = go.Figure(go.Scattergl(x=x, y=y, mode="markers", marker=marker, hoverinfo="skip"))
    fig.update_xaxes(visible=False)
    fig.update_yaxes(visible=False, scaleanchor="x")
    fig.update_layout(title=title, height=HEIGHT // 2, margin={"l": 0, "r": 0, "b": 0})
    return fig


def members_of(groups: pd.Series) -> list[tuple[str, np.ndarray]]:
    """Return each group and the positions of its members, in the order of its categories."""
    codes = groups.astype("category").cat
    return [(name, np.flatnonzero(codes.codes == i)) for i, name in enumerate(codes.categories)]


def pca_axes(
    explained: Sequence[float], loadings: np.ndarray, names: Sequence[str], *, n_top: int = 3
) -> dict[str, str]:
    """Name PCA axes: by their share of the variance, with their largest loadings in words."""
    found = {}
    for i, share in enumerate(explained):
        top = np.argsort(-np.abs(loadings[:, i]))[:n_top]
        words = ", ".join(f"{'+' if loadings[j, i] > 0 else '−'}{names[j]}" for j in top)
        found[f"PC{i + 1} ({share:.0%})"] = words
    return found


def heatmap(
    table: pd.DataFrame,
    *,
    title: str,
    unit: str,
    text_format: str = ".0f",
    diverging: float | None = None,
) -> go.Figure:
    """Draw a table of numbers as colours with the numbers in it.

    ``diverging`` is the largest number in either direction, of numbers around zero.
    """
    limits = {}
    if diverging is not None:
        limits = {"zmid": 0, "zmin": -diverging, "zmax": diverging, "colorscale": _DIVERGING}
    fig = go.Figure(
        go.Heatmap(
            z=table.to_numpy(float),
            x=[plain(c) for c in table.columns],
            y=[plain(i) for i in table.index],
            texttemplate=f"%{{z:{text_format}}}",
            colorbar={"title": {"text": unit}},
            hovertemplate=f"%{{y}}<br>%{{x}}<br>%{{z:.3g}} {unit}<extra></extra>",
            **limits,
        )
    )
    fig.update_yaxes(autorange="reversed")
    fig.update_layout(title=title, height=max(360, 120 + 34 * len(table)))
    return fig


def stacked_bars(
    table: pd.DataFrame, *, x: str, y: str, group: str, title: str, x_title: str
) -> go.Figure:
    """Draw horizontal bars, one a value of ``y``, split by ``group``."""
    fig = go.Figure()
    for name, part in table.groupby(group, sort=False):
        fig.add_trace(
            go.Bar(
                x=part[x],
                y=part[y].map(plain),
                name=plain(name),
                orientation="h",
                hovertemplate="%{y}: %{x:,}",
            )
        )
    fig.update_layout(
        title=title,
        barmode="stack",
        xaxis_title=x_title,
        height=max(300, 110 + 26 * table[y].nunique()),
        yaxis={"categoryorder": "total ascending"},
        showlegend=table[group].nunique() > 1,
    )
    return fig


def distributions(values: pd.Series, groups: pd.Series, *, title: str, unit: str) -> go.Figure:
    """Draw a box for each group, the median first to last; the axis names them, not colours."""
    boxes = values.dropna().groupby(groups).apply(_box).unstack().sort_values("median")
    fig = go.Figure(
        go.Box(
            # The five numbers, not the values, of which there may be a million.
            {name: boxes[name] for name in boxes},
            y=[plain(name) for name in boxes.index],
            marker_color=_TWO_COLOURS[0],
            orientation="h",
        )
    )
    fig.update_layout(
        title=title, xaxis_title=unit, showlegend=False, height=max(320, 110 + 34 * len(boxes))
    )
    return fig


def _box(values: pd.Series) -> pd.Series:
    """Return the numbers of a box as Plotly finds them (quartiles by Hazen's rule)."""
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75], method="hazen")
    reach = 1.5 * (high - low)
    within = values[values.between(low - reach, high + reach)]
    return pd.Series(
        {
            "q1": low,
            "median": middle,
            "q3": high,
            "lowerfence": within.min(),
            "upperfence": within.max(),
        }
    )


def biplot(
    embedding: np.ndarray,
    loadings: np.ndarray,
    names: Sequence[str],
    *,
    axes: Sequence[str],
    groups: pd.Series,
    hover: Sequence[str],
    title: str,
) -> go.Figure:
    """Draw tracks on two principal axes, and the features as arrows.

    An arrow's end is the feature's loadings: with standard scaling its correlation with each axis.
    """
    fig = go.Figure()
    hover = np.asarray(hover, dtype=object)
    for name, chosen in members_of(groups):
        fig.add_trace(
            go.Scattergl(
                x=embedding[chosen, 0],
                y=embedding[chosen, 1],
                mode="markers",
                name=plain(name),
                text=hover[chosen],
                hovertemplate="%{text}<extra></extra>",
                marker={"size": 4, "opacity": 0.45},
            )
        )
    reach = 0.9 * np.abs(embedding[:, :2]).max() / np.abs(loadings[:, :2]).max()
    for j, feature in enumerate(names):
        x, y = loadings[j, :2] * reach
        fig.add_annotation(
            x=x,
            y=y,
            ax=0,
            ay=0,
            axref="x",
            ayref="y",
            xref="x",
            yref="y",
            showarrow=True,
            text="",
            **_ARROW,
        )
        fig.add_annotation(x=1.06 * x, y=1.06 * y, text=feature, showarrow=False)
    fig.update_layout(
        title=title,
        xaxis_title=axes[0],
        yaxis_title=axes[1],
        height=HEIGHT,
        legend={"itemsizing": "constant", "orientation": "h", "yanchor": "top", "y": -0.15},
    )
    return fig


def spectrogram(
    S_db: np.ndarray, *, seconds: float, hertz: Sequence[float], title: str
) -> go.Figure:
    """Draw a mel spectrogram in dB, time from left to right and frequency from low to high."""
    fig = go.Figure(
        go.Heatmap(
            z=S_db.astype(np.float32),
            x=np.linspace(0, seconds, S_db.shape[1], dtype=np.float32),
            y=np.arange(len(hertz)),
            customdata=np.broadcast_to(np.asarray(hertz)[:, None], S_db.shape).astype(np.float32),
            colorbar={"title": {"text": "dB"}},
            hovertemplate="%{x:.1f} s, %{customdata:.0f} Hz: %{z:.0f} dB<extra></extra>",
        )
    )
    ticks = np.linspace(0, len(hertz) - 1, 6).astype(int)
    labels = [f"{hertz[i]:,.0f}" for i in ticks]
    fig.update_yaxes(title="frequency (Hz, mel scale)", tickvals=ticks, ticktext=labels)
    fig.update_layout(title=title, xaxis_title="time in the excerpt (s)", height=340)
    return fig


def percentiles(table: pd.DataFrame, *, title: str) -> go.Figure:
    """Draw where one track stands in the collection: ``feature, percentile, value, meaning``."""
    hover = "%{y} = %{customdata[0]:.4g}: above %{x:.0f} % of the tracks"
    fig = go.Figure(
        go.Bar(
            x=table["percentile"],
            y=table["feature"],
            orientation="h",
            customdata=table[["value", "meaning"]],
            hovertemplate=f"{hover}<br>%{{customdata[1]}}<extra></extra>",
        )
    )
    fig.add_vline(x=50, line={"dash": "dot", "width": 1, "color": "grey"})
    fig.update_xaxes(title="% of the collection with a lower value", range=[0, 100])
    fig.update_yaxes(autorange="reversed")
    fig.update_layout(title=title, height=max(300, 110 + 22 * len(table)))
    return fig


def plain(text: object) -> str:
    """Return text from a file as Plotly shows it literally, without markup."""
    if pd.isna(text):
        return ""
    return seen(str(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
