"""What measurements are written to: Markdown with versions, and a chart of how cost grows."""

import importlib.metadata
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

FOLDER = Path(__file__).parent
_PACKAGES = (
    "streamlit",
    "duckdb",
    "pandas",
    "numpy",
    "scikit-learn",
    "fastcluster",
    "numba",
    "plotly",
    "librosa",
    "openTSNE",
    "yellowbrick",
)


class Point(NamedTuple):
    """What something cost at one size; `peak_mb` is NaN where it was not measured."""

    what: str
    n: int
    seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Section:
    """One comparison: its title, what was compared, its table, points of growth, the aims."""

    title: str
    about: str
    body: str
    points: list[Point] = field(default_factory=list)
    aims: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """Return the section as Markdown."""
        return "\n\n".join([f"## {self.title}", self.about, self.body, *self.aims]) + "\n"


def aim(what: str, *, met: bool, found: str, why: str = "") -> str:
    """Return an aim, what was found, and, if it was missed, why."""
    missed = f"missed{f', since {why}' if why else ''}"
    return f"Aim: {what}. Found: {found}; {'met' if met else missed}."


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return rows as a Markdown table."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([_cell(row[n]) for n in names] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2f}" if value < 10 else f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def versions(packages: Sequence[str]) -> str:
    """Return the versions of Python and of packages, in one line."""
    found = [f"Python {platform.python_version()}"]
    for package in packages:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{package} not installed")
    return ", ".join(found)


def head() -> str:
    """Return versions and machine, one line each."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{versions(_PACKAGES)}\n\n"
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB; load "
        f"at the start {os.getloadavg()[0]:.1f}; {datetime.now(UTC):%Y-%m-%d}\n\n"
        "Every contestant runs in a process of its own; the contestants take turns, the median "
        "counts. Imports and warm-up are not counted. Generated tables are the demo's rows drawn "
        "again and moved a little (`bench/generated.py`)."
    )


def exponents(points: Iterable[Point]) -> list[dict[str, Any]]:
    """Fit ``cost = a * n ** b`` to the points of each thing and return b of time and memory."""
    rows = []
    for what, found in _by_what(points).items():
        n, seconds, peak = np.array([point[1:] for point in found], dtype=float).T
        rows.append(
            {
                "what": what,
                "from": int(n.min()),
                "to": int(n.max()),
                "time grows as n to the": _slope(n, seconds),
                "memory as n to the": _slope(n, peak),
            }
        )
    return rows


def _slope(n: np.ndarray, cost: np.ndarray) -> float:
    return float(np.polyfit(np.log(n), np.log(cost), 1)[0])


def draw(points: Iterable[Point], path: Path) -> None:
    """Draw time and memory against n, both axes logarithmic, with the fitted exponents."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    fig, (time, memory) = pyplot.subplots(1, 2, figsize=(12, 5), layout="constrained")
    fitted = {row["what"]: row for row in exponents(points)}
    for (what, found), marker in zip(_by_what(points).items(), "osD^vP*X", strict=False):
        n, seconds, peak = np.array([point[1:] for point in found], dtype=float).T
        row = fitted[what]
        time.plot(n, seconds, marker=marker, label=f"{what}: {row['time grows as n to the']:.2f}")
        memory.plot(n, peak, marker=marker, label=f"{what}: {row['memory as n to the']:.2f}")
    for axes, title in ((time, "seconds"), (memory, "peak memory, MB")):
        axes.set(xscale="log", yscale="log", xlabel="tracks", ylabel=title)
        axes.grid(alpha=0.3)
        axes.legend(title="grows as n to the power of", fontsize=8)
    fig.savefig(path, dpi=90)


def _by_what(points: Iterable[Point]) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for point in points:
        found.setdefault(point.what, []).append(point)
    return found
