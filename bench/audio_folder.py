"""Folders of audio: a rescan of many unchanged files, clips from nothing to the store, memory.

``python -m bench.audio_folder [UNCHANGED] [CLIPS]`` generates its files, imports them with the
command that a person would run, and prints seconds. Other programs on the machine make them worse.
"""

import os
import platform
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

import av
import duckdb
import numpy as np
import pandas as pd
import soundfile

from bench.contest import measured
from ingest.audio.scan import scan
from ingest.sources.audio import Options
from music_explorer.store.batch import Batch
from music_explorer.store.schema import columns, ranges
from music_explorer.store.writer import writing

_RATE = 44_100
_CLIP_S = 30
_CUTS, _APART_S = 25, 1
_ROWS_AT_ONCE = 10_000


def write_clips(folder: Path, n_clips: int) -> None:
    """Write stereo mp3 files of 30 s: chords and noise, cut from a few long files without loss."""
    folder.mkdir()
    for first in range(0, n_clips, _CUTS):
        whole = folder.with_suffix(".mp3")
        soundfile.write(whole, _sound(first, _CLIP_S + _CUTS * _APART_S), _RATE)
        with av.open(str(whole)) as container:
            packets = [p for p in container.demux(container.streams.audio[0]) if p.size]
        in_clip = len(packets) * _CLIP_S // (_CLIP_S + _CUTS * _APART_S)
        apart = (len(packets) - in_clip) // _CUTS
        for number in range(min(_CUTS, n_clips - first)):
            cut = packets[number * apart : number * apart + in_clip]
            (folder / f"{first + number:04d}.mp3").write_bytes(b"".join(map(bytes, cut)))


def _sound(number: int, seconds: int) -> np.ndarray:
    rng = np.random.default_rng(number)
    t = np.arange(seconds * _RATE) / _RATE
    y = 0.02 * rng.standard_normal((len(t), 2))
    for hz in rng.uniform(80, 2000, size=4):
        y += 0.1 * (np.sin(2 * np.pi * hz * t) * (np.sin(2 * np.pi * t) > 0))[:, None]
    return y


def write_many(folder: Path, n_files: int) -> None:
    """Write tiny wav files, a thousand a folder."""
    silence = np.zeros(16, np.float32)
    soundfile.write(folder.with_suffix(".wav"), silence, _RATE)
    content = folder.with_suffix(".wav").read_bytes()
    for number in range(n_files):
        inner = folder / f"{number // 1000:04d}"
        if number % 1000 == 0:
            inner.mkdir(parents=True)
        (inner / f"{number:06d}.wav").write_bytes(content)


def fill(store: Path, folder: Path) -> None:
    """Put files into a store as if they had been analysed, with random features."""
    files = scan(folder).files
    names = [n for n, kind in columns("librosa_features").items() if kind == "DOUBLE"]
    low, high = np.array([ranges()[name] for name in names]).T
    rng = np.random.default_rng(0)
    with writing(store) as merge:
        for first in range(0, len(files), _ROWS_AT_ONCE):
            some = files[first : first + _ROWS_AT_ONCE]
            audio = [f"{n:032x}" for n in range(first, first + len(some))]
            ids = [f"file:{audio_id}" for audio_id in audio]
            values = low + rng.random((len(some), len(names))) * (np.minimum(high, 1e3) - low)
            tracks = pd.DataFrame(values, columns=names).assign(
                track_id=ids, title=ids, audio_path=[f.path for f in some], librosa_origin="audio"
            )
            rows = pd.DataFrame([f[:3] for f in some], columns=["path", "size", "mtime_ns"])
            rows = rows.assign(audio_id=audio, track_id=ids, link=None, reason=None)
            rows = rows.assign(genres=[[]] * len(some), genre_from="tag")
            rows["settings"] = Options().settings
            merge.stage(Batch(tracks, files=rows, n_read=len(some)))
        source = f"audio:{folder.name}"
        merge.merge(source=source, location=str(folder), started_at=datetime(2026, 1, 1))


def command(folder: Path, store: Path, *more: str) -> list[str]:
    """Return the command line that imports a folder."""
    return [sys.executable, "-m", "ingest", "audio", str(folder), "--store", str(store), *more]


class WorkerMemory:
    """Watch the largest resident size that any grandchild of this process reaches (Linux)."""

    def __init__(self) -> None:
        self.peak_mb = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "WorkerMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            for child in _children(os.getpid()):
                for worker in _children(child):
                    self.peak_mb = max(self.peak_mb, _peak_mb(worker))


def _children(pid: int) -> list[int]:
    try:
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return [int(c) for t in tasks for c in (t / "children").read_text().split()]
    except OSError:  # it has ended
        return []


def _peak_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(peaks[0]) / 1024 if peaks else 0.0


def main(n_unchanged: int = 100_000, n_clips: int = 200) -> None:
    """Measure and print."""
    print(
        f"Python {platform.python_version()}, duckdb {duckdb.__version__}, av {av.__version__}, "
        f"{os.cpu_count()} cores, load before {os.getloadavg()[0]:.1f}; generated files"
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        root = Path(name)
        write_many(root / "many", n_unchanged)
        fill(root / "many.duckdb", root / "many")
        cost = measured(command(root / "many", root / "many.duckdb"))
        print(f"rescan of {n_unchanged:,} unchanged files: {cost['wall_s']:.1f} s, "
              f"{cost['cpu_s']:.1f} s of CPU, peak {cost['peak_mb']:.0f} MB")  # fmt: skip
        noise = np.random.default_rng(0).standard_normal(_RATE) / 10
        soundfile.write(root / "many" / "new.wav", noise, _RATE)
        cost = measured(command(root / "many", root / "many.duckdb"))
        print(f"the same with one new file: {cost['wall_s']:.1f} s, "
              f"{cost['cpu_s']:.1f} s of CPU, peak {cost['peak_mb']:.0f} MB")  # fmt: skip

        started = time.perf_counter()
        write_clips(root / "clips", n_clips)
        print(f"({n_clips} clips written in {time.perf_counter() - started:.0f} s)")
        seconds = {}
        for jobs in (1, 2):
            store = root / f"clips{jobs}.duckdb"
            with WorkerMemory() as memory:
                cost = measured(command(root / "clips", store, "--jobs", str(jobs)))
            seconds[jobs] = cost["wall_s"]
            print(f"{n_clips} mp3 clips of {_CLIP_S} s, --jobs {jobs}: {cost['wall_s']:.1f} s, "
                  f"{cost['wall_s'] / n_clips * 1000:.0f} ms a clip, peak of a worker "
                  f"{memory.peak_mb:.0f} MB, of the writer {cost['peak_mb']:.0f} MB")  # fmt: skip
        print(f"two processes are {seconds[1] / seconds[2]:.2f} times as fast as one")
    print(f"load after {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
