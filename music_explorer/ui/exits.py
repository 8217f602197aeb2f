"""What a selection and a figure are taken away as. Nothing here knows Streamlit."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from music_explorer.ui.charts import plain
from music_explorer.ui.spreadsheet import safe_cells


def csv(rows: pd.DataFrame) -> bytes:
    """Write tracks as a table that a spreadsheet opens, and takes no text of for a formula."""
    return safe_cells(rows).to_csv(index=False).encode("utf-8-sig")


def parquet(rows: pd.DataFrame) -> bytes:
    """Write tracks as Parquet, with the types of the store."""
    file = io.BytesIO()
    rows.to_parquet(file, index=False)
    return file.getvalue()


def m3u(files: pd.DataFrame) -> bytes:
    """Write files as an extended M3U playlist: ``title, artist, duration_ms, audio_path``."""
    lines = ["#EXTM3U"]
    for file in files.itertuples():
        seconds = -1 if pd.isna(file.duration_ms) else round(file.duration_ms / 1000)
        names = [str(name) for name in (file.artist, file.title) if pd.notna(name)]
        # A line break in a name would be taken for another file.
        lines += [
            f"#EXTINF:{seconds},{' '.join(' - '.join(names).split())}",
            _one_line(file.audio_path),
        ]
    return ("\n".join(lines) + "\n").encode()


def _one_line(path: str) -> str:
    """Return a path as it is, or as an address if it has a line break or reads as a directive."""
    is_plain = len(path.splitlines()) == 1 and not path.startswith("#")
    return path if is_plain else Path(path).absolute().as_uri()


def spotify_uris(track_ids: Sequence[str]) -> str:
    """List the tracks of Spotify, as its desktop app takes them when pasted into a playlist."""
    return "\n".join(
        f"spotify:track:{track_id.partition(':')[2]}"
        for track_id in track_ids
        if track_id.startswith("spotify:")
    )


def html(fig: go.Figure, name: str, provenance: str) -> str:
    """Write a figure as a page of its own, with a line that says where it is from."""
    whole = go.Figure(fig).update_layout(
        template="plotly_white", title_subtitle_text=plain(provenance)
    )
    return whole.to_html(include_plotlyjs="cdn", config=camera(name, "svg"))


def camera(name: str, kind: str) -> dict[str, Any]:
    """Tell Plotly what the camera in a figure's corner saves: "png" or "svg"."""
    picture = {"format": kind, "filename": name, "scale": 2}
    return {"displaylogo": False, "toImageButtonOptions": picture}
