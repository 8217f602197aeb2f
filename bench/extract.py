"""Measure the extractor: CPU a clip beside librosa and essentia, agreement with librosa, memory.

Run ``python -m bench.extract FOLDER`` (times), ``--agreement FOLDER`` or ``--memory FILE``. Times
are CPU seconds of this process, single-threaded; the methods take turns on every file, medians
count.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.one_thread import N_THREADS
from bench.report import versions
from ingest.audio.decode import DecodeError, decode
from ingest.extractor.librosa_features import (
    EXTRACTOR_VERSION,
    FRAME_FEATURES,
    SAMPLE_RATE,
    extract,
)

_SECONDS = 30.0
_TOLERANCE = 1e-4
_PACKAGES = ("librosa", "numpy", "scipy", "numba", "soundfile", "soxr", "av", "essentia")
_PEAK_OF_ONE_FILE = (
    "import resource, sys, time\n"
    "from ingest.audio.decode import decode\n"
    "from ingest.extractor.librosa_features import extract\n"
    "excerpt = decode(sys.argv[1], excerpt_s=None)\n"
    "extract(excerpt.y)\n"
    "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
    "print(f'{excerpt.analysed_s / 60:.1f} min: {peak:.0f} MB at most, '\n"
    "      f'{time.process_time():.1f} s of CPU with imports')\n"
)


def main() -> None:
    """Read the arguments and run one of the three measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, help="folder of audio files; for --memory, a file")
    parser.add_argument("--agreement", action="store_true", help="compare every value with librosa")
    parser.add_argument("--memory", action="store_true", help="peak memory of one whole file")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    _print_versions()
    if arguments.memory:
        subprocess.run([sys.executable, "-c", _PEAK_OF_ONE_FILE, arguments.path], check=True)
    elif arguments.agreement:
        sys.exit(not print_agreement(_files(arguments.path)))
    else:
        print_times(_files(arguments.path), arguments.repeats)


def _files(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        sys.exit(f"no file in {folder}")
    return files


def _print_versions() -> None:
    print(versions(_PACKAGES))
    print(f"extractor {EXTRACTOR_VERSION}")
    cores = f"{os.cpu_count()} cores, {N_THREADS} thread used"
    print(f"{platform.machine()}, {cores}, load {os.getloadavg()[0]:.1f}")


def print_agreement(files: list[Path]) -> bool:
    """Print the largest difference of each feature over all files; tell whether all agree."""
    from bench import plain_librosa

    columns = [f"{name}_{statistic}" for name in FRAME_FEATURES for statistic in ("mean", "std")]
    worst: dict[str, tuple[float, str]] = {}
    n_compared, n_rhythm_apart = 0, 0
    for path in files:
        try:
            excerpt = decode(path, excerpt_s=_SECONDS)
        except DecodeError as error:
            print(f"left out: {error}")
            continue
        ours, theirs = extract(excerpt.y), plain_librosa.extract(excerpt.y, SAMPLE_RATE)
        apart = [
            f"{name} {ours[name]} and {theirs[name]}"
            for name in ("librosa_tempo", "onset_rate")
            if ours[name] is not None and abs(ours[name] - theirs[name]) > 1e-9
        ]
        n_rhythm_apart += bool(apart)
        largest = 0.0
        for column in columns:
            value = plain_librosa.difference(ours, theirs, column)
            largest = max(largest, value)
            worst[column] = max(worst.get(column, (0.0, "")), (value, path.name))
        n_compared += 1
        print(
            f"{path.name:34} {excerpt.native_sr:6} Hz {excerpt.n_channels} ch",
            f"{excerpt.analysed_s:5.1f} s  largest {largest:.1e}",
            "; ".join(apart) or "tempo and onsets equal",
        )
    return _print_worst(worst, n_compared, n_rhythm_apart)


def _print_worst(worst: dict[str, tuple[float, str]], n_compared: int, n_apart: int) -> bool:
    families: dict[str, tuple[float, str, str]] = {}
    for column, (value, file) in worst.items():
        name, statistic = column.rsplit("_", 1)
        family = f"{name.rstrip('0123456789').rstrip('_')} {statistic}"
        families[family] = max(families.get(family, (0.0, "", "")), (value, column, file))
    print(f"\n{'feature':26} largest difference over {n_compared} files")
    for family, (value, column, file) in families.items():
        print(f"{family:26} {value:.1e}  {column}, {file}")
    largest = max(value for value, _ in worst.values())
    print(f"largest of all {largest:.1e}, allowed {_TOLERANCE:.0e}")
    print(f"tempo or onsets differ in {n_apart} files")
    return largest <= _TOLERANCE and n_apart == 0


def _methods() -> dict[str, Callable[[str], object]]:
    import librosa

    from bench import plain_librosa

    def feature_by_feature(path: str) -> object:
        return plain_librosa.extract(*librosa.load(path, duration=_SECONDS))

    methods = {
        "a  librosa, feature by feature": feature_by_feature,
        "b  librosa load + mfcc + contrast": lambda path: plain_librosa.load_mfcc_contrast(
            path, _SECONDS
        ),
        "c  ours, all features": lambda path: extract(decode(path, excerpt_s=_SECONDS).y),
        "d  ours, decoding alone": lambda path: decode(path, excerpt_s=_SECONDS),
        "d' librosa.load alone": lambda path: librosa.load(path, duration=_SECONDS),
    }
    try:
        import essentia
        import essentia.standard
    except ImportError:
        return methods
    essentia.log.infoActive = False
    music_extractor = essentia.standard.MusicExtractor(startTime=0, endTime=_SECONDS)
    return {**methods, "e  essentia MusicExtractor": music_extractor}


def print_times(files: list[Path], repeats: int) -> None:
    """Print the median CPU time a clip of every method, and what the others cost beside ours."""
    start = time.process_time()
    extract(decode(files[0], excerpt_s=_SECONDS).y)
    print(f"first call {time.process_time() - start:.2f} s (compiles, or reads what is compiled)")
    methods = _methods()
    for method in methods.values():
        method(str(files[0]))
    spent: dict[str, dict[Path, list[float]]] = {name: {f: [] for f in files} for name in methods}
    for _ in range(repeats):
        for path in files:
            for name, method in methods.items():
                start = time.process_time()
                method(str(path))
                spent[name][path].append(time.process_time() - start)
    _print_table(spent, len(files), repeats)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process, all methods: {peak:.0f} MB")


def _print_table(spent: dict[str, dict[Path, list[float]]], n_files: int, repeats: int) -> None:
    medians = {
        name: [statistics.median(times) for times in by_file.values()]
        for name, by_file in spent.items()
    }
    ours = next(times for name, times in medians.items() if name.startswith("c"))
    print(f"\nmedian of {n_files} clips of {_SECONDS:.0f} s, each of {repeats} repeats")
    for name, times in medians.items():
        ratio = statistics.median(t / o for t, o in zip(times, ours, strict=True))
        print(f"{name:36} {1000 * statistics.median(times):7.1f} ms   {ratio:5.2f} x ours")


if __name__ == "__main__":
    main()
