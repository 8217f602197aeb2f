"""Work that takes more than a moment: done once for everybody, with progress, in the background.

The page waits in small steps, so a visitor who changes a choice is not held up: the page starts
over at once, while the work goes on and its result is there for whoever asks next. Stopping is
something else: the work ends, unless somebody else waits for it too.
"""

import atexit
import math
import os
import sys
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from threading import Lock, Semaphore, Thread, get_native_id
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

LANES = MAP, EVIDENCE = "map", "evidence"
_KEPT = 48
_STEP_S = 0.3
_WATCHED_S = 3.0  # who was seen so long ago is looking at something else by now
_ABANDONED_S = 120.0
_LAST_WAIT_S = 5.0
_NICENESS = 10  # of 19
_WHOEVER = ""  # the visitor who asked first, until the page begins to wait
_STOPPED = "stopped_jobs"


class Stopped(Exception):
    """Raised inside work that nobody waits for any more."""


class Job:
    """One piece of work in a thread, how far it is, and who waits for it.

    Attributes
    ----------
    future
        Its result.
    started
        When it got the processor; None while it waits for it.
    done, total
        How far it is; 0 of 0 while it does not say.
    partial
        What it has shown so far, such as an unfinished map.
    """

    def __init__(self, slot: Semaphore, work: Callable[["Job"], Any], lane: str = EVIDENCE) -> None:
        self.future: Future = Future()
        self.started: float | None = None
        self.done, self.total = 0, 0
        self.partial: Any = None
        self._seen = {_WHOEVER: time.monotonic()}
        self._is_stopped = False
        # A daemon: the threads of an executor would keep a stopped server waiting for their end.
        Thread(target=self._run, args=(slot, work, lane), daemon=True).start()

    def _run(self, slot: Semaphore, work: Callable[["Job"], Any], lane: str) -> None:
        if lane == EVIDENCE:
            _step_back()
        with slot:
            self.started = time.monotonic()
            try:
                self._check()
                self.future.set_result(work(self))
            except BaseException as error:  # handed on to whoever waits
                self.future.set_exception(error)

    def report(self, done: int, total: int) -> None:
        """Say how far the work is; called by the work itself.

        Raises
        ------
        Stopped
            If the work is to end here.
        """
        self._check()
        self.done, self.total = done, total

    def show(self, partial: Any) -> None:
        """Show what there is so far; called by the work itself."""
        self._check()
        self.partial = partial

    def wait_for(self, visitor: str) -> None:
        """Remember that a visitor is waiting for the result right now."""
        self._seen[visitor] = time.monotonic()

    def give_up(self, visitor: str) -> None:
        """End the work, if no other visitor is waiting for the result."""
        for name in (visitor, _WHOEVER):
            self._seen.pop(name, None)
        self._is_stopped = self._unwatched_s() > _WATCHED_S

    def abort(self) -> None:
        """End the work, whoever is waiting."""
        self._is_stopped = True

    def failed(self) -> bool:
        """Tell whether the work ended with an error, so that it may be tried again."""
        return self._is_stopped or (self.future.done() and self.future.exception() is not None)

    def _unwatched_s(self) -> float:
        # A copy, as visitors come and go meanwhile.
        return time.monotonic() - max(tuple(self._seen.values()), default=-math.inf)

    def _check(self) -> None:
        if self._is_stopped or self._unwatched_s() > _ABANDONED_S:
            raise Stopped


def _step_back() -> None:
    """Let the pages go first: this thread, and those that it starts, take what time they leave."""
    if sys.platform == "linux":  # where a thread has a niceness of its own
        os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICENESS)


