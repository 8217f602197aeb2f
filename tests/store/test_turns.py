"""Turns: how many, in which order, and for how long one waits."""

import contextlib
import time
from threading import Event, Thread

import pytest

from music_explorer.store.turns import Busy, Turns


def holding(turns: Turns, go: Event, entered: list[int], i: int, **how) -> Thread:
    def hold() -> None:
        with turns.turn(**how):
            entered.append(i)
            go.wait(10)

    thread = Thread(target=hold, daemon=True)
    thread.start()
    return thread


def until(condition) -> None:
    while not condition():
        time.sleep(0.001)


def test_only_so_many_have_their_turn_and_the_others_come_in_the_order_of_arrival():
    turns = Turns(2, most_waiting=5, patience_s=10)
    go = [Event() for _ in range(5)]
    entered: list[int] = []
    threads = []
    for i in range(5):
        threads.append(holding(turns, go[i], entered, i))
        until(lambda i=i: len(entered) + turns.n_waiting() == i + 1)
    assert entered == [0, 1]
    assert turns.n_waiting() == 3
    for i in range(5):
        go[i].set()
        threads[i].join(10)
    assert entered == [0, 1, 2, 3, 4]
    assert turns.n_waiting() == 0


def test_the_second_line_waits_for_the_first():
    turns, go = Turns(1, most_waiting=5, patience_s=10), Event()
    entered: list[int] = []
    threads = []
    for i, behind in enumerate([False, True, True, False, False]):
        threads.append(holding(turns, go, entered, i, behind=behind))
        until(lambda i=i: len(entered) + turns.n_waiting() == i + 1)
    go.set()
    for thread in threads:
        thread.join(10)
    assert entered == [0, 3, 4, 1, 2]


def test_a_full_line_takes_nobody():
    turns = Turns(1, most_waiting=0, patience_s=10)
    with turns.turn(), pytest.raises(Busy), turns.turn():
        pass


def test_who_waited_too_long_leaves_the_line_and_the_place_stays_free_for_others():
    turns = Turns(1, most_waiting=1, patience_s=0.01)
    with turns.turn():
        with pytest.raises(Busy), turns.turn():
            pass
        assert turns.n_waiting() == 0
    with turns.turn():
        pass


def test_a_place_is_given_back_when_what_it_was_for_fails():
    turns = Turns(1, most_waiting=0, patience_s=0)
    with contextlib.suppress(ZeroDivisionError), turns.turn():
        1 / 0  # noqa: B018
    with turns.turn():
        pass
