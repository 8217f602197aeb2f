"""From the raw rows of a table to a batch in the store's own columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ingest.genres import canonical_genre
from ingest.identity import row_track_id, spotify_track_id
from ingest.values import booleans, dates, numbers, texts
from music_explorer.store.batch import Batch
from music_explorer.store.schema import columns, ranges

_PLACES = ("genre", "subgenre", "playlist", "added_at")


@dataclass(frozen=True)
class Chunk:
    """Some raw rows of a table: cells as they stand, and the line or row each stands in."""

    cells: pd.DataFrame
    lines: Sequence[int]


def to_batch(chunk: Chunk, mapping: Mapping[str, str], *, name: str) -> Batch:
    """Turn raw rows into a batch; rows with an impossible value are rejected with the reason.

    Parameters
    ----------
    chunk
        The raw rows.
    mapping
        The store's column -> the table's header.
    name
        Name of the file, for the reasons.

    Returns
    -------
    Batch
    """
    # Of two columns of one name the first counts, as where two names mean the same.
    cells = chunk.cells.loc[:, ~chunk.cells.columns.duplicated()]
    rows = pd.DataFrame(index=cells.index)
    reasons = pd.Series(pd.NA, index=cells.index, dtype="string")
    for column, header in mapping.items():
        if column in ranges():
            rows[column], bad = numbers(cells[header], column)
            reasons = reasons.fillna(bad)
        elif column == "explicit":
            rows[column] = booleans(cells[header])
        elif column == "release_date":
            rows[column], bad = dates(cells[header])
            reasons = reasons.fillna(bad)
        else:
            rows[column] = texts(cells[header])
    _tidy(rows)
    rows["track_id"] = _track_ids(rows)
    reasons = reasons.fillna(
        rows["track_id"].isna().map({True: "no track id and no title", False: pd.NA})
    )
    kept = reasons.isna()
    locators = [f"{name} row {line}" for line in pd.Series(chunk.lines, index=cells.index)[~kept]]
    rows = rows[kept]
    return Batch(
        tracks=_with_origins(rows.drop(columns=list(_PLACES), errors="ignore")),
        genres=_genres(rows),
        playlists=_playlists(rows),
        rejects=list(zip(locators, reasons[~kept], strict=True)),
        n_read=len(cells),
    )


def _tidy(rows: pd.DataFrame) -> None:
    if "artist" in rows:
        rows["artist"] = rows["artist"].str.replace(r"\s*;\s*", "; ", regex=True)
    if "preview_url" in rows:
        rows["preview_url"] = rows["preview_url"].str.split("?").str[0]


def _track_ids(rows: pd.DataFrame) -> pd.Series:
    nothing = pd.Series(pd.NA, index=rows.index, dtype="string")
    ids = nothing
    if "track_id" in rows:
        ids = rows["track_id"].map(spotify_track_id, na_action="ignore").astype("string")
    if "title" not in rows:
        return ids
    without = ids.isna() & rows["title"].notna()
    text = rows.loc[without].reindex(columns=["title", "artist", "album"])
    text = text.astype("string").fillna("")
    ids[without] = [row_track_id(*parts) for parts in text.itertuples(index=False)]
    return ids


def _with_origins(tracks: pd.DataFrame) -> pd.DataFrame:
    for table in ("spotify", "librosa"):
        if any(
            name in columns(f"{table}_features") for name in tracks.columns if name != "track_id"
        ):
            tracks[f"{table}_origin"] = "table"
    return tracks


def _genres(rows: pd.DataFrame) -> pd.DataFrame | None:
    if "genre" not in rows:
        return None
    found = rows.reindex(columns=["track_id", "genre", "subgenre"]).dropna(subset=["genre"])
    found = found.rename(columns={"genre": "genre_as_given"})
    spelling = {given: canonical_genre(given) for given in found["genre_as_given"].unique()}
    return found.assign(genre=found["genre_as_given"].map(spelling), origin="column")


def _playlists(rows: pd.DataFrame) -> pd.DataFrame | None:
    if "playlist" not in rows:
        return None
    found = rows.reindex(columns=["track_id", "playlist", "added_at"]).dropna(subset=["playlist"])
    return found.assign(position=pd.array([None] * len(found), dtype="Int64"))
