"""Lines with too many or too few cells: mended where only one reading makes sense."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from ingest.identity import spotify_track_ids
from ingest.tables.units import Reading, numbers
from ingest.tables.values import booleans, dates
from music_explorer.store.schema import columns, ranges

_FEATURES = {*columns("spotify_features"), *columns("librosa_features")} - {"track_id"}
# Rows that are tried at a time; each may have as many readings as the table has columns.
_ROWS = 2_000
# Kinds of readings: joined where a space follows the delimiter, as in prose; joined elsewhere;
# with cells left out, which only casts doubt on the others.
_SPACED, _JOINED, _CUT = "spaced", "joined", "cut"


class Mender:
    """Mends the lines of one table.

    Parameters
    ----------
    headers
        The table's header.
    readings
        Columns of the store -> how they are read.
    delimiter, decimal
        The table's dialect.
    """

    def __init__(
        self,
        headers: Sequence[str],
        readings: Mapping[str, Reading],
        delimiter: str,
        decimal: str,
    ) -> None:
        self._n = len(headers)
        self._delimiter, self._decimal = delimiter, decimal
        place = {header: i for i, header in enumerate(headers)}
        self._read = {column: (place[r.header], r) for column, r in readings.items()}
        features = {i for column, (i, _) in self._read.items() if column in _FEATURES}
        others = {i for column, (i, _) in self._read.items() if column not in _FEATURES}
        self._first_feature = min(features, default=self._n)
        self._n_needed = max(others, default=0) + 1

    def mend(self, rows: Sequence[list[str]]) -> list[list[str] | None]:
        """Return rows with as many cells as the header has; None for those in doubt."""
        found: list[list[str] | None] = []
        for start in range(0, len(rows), _ROWS):
            found += self._mend(rows[start : start + _ROWS])
        return found

    def _mend(self, rows: Sequence[list[str]]) -> list[list[str] | None]:
        tried = [
            (number, cells, kind)
            for number, row in enumerate(rows)
            for cells, kind in self._readings(row)
        ]
        fits = self._fits([cells for _, cells, _ in tried])
        fitting: dict[int, list[tuple[list[str], str]]] = {}
        for (number, cells, kind), fit in zip(tried, fits, strict=True):
            if fit:
                fitting.setdefault(number, []).append((cells, kind))
        return [_only(fitting.get(number, [])) for number in range(len(rows))]

    def _readings(self, row: list[str]) -> Iterator[tuple[list[str], str]]:
        """Yield each way to read a row, and of what kind it is."""
        extra = len(row) - self._n
        if extra < 0:
            # Programs leave the features of a track out, all of them; any other gap may be
            # anywhere, and the cells after it would be read as another column's.
            if self._n_needed <= len(row) <= self._first_feature:
                yield [*row, *[""] * -extra], _JOINED
            return
        # The cells may be right and one without a header stand before or behind them.
        yield row[: self._n], _CUT
        yield row[extra:], _CUT
        for place in range(self._n):
            parts = row[place : place + extra + 1]
            joined = [*row[:place], self._delimiter.join(parts), *row[place + extra + 1 :]]
            spaced = all(part.startswith(" ") for part in parts[1:])
            yield joined, _SPACED if spaced else _JOINED

    def _fits(self, rows: list[list[str]]) -> pd.Series:
        """Tell of which rows every cell holds what its column may hold."""
        cells = pd.DataFrame(rows, columns=range(self._n), dtype="string")
        fits = pd.Series(True, index=cells.index)
        for column, (place, reading) in self._read.items():
            given = cells[place]
            if column in ranges():
                fits &= numbers(given, column, reading, self._decimal)[1].isna()
            elif column == "explicit":
                fits &= ~booleans(given)[1]
            elif column == "release_date":
                fits &= ~dates(given)[1]
            elif column == "track_id":
                fits &= (given == "") | spotify_track_ids(given).notna()
        return fits


def _only(fitting: list[tuple[list[str], str]]) -> list[str] | None:
    """Return the only reading, or the only one in which a space follows every joined delimiter."""
    spaced = [cells for cells, kind in fitting if kind == _SPACED]
    if len(spaced) == 1:
        return spaced[0]
    return fitting[0][0] if len(fitting) == 1 and fitting[0][1] != _CUT else None
