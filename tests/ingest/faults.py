"""Commands that meet a fault on the way: killed at a stage, an error of the system, a full disk.

Each line of standard input is a JSON object: ``stage`` and ``fault`` (or neither), ``most_bytes``
that a file may have (or null), and the ``arguments`` of a command. The command runs in a fork of
this process, which has imported everything; the answer is its exit code and what it printed.
"""

import errno
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import NamedTuple

from ingest import cli
from music_explorer.store import writer
from music_explorer.store.merge import Merge


class Stage(NamedTuple):
    """A moment of an import: before or after the n-th call of a function.

    ``owner`` and ``name`` say which function; ``is_renamed``: whether the new version is published.
    """

    owner: object
    name: str
    is_after: bool
    is_renamed: bool = False
    call: int = 1


STAGES = {
    "the lock is taken": Stage(writer, "_start", False),
    "half of the copy is written": Stage(shutil, "copyfile", False),
    "the copy is made": Stage(writer, "_start", True),
    "rows are staged": Stage(Merge, "stage", True),
    "rows are written, not committed": Stage(Merge, "_record", True),
    "rows are committed": Stage(Merge, "merge", True),
    "the version is stamped": Stage(writer, "_stamp", True),
    "the file is not yet synced": Stage(os, "fsync", False),
    "the file is synced": Stage(os, "replace", False),
    "the file is renamed": Stage(os, "replace", True, True),
    "the folder is synced": Stage(os, "fsync", True, True, 2),
}
ERRORS = {
    "cannot copy: the disk is full": ("half of the copy is written", errno.ENOSPC),
    "cannot sync the file: the disk breaks": ("the file is not yet synced", errno.EIO),
    "cannot rename: not permitted": ("the file is synced", errno.EPERM),
    "cannot sync the folder: the disk breaks": ("the folder is synced", errno.EIO),
}


def strike(fault: str, source: str | None = None, target: str | None = None, *_: object) -> None:
    """Kill this process or raise the error; where a file was to be copied, with half of it."""
    if source and target and Path(source).is_file() and not Path(target).exists():
        content = Path(source).read_bytes()
        Path(target).write_bytes(content[: len(content) // 2])
    if fault == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    raise OSError(int(fault), os.strerror(int(fault)))


def prepare(stage: Stage, fault: str) -> None:
    """Let the fault happen when the stage is reached."""
    original, calls = getattr(stage.owner, stage.name), iter(range(1, 1000))

    def wrapped(*arguments, **options):
        is_now = next(calls) == stage.call
        if is_now and not stage.is_after:
            strike(fault, *(arguments if stage.name == "copyfile" else ()))
        result = original(*arguments, **options)
        if is_now and stage.is_after:
            strike(fault)
        return result

    setattr(stage.owner, stage.name, wrapped)


def run(order: dict, out: int) -> None:
    """Run a command in this process, and end it; 70 is what no command ends with."""
    os.dup2(out, 1)
    os.dup2(out, 2)
    if order["stage"]:
        prepare(STAGES[order["stage"]], order["fault"])
    if order["most_bytes"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["most_bytes"],) * 2)
    try:
        cli.main(order["arguments"])
    except SystemExit as end:
        sys.stdout.flush()
        os._exit(end.code)  # libraries were imported before the fork, so they cannot take leave
    except BaseException:
        traceback.print_exc()
        os._exit(70)


def main() -> None:
    for line in sys.stdin:
        with tempfile.TemporaryFile() as out:
            pid = os.fork()
            if not pid:
                run(json.loads(line), out.fileno())
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            out.seek(0)
            print(json.dumps([code, out.read().decode()]), flush=True)


def ask(child, *arguments: object, stage=None, fault=None, most_bytes=None) -> tuple[int, str]:
    """Give an order to this program in a process of its own; returns code and output."""
    order = {"stage": stage, "fault": fault and str(fault), "most_bytes": most_bytes}
    order["arguments"] = list(map(str, arguments))
    child.stdin.write(json.dumps(order) + "\n")
    child.stdin.flush()
    return tuple(json.loads(child.stdout.readline()))


if __name__ == "__main__":
    main()
