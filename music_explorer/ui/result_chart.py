"""The chart of any result: rows in, a Plotly figure out. Nothing here knows Streamlit or SQL."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from music_explorer.ui.charts import N_COLOURS, plain
from music_explorer.ui.plain_text import counted

KINDS = ("bar", "line", "scatter")
MAX_BARS = 100
MAX_GROUPS = 20
_HOVER_COLUMNS = 7
_SYMBOLS, _DASHES, _PATTERNS = ("circle", "diamond"), ("solid", "dot"), ("", "/")
_MISSING = "(missing)"


@dataclass(frozen=True)
class Axes:
    """Which columns are drawn, and how.

    Attributes
    ----------
    x, y
        Columns; ``y`` holds numbers.
    colour
        A column of few groups, or of numbers for a scatter; None for one colour.
    kind
        One of ``KINDS``.
    """

    x: str
    y: str
    colour: str | None
    kind: str


def number_columns(rows: pd.DataFrame) -> list[str]:
    """Return the columns that hold at least one number."""
    return [
        name
        for name in rows.columns
        if pd.api.types.is_numeric_dtype(rows[name])
        and not pd.api.types.is_bool_dtype(rows[name])
        and rows[name].notna().any()
    ]


def default_x(rows: pd.DataFrame) -> str:
    """Return the column that most likely names or orders the rows: the first."""
    return str(rows.columns[0])


def default_y(rows: pd.DataFrame, x: str) -> str:
    """Return the first column of numbers after ``x``, else any."""
    numbers = number_columns(rows)
    return next((name for name in numbers if name != x), numbers[0])


def default_colour(rows: pd.DataFrame, x: str) -> str | None:
    """Return the text that tells rows of the same ``x`` apart; None if there is none or no need."""
    if not rows.duplicated([x]).any():
        return None
    texts = [c for c in colour_columns(rows, "bar") if c != x and not _is_ordered_type(rows[c])]
    return next((name for name in texts if not rows.duplicated([x, name]).any()), None)


def default_kind(rows: pd.DataFrame, x: str, colour: str | None) -> str:
    """Choose from the types: text makes bars; a steady order makes a line; else a scatter."""
    if not _is_ordered_type(rows[x]):
        return "bar"
    keys = [x] if colour in (None, x) else [x, colour]
    is_series = rows[x].is_monotonic_increasing and not rows.duplicated(keys).any()
    return "line" if is_series else "scatter"


def colour_columns(rows: pd.DataFrame, kind: str) -> list[str]:
    """Return the columns that can colour the marks: of few groups, or numbers for a scatter."""
    numbers = number_columns(rows) if kind == "scatter" else []
    return [name for name in rows.columns if name in numbers or rows[name].nunique() <= MAX_GROUPS]


def draw(rows: pd.DataFrame, axes: Axes) -> go.Figure:
    """Draw a result.

    Parameters
    ----------
    rows : DataFrame
        The result. Rows without ``x`` or ``y`` are not drawn, and the figure says how many.
    axes : Axes
        What to draw.

    Returns
    -------
    Figure
        Bars of text lie, so that names can be read; at most ``MAX_BARS`` of them.
    """
    shown, notes = _drawn(rows, axes)
    fig = go.Figure()
    for i, (name, part) in enumerate(_groups(shown, axes)):
        fig.add_trace(_TRACES[axes.kind](part, axes, i, name))
    lies = axes.kind == "bar" and not _is_ordered_type(rows[axes.x])
    x, y = ("y", "x") if lies else ("x", "y")
    fig.update_layout(
        title={
            "text": f"{plain(axes.y)} by {plain(axes.x)}",
            "subtitle": {"text": "; ".join(notes)},
        },
        height=max(320, 130 + 24 * shown[axes.x].nunique()) if lies else 480,
        barmode="group" if axes.colour else "relative",
        margin={"t": 90},
        legend={"title": {"text": plain(axes.colour)}} if axes.colour else {},
        showlegend=axes.colour is not None and len(fig.data) > 1,
        **{f"{x}axis_title": plain(axes.x), f"{y}axis_title": plain(axes.y)},
    )
    if not _is_ordered_type(rows[axes.x]):
        fig.update_layout({f"{x}axis": _categories(shown[axes.x], lies=lies)})
    return fig


def _categories(values: pd.Series, *, lies: bool) -> dict[str, object]:
    """Return an axis of names, shortened where all can be read; the first one on top."""
    texts = values.astype(str).drop_duplicates()
    axis: dict[str, object] = {"type": "category"}
    if len(texts) <= MAX_BARS:
        axis |= {"tickvals": texts.map(plain), "ticktext": [plain(_short(t)) for t in texts]}
    return axis | ({"autorange": "reversed"} if lies else {})


def _drawn(rows: pd.DataFrame, axes: Axes) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows that are drawn, and what a reader must know of the others."""
    shown = rows[rows[axes.x].notna() & np.isfinite(rows[axes.y].astype(float))]
    notes = []
    if len(shown) < len(rows):
        lost = counted(len(rows) - len(shown), "row")
        notes.append(f"{lost} without {axes.x} or {axes.y} not drawn")
    if axes.kind == "line" and _is_ordered_type(rows[axes.x]):
        shown = shown.sort_values(axes.x, kind="stable")
    if axes.kind != "bar":
        return shown, [plain(note) for note in notes]
    if not _is_ordered_type(rows[axes.x]) and (n := shown[axes.x].nunique()) > MAX_BARS:
        shown = shown[shown[axes.x].isin(shown[axes.x].unique()[:MAX_BARS])]
        notes.append(f"the first {MAX_BARS} of {n:,} {axes.x}")
    if not axes.colour and shown.duplicated([axes.x]).any():
        notes.append(f"rows of the same {axes.x} are stacked")
    return shown, [plain(note) for note in notes]


