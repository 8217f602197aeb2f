"""What the server keeps of the memory that it no longer needs."""

import contextlib
import ctypes
import sys

_M_ARENA_MAX = -8  # of glibc's malloc.h


def few_arenas(n: int = 2) -> None:
    """Let all threads share a few pools of memory.

    By default the C library gives threads pools of their own, and each keeps what it once had:
    every visitor is a thread, so the server would grow with whoever has been there. Acts on glibc;
    elsewhere nothing happens.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, n)
