"""From the raw rows of a table to batches in the store's own columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from ingest.errors import shown
from ingest.genres import canonical_genre
from ingest.identity import row_track_id, spotify_track_ids
from ingest.tables.artists import comma_rule, joined_artists, separate
from ingest.tables.columns import PLACES
from ingest.tables.doubts import Doubts
from ingest.tables.units import Reading, numbers
from ingest.tables.values import booleans, dates, texts
from music_explorer.store.batch import Batch
from music_explorer.store.schema import columns, ranges

# Words for nothing that may be names all the same.
_NOTHING = {"title": "nothing is a name", "artist": "of programs", "album": "of programs"}


@dataclass(frozen=True)
class Chunk:
    """Some raw rows of a table: cells as they stand, and the line or row each stands in."""

    cells: pd.DataFrame
    lines: Sequence[int]


@dataclass(frozen=True)
class Labels:
    """Genre and playlist that hold for a whole table, as a person says."""

    genre: str | None = None
    playlist: str | None = None


@dataclass
class Understood:
    """How a table is read, and what was noticed on the way; a person can check it.

    Attributes
    ----------
    name
        Name of the file.
    layout
        Format, delimiter, encoding and decimal mark, in words.
    decimal
        The decimal mark.
    headers
        The table's header.
    readings
        Column of the store -> header and unit.
    labels
        Genre and playlist for all rows.
    unreadable
        Optional values that could not be read and were left empty: column -> count and example.
    n_mended
        Lines with too many or too few cells that could be read all the same.
    doubts
        What speaks against the table.
    """

    name: str
    layout: str
    decimal: str
    headers: Sequence[str]
    readings: Mapping[str, Reading]
    labels: Labels = field(default_factory=Labels)
    unreadable: dict[str, tuple[int, str]] = field(default_factory=dict)
    n_mended: int = 0
    doubts: Doubts = field(default_factory=Doubts)

    @property
    def ignored(self) -> list[str]:
        """Headers that are no column of the store."""
        used = {reading.header for reading in self.readings.values()}
        return [header for header in self.headers if header and header not in used]

    @property
    def has_features(self) -> bool:
        """Whether there is anything to cluster by."""
        return bool(_features("spotify", self.readings) or _features("librosa", self.readings))


def to_batch(chunk: Chunk, table: Understood) -> Batch:
    """Turn raw rows into a batch; rows with an impossible value are rejected with the reason.

    Parameters
    ----------
    chunk
        The raw rows.
    table
        How the table is read; what is noticed is added to it.

    Returns
    -------
    Batch
    """
    rows, reasons = _values(chunk.cells, table)
    given = rows.get("track_id")
    rows["track_id"] = _track_ids(rows)
    nameless = rows["track_id"].isna() & reasons.isna()
    if nameless.any():
        reasons[nameless] = _why_nameless(given, nameless)
    kept = reasons.isna()
    locators = [
        f"{table.name} row {line}" for line in pd.Series(chunk.lines, index=rows.index)[~kept]
    ]
    rows = rows[kept]
    return Batch(
        tracks=_with_origins(rows.drop(columns=list(PLACES), errors="ignore")),
        genres=_genres(rows, table.labels),
        playlists=_playlists(rows, table.labels),
        rejects=list(zip(locators, reasons[~kept], strict=True)),
        n_read=len(rows) + len(locators),
    )


def _values(cells: pd.DataFrame, table: Understood) -> tuple[pd.DataFrame, pd.Series]:
    rows = {}
    reasons = pd.Series(pd.NA, index=cells.index, dtype="string")
    for column, reading in table.readings.items():
        given = cells[reading.header]
        if column in ranges():
            rows[column], bad = numbers(given, column, reading, table.decimal)
            table.doubts.add(column, rows[column], bad)
            reasons = reasons.fillna(bad)
        elif column == "explicit":
            rows[column], bad = booleans(given)
            _note(table, column, given[bad])
        elif column == "release_date":
            rows[column], bad = dates(given)
            _note(table, column, given[bad])
        elif column == "artist":
            rule = comma_rule(reading.header, table.headers)
            rows[column] = texts(joined_artists(given, rule), nothing="of programs")
        else:
            rows[column] = texts(given, nothing=_NOTHING.get(column, "all"))
    if "preview_url" in rows:
        rows["preview_url"] = rows["preview_url"].str.split("?").str[0]
    return pd.DataFrame(rows, index=cells.index), reasons


def _note(table: Understood, column: str, bad: pd.Series) -> None:
    if len(bad):
        n, example = table.unreadable.get(column, (0, str(bad.iloc[0])))
        table.unreadable[column] = n + len(bad), shown(example)


def _why_nameless(ids: pd.Series | None, nameless: pd.Series) -> list[str]:
    if ids is None:
        return ["no title"] * int(nameless.sum())
    return [
        "no track id and no title"
        if pd.isna(given)
        else f"track_id={shown(given)} is no track of Spotify's, and there is no title"
        for given in ids[nameless]
    ]


def _track_ids(rows: pd.DataFrame) -> pd.Series:
    ids = pd.Series(pd.NA, index=rows.index, dtype="string")
    if "track_id" in rows:
        ids = spotify_track_ids(rows["track_id"])
    if "title" not in rows:
        return ids
    without = ids.isna() & rows["title"].notna()
    text = rows.loc[without].reindex(columns=["title", "artist", "album"])
    text = text.astype("string").fillna("")
    ids[without] = [row_track_id(*parts) for parts in text.itertuples(index=False)]
    return ids


def _features(kind: str, names: Sequence[str] | Mapping) -> list[str]:
    own = columns(f"{kind}_features")
    return [name for name in names if name in own and name != "track_id"]


def _with_origins(tracks: pd.DataFrame) -> pd.DataFrame:
    origins = {
        f"{kind}_origin": "table"
        for kind in ("spotify", "librosa")
        if _features(kind, tracks.columns)
    }
    return tracks.assign(**origins)


def _genres(rows: pd.DataFrame, labels: Labels) -> pd.DataFrame | None:
    if labels.genre is not None:
        found = rows[["track_id"]].assign(subgenre=None, genre_as_given=labels.genre, origin="file")
    elif "genre" in rows:
        found = rows.reindex(columns=["track_id", "genre", "subgenre"]).dropna(subset=["genre"])
        parts = {given: separate(given) for given in found["genre"].unique()}
        given = pd.Series([parts[cell] for cell in found["genre"]], found.index, dtype=object)
        found = found.assign(genre_as_given=given, origin="column")
        found = found.explode("genre_as_given").dropna(subset=["genre_as_given"])
        several = found.index.duplicated(keep=False)
        # One subgenre beside several genres belongs to none of them in particular.
        found["subgenre"] = found["subgenre"].astype(object).mask(several, None)
    else:
        return None
    spelling = {given: canonical_genre(given) for given in found["genre_as_given"].unique()}
    return found.assign(genre=found["genre_as_given"].map(spelling))


def _playlists(rows: pd.DataFrame, labels: Labels) -> pd.DataFrame | None:
    found = rows.reindex(columns=["track_id", "playlist", "added_at"])
    if labels.playlist is not None:
        found = found.assign(playlist=labels.playlist)
    elif "playlist" not in rows:
        return None
    found = found.dropna(subset=["playlist"])
    return found.assign(position=pd.array([None] * len(found), dtype="Int64"))
