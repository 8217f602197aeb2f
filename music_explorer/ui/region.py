"""What is encircled in a map: polygons on two of its axes, as text that fits an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

_DIGITS = 4


@dataclass(frozen=True)
class Region:
    """The inside of some polygons.

    Attributes
    ----------
    axes
        The two axes of the map, counted from 0.
    polygons
        Corners of each, as x and y.
    """

    axes: tuple[int, int]
    polygons: tuple[tuple[tuple[float, float], ...], ...]

    def __str__(self) -> str:
        """Write it as ``01:x,y;x,y|x,y;…``; `parse` reads it."""
        polygons = ("; ".join(f"{x:g},{y:g}" for x, y in corners) for corners in self.polygons)
        return f"{self.axes[0]}{self.axes[1]}:" + "|".join(polygons).replace(" ", "")


def drawn(selection: Mapping[str, Any], axes: tuple[int, int]) -> Region | None:
    """Return what lasso and box encircle in Streamlit's account of a chart; None if nothing."""
    boxes = [_corners(box["x"], box["y"]) for box in selection.get("box", [])]
    lassos = [tuple(zip(lasso["x"], lasso["y"], strict=True)) for lasso in selection["lasso"]]
    polygons = tuple(
        tuple(dict.fromkeys((_short(x), _short(y)) for x, y in corners))
        for corners in (*boxes, *lassos)
    )
    return Region(axes, polygons) if polygons else None


def parse(text: str) -> Region:
    """Read what ``str`` of a region wrote.

    Raises
    ------
    ValueError
        If it is none.
    """
    axes, _, rest = text.partition(":")
    polygons = tuple(
        tuple((float(x), float(y)) for x, y in (corner.split(",") for corner in part.split(";")))
        for part in rest.split("|")
    )
    if len(axes) != 2 or not np.isfinite(np.concatenate(polygons)).all():
        raise ValueError(f"no region: {text!r}")
    return Region((int(axes[0]), int(axes[1])), polygons)


def inside(region: Region, embedding: np.ndarray) -> np.ndarray:
    """Tell which points lie inside, by the even-odd rule.

    Parameters
    ----------
    region : Region
        Polygons on two axes.
    embedding : ndarray of shape (n_samples, n_components)
        The map.

    Returns
    -------
    ndarray of bool, shape (n_samples,)

    Raises
    ------
    ValueError
        If the map does not have these axes.
    """
    if max(region.axes) >= embedding.shape[1]:
        raise ValueError(f"the map has {embedding.shape[1]} axes")
    x, y = embedding[:, region.axes[0]], embedding[:, region.axes[1]]
    found = np.zeros(len(embedding), dtype=bool)
    for corners in region.polygons:
        is_in = np.zeros(len(embedding), dtype=bool)
        for (x0, y0), (x1, y1) in zip(corners, (*corners[1:], corners[0]), strict=True):
            if y0 != y1:
                crosses = (y0 > y) != (y1 > y)
                is_in ^= crosses & (x < x0 + (y - y0) / (y1 - y0) * (x1 - x0))
        found |= is_in
    return found


def _corners(x: list[float], y: list[float]) -> tuple[tuple[float, float], ...]:
    (x0, x1), (y0, y1) = x, y
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
