"""One pass over each frame of a magnitude spectrogram, for everything that is drawn from a frame.

Compiled with numba and kept on disk. A frame (4 KB) stays in the first-level cache while moments,
flatness, contrast and pitch peaks read it. Sums may be reordered (float32, within 1e-6); pitch
peaks follow librosa's arithmetic to the last bit, since tuning is the fullest of 100 bins.
"""

import numpy as np
from numba import njit

from ingest.extractor.filters import HOP_LENGTH, N_BINS

_REORDER = {"reassoc", "contract", "arcp", "nsz", "nnan"}  # callers hand over finite numbers only
_TINY = np.float32(np.finfo(np.float32).tiny)
_AMIN = np.float32(1e-10)
_ROLLOFF_SHARE = np.float32(0.85)
_LANES = 41  # 1025 bins are 41 products of 25 powers, none of which leaves float64's range
_COLUMNS = 32
_SILENT_SAMPLE = np.float32(1e-10)  # smaller samples count as positive
_PITCH_THRESHOLD = np.float32(0.1)  # of the frame's largest power


@njit(cache=True, nogil=True, fastmath=_REORDER)
def moments(magnitude, hz, power):
    """Fill ``power``; return largest magnitude, centroid and bandwidth (Hz)."""
    total = 0.0  # float64: the deviation of a steady sound is small beside its centroid
    weighted = 0.0
    largest = np.float32(0.0)
    for k in range(N_BINS):
        m = magnitude[k]
        power[k] = m * m
        total += m
        largest = max(largest, m)
        weighted += m * np.float64(hz[k])
    scale = 1.0 / total if total >= _TINY else 1.0
    centroid = weighted * scale
    spread = 0.0
    for k in range(N_BINS):
        deviation = hz[k] - centroid
        spread += magnitude[k] * (deviation * deviation)
    return largest, centroid, np.sqrt(spread * scale)


@njit(cache=True, nogil=True)
def rolloff_bin(magnitude, summed):
    """Return the first bin up to which 85 % of the magnitude lies; ``summed`` is scratch.

    Summed in librosa's order: between two strong partials the sum stands still, and rounding it
    in another way would move the bin by their distance.
    """
    reached = np.float32(0.0)
    for k in range(N_BINS):
        reached += magnitude[k]
        summed[k] = reached
    return np.searchsorted(summed, _ROLLOFF_SHARE * reached)


@njit(cache=True, nogil=True, fastmath=_REORDER)
def flatness(power, products):
    """Return geometric over arithmetic mean of the power; ``products`` is scratch, (_LANES,)."""
    total = 0.0
    products[:] = 1.0
    for start in range(0, N_BINS, _LANES):
        for lane in range(_LANES):
            p = max(power[start + lane], _AMIN)
            total += p
            products[lane] *= p
    logarithm = 0.0
    for lane in range(_LANES):
        logarithm += np.log(products[lane])
    # rounding must not lift the geometric mean above the arithmetic one
    return min(np.exp(logarithm / N_BINS) / (total / N_BINS), 1.0)


@njit(cache=True, nogil=True, fastmath=_REORDER)
def mean_of_smallest(values, n, sign, kept):
    """Return the mean of the ``n`` smallest of ``sign * values``; ``kept`` is scratch, (N_BINS,).

    The n-th smallest of the minima of 32 columns bounds the n-th smallest of all from above, and
    few values lie below it, so that nothing is sorted but those 32.
    """
    if n == 1:
        smallest = np.float32(np.inf)
        for k in range(len(values)):
            smallest = min(smallest, sign * values[k])
        return sign * smallest
    bound = _nth_column_minimum(values, n, sign, kept)
    n_kept = 0
    for k in range(len(values)):
        value = sign * values[k]
        kept[n_kept] = value  # overwritten by the next unless counted: no branch to mispredict
        n_kept += value < bound
    total = kept[:n_kept].sum() + max(n - n_kept, 0) * bound
    for _ in range(n_kept - n):
        largest = kept[:n_kept].argmax()
        total -= kept[largest]
        kept[largest] = -np.inf
    return sign * total / n


