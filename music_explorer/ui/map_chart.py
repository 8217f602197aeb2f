"""The map of tracks, in two or three dimensions."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from music_explorer.ui.charts import HEIGHT, N_COLOURS, members_of, plain

CLUSTERS = "clusters"
"""Name of groups that are clusters, which lie together, so that a name can stand among them."""
_SYMBOLS = ("circle", "diamond", "square", "cross", "x", "circle-open")
_MOST_NAMES = 15
# Readable on light and on dark, and over points of any colour.
_LABEL = {"font": {"color": "white", "size": 12}, "bgcolor": "rgba(40, 40, 60, 0.75)"}
NO_CLUSTER = "no cluster"
"""Name of the group of noise, which is grey."""
_NOISE = {"color": "#8888a0", "opacity": 0.4}
_FADED = {"color": "#8888a0", "opacity": 0.2}
# Visible on light and on dark.
_GRID = {"gridcolor": "#8888a0", "showgrid": True, "zeroline": False}
_BELOW_THE_TITLE = -0.08
_FLAT_GRID = _GRID | {"gridcolor": "rgba(136, 136, 160, 0.35)"}
# A little below the middle, so that the titles of the axes are in the picture.
_CAMERA = {"eye": {"x": 1.25, "y": 1.25, "z": 0.8}, "center": {"x": 0, "y": 0, "z": -0.16}}


def track_map(
    embedding: np.ndarray,
    *,
    hover: Sequence[str],
    axes: Sequence[str],
    title: str,
    groups: pd.Series | None = None,
    values: pd.Series | None = None,
    selected: np.ndarray | None = None,
    numbers: np.ndarray | None = None,
    legend: bool = True,
) -> go.Figure:
    """Draw tracks where a projection puts them, coloured by group or by a number.

    Up to 15 clusters are named in the map, at the median of their points.

    Parameters
    ----------
    embedding : ndarray of shape (n_samples, n_components)
        Coordinates, of two axes at most for a flat map and of three for one to turn.
    hover : sequence of str
        Text of each point.
    axes : sequence of str
        Name of each axis; none where axes have no meaning.
    title : str
        Title of the figure.
    groups : Series, optional
        Name of the group of each point; clusters, if the series is named ``CLUSTERS``.
    values : Series, optional
        A number for each point, instead of groups; its name titles the colour bar.
    selected : ndarray of bool, optional
        The points that keep their colour; the rest turn grey, and stay.
    numbers : ndarray of int, optional
        What a click or the lasso tells of each point; by default its position.
    legend : bool, default True
        Whether the groups are listed beside the map.
    """
    points = embedding.astype(np.float32)
    if points.shape[1] == 1:
        points = np.column_stack([points, np.zeros_like(points)])
    numbers = np.arange(len(points)) if numbers is None else numbers
    texts = np.asarray(hover, dtype=object)
    clouds = [
        _cloud(points[rows], texts[rows], numbers[rows], marker, name)
        for name, rows, marker in _clouds(len(points), groups, values, selected)
    ]
    names = _names(points, groups) if groups is not None and groups.name == CLUSTERS else []
    layout = {
        "title": {"text": title},
        "height": HEIGHT,
        "margin": {"l": 0, "r": 0, "b": 0, "t": 48},
        "legend": {"itemsizing": "constant", "orientation": "h", "yanchor": "top", "y": 0},
        "showlegend": legend and groups is not None,
    }
    named = {
        axis: {"title": {"text": text}, "showticklabels": False}
        for axis, text in zip("xyz", (*axes, "", "", ""), strict=False)
    }
    if points.shape[1] == 3:
        scene = {f"{axis}axis": about | _GRID for axis, about in named.items()}
        layout["scene"] = scene | {"aspectmode": "data", "camera": _CAMERA, "annotations": names}
    else:
        layout["annotations"] = names
        layout["legend"]["y"] = _BELOW_THE_TITLE
        layout["xaxis"] = named["x"] | _FLAT_GRID
        layout["yaxis"] = named["y"] | _FLAT_GRID | {"scaleanchor": "x"}
    # At once, since every change of a figure is checked against its whole template again.
    return go.Figure(clouds, layout)


def _clouds(
    n: int, groups: pd.Series | None, values: pd.Series | None, selected: np.ndarray | None
) -> list[tuple[str, np.ndarray, dict]]:
    """Return the name, the rows and the marker of each trace."""
    rows = np.arange(n)
    bright = np.ones(n, dtype=bool) if selected is None else selected
    found = []
    if not bright.all():
        # First, to lie below the others. Themes colour a trace by its place, so a whole round of
        # colours is taken up: a group looks the same with and without a selection.
        found = [("not selected", rows[~bright], _FADED), *[("", rows[:0], {})] * (N_COLOURS - 1)]
    if values is not None:
        bar = {"title": {"text": str(values.name)}}
        colours = values.to_numpy(np.float32)[bright]
        return [*found, ("", rows[bright], {"color": colours, "showscale": True, "colorbar": bar})]
    for i, (name, members) in enumerate(members_of(groups)):
        marker = {"symbol": _SYMBOLS[i // N_COLOURS % len(_SYMBOLS)]}
        marker |= _NOISE if name == NO_CLUSTER else {}
        found.append((plain(name), members[bright[members]], marker))
    return found


def _names(points: np.ndarray, groups: pd.Series) -> list[dict]:
    """Put the number of each cluster where its middle is, unless there are too many."""
    members = [
        (plain(name), rows) for name, rows in members_of(groups) if len(rows) and name != NO_CLUSTER
    ]
    return [
        {
            **dict(zip("xyz", np.median(points[rows], axis=0).tolist(), strict=False)),
            "text": name.removeprefix("cluster "),
            "showarrow": False,
            **_LABEL,
        }
        for name, rows in (members if len(members) <= _MOST_NAMES else [])
    ]


def _cloud(
    points: np.ndarray, hover: np.ndarray, rows: np.ndarray, marker: dict, name: str
) -> go.Scatter3d | go.Scattergl:
    is_flat = points.shape[1] == 2
    return (go.Scattergl if is_flat else go.Scatter3d)(
        **dict(zip("xyz", points.T, strict=False)),
        mode="markers",
        name=name,
        text=hover,
        customdata=rows.astype(np.int32),
        hovertemplate="%{text}<extra></extra>",
        showlegend=bool(name),
        marker={"size": 5 if is_flat else 2.6, "opacity": 0.6 if is_flat else 0.85, **marker},
    )