def _groups(shown: pd.DataFrame, axes: Axes) -> list[tuple[str, pd.DataFrame]]:
    if axes.colour is None or _is_scale(shown, axes):
        return [("", shown)]
    names = shown[axes.colour].astype(object).where(shown[axes.colour].notna(), _MISSING)
    return [(plain(name), part) for name, part in shown.groupby(names.astype(str), sort=False)]


def _is_scale(shown: pd.DataFrame, axes: Axes) -> bool:
    """Tell whether the colour is a scale and not a group for each value."""
    return axes.kind == "scatter" and axes.colour in number_columns(shown)


def _bar(part: pd.DataFrame, axes: Axes, i: int, name: str) -> go.Bar:
    ends = {"x": _places(part[axes.x]), "y": part[axes.y]}
    if not _is_ordered_type(part[axes.x]):
        ends = {"x": ends["y"], "y": ends["x"], "orientation": "h"}
    pattern = {"shape": _PATTERNS[i // N_COLOURS % 2]}
    return go.Bar(
        **ends, **_said(part, axes, name), marker={"pattern": pattern}, textposition="none"
    )


def _line(part: pd.DataFrame, axes: Axes, i: int, name: str) -> go.Scatter:
    return go.Scatter(
        x=_places(part[axes.x]),
        y=part[axes.y],
        mode="lines+markers",
        line={"dash": _DASHES[i // N_COLOURS % 2]},
        **_said(part, axes, name),
    )


def _scatter(part: pd.DataFrame, axes: Axes, i: int, name: str) -> go.Scattergl:
    marker = {"size": 7, "opacity": 0.7, "symbol": _SYMBOLS[i // N_COLOURS % 2]}
    if _is_scale(part, axes):
        bar = {"title": {"text": plain(axes.colour)}}
        marker |= {"color": part[axes.colour], "showscale": True, "colorbar": bar}
    return go.Scattergl(
        x=_places(part[axes.x]),
        y=part[axes.y],
        mode="markers",
        marker=marker,
        **_said(part, axes, name),
    )


_TRACES = {"bar": _bar, "line": _line, "scatter": _scatter}


def _places(values: pd.Series) -> pd.Series:
    return values if _is_ordered_type(values) else values.astype(str).map(plain)


def _said(part: pd.DataFrame, axes: Axes, name: str) -> dict[str, object]:
    """Return the name of a trace and the text of each of its marks."""
    first = [c for c in (axes.x, axes.y, axes.colour) if c is not None]
    columns = list(dict.fromkeys([*first, *part.columns]))[:_HOVER_COLUMNS]
    return {
        "name": name,
        "hovertext": _hovers(part, columns),
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _hovers(part: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    rows = part[list(columns)].itertuples(index=False, name=None)
    return [
        "<br>".join(
            f"{plain(name)}: {plain(_short(value))}"
            for name, value in zip(columns, row, strict=True)
        )
        for row in rows
    ]


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    text = "" if pd.isna(value) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _is_ordered_type(values: pd.Series) -> bool:
    """Tell whether values are numbers or dates, which have places on an axis."""
    if pd.api.types.is_bool_dtype(values):
        return False
    return (
        pd.api.types.is_numeric_dtype(values)
        or pd.api.types.is_datetime64_any_dtype(values)
        or pd.api.types.infer_dtype(values, skipna=True) == "date"
    )
