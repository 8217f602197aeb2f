"""Onsets and tempo from a mel spectrogram, as librosa defines them."""

import numpy as np
import scipy.fft
from numba import njit

from ingest.extractor.filters import HOP_LENGTH, N_FFT, SAMPLE_RATE, hann

_FRAMES_A_SECOND = SAMPLE_RATE / HOP_LENGTH
_TEMPO_WINDOW = int(8.0 * _FRAMES_A_SECOND)  # frames in 8 s
_START_BPM = 120.0
_MAX_BPM = 320.0
_FRAMES_AT_ONCE = 64
# Peak picking, in frames: 30 ms before, 100 ms around, 30 ms apart.
_PRE_MAX, _POST_MAX, _AROUND, _WAIT = 1, 1, 4, 1
_DELTA = 0.07
_TINY = np.finfo(np.float32).tiny


@njit(cache=True, nogil=True, fastmath={"reassoc", "nsz", "nnan", "contract"})
def mean_rise(mel_db, before):
    """Return how much the mel bands rise from each frame to the next, on average, falls counting 0.

    Parameters
    ----------
    mel_db : ndarray of shape (n_frames, n_mels), float32
    before : ndarray of shape (n_mels,), float32
        The frame before the first.

    Returns
    -------
    rises : ndarray of shape (n_frames,), float32, dB
    """
    n_frames, n_mels = mel_db.shape
    rises = np.empty(n_frames, np.float32)
    for t in range(n_frames):
        past = before if t == 0 else mel_db[t - 1]
        rise = np.float32(0.0)
        for band in range(n_mels):
            rise += max(mel_db[t, band] - past[band], np.float32(0.0))
        rises[t] = rise / np.float32(n_mels)
    return rises


def onset_envelope(rises: np.ndarray) -> np.ndarray:
    """Return ``rises`` half an FFT later, as librosa places them, shape (n_frames,)."""
    late = N_FFT // (2 * HOP_LENGTH)
    envelope = np.zeros_like(rises)
    envelope[late:] = rises[: len(rises) - late]
    return envelope


def count_onsets(envelope: np.ndarray) -> int:
    """Return how many events `librosa.onset.onset_detect` finds in an onset envelope."""
    scaled = envelope - envelope.min()
    scaled /= scaled.max() + _TINY
    return _count_peaks(scaled) if scaled.any() else 0


@njit(cache=True, nogil=True)
def _count_peaks(x):
    n_frames = len(x)
    n_peaks = 0
    n = 0
    while n < n_frames:
        largest = np.max(x[max(0, n - _PRE_MAX) : min(n + _POST_MAX, n_frames)])
        around = x[max(0, n - _AROUND) : min(n + _AROUND + 1, n_frames)]
        if x[n] == largest and x[n] >= np.mean(around) + _DELTA:
            n_peaks += 1
            n += _WAIT
        n += 1
    return n_peaks


def estimate_tempo(envelope: np.ndarray) -> float | None:
    """Return the tempo in beats a minute; None where nothing ever starts.

    The mean over frames of the normalised autocorrelation of 8 s around each, weighted by a
    log-normal prior around 120 BPM. The mean is taken of power spectra, before they are turned
    into autocorrelations: both are linear, so that one inverse transform does for all frames. A
    frame's autocorrelation is largest at lag 0, where it is the frame's energy.

    Parameters
    ----------
    envelope : ndarray of shape (n_frames,), float32

    References
    ----------
    P. Grosche, M. Müller, F. Kurth, Cyclic tempogram, ICASSP 2010.
    """
    if not envelope.any():
        return None
    half = _TEMPO_WINDOW // 2
    padded = np.pad(envelope, half, mode="linear_ramp", end_values=0)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _TEMPO_WINDOW)[: len(envelope)]
    window = hann(_TEMPO_WINDOW)
    n_fft = scipy.fft.next_fast_len(2 * _TEMPO_WINDOW - 1, real=True)
    spectrum = np.zeros(n_fft // 2 + 1)
    for start in range(0, len(frames), _FRAMES_AT_ONCE):
        windowed = frames[start : start + _FRAMES_AT_ONCE] * window
        _add_power(spectrum, windowed, scipy.fft.rfft(windowed, n=n_fft, axis=-1))
    autocorrelation = scipy.fft.irfft(spectrum, n=n_fft)[:_TEMPO_WINDOW] / len(envelope)
    return _most_likely_tempo(autocorrelation)


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _add_power(spectrum, windowed, transformed):
    """Add the power spectrum of each frame, divided by the frame's energy; silent frames add 0."""
    for t in range(len(windowed)):
        energy = 0.0
        for value in windowed[t]:
            energy += value * value
        if energy == 0.0:
            continue
        scale = 1.0 / energy
        for k in range(len(spectrum)):
            bin_ = transformed[t, k]
            spectrum[k] += scale * (bin_.real * bin_.real + bin_.imag * bin_.imag)


def _most_likely_tempo(autocorrelation: np.ndarray) -> float:
    lags = np.arange(1, _TEMPO_WINDOW)
    bpm = 60.0 * SAMPLE_RATE / (HOP_LENGTH * lags)
    prior = -0.5 * (np.log2(bpm) - np.log2(_START_BPM)) ** 2
    prior[bpm >= _MAX_BPM] = -np.inf
    return float(bpm[np.argmax(np.log1p(1e6 * autocorrelation[1:]) + prior)])
