"""Import this before numpy: it keeps every numeric library to one thread, to compare CPU time."""

import os

N_THREADS = 1
for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = str(N_THREADS)
