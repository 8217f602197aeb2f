"""Contestants side by side: each in a process of its own, in turns; medians and peak memory.

A contestant is a function ``module:function``. Called with its arguments (text) it prepares itself,
imports and warm-up included, and returns the work, a function without arguments, whose time counts.
"""

import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
Work = Callable[[], object]


@dataclass(frozen=True)
class Entry:
    """A contestant: what it is called, and how."""

    name: str
    function: str
    arguments: tuple[str, ...]
    repeats: int = 3


@dataclass
class Figures:
    """What a contestant took: seconds of each turn, and at most so many MB of memory."""

    seconds: list[float] = field(default_factory=list)
    peak_mb: float = 0.0

    @property
    def median(self) -> float:
        """Median of the turns, in seconds."""
        return statistics.median(self.seconds)


def contest(entries: Sequence[Entry]) -> dict[str, Figures]:
    """Let each contestant have its turns, one after the other, and return what each took."""
    figures = {entry.name: Figures() for entry in entries}
    for turn in range(max(entry.repeats for entry in entries)):
        for entry in entries:
            if turn < entry.repeats:
                seconds, peak_mb = _one_turn(entry)
                found = figures[entry.name]
                found.seconds.append(seconds)
                found.peak_mb = max(found.peak_mb, peak_mb)
                print(f"  {entry.name}: {seconds:.2f} s, {peak_mb:,.0f} MB", flush=True)
    return figures


def _one_turn(entry: Entry) -> tuple[float, float]:
    command = [sys.executable, "-m", "bench.contest", entry.function, *entry.arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
    found = json.loads(done.stdout.splitlines()[-1])
    return found["seconds"], found["peak_mb"]


def measured(command: list[str]) -> dict[str, float]:
    """Run a command; return its wall seconds, CPU seconds and peak resident megabytes."""
    started = time.perf_counter()
    pid = os.spawnvp(os.P_NOWAIT, command[0], command)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return {
        "wall_s": time.perf_counter() - started,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def _take_turn(function: str, *arguments: str) -> None:
    module, name = function.split(":")
    work = getattr(importlib.import_module(module), name)(*arguments)
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "peak_mb": peak_memory()}))


def peak_memory(process: int | str = "self") -> float:
    """Return the resident memory of a process at most, in MB; Linux only."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


if __name__ == "__main__":
    _take_turn(*sys.argv[1:])
