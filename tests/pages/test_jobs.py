"""Work in the background: who can stop it, and what becomes of it."""

import os
import sys
import time
from threading import Event, Semaphore, get_native_id

import pytest

from music_explorer.ui import jobs
from music_explorer.ui.jobs import EVIDENCE, LANES, MAP, Desk, Job, Stopped


def endless(job: Job) -> None:
    for step in range(1_000_000):
        job.report(step, 0)
        time.sleep(0.01)


def test_work_ends_when_the_only_visitor_gives_it_up():
    job = Job(Semaphore(1), endless)
    job.wait_for("a")
    job.give_up("a")
    with pytest.raises(Stopped):
        job.future.result(timeout=10)


def test_work_goes_on_while_another_visitor_waits_for_it():
    go = Event()
    job = Job(Semaphore(1), lambda job: (go.wait(10), job.report(1, 1), "done")[-1])
    job.wait_for("a")
    job.wait_for("b")
    job.give_up("a")
    go.set()
    assert job.future.result(timeout=10) == "done"


def test_work_that_nobody_looks_at_any_more_ends(monkeypatch):
    monkeypatch.setattr(jobs, "_ABANDONED_S", 0.05)
    with pytest.raises(Stopped):
        Job(Semaphore(1), endless).future.result(timeout=10)


def test_work_that_was_stopped_starts_anew_when_it_is_asked_for_again():
    desk = Desk()
    first = desk.job("key", endless)
    first.give_up("a")
    assert desk.job("key", lambda job: "new").future.result(timeout=10) == "new"


def test_work_that_is_finished_or_under_way_is_shared():
    desk = Desk()
    first = desk.job("key", lambda job: object())
    assert desk.job("key", lambda job: object()) is first
    first.future.result(timeout=10)
    assert desk.job("key", lambda job: object()) is first


def test_stopped_work_lets_the_next_one_begin():
    desk = Desk()
    desk.job("endless", endless).give_up("a")
    assert desk.job("next", lambda job: "next").future.result(timeout=10) == "next"


def test_what_work_shows_is_there_before_its_end():
    shown, go = Event(), Event()

    def work(job: Job) -> str:
        job.show("half")
        shown.set()
        go.wait(10)
        return "whole"

    job = Job(Semaphore(1), work)
    assert shown.wait(10)
    assert job.partial == "half"
    go.set()
    assert job.future.result(timeout=10) == "whole"


def test_a_map_does_not_wait_behind_evidence():
    desk = Desk()
    evidence = desk.job("evidence", endless)
    assert desk.job("map", lambda job: "map", MAP).future.result(timeout=10) == "map"
    evidence.abort()


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no niceness of their own")
def test_evidence_steps_back_for_the_pages():
    desk = Desk()
    niceness = {
        lane: desk.job(lane, lambda _: os.getpriority(os.PRIO_PROCESS, get_native_id()), lane)
        for lane in LANES
    }
    of = {lane: job.future.result(10) for lane, job in niceness.items()}
    assert of[EVIDENCE] > of[MAP] == os.getpriority(os.PRIO_PROCESS, 0)
