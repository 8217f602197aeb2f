"""The files of the dataset: where they lie, and the rows under their several header rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TextIO

import pandas as pd
from tqdm import tqdm

from ingest.errors import IngestError, shown
from ingest.tables.dialect import Dialect, read_rows
from ingest.tables.text import Encoding, open_text

# The first column of every file; a last row of the header, where there is one, names it alone.
ID = "id"
_INDEX_NAME = "track_id"
_UTF_8 = Encoding("utf-8-sig")
_COMMA = Dialect(",")
_METADATA = "fma_metadata"
# Whole recordings before clips of 30 s.
_AUDIO = ("fma_full", "fma_large", "fma_medium", "fma_small")
_ROWS_AT_ONCE = 5_000

Header = tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """Some rows of a file.

    Attributes
    ----------
    cells
        ``id`` and the wanted columns under the store's names, as text; the index is the line
        that each row begins in, from 1.
    rejects
        ``(locator, reason)`` of the rows that cannot be divided into cells.
    """

    cells: pd.DataFrame
    rejects: list[tuple[str, str]] = field(default_factory=list)


class FmaTable:
    """A CSV of the dataset, whose header is known once it is opened.

    Parameters
    ----------
    path
        The file.
    n_header_rows
        Rows of names that together say what a column is.
    wanted
        Column of the store -> what stands above it, from the first header row to the last.

    Raises
    ------
    IngestError
        If the file cannot be read, or a wanted column is not in its header.
    """

    def __init__(self, path: Path, n_header_rows: int, wanted: Mapping[str, Header]) -> None:
        self.path, self.name = path, path.name
        self._n_header_rows = n_header_rows
        self._wanted = list(wanted)
        with open_text(path, _UTF_8, self.name) as file:
            rows = [cells or [] for _, cells in islice(self._rows(file), n_header_rows)]
        header = list(zip(*rows, strict=False))
        lacking = [column for column in wanted.values() if column not in header]
        if lacking:
            listed = ", ".join("/".join(column) for column in lacking[:5])
            raise IngestError(
                f"{path} is not the dataset's {self.name}: its header, {n_header_rows} rows, lacks "
                f"{listed}{', …' if len(lacking) > 5 else ''}; unpack fma_metadata.zip again"
            )
        self.n_columns = len(header) - 1
        self._pick = itemgetter(0, *map(header.index, wanted.values()))

    def blocks(self) -> Iterator[Block]:
        """Read the rows in blocks of bounded size, with a progress bar over the bytes."""
        size = self.path.stat().st_size
        with (
            open_text(self.path, _UTF_8, self.name) as file,
            tqdm(
                desc=self.name, total=size, unit="B", unit_scale=True, leave=False, disable=None
            ) as bar,
        ):
            rows = islice(self._rows(file), self._n_header_rows, None)
            while block := self._block(rows):
                yield block
                bar.update(file.buffer.tell() - bar.n)

    def _rows(self, file: TextIO) -> Iterator[tuple[int, list[str] | None]]:
        return read_rows(file, _COMMA, self.name)

    def _block(self, rows: Iterator[tuple[int, list[str] | None]]) -> Block | None:
        """Return the next rows; None after the last. No more is kept of one than is wanted."""
        lines, even, rejects = [], [], []
        for line, cells in islice(rows, _ROWS_AT_ONCE):
            if cells is None or len(cells) != self.n_columns + 1:
                rejects.append((self.locator(line), self._why_odd(cells)))
            elif cells[0] != _INDEX_NAME:
                lines.append(line)
                even.append(self._pick(cells))
        if not (even or rejects):
            return None
        columns = zip(*even, strict=True) if even else [()] * (1 + len(self._wanted))
        names = (ID, *self._wanted)
        cells = {name: list(column) for name, column in zip(names, columns, strict=True)}
        return Block(pd.DataFrame(cells, index=lines, dtype="string"), rejects)

    def _why_odd(self, cells: list[str] | None) -> str:
        if cells is None:
            return "the quotes of this row do not match"
        return f"{len(cells)} cells where the header has {self.n_columns + 1}"

    def locator(self, line: int) -> str:
        """Return where a row stands, for people."""
        return f"{self.name} row {line}"


def metadata_folder(folder: Path) -> Path:
    """Return the folder that ``tracks.csv`` lies in: the one that is named, or one inside it.

    Raises
    ------
    IngestError
        If it is in neither.
    """
    for place in (folder, folder / _METADATA):
        if (place / "tracks.csv").is_file():
            return place
    raise IngestError(
        f"no tracks.csv in {folder} or in {folder / _METADATA}; name the folder that "
        "fma_metadata.zip was unpacked in"
    )


def audio_folders(folder: Path, metadata: Path) -> list[Path]:
    """Return the folders of audio inside the named folder or the one of the metadata."""
    places = dict.fromkeys(place / name for name in _AUDIO for place in (folder, metadata))
    return [place.resolve() for place in places if place.is_dir()]


def audio_path(folders: list[Path], number: int) -> str | None:
    """Return the path of a track's file: of the whole recording, where there are several."""
    digits = f"{number:06d}"
    for folder in folders:
        path = folder / digits[:3] / f"{digits}.mp3"
        if path.is_file():
            return str(path)
    return None


def track_numbers(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read ids of tracks.

    Returns
    -------
    numbers : Series of Int64
        NA where the cell is no id.
    reasons : Series of str
        Why it is none; NA where it is one.
    """
    good = cells.str.fullmatch(r"[0-9]{1,9}").fillna(False).astype(bool)
    reasons = pd.Series(pd.NA, index=cells.index, dtype="string")
    reasons[~good] = [f"track_id={shown(c)}; expected a whole number" for c in cells[~good]]
    return cells.where(good).astype("Int64"), reasons
