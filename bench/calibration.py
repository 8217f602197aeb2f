"""The reality check on data whose answer is known: how often it calls what is there.

``python -m bench.calibration STUDY_CSV [--quick]`` draws shapeless clouds with the covariance, and
with the values, of a table's numeric columns, and groups at several distances. It prints how often
each is called structured. Other programs on the machine make the seconds worse.
"""

import os
import platform
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
import sklearn
from threadpoolctl import threadpool_limits

from music_explorer.analysis.nulls import NULLS
from music_explorer.analysis.reality import ALPHA, reality_check
from music_explorer.analysis.scaling import scale

KS = range(2, 8)
N_SAMPLES = 250
N_GROUPS = 5
_FAR = 8.0
_DISTANCES = (2.0, 3.0, 4.0, 5.0)
_N_PROCESSES = 2


def cloud(seed: int, *, table: np.ndarray, null: str) -> np.ndarray:
    """Draw a few rows of one shapeless cloud as large as the table."""
    rng = np.random.default_rng(seed)
    drawn = NULLS[null](table, rng=rng)
    return scale(drawn[rng.choice(len(drawn), N_SAMPLES, replace=False)])


def groups(seed: int, *, n_features: int, distance: float) -> np.ndarray:
    """Draw equal round groups of unit variance, any two `distance` apart."""
    rng = np.random.default_rng(seed)
    centers = np.linalg.qr(rng.standard_normal((n_features, N_GROUPS)))[0].T
    centers *= distance / np.sqrt(2)
    members = np.arange(N_SAMPLES) % N_GROUPS
    return scale(centers[members] + rng.standard_normal((N_SAMPLES, n_features)))


def check(seed: int, draw: Callable[[int], np.ndarray]) -> tuple[bool, int]:
    """Say whether drawn data are called structured, and the k of their best silhouette."""
    with threadpool_limits(1):
        reality = reality_check(draw(seed), ks=KS, random_state=seed)
    rows = reality.table[reality.table["score"] == "silhouette"]
    return reality.structure, int(rows.loc[rows["observed"].idxmax(), "k"])


def main(table: Path, n_clouds: int = 200, n_groups: int = 40) -> None:
    """Measure and print."""
    print(
        f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, "
        f"scikit-learn {sklearn.__version__}, {os.cpu_count()} cores, load before "
        f"{os.getloadavg()[0]:.1f}; {N_SAMPLES} points, k = {KS[0]} to {KS[-1]}, k-means"
    )
    numbers = pd.read_csv(table).select_dtypes("number").dropna()
    study = scale(numbers.to_numpy(float))
    shapeless = {
        f"one {null} cloud, {study.shape[1]} features": partial(cloud, table=study, null=null)
        for null in NULLS
    }
    far = {
        f"{N_GROUPS} groups {_FAR:g} apart, {n} features": partial(
            groups, n_features=n, distance=_FAR
        )
        for n in (13, 40)
    }
    near = {
        f"{N_GROUPS} groups {d:g} apart, 13 features": partial(groups, n_features=13, distance=d)
        for d in _DISTANCES
    }
    with ProcessPoolExecutor(_N_PROCESSES) as pool:
        for draws, n_sets in ((shapeless, n_clouds), (far, n_groups), (near, n_groups // 2)):
            for name, draw in draws.items():
                start = time.perf_counter()
                found = list(pool.map(partial(check, draw=draw), range(n_sets)))
                structured = sum(called for called, _ in found)
                right = sum(called and k == N_GROUPS for called, k in found)
                counted = "" if draws is shapeless else f", with k = {N_GROUPS} {right}"
                print(
                    f"{name}: {structured} of {n_sets} called structured "
                    f"({structured / n_sets:.1%}){counted}; {time.perf_counter() - start:.0f} s",
                    flush=True,
                )
    print(f"a shapeless cloud may be called structured in at most {ALPHA:.0%}")


if __name__ == "__main__":
    paths = [Path(word) for word in sys.argv[1:] if word != "--quick"]
    if len(paths) != 1:
        sys.exit("usage: python -m bench.calibration STUDY_CSV [--quick]")
    main(paths[0], *((20, 5) if "--quick" in sys.argv else ()))
