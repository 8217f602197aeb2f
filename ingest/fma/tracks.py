"""The rows of ``tracks.csv``: who a track is, its genres, its licence, and which subset has it."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ingest.errors import shown
from ingest.fma.files import ID, Block, FmaTable, audio_path, track_numbers
from ingest.tables.doubts import Doubts
from ingest.tables.units import Reading, numbers
from ingest.tables.values import dates, texts

# Each holds the ones before it.
SUBSETS = ("small", "medium", "large")
WANTED = {
    "title": ("track", "title"),
    "artist": ("artist", "name"),
    "album": ("album", "title"),
    "release_date": ("album", "date_released"),
    "duration_ms": ("track", "duration"),
    "license": ("track", "license"),
    "artist_url": ("artist", "website"),
    "genre_top": ("track", "genre_top"),
    "genres": ("track", "genres"),
    "subset": ("set", "subset"),
}
COLUMNS = ("track_id", *list(WANTED)[:7], "audio_path")
_LENGTH = Reading("track/duration", times=1000, unit="seconds")


class Tracks:
    """What was found in ``tracks.csv`` so far.

    Attributes
    ----------
    taken, left_out
        Numbers of the tracks that were taken; of those that are not in the subset or were rejected.
    n_outside
        Rows that are not in the subset.
    n_with_audio
        Tracks whose file was found.
    unreadable
        Optional values that could not be read and were left empty: column -> count and example.
    """

    def __init__(self, table: FmaTable, subset: str | None, audio: Sequence[Path]) -> None:
        self.table = table
        self.taken: set[int] = set()
        self.left_out: set[int] = set()
        self.n_outside = self.n_with_audio = 0
        self.unreadable: dict[str, tuple[int, str]] = {}
        self.doubts = Doubts()
        self._subset, self._audio = subset, list(audio)

    def read(self, block: Block) -> tuple[pd.DataFrame, pd.Series]:
        """Turn cells into values.

        Returns
        -------
        rows : DataFrame
            Those of the subset: ``COLUMNS``, and ``genres`` and ``genre_top`` as they stand.
        reasons : Series of str
            Why a row is rejected; NA where it is not.
        """
        self.doubts.add_rows(len(block.cells) + len(block.rejects), block.rejects)
        cells = block.cells
        ids, reasons = track_numbers(cells[ID])
        if self._subset is not None:
            reasons = reasons.fillna(_no_subset(cells["subset"]))
            inside = cells["subset"].isin(SUBSETS[: SUBSETS.index(self._subset) + 1])
            outside = ~inside & reasons.isna()
            self.n_outside += int(outside.sum())
            self.left_out.update(ids[outside])
            cells, ids, reasons = cells[~outside], ids[~outside], reasons[~outside]
        rows, bad = self._values(cells)
        reasons = reasons.fillna(bad)
        self.left_out.update(ids[reasons.notna()].dropna())
        taken = ids[reasons.isna()]
        self.taken.update(taken)
        rows["track_id"] = "fma:" + ids.astype("string")
        rows["audio_path"] = pd.Series(
            [audio_path(self._audio, number) for number in taken], taken.index, "string"
        )
        self.n_with_audio += int(rows["audio_path"].notna().sum())
        return rows, reasons

    def _values(self, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
        rows = cells[["genres", "genre_top"]].copy()
        rows["title"] = texts(cells["title"])
        rows["artist"] = texts(cells["artist"], nothing="of programs")
        rows["album"] = texts(cells["album"], nothing="of programs")
        rows["license"] = texts(cells["license"], nothing="all")
        rows["release_date"], bad_date = dates(cells["release_date"])
        self._note("release_date", cells["release_date"][bad_date])
        page = texts(cells["artist_url"], nothing="all")
        is_address = page.str.match("https?://", case=False).fillna(False).astype(bool)
        rows["artist_url"] = page.where(is_address)
        self._note("artist_url", page[~is_address & page.notna()])
        # A length of 0 s is one that the archive does not know.
        lengths = cells["duration_ms"].mask(cells["duration_ms"] == "0")
        rows["duration_ms"], bad = numbers(lengths, "duration_ms", _LENGTH, ".")
        self.doubts.add("duration_ms", rows["duration_ms"], bad)
        return rows, bad

    def _note(self, column: str, bad: pd.Series) -> None:
        if len(bad):
            n, example = self.unreadable.get(column, (0, str(bad.iloc[0])))
            self.unreadable[column] = n + len(bad), shown(example)


def _no_subset(cells: pd.Series) -> pd.Series:
    reasons = pd.Series(pd.NA, index=cells.index, dtype="string")
    bad = ~cells.isin(SUBSETS)
    reasons[bad] = [f"subset={shown(cell)}; expected {', '.join(SUBSETS)}" for cell in cells[bad]]
    return reasons
