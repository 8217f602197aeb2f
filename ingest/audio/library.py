"""What is known of the audio files of one source, kept up to date while a scan goes on."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from ingest.audio.scan import Found


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of ``audio_files``."""

    path: str
    size: int
    mtime_ns: int
    audio_id: str | None
    track_id: str | None
    link: str | None
    reason: str | None
    genres: Sequence[str]
    genre_from: str
    settings: str


class Library:
    """The files of a source by path, by audio and by track."""

    def __init__(self, rows: Iterable[FileRow]) -> None:
        self.rows: dict[str, FileRow] = {}
        self._by_audio: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._by_track: defaultdict[str, set[str]] = defaultdict(set)
        for row in rows:
            self.put(row)

    def put(self, row: FileRow) -> None:
        """Add a row, or put it in the place of the one with its path."""
        self.drop(row.path)
        self.rows[row.path] = row
        if row.track_id is not None:
            self._by_track[row.track_id].add(row.path)
        if row.audio_id is not None:
            self._by_audio[row.audio_id][row.path] = None

    def drop(self, path: str) -> None:
        """Forget a path."""
        row = self.rows.pop(path, None)
        if row is not None and row.track_id is not None:
            self._by_track[row.track_id].discard(path)
        if row is not None and row.audio_id is not None:
            self._by_audio[row.audio_id].pop(path, None)

    def is_current(self, file: Found, genre_from: str, settings: str) -> bool:
        """Tell whether a file need not be opened: neither it nor the way to read it changed."""
        row = self.rows.get(file.path)
        return row is not None and (row.size, row.mtime_ns, row.genre_from, row.settings) == (
            file.size,
            file.mtime_ns,
            genre_from,
            settings,
        )

    def is_measured(self, audio_id: str, settings: str) -> bool:
        """Tell whether a file with this audio was analysed in this way."""
        return any(
            self.rows[path].reason is None and self.rows[path].settings == settings
            for path in self._by_audio.get(audio_id, ())
        )

    def same_audio(self, audio_id: str) -> list[FileRow]:
        """Return the files with this audio."""
        return [self.rows[path] for path in self._by_audio.get(audio_id, ())]

    def files_of(self, track_id: str) -> list[FileRow]:
        """Return the files of a track; the first is the one whose values it has."""
        rows = [self.rows[path] for path in sorted(self._by_track.get(track_id, ()))]
        return [row for row in rows if row.reason is None] or rows

    def absent(self, roots: Sequence[PurePath], present: Iterable[str]) -> list[FileRow]:
        """Return the files that were under these folders and are there no more."""
        present = set(present)
        return [
            row
            for path, row in self.rows.items()
            if path not in present and any(PurePath(path).is_relative_to(root) for root in roots)
        ]
