"""A page's answer (matrix, scaling, PCA, clusters, scores in both spaces) beside a plain script."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.contest import Entry, Work, contest
from bench.generated import generated
from bench.report import Point, Section, table

SIZES = (3_000, 30_000, 300_000, 1_000_000)
_WARD_SIZES = (3_000, 20_000)
_FEATURES = [
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo", "duration_ms", "time_signature",
]  # fmt: skip
_N_CLUSTERS = 11
# A plain silhouette holds n distances for each of n tracks in turn: hours at a million.
_MOST_FOR_SILHOUETTE = 30_000
_SAMPLE = 10_000


def compare(sizes: Sequence[int] = SIZES, ward_sizes: Sequence[int] = _WARD_SIZES) -> Section:
    """Cluster generated tracks by k-means at every size, by Ward's linkage at the smaller ones."""
    rows, points = [], []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for method, of_method in (("kmeans", sizes), ("ward", ward_sizes)):
            for size in of_method:
                path = Path(folder) / f"{size}.parquet"
                _tracks(size).to_parquet(path)
                repeats = 3 if size <= 30_000 else 2
                arguments = (str(path), method)
                found = contest(
                    [
                        Entry("the app's", "bench.clustering:ours", arguments, repeats),
                        Entry("a plain script", "bench.clustering:plain", arguments, repeats),
                    ]
                )
                plain = found["a plain script"].median
                rows += [
                    {
                        "tracks": f"{size:,}",
                        "method": method,
                        "what": name,
                        "s": figures.median,
                        "× the plain script": figures.median / plain,
                        "MB at most": round(figures.peak_mb),
                    }
                    for name, figures in found.items()
                ]
                if method == "kmeans":
                    figures = found["the app's"]
                    points.append(Point("clustering", size, figures.median, figures.peak_mb))
    return Section(
        "Clustering",
        f"13 features, standard scaling, PCA-3, {_N_CLUSTERS} clusters in PCA-3, three scores in "
        "both spaces. The plain script is pandas and scikit-learn as most would write it (ten "
        f"starts); above {_MOST_FOR_SILHOUETTE:,} tracks its silhouettes use `sample_size="
        f"{_SAMPLE:,}`, as it would not end. The app's: silhouettes on {_SAMPLE:,} tracks above "
        f"{_SAMPLE:,}, the starts of k-means on 50,000 above 50,000, Ward's linkage of at most "
        "20,000 tracks with memory linear in n; the page says each. It also finds the columns and "
        "rows that are complete, and one row a recording.",
        table(rows),
        points,
    )


def _tracks(size: int):
    found = generated(size).rename(
        columns={"track_name": "title", "artists": "artist", "track_genre": "genre"}
    )
    return found.assign(isrc=None, release_date=None)


def ours(path: str, method: str) -> Work:
    """Run the app's pipeline."""
    import pandas as pd

    from music_explorer.analysis.pipeline import Config, run

    tracks = pd.read_parquet(path)
    config = Config(
        feature_set="spotify_all",
        key="raw",
        space="projection",
        method={"ward": "agglomerative"}.get(method, method),
        n_clusters=_N_CLUSTERS,
        one_per_recording=True,
    )
    run(config, tracks[:500])
    return lambda: run(config, tracks)


def plain(path: str, method: str) -> Work:
    """Do what a user's script does."""
    import pandas as pd
    from sklearn.cluster import AgglomerativeClustering, KMeans
    from sklearn.decomposition import PCA
    from sklearn.metrics import (
        calinski_harabasz_score,
        davies_bouldin_score,
        silhouette_score,
    )
    from sklearn.preprocessing import StandardScaler

    tracks = pd.read_parquet(path)

    def answer(tracks: pd.DataFrame) -> None:
        X = StandardScaler().fit_transform(tracks[_FEATURES].dropna())
        embedding = PCA(n_components=3).fit_transform(X)
        if method == "kmeans":
            model = KMeans(n_clusters=_N_CLUSTERS, n_init=10, random_state=0)
        else:
            model = AgglomerativeClustering(n_clusters=_N_CLUSTERS, linkage="ward")
        labels = model.fit_predict(embedding)
        of = {} if len(X) <= _MOST_FOR_SILHOUETTE else {"sample_size": _SAMPLE, "random_state": 0}
        for space in (X, embedding):
            silhouette_score(space, labels, **of)
            davies_bouldin_score(space, labels)
            calinski_harabasz_score(space, labels)

    answer(tracks[:500])
    return lambda: answer(tracks)
