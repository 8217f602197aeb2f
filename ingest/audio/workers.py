"""Who does the work: processes of this machine, or the workers of a Dask cluster."""

import contextlib
import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import NamedTuple

from ingest.errors import IngestError

# Each process has one core: threads inside it would only fight over them.
_ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ),
    "1",
)

# What a worker of a cluster must be able to import.
_NEEDED = "import ingest.audio.tasks, ingest.audio.decode, ingest.extractor.librosa_features"


class TookTooLong(IngestError):
    """A call was ended at its limit of time; that may be the machine's fault, not the file's."""


class Limit(NamedTuple):
    """What a call may take; it does not hold on a cluster, where calls share processes."""

    seconds: float
    n_bytes: int  # of memory, the program's own 1 GB included; kept on Linux alone


@dataclass(eq=False)
class Task:
    """A call that is under way, or its value or error."""

    function: Callable
    arguments: tuple
    limit: Limit | None = None
    future: Future | None = None
    value: object = None
    error: Exception | None = None
    done: bool = False


class Workers:
    """Run calls in other processes; a process that dies costs one call, not the run.

    Parameters
    ----------
    start
        Makes an executor; called again after one broke.
    n_workers
        How many calls it runs at once.
    died
        What a call raises whose process died.
    keep_limits
        Whether calls are ended at their limits: their process must have one call at a time.
    """

    def __init__(
        self,
        start: Callable[[], Executor],
        n_workers: int,
        died: type[Exception],
        *,
        keep_limits: bool = False,
    ) -> None:
        self.n_workers = n_workers
        self._start, self._died, self._keep_limits = start, died, keep_limits
        self._executor = start()
        self._under_way: list[Task] = []

    def finish(self, function: Callable, *arguments: object, limit: Limit) -> Task:
        """Return a call that has ended."""
        task = self.submit(function, *arguments, limit=limit)
        while not task.done:
            self.wait()
        return task

    def submit(self, function: Callable, *arguments: object, limit: Limit | None = None) -> Task:
        """Start a call."""
        task = Task(function, arguments, limit if self._keep_limits else None)
        self._send(task)
        self._under_way.append(task)
        return task

    def wait(self) -> None:
        """Return when at least one call that is under way has ended."""
        wait([task.future for task in self._under_way], return_when=FIRST_COMPLETED)
        ended = [task for task in self._under_way if task.future.done()]
        if any(self._has_died(task.future) for task in ended):
            # Which call killed the process cannot be told while several were under way.
            self._one_at_a_time()
            return
        for task in ended:
            self._settle(task)
        self._under_way = [task for task in self._under_way if not task.done]

    def close(self) -> None:
        """End the processes, without waiting for calls that have not begun."""
        for task in self._under_way:
            task.future.cancel()
        self._executor.shutdown()

    def _send(self, task: Task) -> None:
        with _deaf_to_ctrl_c():
            try:
                task.future = self._executor.submit(
                    _within, task.limit, task.function, *task.arguments
                )
            except BrokenProcessPool as error:
                task.future = Future()
                task.future.set_exception(error)

    def _has_died(self, future: Future) -> bool:
        return not future.cancelled() and isinstance(future.exception(), self._died)

    def _settle(self, task: Task) -> None:
        try:
            task.error = task.future.exception()
        except CancelledError as error:
            raise IngestError("the cluster was lost; run again to go on") from error
        task.done = True
        if task.error is None:
            task.value = task.future.result()
        task.future = None

    def _one_at_a_time(self) -> None:
        suspects, self._under_way = self._under_way, []
        self._restart()
        for task in suspects:
            began = time.monotonic()
            self._send(task)
            self._settle(task)
            if isinstance(task.error, self._died):
                task.error = _why_died(task.limit, time.monotonic() - began)
                self._restart()

    def _restart(self) -> None:
        self.close()
        self._executor = self._start()


def _within(limit: Limit | None, function: Callable, *arguments: object) -> object:
    """Do a call; end this process if it takes too long, whatever it is stuck in."""
    if limit is None:
        return function(*arguments)
    if sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        soft = limit.n_bytes if hard == resource.RLIM_INFINITY else min(limit.n_bytes, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    with open(os.devnull, "w") as nowhere:
        # No signal and no Python thread: a decoder that never returns lets neither in.
        faulthandler.dump_traceback_later(limit.seconds, exit=True, file=nowhere)
        try:
            return function(*arguments)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _why_died(limit: Limit | None, seconds: float) -> IngestError:
    if limit is not None and seconds >= limit.seconds:
        return TookTooLong(f"took over {limit.seconds:g} s and was ended")
    return IngestError("the decoder crashed")


@contextlib.contextmanager
def processes(n_workers: int) -> Iterator[Workers]:
    """Run calls in ``n_workers`` processes of this machine."""
    context = multiprocessing.get_context("spawn")
    with _environment(_ONE_THREAD):
        workers = Workers(
            lambda: ProcessPoolExecutor(
                n_workers, mp_context=context, initializer=_end_with_parent
            ),
            n_workers,
            BrokenProcessPool,
            keep_limits=True,
        )
        try:
            yield workers
        finally:
            workers.close()


@contextlib.contextmanager
def cluster(address: str, *, connect_s: float = 10.0) -> Iterator[Workers]:
    """Run calls on a Dask cluster that is there already.

    Its workers need this project's folder as their working folder or on their ``PYTHONPATH``, and
    the audio files under the same paths.

    Raises
    ------
    IngestError
        If dask.distributed is not installed, nobody answers, or nobody there can do the work.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise IngestError(
            "--cluster needs dask.distributed: pip install -r requirements-cluster.txt"
        ) from error
    try:
        client = Client(address, timeout=connect_s, set_as_default=False)
    except (OSError, ValueError) as error:
        raise IngestError(f"no Dask scheduler answers at {address}; check the address") from error
    with client:
        n_workers = sum(client.nthreads().values())
        if not n_workers:
            raise IngestError(f"the scheduler at {address} has no workers; start some")
        try:
            client.run(
                exec,
                "import ingest.audio.tasks, ingest.audio.decode, ingest.extractor.librosa_features",
            )
        except ImportError as error:
            raise IngestError(
                f"the workers at {address} cannot import this project ({error}); start them in its "
                "folder, with its requirements installed"
            ) from error
        workers = Workers(client.get_executor, n_workers, KilledWorker)
        try:
            yield workers
        finally:
            workers.close()


def _end_with_parent() -> None:
    """Make this process end when the one that started it is killed, rather than wait for ever."""

    def watch() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set what processes inherit that start meanwhile; numpy reads it when it is imported."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Let processes that start meanwhile ignore Ctrl-C: the terminal sends it to them too."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # Blocked, and inherited so; this process gets afterwards what came meanwhile.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
