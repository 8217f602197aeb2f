"""What speaks against a table, gathered over all its rows: columns in another unit than they say.

Single bad values reject their rows; where they are the rule, the whole table is refused.
"""

import numpy as np
import pandas as pd

from ingest.errors import IngestError

# No table of music has all of these between 0 and 1, unless the features were rescaled.
_NEVER_UNIT = ("loudness", "tempo", "librosa_tempo", "spectral_centroid_mean")
# Slower than any music; standardised tempos lie around 0.
_SLOWEST_BPM = 20
# Loudness is over 0 dB once in thousands of tracks.
_OFTEN = 0.1


class Doubts:
    """What speaks against a table."""

    def __init__(self) -> None:
        self._n: dict[str, int] = {}
        self._n_bad: dict[str, int] = {}
        self._n_unlikely = {"tempo": 0, "loudness": 0}
        self._example: dict[str, str] = {}
        self._span: dict[str, tuple[float, float]] = {}
        self._n_rows = self._n_odd = 0
        self._odd = ""

    def add(self, column: str, values: pd.Series, reasons: pd.Series) -> None:
        """Take note of a column of one batch: what was read, and why the rest was not."""
        n_bad, n_good = int(reasons.notna().sum()), int(values.notna().sum())
        self._n[column] = self._n.get(column, 0) + n_good + n_bad
        self._n_bad[column] = self._n_bad.get(column, 0) + n_bad
        if n_bad:
            self._example.setdefault(column, str(reasons.dropna().iloc[0]))
        if column in _NEVER_UNIT and n_good:
            low, high = self._span.get(column, (np.inf, -np.inf))
            self._span[column] = min(low, values.min()), max(high, values.max())
        if column == "tempo":
            self._n_unlikely["tempo"] += int((values < _SLOWEST_BPM).sum())
        if column == "loudness":
            self._n_unlikely["loudness"] += int((values > 0).sum())

    def add_rows(self, n_rows: int, rejected: list[tuple[str, str]]) -> None:
        """Take note of how many rows one batch has, and of those with a wrong number of cells."""
        self._n_rows += n_rows
        self._n_odd += len(rejected)
        if rejected and not self._odd:
            self._odd = ": ".join(rejected[0])

    def refuse(self, name: str) -> None:
        """Refuse the table if it is not what its header says.

        Raises
        ------
        IngestError
            With the column and an example.
        """
        if self._n_odd * 2 > self._n_rows:
            raise IngestError(
                f"{name}: over half of its lines cannot be divided into cells, e.g. {self._odd}; "
                "nothing was imported"
            )
        for column, (low, high) in self._span.items():
            if low >= 0 and high <= 1:
                raise IngestError(
                    f"{name}: all values of {column} lie between 0 and 1, so the features were "
                    "rescaled; import the table that has them in their own units"
                )
        for column, n in self._n.items():
            if self._n_bad[column] * 2 > n:
                raise IngestError(
                    f"{name}: over half of the values of {column} are impossible, e.g. "
                    f"{self._example[column]}; nothing was imported"
                )
        self._refuse_unlikely(name)

    def _refuse_unlikely(self, name: str) -> None:
        n_slow = self._n_unlikely["tempo"] + self._n_bad.get("tempo", 0)
        if n_slow * 2 > self._n.get("tempo", 0) and n_slow:
            raise IngestError(
                f"{name}: over half of the values of tempo are under {_SLOWEST_BPM} BPM, so they "
                "are in another unit or rescaled; import a table that has them in BPM"
            )
        n_loud, n = self._n_unlikely["loudness"], self._n.get("loudness", 0)
        if n_loud * 2 > n or n_loud > max(1, _OFTEN * n):
            raise IngestError(
                f"{name}: {n_loud:,} of {n:,} values of loudness are above 0, so they are not in "
                "dB; import a table that has them in dB, or leave the column out with --map"
            )
