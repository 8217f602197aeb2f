"""Librosa's features of one decoded signal: means and standard deviations, tempo and onset rate.

Definitions and default parameters are librosa's, and every value agrees with librosa called
feature by feature; librosa itself is not called. One STFT feeds them all. No files, no database:
see `decode` for the one, `store` for the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.fft

from ingest.errors import IngestError
from ingest.extractor import filters, rhythm, tonal
from ingest.extractor.filters import (
    HOP_LENGTH,
    N_BINS,
    N_CHROMA,
    N_FFT,
    N_MELS,
    N_MFCC,
    SAMPLE_RATE,
)
from ingest.extractor.spectral_kernels import analyse_frames, summarise_hops

LIBROSA_VERSION = "0.11.0"  # whose definitions these are; the tests compare with the installed one
_REVISION = "1"
_FRAMES_AT_ONCE = 64  # 1 MB of float64
_FRAMES_KEPT = 4096  # 95 s, 17 MB; longer signals are transformed again for chroma
_HOPS_A_FRAME = N_FFT // HOP_LENGTH
_AMIN = 1e-10
_TOP_DB = 80.0
_PITCH_RANGE_HZ = (150.0, 4000.0)


@dataclass(frozen=True)
class Parameters:
    """What the features were computed with; part of ``extractor_version`` in every row."""

    sample_rate: int = SAMPLE_RATE  # Hz
    n_fft: int = N_FFT  # samples
    hop_length: int = HOP_LENGTH  # samples
    window: str = "hann"
    center: bool = True
    n_mels: int = N_MELS
    n_mfcc: int = N_MFCC
    roll_percent: float = 0.85
    tonnetz: str = "of chroma_stft"
    std: str = "population"


PARAMETERS = Parameters()
EXTRACTOR_VERSION = f"{_REVISION} " + " ".join(f"{k}={v}" for k, v in vars(PARAMETERS).items())


def _numbered(name: str, count: int, digits: int) -> list[str]:
    return [f"{name}_{number:0{digits}d}" for number in range(1, count + 1)]


FRAME_FEATURES = (
    *_numbered("mfcc", N_MFCC, 2),
    *_numbered("spectral_contrast", 7, 1),
    *_numbered("chroma", N_CHROMA, 2),
    *_numbered("tonnetz", 6, 1),
    "spectral_centroid",
    "spectral_bandwidth",
    "spectral_rolloff",
    "spectral_flatness",
    "zero_crossing_rate",
    "rms",
)


def extract(y: np.ndarray, sr: int = SAMPLE_RATE) -> dict[str, float | None]:
    """Compute the columns of `librosa_features` that describe the sound.

    Parameters
    ----------
    y : ndarray of shape (n_samples,), float32
        Mono, full scale 1, at least one frame (2048 samples) and finite.
    sr
        Its sample rate; must be 22,050 Hz, as features at different rates cannot be compared.

    Returns
    -------
    dict
        Mean and standard deviation over frames (population: divided by their number) of each of
        `FRAME_FEATURES`; ``librosa_tempo`` in BPM, None where nothing ever starts;
        ``onset_rate``, onsets found divided by seconds analysed.

    Raises
    ------
    IngestError
        If the signal is too short or not finite.
    ValueError
        If ``sr`` or the shape is another.

    Notes
    -----
    Silence has librosa's values: MFCC 1 of -100 dB in every band, flatness 1, all else 0.
    """
    y = _checked(y, sr)
    frames = frame_features(y)
    envelope = frames.pop("onset_envelope")
    means = [np.mean(rows, axis=0, dtype=np.float64) for rows in frames.values()]
    stds = [np.std(rows, axis=0, dtype=np.float64) for rows in frames.values()]
    values = {}
    for name, mean, std in zip(FRAME_FEATURES, np.hstack(means), np.hstack(stds), strict=True):
        values[f"{name}_mean"] = float(mean)
        values[f"{name}_std"] = float(std)
    values["librosa_tempo"] = rhythm.estimate_tempo(envelope)
    values["onset_rate"] = rhythm.count_onsets(envelope) * SAMPLE_RATE / len(y)
    return values


def _checked(y: np.ndarray, sr: int) -> np.ndarray:
    if sr != SAMPLE_RATE:
        raise ValueError(f"sr={sr}; features are defined at {SAMPLE_RATE} Hz, resample first")
    y = np.ascontiguousarray(y, dtype=np.float32)
    if y.ndim != 1:
        raise ValueError(f"y has shape {y.shape}; expected one channel, (n_samples,)")
    if len(y) < N_FFT:
        raise IngestError(f"{len(y)} samples; at least one frame, {N_FFT}, is needed")
    if not np.isfinite(np.dot(y, y)):
        raise IngestError("the signal holds NaN, infinite or absurdly large samples")
    return y


def frame_features(y: np.ndarray) -> dict[str, np.ndarray]:
    """Compute every feature frame by frame.

    Parameters
    ----------
    y : ndarray of shape (n_samples,), float32, finite

    Returns
    -------
    dict of ndarray of shape (n_frames,) or (n_frames, n)
        In the order of `FRAME_FEATURES`; then ``onset_envelope``.
    """
    n_frames = 1 + len(y) // HOP_LENGTH
    spectral = _Spectral(n_frames)
    for start, magnitude in magnitude_blocks(y):
        spectral.add(start, magnitude)
    tuning = spectral.tuning()
    mfcc = np.empty((n_frames, N_MFCC), np.float32)
    chroma = np.empty((n_frames, N_CHROMA), np.float32)
    rises = np.empty(n_frames, np.float32)
    frame_before = None
    for start, power, mel in spectral.again(y):
        rows = slice(start, start + len(power))
        chroma[rows] = tonal.chroma_of(power, tuning)
        mel_db = _power_to_db(mel, spectral.largest_mel)
        mfcc[rows] = scipy.fft.dct(mel_db, axis=-1, norm="ortho")[:, :N_MFCC]
        rises[rows] = rhythm.mean_rise(mel_db, mel_db[0] if start == 0 else frame_before)
        frame_before = mel_db[-1].copy()
    crossings, rms = _time_domain(y)
    peak_db, valley_db = (_power_to_db(S, S.max()) for S in (spectral.peak, spectral.valley))
    return {
        "mfcc": mfcc,
        "spectral_contrast": peak_db - valley_db,
        "chroma": chroma,
        "tonnetz": tonal.tonnetz_of(chroma),
        "shape": spectral.shape,
        "zero_crossing_rate": crossings,
        "rms": rms,
        "onset_envelope": rhythm.onset_envelope(rises),
    }


def magnitude_blocks(y: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the number of a first frame and the magnitudes of it and the next, a block at a time.

    The transform runs in float64 and is rounded to float32 afterwards: so does librosa, and in
    float32 the empty bands of low-passed music would hold rounding noise. The block is
    overwritten by the next.

    Yields
    ------
    start : int
    magnitude : ndarray of shape (n, N_BINS), float32
    """
    n_frames = 1 + len(y) // HOP_LENGTH
    window = filters.hann(N_FFT)
    windowed = np.empty((_FRAMES_AT_ONCE, N_FFT))
    spectrum = np.empty((_FRAMES_AT_ONCE, N_BINS), np.complex64)
    magnitude = np.empty((_FRAMES_AT_ONCE, N_BINS), np.float32)
    for start in range(0, n_frames, _FRAMES_AT_ONCE):
        n = min(_FRAMES_AT_ONCE, n_frames - start)
        first = start * HOP_LENGTH - N_FFT // 2
        span = _zero_padded(y, first, first + (n - 1) * HOP_LENGTH + N_FFT)
        frames = np.lib.stride_tricks.sliding_window_view(span, N_FFT)[::HOP_LENGTH]
        np.multiply(frames, window, out=windowed[:n])
        spectrum[:n] = scipy.fft.rfft(windowed[:n], axis=-1, overwrite_x=True)
        yield start, np.abs(spectrum[:n], out=magnitude[:n])


