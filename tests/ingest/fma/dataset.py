"""The dataset's files with generated values, written as its authors wrote them: by pandas."""

from pathlib import Path

import numpy as np
import pandas as pd

# Number, parent, title, top genre: all that is at the top, and a few below, as published.
GENRES = [
    (1, 38, "Avant-Garde", 38), (2, 0, "International", 2), (3, 0, "Blues", 3), (4, 0, "Jazz", 4),
    (5, 0, "Classical", 5), (8, 0, "Old-Time / Historic", 8), (9, 0, "Country", 9),
    (10, 0, "Pop", 10), (12, 0, "Rock", 12), (13, 0, "Easy Listening", 13), (14, 0, "Soul-RnB", 14),
    (15, 0, "Electronic", 15), (17, 0, "Folk", 17), (20, 0, "Spoken", 20), (21, 0, "Hip-Hop", 21),
    (25, 12, "Punk", 12), (38, 0, "Experimental", 38), (89, 25, "Post-Punk", 12),
    (103, 17, "Singer-Songwriter", 17), (181, 15, "Techno", 15), (1235, 0, "Instrumental", 1235),
]  # fmt: skip
TRACK_COLUMNS = {
    "album": "comments date_created date_released engineer favorites id information listens "
    "producer tags title tracks type",
    "artist": "active_year_begin active_year_end associated_labels bio comments date_created "
    "favorites id latitude location longitude members name related_projects tags website "
    "wikipedia_page",
    "set": "split subset",
    "track": "bit_rate comments composer date_created date_recorded duration favorites genre_top "
    "genres genres_all information interest language_code license listens lyricist number "
    "publisher tags title",
}
FEATURE_SIZES = {
    "chroma_cens": 12, "chroma_cqt": 12, "chroma_stft": 12, "mfcc": 20, "rmse": 1,
    "spectral_bandwidth": 1, "spectral_centroid": 1, "spectral_contrast": 7, "spectral_rolloff": 1,
    "tonnetz": 6, "zcr": 1,
}  # fmt: skip
STATISTICS = ("kurtosis", "max", "mean", "median", "min", "skew", "std")
AUDIO_FEATURES = (
    "acousticness danceability energy instrumentalness liveness speechiness tempo valence"
)
ECHONEST_COLUMNS = {
    "audio_features": AUDIO_FEATURES,
    "metadata": "album_date album_name artist_latitude artist_location artist_longitude "
    "artist_name release",
    "ranks": "artist_discovery_rank artist_familiarity_rank artist_hotttnesss_rank "
    "song_currency_rank song_hotttnesss_rank",
    "social_features": "artist_discovery artist_familiarity artist_hotttnesss song_currency "
    "song_hotttnesss",
    "temporal_features": " ".join(f"{n:03d}" for n in range(224)),
}
LICENSE = "Attribution-NonCommercial-ShareAlike 3.0 International"


def numbers(n_tracks: int) -> np.ndarray:
    """Return ids of tracks: from 2 on, with gaps, as some tracks are no longer in the archive."""
    return 2 + np.arange(n_tracks) * max(1, 155_000 // n_tracks)


def genres() -> pd.DataFrame:
    frame = pd.DataFrame(GENRES, columns=["genre_id", "parent", "title", "top_level"])
    frame.insert(1, "#tracks", 100)
    return frame.set_index("genre_id")


def tracks(ids: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Return rows of ``tracks.csv``: of 100, 8 are in small, 17 more in medium."""
    columns = [(top, name) for top, names in TRACK_COLUMNS.items() for name in names.split()]
    frame = pd.DataFrame("", ids, pd.MultiIndex.from_tuples(columns), dtype=object)
    frame.index.name = "track_id"
    place = np.arange(len(ids))
    chosen = rng.integers(len(GENRES), size=len(ids))
    titles = {number: title for number, _, title, _ in GENRES}
    frame["track", "title"] = [f'Song, the "{i}th"' for i in ids]
    frame["artist", "name"] = [f"Artist {i % 997}" for i in ids]
    frame["artist", "website"] = [f"http://artist{i % 997}.example/" for i in ids]
    frame["artist", "bio"] = "<p>Born here, lived there.</p>" * 40 + "\n"
    frame["album", "title"] = [f"Album {i % 5003}" for i in ids]
    frame["album", "information"] = "<p>Recorded,\nmixed.</p>" + "<p>Mastered.</p>" * 50
    frame["album", "date_released"] = "2009-01-05 00:00:00"
    frame["set", "split"] = "training"
    frame["set", "subset"] = np.select(
        [place % 100 < 8, place % 100 < 25], ["small", "medium"], "large"
    )
    frame["track", "duration"] = rng.integers(20, 900, len(ids))
    frame["track", "genre_top"] = [titles[GENRES[i][3]] for i in chosen]
    frame["track", "genres"] = [f"[{GENRES[i][0]}]" for i in chosen]
    frame["track", "genres_all"] = [str(sorted({GENRES[i][0], GENRES[i][3]})) for i in chosen]
    frame["track", "license"] = LICENSE
    frame["track", "tags"] = "[]"
    frame["track", "listens"] = rng.integers(0, 100_000, len(ids))
    return frame


def features(ids: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Return rows of ``features.csv``; values that the store keeps are in its ranges."""
    tuples = [
        (name, statistic, f"{number:02d}")
        for name, size in FEATURE_SIZES.items()
        for statistic in STATISTICS
        for number in range(1, size + 1)
    ]
    columns = pd.MultiIndex.from_tuples(tuples, names=["feature", "statistics", "number"])
    scale = {"mfcc": 100, "spectral_contrast": 40, "spectral_centroid": 3000}
    scales = np.array([scale.get(name, 1) for name, *_ in tuples])
    is_signed = np.array([name == "mfcc" and kind == "mean" for name, kind, _ in tuples])
    values = rng.random((len(ids), len(tuples))) - 0.5 * is_signed
    return pd.DataFrame(values * scales, pd.Index(ids, name="track_id"), columns)


def echonest(ids: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Return rows of ``echonest.csv``."""
    tuples = [
        ("echonest", top, name) for top, names in ECHONEST_COLUMNS.items() for name in names.split()
    ]
    frame = pd.DataFrame(
        rng.random((len(ids), len(tuples))),
        pd.Index(ids, name="track_id"),
        pd.MultiIndex.from_tuples(tuples),
    )
    frame["echonest", "audio_features", "tempo"] *= 180
    frame["echonest", "audio_features", "tempo"] += 40
    for name in ECHONEST_COLUMNS["metadata"].split():
        frame["echonest", "metadata", name] = "Somewhere, some time"
    return frame


class Dataset:
    """The four files in memory, to be changed before they are written; every 8th has echonest."""

    def __init__(self, n_tracks: int) -> None:
        rng = np.random.default_rng(0)
        self.ids = numbers(n_tracks)
        self.files = {
            "genres.csv": genres(),
            "tracks.csv": tracks(self.ids, rng),
            # Any cell may become text.
            "features.csv": features(self.ids, rng).astype(object),
            "echonest.csv": echonest(self.ids[::8], rng).astype(object),
        }

    def write(self, folder: Path) -> Path:
        """Write the files."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, frame in self.files.items():
            frame.to_csv(folder / name)
        return folder