@njit(cache=True, nogil=True, fastmath=_REORDER)
def _nth_column_minimum(values, n, sign, kept):
    columns = np.full(_COLUMNS, np.inf, np.float32)
    n_rows = len(values) // _COLUMNS
    for row in range(n_rows):
        part = values[row * _COLUMNS : (row + 1) * _COLUMNS]
        for column in range(_COLUMNS):
            columns[column] = min(columns[column], sign * part[column])
    rest = values[n_rows * _COLUMNS :]
    for column in range(len(rest)):
        columns[column] = min(columns[column], sign * rest[column])
    kept[:n] = np.inf
    for value in columns:
        if value < kept[n - 1]:
            place = n - 1
            while place > 0 and kept[place - 1] > value:
                kept[place] = kept[place - 1]
                place -= 1
            kept[place] = value
    return kept[n - 1]


@njit(cache=True, nogil=True)
def pitch_peaks(power, floor, first, last, hz_per_bin, pitches, strengths, n_found):
    """Append frequency (Hz) and height of each spectral peak, interpolated by a parabola.

    The peaks are those of `librosa.piptrack` on a power spectrogram, as `chroma_stft` calls it:
    above ``floor``, a tenth of the frame's largest power, in bins ``first`` to ``last``, which is
    not included.

    Returns
    -------
    n_found : int
        How many ``pitches`` and ``strengths`` hold now.
    """
    for k in range(first, last):
        here, below, above = power[k], power[k - 1], power[k + 1]
        if here > floor and here > below and here >= above:
            curvature = above + below - 2 * here
            slope = (above - below) / 2
            shift = np.float32(0.0)
            if np.abs(slope) < np.abs(curvature):
                shift = np.float32(-slope / curvature)
            gradient = (above - below) / np.float32(2.0)
            pitches[n_found] = (k + np.float64(shift)) * hz_per_bin
            strengths[n_found] = here + np.float32(0.5) * gradient * shift
            n_found += 1
    return n_found


@njit(cache=True, nogil=True)
def analyse_frames(magnitude, hz, bands, pitch_range, out, pitches, strengths):
    """Analyse a block of frames one by one.

    Parameters
    ----------
    magnitude : ndarray of shape (n_frames, N_BINS), float32, finite
    hz : ndarray of shape (N_BINS,), float32
    bands : ndarray of shape (7, 3)
        `filters.contrast_bands`.
    pitch_range : tuple of int, int, float
        First bin and last bin + 1 that may hold a pitch; Hz a bin.
    out : tuple of ndarray of float32, a row a frame, filled
        Power (N_BINS); centroid, bandwidth, rolloff in Hz and flatness (4); mean of the smallest,
        and of the largest, magnitudes of each octave (7, 7).
    pitches, strengths : ndarray of shape (n_frames * N_BINS / 2,), float32
        Filled from the start.

    Returns
    -------
    n_pitches : int
    """
    power, shape, valley, peak = out
    first, last, hz_per_bin = pitch_range
    up, down = np.float32(1.0), np.float32(-1.0)
    kept = np.empty(N_BINS, np.float32)
    products = np.empty(_LANES)
    n_pitches = 0
    for t in range(magnitude.shape[0]):
        frame = magnitude[t]
        largest, shape[t, 0], shape[t, 1] = moments(frame, hz, power[t])
        shape[t, 2] = hz[rolloff_bin(frame, kept)]
        shape[t, 3] = flatness(power[t], products)
        for band in range(len(bands)):
            start, stop, n = bands[band]
            valley[t, band] = mean_of_smallest(frame[start:stop], n, up, kept)
            peak[t, band] = mean_of_smallest(frame[start:stop], n, down, kept)
        floor = _PITCH_THRESHOLD * (largest * largest)
        n_pitches = pitch_peaks(
            power[t], floor, first, last, hz_per_bin, pitches, strengths, n_pitches
        )
    return n_pitches


@njit(cache=True, nogil=True, fastmath=_REORDER)
def summarise_hops(y, hops):
    """Fill a column of ``hops``, shape (3, n), for each hop.

    Its zero crossings, whether its first sample is one, and its sum of squares.
    """
    for hop in range((len(y) + HOP_LENGTH - 1) // HOP_LENGTH):
        start = hop * HOP_LENGTH
        stop = min(start + HOP_LENGTH, len(y))
        squares = np.float32(0.0)
        for k in range(start, stop):
            squares += y[k] * y[k]
        crossings = 0
        for k in range(start + 1, stop):
            crossings += (y[k] < -_SILENT_SAMPLE) != (y[k - 1] < -_SILENT_SAMPLE)
        if start > 0 and (y[start] < -_SILENT_SAMPLE) != (y[start - 1] < -_SILENT_SAMPLE):
            hops[1, hop] = 1
        hops[0, hop] = crossings + hops[1, hop]
        hops[2, hop] = squares
