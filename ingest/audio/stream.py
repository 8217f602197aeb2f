"""Files in, results out in the same order, whichever worker finishes first."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ingest.audio.identity import Recording
from ingest.audio.scan import Found
from ingest.audio.tags import Tags
from ingest.audio.tasks import look, measure
from ingest.audio.workers import Limit, Task, TookTooLong, Workers
from ingest.errors import IngestError, shown

_AHEAD = 4  # calls prepared for each worker, so that none waits
# What no sound file needs that is in order, on a slow machine that compiles the extractor first.
_LEAST_S = 120.0
_LEAST_BYTES = 3_000_000_000
_BYTES_A_SECOND = 5_000_000  # a slow disk or network
_BYTES_OF_A_SECOND = 1_000_000  # memory: its samples, and ten times as much for the features


class Result(NamedTuple):
    """What came of a file: what it is, its features unless they are known, or why it failed.

    ``is_passing``: it failed for a reason that is not in the file, so it is tried at every run.
    """

    file: Found
    recording: Recording | None = None
    tags: Tags | None = None
    features: dict | None = None
    reason: str | None = None
    is_passing: bool = False


@dataclass(eq=False)
class _Job:
    file: Found
    look: Task
    measure: Task | None = None
    is_ready: bool = False


def analyse(
    files: Iterable[Found],
    workers: Workers,
    *,
    excerpt_s: float,
    offset: str,
    is_measured: Callable[[str], bool],
) -> Iterator[Result]:
    """Look at files and measure those whose audio was not measured yet.

    The order of the results is that of the files, so that what is stored does not depend on which
    worker was faster, or where an earlier run was cut off.

    Parameters
    ----------
    files
        Audio files; only a few at a time are under way.
    workers
        Who does it.
    excerpt_s, offset
        What part of a file is measured.
    is_measured
        Tells of an audio id whether its features are known.

    Yields
    ------
    Result
        Of several files with the same audio only one has the features; all share the reason.
    """
    waiting, jobs = iter(files), deque()
    measured: dict[str, Task] = {}

    def advance(job: _Job) -> None:
        if not job.look.done or job.is_ready:
            return
        if job.measure is None and job.look.error is None:
            audio_id = job.look.value[0].audio_id
            if audio_id not in measured and not is_measured(audio_id):
                measured[audio_id] = workers.submit(
                    measure, job.file.path, excerpt_s, offset, limit=limit(job.file.size, excerpt_s)
                )
            job.measure = measured.get(audio_id)
        job.is_ready = job.measure is None or job.measure.done

    while True:
        while len(jobs) < _AHEAD * workers.n_workers and (file := next(waiting, None)):
            task = workers.submit(look, file.path, limit=limit(file.size, excerpt_s))
            jobs.append(_Job(file, task))
        if not jobs:
            return
        for job in jobs:
            advance(job)
        if not jobs[0].is_ready:
            workers.wait()
        while jobs and jobs[0].is_ready:
            yield _result(jobs.popleft())


def limit(size: int, excerpt_s: float) -> Limit:
    """Return what one call for a file may take: 2 minutes and 3 GB, and more for more of it.

    Parameters
    ----------
    size
        Bytes of the file.
    excerpt_s
        Seconds of it that are measured.
    """
    return Limit(
        round(_LEAST_S + excerpt_s + size / _BYTES_A_SECOND),
        _LEAST_BYTES + round(excerpt_s * _BYTES_OF_A_SECOND),
    )


def _result(job: _Job) -> Result:
    error = job.look.error or (job.measure and job.measure.error)
    if error is not None:
        recording = job.look.value[0] if job.look.error is None else None
        is_passing = isinstance(error, OSError | TookTooLong)
        return Result(job.file, recording, reason=reason(error), is_passing=is_passing)
    features = None
    if job.measure is not None:
        features, job.measure.value = job.measure.value, None
    return Result(job.file, *job.look.value, features)


def reason(error: Exception) -> str:
    """Return why a call for a file failed, in one line for the person whose file it is."""
    if isinstance(error, IngestError):
        return str(error)
    if isinstance(error, MemoryError):
        return "needs more memory than a sound file should"
    if isinstance(error, OSError):
        return f"cannot be opened: {error.strerror or error}"
    return shown(f"{type(error).__name__}: {error}")
