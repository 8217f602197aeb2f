"""Work that takes more than a moment: done once for everybody, with progress, in the background.

The page waits in small steps, so a visitor who changes a choice is not held up: the page starts
over at once, while the work goes on and its result is there for whoever asks next.
"""

import inspect
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import streamlit as st

_KEPT = 48
_STEP_S = 0.3


@dataclass
class _Job:
    future: Future
    started: float = field(default_factory=time.monotonic)
    done: int = 0
    total: int = 0

    def report(self, done: int, total: int) -> None:
        self.done, self.total = done, total


class _Desk:
    """All jobs of this process, the finished ones included, the least recently asked dropped."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._jobs: OrderedDict[Hashable, _Job] = OrderedDict()
        # One at a time: each uses every core by itself.
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="explorer")

    def job(self, key: Hashable, work: Callable[..., Any]) -> _Job:
        with self._lock:
            if key in self._jobs and not _failed(self._jobs[key]):
                self._jobs.move_to_end(key)
                return self._jobs[key]
            job = _Job(future=Future())
            call = (lambda: work(job.report)) if inspect.signature(work).parameters else work
            job.future = self._worker.submit(call)
            self._jobs[key] = job
            while len(self._jobs) > _KEPT:
                self._jobs.popitem(last=False)
            return job


def _failed(job: _Job) -> bool:
    return job.future.done() and job.future.exception() is not None


@st.cache_resource(show_spinner=False)
def _desk() -> _Desk:
    return _Desk()


def with_progress(
    key: Hashable, work: Callable[..., Any], title: str, *, expected_s: float | None = None
) -> Any:
    """Return the result of ``work``, showing a progress bar while it is being computed.

    Parameters
    ----------
    key
        What the result depends on; work with a key that was asked before is not done again.
    work
        A function without arguments, or one that takes a ``report(done, total)`` to call.
    title
        What the bar says.
    expected_s
        How long it usually takes, for work that cannot report how far it is.
    """
    job = _desk().job(key, work)
    if not job.future.done():
        bar = st.progress(0.0, text=title)
        while not job.future.done():
            elapsed = time.monotonic() - job.started
            bar.progress(_share(job, elapsed, expected_s), text=_text(title, elapsed, expected_s))
            wait_for([job.future], timeout=_STEP_S)
        bar.empty()
    return job.future.result()


def _share(job: _Job, elapsed: float, expected_s: float | None) -> float:
    if job.total:
        return job.done / job.total
    return min(0.99, elapsed / expected_s) if expected_s else 0.0


def _text(title: str, elapsed: float, expected_s: float | None) -> str:
    usual = f", usually about {expected_s:.0f} s" if expected_s else ""
    return (
        f"{title}: {elapsed:.0f} s{usual}. You can go on: the result is kept for when you return."
    )
