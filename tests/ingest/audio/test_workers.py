"""Processes that do the work: one that dies costs one call, and none is left behind."""

import ctypes
import os
import subprocess
import sys

import pytest

from ingest.audio.workers import Limit, TookTooLong, cluster, processes
from ingest.errors import IngestError
from tests.conftest import ROOT


def square(number: int) -> int:
    if number == 3:
        os._exit(139)  # as a decoder that crashes
    if number == 4:
        raise ValueError("four")
    return number * number


def threads(_: int) -> tuple[str | None, ...]:
    return tuple(os.environ.get(f"{name}_NUM_THREADS") for name in ("OMP", "OPENBLAS", "MKL"))


def stuck(_: int) -> None:
    ctypes.PyDLL(None).sleep(600)  # as a decoder in an endless loop: no other thread gets a turn


def greedy(number: int) -> int:
    return len(bytearray(number))


def finished(workers, function, numbers):
    tasks = [workers.submit(function, number) for number in numbers]
    while not all(task.done for task in tasks):
        workers.wait()
    return tasks


def test_a_call_that_kills_its_process_is_the_only_one_lost():
    with processes(2) as workers:
        tasks = finished(workers, square, range(6))
        assert [task.value for task in tasks] == [0, 1, 4, None, None, 25]
        assert [str(task.error) for task in tasks[3:5]] == ["the decoder crashed", "four"]
        assert isinstance(tasks[3].error, IngestError)
        assert [task.value for task in finished(workers, square, [5, 6])] == [25, 36]


@pytest.mark.skipif(sys.platform == "win32", reason="needs the C library's sleep")
def test_a_call_that_never_returns_is_ended_and_the_others_go_on():
    with processes(2) as workers:
        late = workers.submit(stuck, 0, limit=Limit(0.5, 4_000_000_000))
        others = finished(workers, square, [1, 2])
        while not late.done:
            workers.wait()
        assert isinstance(late.error, TookTooLong)
        assert str(late.error) == "took over 0.5 s and was ended"
        assert [task.value for task in others] == [1, 4]
        assert workers.finish(square, 6, limit=Limit(60, 4_000_000_000)).value == 36


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone")
def test_a_call_that_wants_all_memory_fails_and_its_process_goes_on():
    with processes(1) as workers:
        limit = Limit(60, 2_000_000_000)
        assert isinstance(workers.finish(greedy, 3_000_000_000, limit=limit).error, MemoryError)
        assert workers.finish(greedy, 1_000_000, limit=limit).value == 1_000_000


def test_a_worker_computes_in_one_thread_and_this_process_keeps_its_environment():
    before = dict(os.environ)
    with processes(1) as workers:
        [task] = finished(workers, threads, [0])
    assert task.value == ("1", "1", "1")
    assert dict(os.environ) == before


def test_workers_end_when_the_process_that_started_them_is_killed():
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.ingest.employer"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout.readline() == b"working\n"
    child.kill()
    # The pipe ends once the last process that inherited it has ended.
    assert child.stdout.read() == b""
    child.communicate()


def test_a_cluster_that_does_not_answer_is_told():
    pytest.importorskip("distributed", reason="dask.distributed is an optional requirement")
    with pytest.raises(IngestError, match="no Dask scheduler answers at tcp://127.0.0.1:1;"):
        cluster("tcp://127.0.0.1:1", connect_s=1).__enter__()
    with pytest.raises(IngestError, match="no Dask scheduler answers at nonsense://;"):
        cluster("nonsense://", connect_s=1).__enter__()


def test_a_missing_dask_is_told_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(IngestError, match="pip install -r requirements-cluster.txt"):
        cluster("tcp://127.0.0.1:1").__enter__()
