"""``python -m bench [NAME…]``: run the comparisons and write them to ``bench/RESULTS.md``.

Without names all of them run, which takes about an hour on two cores. Results of a run replace
those of the run before. Peers come from ``requirements-bench.txt``.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench import choose_k, clustering, ingest, pages, queries, tsne_growth
from bench.contest import ROOT
from bench.report import FOLDER, Point, Section, draw, exponents, head, table

COMPARISONS: dict[str, Callable[[], Section]] = {
    "ingest": ingest.compare,
    "clustering": clustering.compare,
    "choose_k": choose_k.compare,
    "pages": pages.compare,
    "visitors": pages.compare_visitors,
    "queries": queries.compare,
    "tsne": tsne_growth.compare,
}


def main() -> None:
    """Read the arguments, measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(COMPARISONS))
    parser.add_argument("--audio", type=Path, help="folder of music, to measure the extractor too")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the results")
    given = parser.parse_args()
    if unknown := set(given.names) - COMPARISONS.keys():
        parser.error(f"no comparison {', '.join(unknown)}; choose from {', '.join(COMPARISONS)}")
    parts, points = ["# Measured", head()], []
    for name in given.names or COMPARISONS:
        print(name, flush=True)
        section = COMPARISONS[name]()
        parts.append(section.markdown())
        points += section.points
        _write(given.out, parts, points)
    if given.audio:
        print("extract", flush=True)
        parts.append(_extraction(given.audio).markdown())
        _write(given.out, parts, points)


def _extraction(folder: Path) -> Section:
    command = [sys.executable, "-m", "bench.extract", str(folder.resolve()), "--repeats", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    about = (
        "CPU seconds on one thread; see `bench/extract.py`, which also compares every value with "
        "librosa's."
    )
    return Section("Extraction", about, f"```\n{done.stdout.strip()}\n```")


def _write(folder: Path, parts: list[str], points: list[Point]) -> None:
    """Write what there is so far: a long run that is stopped has not been for nothing."""
    growth = []
    if points:
        draw(points, folder / "growth.png")
        growth = [
            "## How cost grows",
            "![Time and memory against the number of tracks](growth.png)",
            table(exponents(points)),
        ]
    (folder / "RESULTS.md").write_text("\n\n".join([*parts, *growth]) + "\n")


if __name__ == "__main__":
    main()
