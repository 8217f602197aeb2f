"""The Free Music Archive's published metadata, and its audio where it lies beside."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ingest.errors import IngestError
from ingest.fma import tracks
from ingest.fma.features import LIBROSA, SPOTIFY, Features
from ingest.fma.files import FmaTable, audio_folders, metadata_folder
from ingest.fma.genres import GenreTree
from ingest.fma.tracks import Tracks
from music_explorer.store.batch import Batch

_OWN_RATES = (
    "these Librosa features are of each file at its own sample rate, mostly 44,100 Hz: compare "
    "them with each other, not with audio analysed here at 22,050 Hz"
)


class Archive:
    """A folder of the dataset; its headers are checked once it is opened.

    Parameters
    ----------
    folder
        Where ``fma_metadata.zip`` was unpacked; or a folder with ``fma_metadata`` in it, and
        ``fma_small`` or another folder of audio.
    subset
        Only tracks of small, medium or large; None for all.

    Raises
    ------
    IngestError
        If the folder has no ``tracks.csv``, or a file in it is not the dataset's.
    """

    def __init__(self, folder: Path, subset: str | None = None) -> None:
        folder = folder.expanduser()
        metadata = metadata_folder(folder)
        self.name = str(metadata.resolve())
        self._audio = audio_folders(folder, metadata)
        self._tracks = Tracks(
            FmaTable(metadata / "tracks.csv", 2, tracks.WANTED), subset, self._audio
        )
        genres = metadata / "genres.csv"
        self._has_tree = genres.is_file()
        self._tree = GenreTree.read(genres) if self._has_tree else GenreTree()
        self._features = [
            Features(metadata / kind.file, kind)
            for kind in (LIBROSA, SPOTIFY)
            if (metadata / kind.file).is_file()
        ]

    def batches(self) -> Iterator[Batch]:
        """Read the tracks, then their features, in batches of bounded size.

        Raises
        ------
        IngestError
            If a file turns out to be none of the dataset's: until the end of the last batch nothing
            must be published.
        """
        columns = [*tracks.COLUMNS, *(c for file in self._features for c in file.kind.columns)]
        rejects = self._tree.rejects
        yield Batch(pd.DataFrame(columns=columns), rejects=rejects, n_read=len(rejects))
        yield from self._batches_of_tracks()
        for features in self._features:
            yield from self._batches_of_features(features)

    def _batches_of_tracks(self) -> Iterator[Batch]:
        table = self._tracks.table
        for block in table.blocks():
            rows, reasons = self._tracks.read(block)
            kept = rows[reasons.isna()]
            rejects = [*block.rejects, *_located(table, reasons)]
            yield Batch(
                kept[list(tracks.COLUMNS)],
                genres=self._tree.of_tracks(kept),
                rejects=rejects,
                n_read=len(kept) + len(rejects),
            )
        self._tracks.doubts.refuse(table.name)
        if not self._tracks.taken:
            raise IngestError(
                f"{table.path} has no tracks to import; unpack fma_metadata.zip again"
            )

    def _batches_of_features(self, features: Features) -> Iterator[Batch]:
        """Yield values of tracks that are counted already: only rejected rows count here."""
        for block in features.table.blocks():
            rows, reasons = features.read(block, self._tracks.taken, self._tracks.left_out)
            rejects = [*block.rejects, *_located(features.table, reasons)]
            yield Batch(rows[reasons.isna()], rejects=rejects, n_read=len(rejects))
        features.doubts.refuse(features.table.name)

    def remarks(self) -> list[str]:
        """Return what a person should know after the import, a line each."""
        found = self._tracks
        lines = []
        if found.n_outside:
            lines.append(f"{found.n_outside:,} tracks that are not in the subset were left out")
        for features in self._features:
            lines.append(features.remark())
            if features.kind is LIBROSA:
                lines.append(_OWN_RATES)
        there = {features.kind.file for features in self._features}
        for kind in (LIBROSA, SPOTIFY):
            if kind.file not in there:
                lines.append(f"no {kind.file}, so the tracks have no {kind.costs} from it")
        lines += self._genre_remarks()
        for column, (n, example) in found.unreadable.items():
            lines.append(f"{column}: {n:,} values not understood and left empty, e.g. {example!r}")
        names = ", ".join(dict.fromkeys(folder.name for folder in self._audio))
        lines.append(
            f"audio: {found.n_with_audio:,} tracks have a file in {names}"
            if names
            else "no folder of audio (fma_small, …), so the tracks cannot be listened to"
        )
        return lines

    def _genre_remarks(self) -> list[str]:
        tree = self._tree
        if not self._has_tree:
            return ["no genres.csv, so tracks have their top genre alone, and no subgenres"]
        lines = []
        if tree.n_unreadable:
            lines.append(f"genres: {tree.n_unreadable:,} lists not understood and left empty")
        if tree.n_unknown:
            lines.append(f"genres: {tree.n_unknown:,} numbers are not in genres.csv")
        return lines


def _located(table: FmaTable, reasons: pd.Series) -> list[tuple[str, str]]:
    return [(table.locator(line), reason) for line, reason in reasons.dropna().items()]
