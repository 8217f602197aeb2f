"""The loops of t-SNE over all pairs of points, compiled with numba and kept on disk.

Points are three float32 arrays, one a coordinate, which the compiler reads eight at a time; with
fewer than three components the unused coordinates stay 0. Every sum over a point's pairs is taken
by one thread, and sums over points follow their order, so the number of threads changes no bit.

numba's default threading layer ends the process if two threads run parallel kernels at once:
whoever calls a function of this module, or a library that has parallel kernels of its own, holds
`PARALLEL`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import numba
import numpy as np
from numba import njit, prange

PARALLEL = Lock()

_REORDER = {"reassoc", "contract", "arcp", "nsz", "nnan"}  # coordinates are finite
_FAST = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": _REORDER}
_EXACT = {"cache": True, "nogil": True, "error_model": "numpy"}
# A helper that multiplies and adds is made part of its caller: as a function of its own it would be
# compiled twice, rounding differently, and which of the two ran would depend on the cache.
_INLINE = {"inline": "always", **_FAST}
_ONE = np.float32(1)
_MIN_GAIN = np.float32(0.01)
_BISECTIONS = 64
_ENTROPY_TOLERANCE = 1e-5


class Pace:
    """Choose one thread or all of them by which was faster when each was tried.

    Threads that meet after every iteration wait for the one whose processor is busy elsewhere: on a
    shared machine, as hosted ones are, one thread alone can be several times as fast.
    """

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}

    @contextmanager
    def timed(self, n_iter: int) -> Iterator[None]:
        """Run what is inside ``with``, `n_iter` iterations, with the threads chosen."""
        usual = numba.get_num_threads()
        tried = len(self._seconds)
        chosen = (1, usual)[tried] if tried < 2 else min(self._seconds, key=self._seconds.get)
        numba.set_num_threads(chosen)
        start = time.perf_counter()
        try:
            yield
        finally:
            numba.set_num_threads(usual)
        self._seconds.setdefault(chosen, (time.perf_counter() - start) / n_iter)


@njit(parallel=True, **_EXACT)
def calibrate(squared, perplexity):
    """Turn squared distances to neighbours into probabilities of the wanted perplexity, by row."""
    n, k = squared.shape
    P = np.empty((n, k))
    wanted = np.log(perplexity)
    for i in prange(n):
        nearest = squared[i].min()
        low, high, beta = 0.0, np.inf, 1.0
        for _ in range(_BISECTIONS):
            total, weighted = 0.0, 0.0
            for j in range(k):
                excess = squared[i, j] - nearest
                P[i, j] = np.exp(-excess * beta)
                total += P[i, j]
                weighted += P[i, j] * excess
            entropy = np.log(total) + beta * weighted / total
            if abs(entropy - wanted) < _ENTROPY_TOLERANCE:
                break
            if entropy > wanted:
                low = beta
                beta = 2 * beta if high == np.inf else (beta + high) / 2
            else:
                high = beta
                beta = (beta + low) / 2
        P[i] /= total
    return P


@njit(**_INLINE)
def _repulsion(x, y, z, xi, yi, zi):
    """Sum the similarities of one point with all points, and its unnormalised repulsion."""
    total = fx = fy = fz = np.float32(0)
    for j in range(len(x)):
        dx, dy, dz = xi - x[j], yi - y[j], zi - z[j]
        q = _ONE / (_ONE + dx * dx + dy * dy + dz * dz)
        total += q
        q *= q
        fx += q * dx
        fy += q * dy
        fz += q * dz
    return total, fx, fy, fz


@njit(**_INLINE)
def _attraction(x, y, z, neighbors, P, xi, yi, zi):
    fx = fy = fz = np.float32(0)
    for k in range(len(neighbors)):
        j = neighbors[k]
        dx, dy, dz = xi - x[j], yi - y[j], zi - z[j]
        pull = P[k] / (_ONE + dx * dx + dy * dy + dz * dz)
        fx += pull * dx
        fy += pull * dy
        fz += pull * dz
    return fx, fy, fz


@njit(**_EXACT)
def _in_order(values):
    total = 0.0
    for value in values:
        total += value
    return total


@njit(**_INLINE)
def _next_gain(gain, gradient, velocity):
    """Raise the gain of a coordinate that keeps going downhill, lower that of one that turns."""
    downhill = gradient * velocity < np.float32(0)
    return max(gain + np.float32(0.2) if downhill else gain * np.float32(0.8), _MIN_GAIN)


@njit(**_INLINE)
def _step(Y, velocity, gains, attraction, repulsion, similarity, momentum, learning_rate):
    """Move all points down the gradient and centre them; return the norm of the gradient."""
    n = Y.shape[1]
    total = _in_order(similarity)
    inverse = np.float32(1 / total if total > 0 else 0)  # a single point has no pairs
    squares = 0.0
    for axis in range(3):
        for i in range(n):
            gradient = np.float32(4) * (attraction[axis, i] - repulsion[axis, i] * inverse)
            squares += np.float64(gradient) * gradient
            gains[axis, i] = _next_gain(gains[axis, i], gradient, velocity[axis, i])
            velocity[axis, i] *= momentum
            velocity[axis, i] -= learning_rate * gains[axis, i] * gradient
            Y[axis, i] += velocity[axis, i]
        center = np.float32(_in_order(Y[axis]) / n)
        for i in range(n):
            Y[axis, i] -= center
    return np.sqrt(squares)


# A parallel function must not sum or scale whole arrays: each such line would start the threads
# once more. Hence one parallel loop an iteration, and plain loops for the rest.
@njit(parallel=True, **_FAST)
def descend(Y, velocity, gains, start, neighbors, P, exaggeration, momentum, learning_rate, n_iter):
    """Take steps of gradient descent in place; return the norm of the last gradient.

    `P` of shape (n_pairs,) holds both directions of every pair, sums to 1 and is stored by rows:
    point i has `neighbors[start[i]:start[i + 1]]`, which are unsigned.
    """
    n = Y.shape[1]
    x, y, z = Y[0], Y[1], Y[2]
    attraction, repulsion = np.empty((3, n), np.float32), np.empty((3, n), np.float32)
    similarity = np.empty(n, np.float32)
    gradient = 0.0
    for _ in range(n_iter):
        for i in prange(n):
            total, fx, fy, fz = _repulsion(x, y, z, x[i], y[i], z[i])
            similarity[i] = total - _ONE
            repulsion[0, i], repulsion[1, i], repulsion[2, i] = fx, fy, fz
            pairs = slice(start[i], start[i + 1])
            fx, fy, fz = _attraction(x, y, z, neighbors[pairs], P[pairs], x[i], y[i], z[i])
            attraction[0, i] = exaggeration * fx
            attraction[1, i] = exaggeration * fy
            attraction[2, i] = exaggeration * fz
        gradient = _step(
            Y, velocity, gains, attraction, repulsion, similarity, momentum, learning_rate
        )
    return gradient


@njit(parallel=True, **_FAST)
def settle(Y, velocity, gains, anchors, neighbors, P, momentum, learning_rate, n_iter):
    """Move points in place among fixed `anchors`, each by itself.

    `P` of shape (n_samples, n_neighbors) holds each point's probabilities of its anchors and sums
    to 1 by rows.
    """
    x, y, z = anchors[0], anchors[1], anchors[2]
    for i in prange(Y.shape[1]):
        for _ in range(n_iter):
            total, rx, ry, rz = _repulsion(x, y, z, Y[0, i], Y[1, i], Y[2, i])
            ax, ay, az = _attraction(x, y, z, neighbors[i], P[i], Y[0, i], Y[1, i], Y[2, i])
            for axis, attraction, repulsion in ((0, ax, rx), (1, ay, ry), (2, az, rz)):
                gradient = attraction - repulsion / total
                gains[axis, i] = _next_gain(gains[axis, i], gradient, velocity[axis, i])
                velocity[axis, i] *= momentum
                velocity[axis, i] -= learning_rate * gains[axis, i] * gradient
                Y[axis, i] += velocity[axis, i]


@njit(parallel=True, **_EXACT)
def divergence(Y, start, neighbors, P):
    """Kullback-Leibler divergence of the embedding's similarities from `P`, in nats."""
    n = Y.shape[1]
    similarity, cost = np.empty(n), np.zeros(n)
    x, y, z = Y[0], Y[1], Y[2]
    for i in prange(n):
        similarity[i] = _repulsion(x, y, z, x[i], y[i], z[i])[0] - _ONE
        for k in range(start[i], start[i + 1]):
            j = neighbors[k]
            distance = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2 + (z[i] - z[j]) ** 2
            cost[i] += P[k] * (np.log(np.float64(P[k])) + np.log1p(np.float64(distance)))
    if n == 1:
        return 0.0
    return _in_order(cost) + np.log(_in_order(similarity)) * _in_order(P)
