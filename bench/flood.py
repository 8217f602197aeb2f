"""How long an innocent visitor waits while others flood the SQL page.

``python -m bench.flood STORE``. The visitors who flood ask for what never ends, again and again;
the innocent one asks a small question and opens a page. Prints a Markdown table of seconds, the
median of some attempts.
"""

import os
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from threading import Event, Thread

from streamlit.testing.v1 import AppTest

from music_explorer.store.sandbox import QueryError, TookTooLong, query

ROOT = Path(__file__).resolve().parents[1]
ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a <> b"
SMALL = "SELECT genre, count(*) FROM track_genres GROUP BY genre"
N_FLOODING = (0, 5, 20, 40)
SETTLE_S = 45  # until each who floods was stopped once
N_ATTEMPTS = 5


def seconds_of_page() -> float:
    """Open the first page as a new visitor; return how long that takes."""
    started = time.perf_counter()
    at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=300).run()
    assert not at.exception
    return time.perf_counter() - started


def seconds_of_query(store: Path, outcomes: Counter) -> float:
    """Ask a small question; return how long its answer, or its refusal, takes."""
    started = time.perf_counter()
    try:
        query(store, SMALL)
        outcomes["answered"] += 1
    except QueryError as error:
        outcomes[str(error)] += 1
    return time.perf_counter() - started


def flood(store: Path, end: Event) -> None:
    """Ask for what never ends, until the end; a refused visitor takes a breath."""
    behind = False
    while not end.is_set():
        try:
            query(store, ENDLESS, behind=behind)
        except QueryError as error:
            behind = behind or isinstance(error, TookTooLong)
            end.wait(0.2)


def main(store: Path) -> None:
    """Measure with more and more visitors who flood."""
    os.environ["MUSIC_STORE"] = str(store)
    seconds_of_page()  # the caches are full for everybody
    print(
        "| flooding | small query, s | longest, s | page, s | small query |\n|---|---|---|---|---|"
    )
    for n in N_FLOODING:
        end, outcomes = Event(), Counter()
        threads = [Thread(target=flood, args=(store, end)) for _ in range(n)]
        for thread in threads:
            thread.start()
        time.sleep(SETTLE_S if n else 0)
        asked = [seconds_of_query(store, outcomes) for _ in range(N_ATTEMPTS)]
        opened = [seconds_of_page() for _ in range(N_ATTEMPTS)]
        end.set()
        for thread in threads:
            thread.join()
        said = "; ".join(f"{what}: {times}" for what, times in outcomes.items())
        print(
            f"| {n} | {statistics.median(asked):.1f} | {max(asked):.1f} "
            f"| {statistics.median(opened):.2f} | {said} |",
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
