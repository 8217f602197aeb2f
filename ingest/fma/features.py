"""Which columns of ``features.csv`` and ``echonest.csv`` are the store's, and why the rest is not.

`features.py` of the dataset calls librosa on each file at the file's own sample rate, with frames
of 2048 samples, hops of 512, 20 MFCCs, 6 octaves of contrast and population deviations: as the
extractor does, but for the rate. Left out are

- medians, extremes, skewness and kurtosis, which the store does not keep;
- chroma of a constant-Q transform and CENS, and tonnetz of CENS: the store's are of an STFT;
- rmse, which is taken of spectrogram columns, not of the signal: its full scale is not 1;
- spectral centroid, bandwidth and rolloff, which were computed as if every file had 22,050 Hz, so
  that those of a file with 44,100 Hz are half of what their unit says.

References
----------
M. Defferrard, K. Benzi, P. Vandergheynst, X. Bresson, FMA: A Dataset For Music Analysis, ISMIR
2017, arXiv:1612.01840; github.com/mdeff/fma, features.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ingest.fma.files import ID, Block, FmaTable, Header, track_numbers
from ingest.tables.doubts import Doubts
from ingest.tables.units import Reading, numbers

# Their name, the store's name with its numbering, how many.
_SHARED = (
    ("mfcc", "mfcc_{:02d}", 20),
    ("spectral_contrast", "spectral_contrast_{}", 7),
    ("chroma_stft", "chroma_{:02d}", 12),
    ("zcr", "zero_crossing_rate", 1),
)
_ECHONEST = (
    "acousticness",
    "danceability",
    "energy",
    "instrumentalness",
    "liveness",
    "speechiness",
    "tempo",
    "valence",
)
_EXTRACTOR = "fma features.py: librosa at the file's own sample rate, n_fft=2048 hop_length=512"


@dataclass(frozen=True)
class Kind:
    """A file of features.

    Attributes
    ----------
    file
        Its name.
    origin_column
        What says in the store who computed its values.
    wanted
        Column of the store -> what stands above it in the file.
    provenance
        Further columns of every row that has values.
    costs
        What tracks lack without the file.
    left_out
        Why the other columns are not the store's.
    """

    file: str
    origin_column: str
    wanted: Mapping[str, Header]
    provenance: Mapping[str, str]
    costs: str
    left_out: str

    @property
    def columns(self) -> list[str]:
        """All columns of the store that it fills."""
        return [*self.wanted, *self.provenance, self.origin_column]


LIBROSA = Kind(
    "features.csv",
    "librosa_origin",
    {
        f"{ours.format(number)}_{statistic}": (theirs, statistic, f"{number:02d}")
        for theirs, ours, count in _SHARED
        for number in range(1, count + 1)
        for statistic in ("mean", "std")
    },
    {"extractor_version": _EXTRACTOR},
    "Librosa features",
    "other statistics, or other definitions than the store's (rmse, tonnetz, chroma_cqt, "
    "chroma_cens, spectral centroid, bandwidth and rolloff)",
)
SPOTIFY = Kind(
    "echonest.csv",
    "spotify_origin",
    {name: ("echonest", "audio_features", name) for name in _ECHONEST},
    {},
    "Spotify-style features",
    "no audio features (metadata, ranks, social and temporal features)",
)


class Features:
    """One file of features.

    Attributes
    ----------
    doubts
        What speaks against the file.
    n_tracks
        Tracks that got a value from it.
    """

    def __init__(self, path: Path, kind: Kind) -> None:
        self.kind, self.table = kind, FmaTable(path, 3, kind.wanted)
        self.doubts = Doubts()
        self.n_tracks = 0

    def read(
        self, block: Block, taken: set[int], left_out: set[int]
    ) -> tuple[pd.DataFrame, pd.Series]:
        """Turn cells into values.

        Parameters
        ----------
        block
            Rows of the file.
        taken, left_out
            Numbers of tracks; rows of the latter are passed over.

        Returns
        -------
        rows : DataFrame
            ``track_id`` and the columns of the kind.
        reasons : Series of str
            Why a row is rejected; NA where it is not.
        """
        self.doubts.add_rows(len(block.cells) + len(block.rejects), block.rejects)
        ids, reasons = track_numbers(block.cells[ID])
        meant = ids.isin(taken) | ~ids.isin(left_out)
        cells, ids, reasons = block.cells[meant], ids[meant], reasons[meant]
        strange = reasons.isna() & ~ids.isin(taken)
        reasons[strange] = [f"track_id={number} is not in tracks.csv" for number in ids[strange]]
        values = {"track_id": "fma:" + ids.astype("string")}
        for column, header in self.kind.wanted.items():
            values[column], bad = numbers(cells[column], column, Reading("/".join(header)), ".")
            self.doubts.add(column, values[column], bad)
            reasons = reasons.fillna(bad)
        rows = pd.DataFrame(values, index=cells.index)
        has_values = rows[list(self.kind.wanted)].notna().any(axis=1)
        for column, value in (*self.kind.provenance.items(), (self.kind.origin_column, "fma")):
            rows[column] = pd.Series(value, rows.index, "string").where(has_values)
        self.n_tracks += int((has_values & reasons.isna()).sum())
        return rows, reasons

    def remark(self) -> str:
        """Return what was taken and what was not, for people."""
        n, n_all = len(self.kind.wanted), self.table.n_columns
        return (
            f"{self.kind.file}: {n} of {n_all} columns, for {self.n_tracks:,} tracks; the other "
            f"{n_all - n} are {self.kind.left_out}"
        )