class Desk:
    """One job a key, however many visitors ask for it; the finished ones are kept for a while."""

    def __init__(self) -> None:
        self._lock = Lock()
        # In each lane one at a time: each uses every core by itself. A map of seconds does not
        # wait behind the evidence of others, which may take minutes.
        self._lanes = {lane: Semaphore(1) for lane in LANES}
        self._jobs: dict[Hashable, Job] = {}

    def job(self, key: Hashable, work: Callable[[Job], Any], lane: str = EVIDENCE) -> Job:
        """Return the job of this key; start it if there is none."""
        with self._lock:
            job = self._jobs.pop(key, None)
            if job is None or job.failed():
                job = Job(self._lanes[lane], work, lane)
            self._jobs[key] = job  # the last asked for stands last
            finished = [k for k, other in self._jobs.items() if other.future.done() and k != key]
            for oldest in finished[: max(0, len(self._jobs) - _KEPT)]:
                del self._jobs[oldest]
            return job

    def close(self) -> None:
        """End all work, since the process ends: a thread inside compiled code would crash it."""
        with self._lock:
            jobs = [job for job in self._jobs.values() if not job.future.done()]
        for job in jobs:
            job.abort()
        wait([job.future for job in jobs], timeout=_LAST_WAIT_S)

    def finished(self, key: Hashable) -> Any:
        """Return the result of this key, or None if there is none yet."""
        with self._lock:
            job = self._jobs.get(key)
        return job.future.result() if job and job.future.done() and not job.failed() else None


@st.cache_resource(show_spinner=False)
def _desk() -> Desk:
    desk = Desk()
    atexit.register(desk.close)
    return desk


def finished(key: Hashable) -> Any:
    """Return the result of work that somebody asked for before; None if there is none yet."""
    return _desk().finished(key)


def with_progress(
    key: Hashable,
    work: Callable[[Job], Any],
    title: str,
    *,
    lane: str = EVIDENCE,
    expected_s: float | None = None,
    draw: Callable[[Any], None] | None = None,
) -> Any:
    """Return the result of ``work``, showing how far it is while it is being computed.

    Parameters
    ----------
    key
        What the result depends on; work with a key that was asked before is not done again.
    work
        Takes its `Job`: it calls ``report`` as it goes on, and ``show`` with what it has so far.
    title
        What the bar says.
    lane
        MAP for what a page cannot be drawn without, EVIDENCE for the rest.
    expected_s
        How long it usually takes, for work that cannot report how far it is.
    draw
        Draws what the work has shown so far.

    Returns
    -------
    object or None
        None if the visitor stopped it; a button to start it again is shown instead.
    """
    if key in st.session_state.get(_STOPPED, ()):
        _offer_again(key, title)
        return None
    job = _desk().job(key, work, lane)
    if not job.future.done():
        _wait(key, job, title, expected_s, draw)
    try:
        return job.future.result()
    except Stopped:  # by another visitor, or for want of one, before this one came
        st.rerun()


def _wait(key: Hashable, job: Job, title: str, expected_s: float | None, draw) -> None:
    place = st.empty()
    with place.container():
        bar, button = st.columns([6, 1], vertical_alignment="center")
        button.button("Stop", key=f"stop {hash(key)}", on_click=_stop, args=(key, job))
        bar, picture = bar.empty(), st.empty()
    drawn = None
    while not job.future.done():
        job.wait_for(_visitor())
        bar.progress(_share(job, expected_s), text=f"{title}: {_state(job, expected_s)}")
        if draw and job.partial is not drawn:
            drawn = job.partial
            with picture.container():
                draw(drawn)
        time.sleep(_STEP_S)
    place.empty()


def _stop(key: Hashable, job: Job) -> None:
    job.give_up(_visitor())
    st.session_state[_STOPPED] = {*st.session_state.get(_STOPPED, ()), key}


def _start_again(key: Hashable) -> None:
    st.session_state[_STOPPED] = st.session_state[_STOPPED] - {key}


def _offer_again(key: Hashable, title: str) -> None:
    text, button = st.columns([6, 1], vertical_alignment="center")
    text.info(f"{title}: stopped, so there is nothing to show here.", icon=":material/block:")
    button.button("Start", key=f"start {hash(key)}", on_click=_start_again, args=(key,))


def _visitor() -> str:
    return get_script_run_ctx().session_id


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
