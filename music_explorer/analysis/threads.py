"""One thread for work in many small steps."""

from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager:
    """Keep linear algebra and scikit-learn's parallel loops in one thread, inside ``with``.

    Threads that wait for each other at every small step take up to forty times as long on a machine
    whose processors are shared, as hosted ones are. It also makes sums, and so labels, the same
    whatever the number of processors.
    """
    import sklearn.mixture  # noqa: F401 - only what is loaded by now is limited
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)