def _zero_padded(y: np.ndarray, first: int, last: int) -> np.ndarray:
    inside = y[max(first, 0) : last]
    if len(inside) == last - first:
        return inside
    return np.pad(inside, (max(-first, 0), max(last - len(y), 0)))


class _Spectral:
    """What one pass over the spectrogram leaves behind; arrays have a row a frame.

    Tuning and the loudest mel band are known only after it, and chroma and MFCC need them: a
    short signal's power and mel spectrograms are kept until then, a long one's are made again.
    """

    def __init__(self, n_frames: int):
        self.valley = np.empty((n_frames, 7), np.float32)
        self.peak = np.empty((n_frames, 7), np.float32)
        self.shape = np.empty((n_frames, 4), np.float32)  # centroid, bandwidth, rolloff, flatness
        self.largest_mel = 0.0
        self._is_kept = n_frames <= _FRAMES_KEPT
        n_kept = n_frames if self._is_kept else _FRAMES_AT_ONCE
        self._power = np.empty((n_kept, N_BINS), np.float32)
        self._mel = np.empty((n_kept, N_MELS), np.float32)
        hz = filters.fft_frequencies()
        low, high = np.searchsorted(hz, _PITCH_RANGE_HZ)
        self._pitch_range = (int(low), int(high), SAMPLE_RATE / N_FFT)
        self._hz = hz.astype(np.float32)
        self._block_peaks = np.empty((2, _FRAMES_AT_ONCE * N_BINS // 2), np.float32)
        self._peaks: list[np.ndarray] = []

    def add(self, start: int, magnitude: np.ndarray) -> None:
        """Analyse one block of magnitudes."""
        rows = slice(start, start + len(magnitude))
        kept = rows if self._is_kept else slice(len(magnitude))
        out = (self._power[kept], self.shape[rows], self.valley[rows], self.peak[rows])
        bands = filters.contrast_bands()
        n_peaks = analyse_frames(
            magnitude, self._hz, bands, self._pitch_range, out, *self._block_peaks
        )
        self._peaks.append(self._block_peaks[:, :n_peaks].copy())
        mel = _mel_of(self._power[kept], self._mel[kept])
        self.largest_mel = max(self.largest_mel, float(mel.max()))

    def tuning(self) -> float:
        """Return the tuning of the whole signal in semitones."""
        return tonal.estimate_tuning(*np.concatenate(self._peaks, axis=1))

    def again(self, y: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Yield the number of a first frame, and the power and mel spectrograms from there on.

        Both may be overwritten.
        """
        if self._is_kept:
            yield 0, self._power, self._mel
            return
        for start, magnitude in magnitude_blocks(y):
            power = np.square(magnitude, out=self._power[: len(magnitude)])
            yield start, power, _mel_of(power, self._mel[: len(magnitude)])


def _mel_of(power: np.ndarray, mel: np.ndarray) -> np.ndarray:
    for bins, bands, weights in filters.mel_groups():
        np.matmul(power[:, bins], weights, out=mel[:, bands])
    return mel


def _power_to_db(power: np.ndarray, largest: float) -> np.ndarray:
    """Turn ``power`` itself into decibels, none more than 80 below those of ``largest``."""
    decibels = np.maximum(power, _AMIN, out=power)
    np.log(decibels, out=decibels)  # numpy vectorises this one, not log10
    decibels *= 10.0 / np.log(10.0)
    floor = 10.0 * np.log10(max(largest, _AMIN)) - _TOP_DB
    return np.maximum(decibels, floor, out=decibels)


def _time_domain(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return zero crossings a sample, and root mean square, of each frame.

    A frame is four hops, so each hop is counted once. librosa does not count a crossing into the
    first sample of a frame.
    """
    n_frames = 1 + len(y) // HOP_LENGTH
    before = _HOPS_A_FRAME // 2
    hops = np.zeros((3, n_frames + _HOPS_A_FRAME))  # beyond the signal nothing crosses or sounds
    summarise_hops(y, hops[:, before:])
    crossings, into_first, squares = (
        sum(row[shift : shift + n_frames] for shift in range(count))
        for row, count in zip(hops, (_HOPS_A_FRAME, 1, _HOPS_A_FRAME), strict=True)
    )
    return (crossings - into_first) / N_FFT, np.sqrt(squares / N_FFT)
