"""Tracks that stand for a cluster, tracks that hardly belong to it, and what it is made up of."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from music_explorer.analysis.agreement import crosstab
from music_explorer.analysis.artists import primary_artists
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.partition import NOISE
from music_explorer.analysis.scores import silhouette_samples

ROLES = ("medoid", "typical", "boundary", "misfit", "farthest")
# An artist with this share of a cluster's tracks makes it that artist's cluster.
DOMINANT_SHARE = 0.25


def exemplars(
    X: np.ndarray,
    labels: np.ndarray,
    *,
    n: int = 5,
    max_silhouette: int = 10_000,
    random_state: int = 0,
) -> pd.DataFrame:
    """Pick the tracks that tell most about each cluster.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Points in the space that was clustered.
    labels : ndarray of int, shape (n_samples,)
        Cluster of each point; noise (-1) has no exemplars and is nobody's other cluster.
    n : int, default 5
        Tracks of each role and cluster at most; a small cluster lends a track to several roles.
    max_silhouette : int, default 10_000
        Beyond this many points silhouettes are taken on a random sample of that size.
    random_state : int, default 0
        Seed of the sample.

    Returns
    -------
    DataFrame
        By ``cluster`` and ``role``, the most telling first:

        - ``medoid``: the track with the least sum of squared distances to the cluster's tracks,
          which is the one nearest to their mean;
        - ``typical``: the next nearest to the mean;
        - ``boundary``: on its cluster's side of the border, and nearest to it;
        - ``misfit``: nearer on average to another cluster's tracks (silhouette under 0), or on the
          other side of the border;
        - ``farthest``: farthest from the mean.

        ``index``: position of the track in `X`. ``distance``: to the cluster's mean. ``other``: the
        cluster beyond the nearest border. ``margin``: distance to that border, where both means
        are equally near; under 0 on the other side. ``silhouette``: -1 to 1, NaN where it was not
        taken. All in the space of `X`.

    Raises
    ------
    AnalysisError
        With fewer than two clusters, or a cluster for each track.

    References
    ----------
    Rousseeuw (1987), "Silhouettes", doi:10.1016/0377-0427(87)90125-7.
    """
    clustered = np.flatnonzero(np.asarray(labels) != NOISE)
    X = X[clustered]
    clusters, codes = np.unique(np.asarray(labels)[clustered], return_inverse=True)
    if not 2 <= len(clusters) < len(X):
        raise AnalysisError(
            f"{len(clusters)} clusters of {len(X)} tracks have no exemplars; expected at least 2 "
            "clusters, not all of a single track"
        )
    tracks = _placed(X, codes, len(clusters)).assign(index=clustered)
    tracks["other"] = clusters[tracks["other"]]
    tracks["silhouette"] = _silhouettes(X, codes, max_silhouette, random_state)
    picked = []
    for code, cluster in enumerate(clusters):
        for role, chosen in _roles(tracks[codes == code], n).items():
            picked.append(chosen.assign(cluster=cluster, role=role))
    columns = ["cluster", "role", "index", "distance", "other", "margin", "silhouette"]
    return pd.concat(picked, ignore_index=True)[columns]


def make_up(
    labels: np.ndarray, track_ids: Sequence[str], genres: pd.DataFrame, *, n: int = 3
) -> pd.DataFrame:
    """List the commonest genres of each cluster.

    Parameters
    ----------
    labels : ndarray of int, shape (n_samples,)
        Cluster of each track; noise (-1) is listed like a cluster.
    track_ids : sequence of str, shape (n_samples,)
        Tracks, in the order of the labels.
    genres : DataFrame
        ``track_id`` and ``genre``, a row for each pair; a track of g genres counts 1/g in each.
    n : int, default 3
        Genres of each cluster at most.

    Returns
    -------
    DataFrame
        ``cluster``, ``genre``, ``n_tracks`` (weighted), ``share`` of the cluster's tracks with a
        genre (0 to 1), ``lift``: that share over the genre's share of all tracks, 1 where the
        cluster has no more of it than the others. By cluster, the commonest first.
    """
    table = crosstab(labels, track_ids, genres)
    shares = table.div(table.sum(axis=1), axis=0)
    lifts = shares / (table.sum(axis=0) / table.to_numpy().sum())
    rows = [
        {
            "cluster": cluster,
            "genre": genre,
            "n_tracks": counts[genre],
            "share": shares.loc[cluster, genre],
            "lift": lifts.loc[cluster, genre],
        }
        for cluster, counts in table.iterrows()
        for genre in counts[counts > 0].sort_values(ascending=False, kind="stable").index[:n]
    ]
    return pd.DataFrame(rows, columns=["cluster", "genre", "n_tracks", "share", "lift"])


def largest_artists(labels: np.ndarray, artists: Sequence[object]) -> pd.DataFrame:
    """Give the primary artist with most tracks in each cluster.

    Parameters
    ----------
    labels : ndarray of int, shape (n_samples,)
        Cluster of each track; noise (-1) is listed like a cluster.
    artists : sequence of shape (n_samples,)
        Artist of each track, as for `artists.artist_codes`.

    Returns
    -------
    DataFrame
        A row for each cluster: ``cluster``, ``n_tracks``, ``n_artists``, ``artist`` (NaN where no
        artist is known), ``share`` of the cluster's tracks that are by that artist (0 to 1) and
        ``dominant``: whether that is a quarter or more, so that the cluster tells of an artist
        rather than of a kind of music.
    """
    codes, names = primary_artists(artists)
    rows = []
    for cluster, members in pd.Series(codes).groupby(np.asarray(labels)):
        counts = members[members >= 0].value_counts()
        share = counts.iloc[0] / len(members) if len(counts) else 0.0
        rows.append(
            {
                "cluster": cluster,
                "n_tracks": len(members),
                # Unknown artists are not one and the same.
                "n_artists": len(counts) + int((members < 0).sum()),
                "artist": names[counts.index[0]] if len(counts) else np.nan,
                "share": float(share),
                "dominant": bool(share >= DOMINANT_SHARE),
            }
        )
    return pd.DataFrame(rows)


def _placed(X: np.ndarray, codes: np.ndarray, n_clusters: int) -> pd.DataFrame:
    """Distance of each track to its mean and to the border with the nearest other cluster."""
    from scipy.spatial.distance import cdist

    means = np.stack([X[codes == code].mean(axis=0) for code in range(n_clusters)])
    rows = np.arange(len(X))
    distances = cdist(X, means)
    own = distances[rows, codes]
    # The points equally near to two means are a hyperplane; this is the distance to it.
    apart = 2 * cdist(means, means)[codes]
    with np.errstate(invalid="ignore", divide="ignore"):
        margins = np.where(apart > 0, (distances**2 - own[:, None] ** 2) / apart, np.inf)
    margins[rows, codes] = np.inf
    other = margins.argmin(axis=1)
    return pd.DataFrame(
        {"index": rows, "distance": own, "other": other, "margin": margins[rows, other]}
    )


def _silhouettes(
    X: np.ndarray, codes: np.ndarray, max_silhouette: int, random_state: int
) -> np.ndarray:
    values = np.full(len(X), np.nan)
    chosen = np.arange(len(X))
    if len(X) > max_silhouette:
        rng = np.random.default_rng(random_state)
        chosen = rng.choice(len(X), max_silhouette, replace=False)
    values[chosen] = silhouette_samples(X[chosen], codes[chosen])
    return values


def _roles(tracks: pd.DataFrame, n: int) -> dict[str, pd.DataFrame]:
    nearest = tracks.sort_values(["distance", "index"])
    misfits = tracks[(tracks["silhouette"] < 0) | (tracks["margin"] < 0)]
    return dict(
        zip(
            ROLES,
            (
                nearest[:1],
                nearest[1 : n + 1],
                tracks[tracks["margin"] >= 0].sort_values(["margin", "index"])[:n],
                misfits.sort_values(["silhouette", "margin", "index"])[:n],
                nearest[::-1][:n],
            ),
            strict=True,
        )
    )
