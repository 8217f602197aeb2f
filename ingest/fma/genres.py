"""The genre tree: each genre has a number and a title, and hangs below one of the top genres."""

import re
from pathlib import Path

import pandas as pd

from ingest.errors import shown
from ingest.fma.files import FmaTable
from ingest.genres import canonical_genre
from ingest.tables.values import texts

_WANTED = {"title": ("title",), "top_level": ("top_level",)}
_NUMBER = re.compile(r"[0-9]{1,9}")
_LIST = re.compile(r"\[\s*(?:[0-9]{1,9}\s*(?:,\s*[0-9]{1,9}\s*)*)?\]")


class GenreTree:
    """The genres of ``genres.csv``, and what was noticed while tracks were given theirs.

    Attributes
    ----------
    pairs
        Number of a genre -> title of its top genre, and its own title unless it is that one.
    rejects
        ``(locator, reason)`` of the rows of the file that are no genre.
    n_unknown
        Genres of tracks whose number the file does not have.
    n_unreadable
        Tracks whose list of genres is none.
    """

    def __init__(self) -> None:
        self.pairs: dict[int, tuple[str, str | None]] = {}
        self.rejects: list[tuple[str, str]] = []
        self.n_unknown = self.n_unreadable = 0

    @classmethod
    def read(cls, path: Path) -> "GenreTree":
        """Read ``genres.csv``.

        Raises
        ------
        IngestError
            If it is not the dataset's.
        """
        tree, table = cls(), FmaTable(path, 1, _WANTED)
        rows = []
        for block in table.blocks():
            rows += block.cells.itertuples()
            tree.rejects += block.rejects
        titles = {_number(row.id): " ".join(row.title.split()) for row in rows}
        for row in rows:
            number, top = _number(row.id), _number(row.top_level)
            if number is not None and titles[number] and titles.get(top):
                tree.pairs[number] = (titles[top], None if number == top else titles[number])
            else:
                reason = (
                    f"genre_id={shown(row.id)}, title={shown(row.title)}, "
                    f"top_level={shown(row.top_level)}; expected a number, a title, and the number "
                    "of a genre in this file"
                )
                tree.rejects.append((table.locator(row.Index), reason))
        return tree

    def of_tracks(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return ``track_id, genre, subgenre, genre_as_given, origin`` of tracks.

        A track has the genres that it lists; and its ``genre_top``, where none of them is below it.

        Parameters
        ----------
        rows
            ``track_id, genres, genre_top`` as text: ``[21, 103]`` and ``Hip-Hop``.
        """
        found: list[tuple[str, str, str | None]] = []
        tops = texts(rows["genre_top"], nothing="all")
        for track_id, listed, top in zip(rows["track_id"], rows["genres"], tops, strict=True):
            pairs = self._listed(listed)
            if not pd.isna(top) and top not in {genre for genre, _ in pairs}:
                pairs = [*pairs, (top, None)]
            found += [(track_id, *pair) for pair in pairs]
        frame = pd.DataFrame(found, columns=["track_id", "genre_as_given", "subgenre"])
        spelling = {given: canonical_genre(given) for given in frame["genre_as_given"].unique()}
        return frame.assign(genre=frame["genre_as_given"].map(spelling), origin="column")

    def _listed(self, text: str) -> list[tuple[str, str | None]]:
        if not (self.pairs and text.strip()):
            return []
        if not _LIST.fullmatch(text.strip()):
            self.n_unreadable += 1
            return []
        numbers = {int(number) for number in _NUMBER.findall(text)}
        self.n_unknown += len(numbers - self.pairs.keys())
        return [self.pairs[number] for number in sorted(numbers & self.pairs.keys())]


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None
