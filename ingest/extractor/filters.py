"""The fixed weights of the features: window, mel, chroma and tonal filters, contrast bands.

They follow librosa 0.11 (`librosa.filters`, `feature.spectral`) to the last bit and are tested
against it. They are written out because importing librosa costs each worker 125 MB and a second,
and nothing else of it is needed here.
"""

from functools import lru_cache

import numpy as np

SAMPLE_RATE = 22050  # Hz
N_FFT = 2048
HOP_LENGTH = 512
N_BINS = N_FFT // 2 + 1
N_MELS = 128
N_MFCC = 20
N_CHROMA = 12
_MEL_LINEAR_HZ = 200.0 / 3  # a mel below 1 kHz
_MEL_BREAK_HZ = 1000.0
_MEL_LOG_STEP = np.log(6.4) / 27.0  # of a mel above it
_MELS_A_GROUP = 16
_CONTRAST_FMIN_HZ = 200.0
_CONTRAST_OCTAVES = 6
_CONTRAST_QUANTILE = 0.02


def hann(length: int) -> np.ndarray:
    """Return the periodic Hann window, shape (length,), as `scipy.signal` sums it."""
    return 0.5 + 0.5 * np.cos(np.linspace(-np.pi, np.pi, length + 1)[:-1])


def fft_frequencies() -> np.ndarray:
    """Return the frequency of each bin in Hz, shape (N_BINS,)."""
    return np.fft.rfftfreq(n=N_FFT, d=1.0 / SAMPLE_RATE)


@lru_cache(maxsize=1)
def mel_filters() -> np.ndarray:
    """Return Slaney's area-normalised triangles, shape (N_BINS, N_MELS), float32.

    References
    ----------
    M. Slaney, Auditory Toolbox, version 2, Interval Research, 1998.
    """
    edges = _mel_to_hz(np.linspace(0.0, _hz_to_mel(SAMPLE_RATE / 2), N_MELS + 2))
    ramps = np.subtract.outer(edges, fft_frequencies())
    lower = -ramps[:-2] / np.diff(edges)[:-1, None]
    upper = ramps[2:] / np.diff(edges)[1:, None]
    weights = np.maximum(0, np.minimum(lower, upper)).astype(np.float32)
    weights *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return np.ascontiguousarray(weights.T)


@lru_cache(maxsize=1)
def mel_groups() -> tuple[tuple[slice, slice, np.ndarray], ...]:
    """Cut the mel filters into groups of neighbours that share few bins.

    A product group by group leaves out five sixths of the zeros of one whole product.

    Returns
    -------
    tuple of (bins, bands, weights)
        ``weights`` has shape (bins of the group, bands of the group).
    """
    weights = mel_filters()
    groups = []
    for first in range(0, N_MELS, _MELS_A_GROUP):
        bands = slice(first, first + _MELS_A_GROUP)
        used = np.flatnonzero(weights[:, bands].any(axis=1))
        bins = slice(int(used[0]), int(used[-1]) + 1)
        groups.append((bins, bands, np.ascontiguousarray(weights[bins, bands])))
    return tuple(groups)


def _hz_to_mel(hz: float) -> float:
    return _MEL_BREAK_HZ / _MEL_LINEAR_HZ + np.log(hz / _MEL_BREAK_HZ) / _MEL_LOG_STEP


def _mel_to_hz(mels: np.ndarray) -> np.ndarray:
    over = mels - _MEL_BREAK_HZ / _MEL_LINEAR_HZ
    logarithmic = _MEL_BREAK_HZ * np.exp(_MEL_LOG_STEP * over)
    return np.where(over >= 0, logarithmic, _MEL_LINEAR_HZ * mels)


@lru_cache(maxsize=101)
def chroma_filters(tuning: float) -> np.ndarray:
    """Return the weights of each bin in each pitch class, shape (N_BINS, N_CHROMA), C first.

    Parameters
    ----------
    tuning
        Deviation from A4 = 440 Hz in semitones, -0.5 to 0.5; it comes in steps of 0.01.

    References
    ----------
    D. Ellis, Chroma feature analysis and synthesis, 2007.
    """
    centre_octave, octave_width = 5.0, 2.0
    hz = np.linspace(0, SAMPLE_RATE, N_FFT, endpoint=False)[1:]
    a440 = 440.0 * 2.0 ** (tuning / N_CHROMA)
    pitch = N_CHROMA * np.log2(hz / (a440 / 16))
    pitch = np.concatenate(([pitch[0] - 1.5 * N_CHROMA], pitch))  # 0 Hz has none: spread it wide
    width = np.concatenate((np.maximum(pitch[1:] - pitch[:-1], 1.0), [1]))
    distance = np.subtract.outer(pitch, np.arange(N_CHROMA)).T
    half = N_CHROMA / 2
    distance = np.remainder(distance + half + 10 * N_CHROMA, N_CHROMA) - half
    weights = np.exp(-0.5 * (2 * distance / width) ** 2)
    weights /= np.sqrt(np.sum(weights**2, axis=0))
    weights *= np.exp(-0.5 * ((pitch / N_CHROMA - centre_octave) / octave_width) ** 2)
    from_c = np.roll(weights, -3, axis=0)[:, :N_BINS]
    return np.ascontiguousarray(from_c.T, dtype=np.float32)


@lru_cache(maxsize=1)
def tonnetz_filters() -> np.ndarray:
    """Return the six tonal centroid dimensions, shape (N_CHROMA, 6): fifths, minor, major thirds.

    References
    ----------
    C. Harte, M. Sandler, M. Gasser, Detecting harmonic change in musical audio, 2006.
    """
    turns = np.multiply.outer([7 / 6, 7 / 6, 3 / 2, 3 / 2, 2 / 3, 2 / 3], np.arange(N_CHROMA))
    turns[::2] -= 0.5  # sine as a shifted cosine
    radius = np.array([1, 1, 1, 1, 0.5, 0.5])
    return (radius[:, None] * np.cos(np.pi * turns)).T


@lru_cache(maxsize=1)
def contrast_bands() -> np.ndarray:
    """Return first bin, last bin + 1 and the size of a quantile of each octave, shape (7, 3).

    The size counts one bin more than the octave has, as librosa's does.
    """
    hz = fft_frequencies()
    octaves = np.concatenate(([0.0], _CONTRAST_FMIN_HZ * 2.0 ** np.arange(_CONTRAST_OCTAVES + 1)))
    bands = []
    for number, (low, high) in enumerate(zip(octaves[:-1], octaves[1:], strict=True)):
        inside = np.flatnonzero((hz >= low) & (hz <= high))
        is_last = number == _CONTRAST_OCTAVES
        start = inside[0] - (number > 0)
        stop = N_BINS if is_last else inside[-1] + 1
        quantile = max(int(np.rint(_CONTRAST_QUANTILE * (stop - start))), 1)
        bands.append((start, stop if is_last else stop - 1, quantile))
    return np.array(bands, dtype=np.int64)
