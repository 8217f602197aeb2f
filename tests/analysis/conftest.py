"""Points and tables whose answers are known by construction."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs

STUDY_CSV = Path(
    os.environ.get(
        "MUSIC_STUDY_CSV",
        Path(__file__).resolve().parents[3] / "shared/data/study_tracks.csv",
    )
)


@pytest.fixture(scope="session")
def blobs():
    """Three tight, far apart groups of 80, 50 and 20 points in five dimensions."""
    centers = np.eye(3, 5) * 20
    return make_blobs([80, 50, 20], centers=centers, cluster_std=1.0, random_state=0)


@pytest.fixture
def tracks():
    """Sixty tracks with the nine continuous Spotify features: thirty loud, thirty acoustic."""
    from music_explorer.analysis.feature_sets import SPOTIFY_CONTINUOUS

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        rng.uniform(0.4, 0.6, size=(60, len(SPOTIFY_CONTINUOUS))), columns=list(SPOTIFY_CONTINUOUS)
    )
    loud = np.arange(60) < 30
    frame["loudness"] = np.where(loud, -4.0, -20.0) + rng.normal(size=60)
    frame["acousticness"] += np.where(loud, -0.35, 0.35)
    frame["energy"] += np.where(loud, 0.35, -0.35)
    frame.insert(0, "track_id", [f"spotify:{i}" for i in range(60)])
    frame.insert(1, "title", [f"Song {i}" for i in range(60)])
    frame.insert(2, "artist", [f"Artist {i // 6}; Guest {i}" for i in range(60)])
    return frame


@pytest.fixture(scope="session")
def study():
    """Tracks and genres of the published study."""
    if not STUDY_CSV.exists():
        pytest.skip(f"no study table at {STUDY_CSV}; set MUSIC_STUDY_CSV")
    table = pd.read_csv(STUDY_CSV).rename(
        columns={
            "track_uri": "track_id",
            "track_name": "title",
            "artist_name": "artist",
            **{f"MFCC{i}": f"mfcc_{i:02d}_mean" for i in range(1, 21)},
            **{
                f"Spectral Contrast Freq Band{i}": f"spectral_contrast_{i}_mean"
                for i in range(1, 8)
            },
        }
    )
    return table.drop(columns="genre").drop_duplicates("track_id"), table[["track_id", "genre"]]
