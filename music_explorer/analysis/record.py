"""A run as it is kept: what was asked for, where it was computed, its scores and its labels.

The identity of a run is a hash over all that decides it, so the same run has the same identity in
any process.
"""

import contextlib
import hashlib
import json
import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import pandas as pd

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.partition import NOISE
from music_explorer.analysis.pipeline import Config, Run
from music_explorer.analysis.scores import Scores

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "fastcluster", "numba", "pandas", "umap-learn")
_AXES = ("x", "y", "z")


@dataclass(frozen=True, eq=False)
class Record:
    """A run without its features: small enough to be kept, complete enough to be compared.

    Attributes
    ----------
    run_id : str
        16 hexadecimal digits, from `run_id`.
    created_at : datetime
        When it was kept, in UTC without a time zone.
    config : dict
        The fields of its `Config`, as JSON gives them.
    data_version : str
        Version of the data that it was computed on.
    environment : dict
        Result of `environment`.
    scores : dict of dict
        ``clustered`` and ``features``: the scores in the clustered space and in the features, each
        with the name of its ``space``; None where a score is not defined.
    assignments : DataFrame of shape (n_samples, 5)
        ``track_id``; ``cluster`` (Int64, 0 the largest, missing for noise); ``x, y, z``, the
        coordinates of the map, NaN for axes that it lacks. In the order of the run.
    """

    run_id: str
    created_at: datetime
    config: dict[str, Any]
    data_version: str
    environment: dict[str, Any]
    scores: dict[str, dict[str, Any]]
    assignments: pd.DataFrame

    def summary(self) -> dict[str, Any]:
        """Give every field but the assignments, and counts of these.

        Returns
        -------
        dict
            ``run_id, created_at, config, data_version, environment, scores``; ``n_tracks``,
            ``n_clusters`` and ``n_noise``, 0 or more.
        """
        cluster = self.assignments["cluster"]
        told = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "assignments"}
        return told | {
            "n_tracks": len(cluster),
            "n_clusters": int(cluster.nunique()),
            "n_noise": int(cluster.isna().sum()),
        }


def record_of(run: Run, *, data_version: str, created_at: datetime) -> Record:
    """Make the record of a run.

    Parameters
    ----------
    run : Run
        The result to keep.
    data_version : str
        Version of the data that it was computed on.
    created_at : datetime
        Now, in UTC without a time zone.
    """
    cluster = pd.array(run.labels, dtype="Int64")
    cluster[np.asarray(run.labels) == NOISE] = pd.NA
    embedding = run.projection.embedding
    coordinates = np.full((len(embedding), len(_AXES)), np.nan)
    coordinates[:, : embedding.shape[1]] = embedding[:, : len(_AXES)]
    assignments = pd.DataFrame(
        {
            "track_id": run.prepared.rows["track_id"].to_numpy(),
            "cluster": cluster,
            **dict(zip(_AXES, coordinates.T, strict=True)),
        }
    )
    return Record(
        run_id=run_id(run.config, data_version=data_version),
        created_at=created_at,
        config=_as_json(run.config),
        data_version=data_version,
        environment=environment(),
        scores={
            "clustered": _scores(run.space_clustered, run.scores_clustered),
            "features": _scores(run.space_features, run.scores_features),
        },
        assignments=assignments,
    )


def run_id(config: Config, *, data_version: str) -> str:
    """Name the run of a configuration on this data, on this machine.

    Parameters
    ----------
    config : Config
        The choices.
    data_version : str
        Version of the data.

    Returns
    -------
    str
        16 hexadecimal digits of a SHA-256 over configuration, data version and `environment`.
    """
    decides = json.dumps([_as_json(config), data_version, environment()], sort_keys=True)
    return hashlib.sha256(decides.encode()).hexdigest()[:16]


def environment() -> dict[str, Any]:
    """Name what a result depends on beside configuration and data.

    Returns
    -------
    dict
        ``python``, ``platform``, ``n_threads`` (of OpenMP, which scikit-learn's k-means and t-SNE
        sum over) and the version of each numerical library that is installed.
    """
    import sklearn.cluster  # noqa: F401  # loads the thread pool that is asked below
    from threadpoolctl import threadpool_info

    threads = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"]
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "n_threads": max(threads, default=1),
        **_versions(),
    }


def config_from(values: Mapping[str, Any]) -> Config:
    """Make a configuration from the fields of one, such as a file has them.

    Parameters
    ----------
    values : mapping of str to object
        Some or all fields of `Config`; the others keep their defaults.

    Returns
    -------
    Config

    Raises
    ------
    AnalysisError
        If a field does not exist or its value is not valid.
    """
    known = [field.name for field in fields(Config)]
    unknown = [name for name in values if name not in known]
    if unknown:
        raise AnalysisError(
            f"{', '.join(map(str, unknown))}: not in a configuration; "
            f"choose from {', '.join(known)}"
        )
    try:
        return Config(**values)
    except TypeError as error:
        raise AnalysisError(f"{dict(values)} is no configuration: {error}") from error


@cache
def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _as_json(config: Config) -> dict[str, Any]:
    return json.loads(json.dumps(config.to_dict()))


def _scores(space: str, scores: Scores) -> dict[str, Any]:
    # JSON has no NaN.
    values = {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in asdict(scores).items()
    }
    return {"space": space, **values}
