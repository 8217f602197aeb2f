"""From an audio file to one mono signal at 22,050 Hz: what `librosa.load` gives.

libsndfile (soundfile) decodes wav, flac, ogg, opus and mp3; FFmpeg (PyAV) the rest, see
`ffmpeg`. Channels are averaged, then resampled with soxr's HQ filter, block by block, so
that a long file needs little more memory than its mono signal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import soundfile
import soxr

from ingest.audio.ffmpeg import FFmpegAudio
from ingest.errors import IngestError
from ingest.extractor.filters import N_FFT, SAMPLE_RATE

_SAMPLES_AT_ONCE = 1 << 22  # 16 MB, 30 s in stereo at up to 64 kHz: read in one piece
_SAMPLES_A_BLOCK = 1 << 19  # 2 MB of what is longer; soundfile seeks after each, slow in mp3
_FULL_SCALE = 32767 / 32768  # the largest 16-bit sample
_SILENT_PEAK = 2 / 32768  # no more than the dither of a 16-bit recording
_LARGEST_PEAK = 10.0  # floats beyond it were not scaled to full scale 1


class DecodeError(IngestError):
    """A file gives no audio that can be analysed; one line says why."""


@dataclass(frozen=True)
class Excerpt:
    """A decoded excerpt and where it comes from."""

    y: np.ndarray  # mono, float32, 22,050 Hz, full scale 1, shape (n_samples,)
    offset_s: float
    analysed_s: float
    duration_s: float | None  # of the file; None where it does not say
    native_sr: int  # Hz
    n_channels: int
    is_whole: bool  # the excerpt is all of the file
    clipped_share: float  # of the samples of all channels that reach full scale, 0 to 1
    is_silent: bool


class AudioSource(Protocol):
    """An open audio file."""

    native_sr: int
    n_channels: int
    n_samples: int | None  # a channel; None where the file does not say

    def blocks(self, first: int, count: int | None) -> Iterator[np.ndarray]:
        """Yield float32 blocks of shape (n, n_channels) from sample ``first`` on."""

    def close(self) -> None:
        """Close the file."""


def decode(
    path: str | Path,
    *,
    excerpt_s: float | None = 30.0,
    offset: Literal["start", "middle"] = "start",
) -> Excerpt:
    """Decode an excerpt of an audio file.

    Parameters
    ----------
    path
        Any format that libsndfile or FFmpeg decodes.
    excerpt_s
        Seconds to analyse; a shorter file is taken whole. None: all of the file.
    offset
        Whether the excerpt lies at the start or in the middle of the file.

    Raises
    ------
    DecodeError
        If the file cannot be decoded, is shorter than one frame (2048 samples, 93 ms), or holds
        NaN, infinite samples or samples beyond ten times full scale.
    """
    if offset not in ("start", "middle"):
        raise ValueError(f"offset={offset!r}; expected 'start' or 'middle'")
    if excerpt_s is not None and excerpt_s <= 0:
        raise ValueError(f"excerpt_s={excerpt_s}; expected more than 0 seconds, or None")
    path = Path(path)
    if not path.is_file():
        raise DecodeError(f"no file {path}")
    source = _open(path)
    try:
        return _excerpt(source, path.name, excerpt_s, offset == "middle")
    except (soundfile.LibsndfileError, FFmpegAudio.Error) as error:
        raise DecodeError(f"{path.name} is damaged: {_reason(error)}") from error
    finally:
        source.close()


def _open(path: Path) -> AudioSource:
    try:
        return _SoundFileAudio(path)
    except soundfile.LibsndfileError:
        try:
            return FFmpegAudio(path)
        except FFmpegAudio.Error as error:
            raise DecodeError(
                f"{path.name}: neither libsndfile nor FFmpeg finds audio in it ({error.strerror})"
            ) from error


class _SoundFileAudio:
    """A file that libsndfile decodes."""

    def __init__(self, path: Path):
        self._file = soundfile.SoundFile(path)
        self.native_sr = self._file.samplerate
        self.n_channels = self._file.channels
        self.n_samples = self._file.frames

    def blocks(self, first: int, count: int | None) -> Iterator[np.ndarray]:
        """Yield float32 blocks of shape (n, n_channels) from sample ``first`` on."""
        if first:
            self._file.seek(first)
        remaining = self.n_samples - first if count is None else count
        is_short = remaining * self.n_channels <= _SAMPLES_AT_ONCE
        n_at_once = remaining if is_short else max(_SAMPLES_A_BLOCK // self.n_channels, 1)
        while remaining > 0:
            block = self._file.read(min(n_at_once, remaining), dtype="float32", always_2d=True)
            if len(block) == 0:
                return
            remaining -= len(block)
            yield block

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _excerpt(source: AudioSource, name: str, excerpt_s: float | None, middle: bool) -> Excerpt:
    sr, n_total = source.native_sr, source.n_samples
    count = None if excerpt_s is None else int(excerpt_s * sr)
    first = 0
    if middle and count is not None:
        if n_total is None:
            raise DecodeError(f"{name} does not say how long it is; decode it from the start")
        first = max(n_total - count, 0) // 2
    expected = min((n for n in (count, n_total) if n is not None), default=None)
    signal = _MonoSignal(name, sr, expected)
    for block in source.blocks(first, count):
        signal.add(block)
    y = signal.finish()
    at_end = n_total is None and (count is None or signal.n_samples < count)
    if n_total is None and at_end:
        n_total = first + signal.n_samples
    return Excerpt(
        y=y,
        offset_s=first / sr,
        analysed_s=len(y) / SAMPLE_RATE,
        duration_s=None if n_total is None else n_total / sr,
        native_sr=sr,
        n_channels=source.n_channels,
        is_whole=first == 0 and (at_end or (n_total is not None and (count or n_total) >= n_total)),
        clipped_share=signal.n_clipped / (signal.n_samples * source.n_channels),
        is_silent=signal.peak <= _SILENT_PEAK,
    )


class _MonoSignal:
    """Averages channels and resamples, a block at a time, into one array."""

    def __init__(self, name: str, native_sr: int, n_expected: int | None):
        self._name = name
        self._native_sr = native_sr
        # A second more than the file says, as some say too little; untouched memory costs nothing.
        self._y = np.empty(self._resampled((n_expected or 0) + native_sr), np.float32)
        self._filled = 0
        self._stream = None
        if native_sr != SAMPLE_RATE:
            self._stream = soxr.ResampleStream(native_sr, SAMPLE_RATE, 1, "float32", "soxr_hq")
        self.n_samples = 0  # read, a channel
        self.n_clipped = 0
        self.peak = 0.0

    def _resampled(self, n_samples: int) -> int:
        return ceil(n_samples * (SAMPLE_RATE / self._native_sr))

    def add(self, block: np.ndarray) -> None:
        """Take a block of shape (n, n_channels)."""
        peak = float(max(block.max(), -block.min()))
        if not peak <= _LARGEST_PEAK:  # NaN, too, is not
            at_s = self.n_samples / self._native_sr
            raise DecodeError(f"{self._name}: {_what_is_wrong(peak)} after {at_s:.0f} s")
        if peak >= _FULL_SCALE:
            self.n_clipped += int(np.count_nonzero(np.abs(block) >= _FULL_SCALE))
        self.peak = max(self.peak, peak)
        self.n_samples += len(block)
        mono = _average(block)
        self._append(mono if self._stream is None else self._stream.resample_chunk(mono))

    def _append(self, part: np.ndarray) -> None:
        end = self._filled + len(part)
        if end > len(self._y):
            more = end - len(self._y) + end // 4
            self._y = np.concatenate([self._y, np.empty(more, np.float32)])
        self._y[self._filled : end] = part
        self._filled = end

    def finish(self) -> np.ndarray:
        """Return the whole signal, as long as `librosa.load` makes it."""
        if self._stream is not None and self.n_samples:
            self._append(self._stream.resample_chunk(np.zeros(0, np.float32), last=True))
        n = self._resampled(self.n_samples)
        if n < N_FFT:
            needed = N_FFT / SAMPLE_RATE
            raise DecodeError(
                f"{self._name} holds {n / SAMPLE_RATE:.3f} s; {needed:.3f} s are needed"
            )
        self._append(np.zeros(max(n - self._filled, 0), np.float32))
        return self._y[:n]


def _average(block: np.ndarray) -> np.ndarray:
    """Return the mean of the channels: `numpy.mean` over the short axis is 20 times slower."""
    n_channels = block.shape[1]
    mono = np.ascontiguousarray(block[:, 0])
    if n_channels == 1:
        return mono
    mono = mono + block[:, 1]
    for channel in range(2, n_channels):
        mono += block[:, channel]
    mono /= n_channels
    return mono


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or getattr(error, "error_string", None) or str(error)


def _what_is_wrong(peak: float) -> str:
    return (
        f"samples reach {peak:g}, full scale is 1,"
        if np.isfinite(peak)
        else "samples are not finite"
    )
