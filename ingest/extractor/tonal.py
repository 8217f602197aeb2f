"""Tuning, chroma and tonal centroids from a power spectrogram and its spectral peaks."""

import numpy as np
from numba import njit

from ingest.extractor.filters import N_CHROMA, chroma_filters, tonnetz_filters

_TUNING_STEPS = 100  # a semitone, from -0.5 to 0.5
_A0 = 440.0 / 16  # Hz, where octave 0 begins
_TINY = np.finfo(np.float32).tiny


def estimate_tuning(pitches: np.ndarray, strengths: np.ndarray) -> float:
    """Return how far the stronger half of the peaks deviates from A4 = 440 Hz, in semitones.

    The answer is the fullest of 100 bins, as `librosa.estimate_tuning` gives it; 0 without a
    peak.

    Parameters
    ----------
    pitches, strengths : ndarray of shape (n_peaks,), float32
        Frequency in Hz and height of every spectral peak of every frame.
    """
    if len(pitches) == 0:
        return 0.0
    strong = pitches[strengths >= np.median(strengths)]
    residual = np.mod(N_CHROMA * np.log2(strong / _A0), 1.0)
    edges = np.linspace(-0.5, 0.5, _TUNING_STEPS + 1)
    return float(edges[np.argmax(_histogram(residual, edges))])


@njit(cache=True, nogil=True)
def _histogram(residual, edges):
    """Count residuals, of which those from 0.5 up belong to the next semitone.

    The edges decide, not the arithmetic that guesses the bin: counts equal `numpy.histogram`'s.
    """
    n_bins = len(edges) - 1
    counts = np.zeros(n_bins, np.int64)
    for value in residual:
        signed = value - np.float32(1.0) if value >= 0.5 else value
        place = min(max(int((signed - edges[0]) * n_bins), 0), n_bins - 1)
        while place > 0 and signed < edges[place]:
            place -= 1
        while place < n_bins - 1 and signed >= edges[place + 1]:
            place += 1
        counts[place] += 1
    return counts


def chroma_of(power: np.ndarray, tuning: float) -> np.ndarray:
    """Return the energy of each pitch class, each frame divided by its largest; 0 in silence.

    Parameters
    ----------
    power : ndarray of shape (n_frames, N_BINS), float32
    tuning
        In semitones.

    Returns
    -------
    chroma : ndarray of shape (n_frames, N_CHROMA), float32
    """
    chroma = power @ chroma_filters(tuning)
    largest = chroma.max(axis=1, keepdims=True)
    largest[largest < _TINY] = 1.0
    chroma /= largest
    return chroma


def tonnetz_of(chroma: np.ndarray) -> np.ndarray:
    """Return the tonal centroids of ``chroma``, shape (n_frames, 6).

    librosa's own default starts from a constant-Q chroma, which costs more than all other
    features together; this is `librosa.feature.tonnetz(chroma=chroma_stft(...))`.
    """
    total = chroma.sum(axis=1, keepdims=True)
    total[total < _TINY] = 1.0
    return (chroma / total) @ tonnetz_filters()
