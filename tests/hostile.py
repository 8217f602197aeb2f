"""A store whose every name is an attack on whatever shows or exports it."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from music_explorer.analysis.feature_sets import FEATURE_SETS
from music_explorer.store.batch import Batch
from music_explorer.store.schema import ranges
from music_explorer.store.writer import writing

MARK = "Mxk"
"""A word that stands within each markup, so that its effect can be found."""
NAMES = (
    f'<img src=x onerror="window.hostile=true">{MARK}',
    f"<script>window.hostile=true</script>{MARK}",
    f"**{MARK}** __{MARK}__ ~~{MARK}~~ $${MARK}$$",
    f"[{MARK}](javascript:window.hostile=true) ![{MARK}](https://hostile.example/a.png)",
    f":material/bomb: :red[{MARK}] :bomb: <b>{MARK}</b>",
    f'<a href="https://hostile.example">{MARK}</a> https://hostile.example www.hostile.example',
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "'; DROP TABLE tracks; --",
    f"{MARK}\n#EXTINF:1,{MARK}\n/etc/passwd",
    f"\u202e{MARK}\u2066 %{{x}} </title>",
)


def hostile_store(path: Path) -> Path:
    """Write tracks in two groups, each named by an attack; return where."""
    columns = FEATURE_SETS["spotify"].columns
    n = 20 * len(NAMES)
    rng = np.random.default_rng(0)
    middle = np.array([sum(ranges()[name]) / 2 for name in columns])
    away = np.array([0.2 if ranges()[name][1] == 1 else 20.0 for name in columns])
    which = np.arange(n) % len(NAMES)
    noise = rng.normal(scale=away / 4, size=(n, len(columns)))
    values = middle + np.outer(which % 2, away) + noise
    tracks = pd.DataFrame(values, columns=columns)
    if "duration_ms" in tracks:
        tracks["duration_ms"] = tracks["duration_ms"].round().astype(int)
    names = np.array(NAMES, dtype=object)
    tracks = tracks.assign(
        track_id=[f"row:{i:03d} {NAMES[k]}" for i, k in enumerate(which)],
        title=names[which],
        artist=[f"{NAMES[i % 14]} {i % 70}" for i in range(n)],
        album=names[which],
        cover_url=np.where(which % 2, "https://hostile.example/cover.png", "/etc/passwd"),
        spotify_origin="table",
    )
    given = names[which]
    genres = pd.DataFrame(
        {
            "track_id": tracks["track_id"],
            "genre": given,
            "subgenre": names[which],
            "genre_as_given": given,
            "origin": "column",
        }
    )
    with writing(path) as merge:
        merge.stage(Batch(tracks, genres, n_read=n))
        merge.merge(source=NAMES[0], location=NAMES[1], started_at=datetime(2026, 1, 1))
    return path
