"""Work that takes more than a moment: done once for everybody, with progress, in the background.

The page waits in small steps, so a visitor who changes a choice is not held up: the page starts
over at once, while the work goes on and its result is there for whoever asks next.
"""

import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock, Semaphore, Thread
from typing import Any

import streamlit as st

Report = Callable[[int, int], None]

_KEPT = 48
_STEP_S = 0.3


class Job:
    """One piece of work in a thread, and how far it is."""

    def __init__(self, slot: Semaphore, work: Callable[[Report], Any]) -> None:
        self.future: Future = Future()
        self.started: float | None = None
        self.done, self.total = 0, 0
        # A daemon: the threads of an executor would keep a stopped server waiting for their end.
        Thread(target=self._run, args=(slot, work), daemon=True).start()

    def _run(self, slot: Semaphore, work: Callable[[Report], Any]) -> None:
        with slot:
            self.started = time.monotonic()
            try:
                self.future.set_result(work(self.report))
            except BaseException as error:  # handed on to whoever waits
                self.future.set_exception(error)

    def report(self, done: int, total: int) -> None:
        """Say how far the work is; called by the work itself."""
        self.done, self.total = done, total

    def failed(self) -> bool:
        """Tell whether the work ended with an error, so that it may be tried again."""
        return self.future.done() and self.future.exception() is not None


class Desk:
    """One job a key, however many visitors ask for it; the finished ones are kept for a while."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._slot = Semaphore(1)  # one at a time: each uses every core by itself
        self._jobs: dict[Hashable, Job] = {}

    def job(self, key: Hashable, work: Callable[[Report], Any]) -> Job:
        """Return the job of this key; start it if there is none."""
        with self._lock:
            job = self._jobs.pop(key, None)
            if job is None or job.failed():
                job = Job(self._slot, work)
            self._jobs[key] = job  # the last asked for stands last
            finished = [k for k, other in self._jobs.items() if other.future.done() and k != key]
            for oldest in finished[: max(0, len(self._jobs) - _KEPT)]:
                del self._jobs[oldest]
            return job


@st.cache_resource(show_spinner=False)
def _desk() -> Desk:
    return Desk()


def with_progress(
    key: Hashable,
    work: Callable[[Report], Any],
    title: str,
    *,
    expected_s: float | None = None,
) -> Any:
    """Return the result of ``work``, showing a progress bar while it is being computed.

    Parameters
    ----------
    key
        What the result depends on; work with a key that was asked before is not done again.
    work
        Takes a ``report(done, total)`` to call as it goes on.
    title
        What the bar says.
    expected_s
        How long it usually takes, for work that cannot report how far it is.
    """
    job = _desk().job(key, work)
    if not job.future.done():
        bar = st.progress(0.0, text=title)
        while not job.future.done():
            bar.progress(_share(job, expected_s), text=f"{title}: {_state(job, expected_s)}")
            time.sleep(_STEP_S)
        bar.empty()
    return job.future.result()


def _elapsed(job: Job) -> float:
    return time.monotonic() - job.started if job.started else 0.0


def _share(job: Job, expected_s: float | None) -> float:
    if job.total:
        return job.done / job.total
    return min(0.99, _elapsed(job) / expected_s) if expected_s else 0.0


def _state(job: Job, expected_s: float | None) -> str:
    if job.started is None:
        return "waiting for other work to finish"
    usual = f" of usually about {expected_s:.0f} s" if expected_s else ""
    return f"{_elapsed(job):.0f} s{usual}. You may go on; the result will be here when you return."
