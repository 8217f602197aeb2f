"""The archive that Spotify sends to a person who asks for their data: playlists and plays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ingest.errors import IngestError
from ingest.spotify_export import items
from ingest.spotify_export.archive import File, document, opened
from ingest.spotify_export.archive import items as items_of
from ingest.spotify_export.names import Names
from ingest.spotify_export.parts import Part

# The name of the folder or of the .zip is a person's own, so it is not kept.
LOCATION = "Spotify's data export"
_SAVED = "Saved tracks"
_PARTS = {
    "playlists": ("playlists",),
    "library": ("library",),
    "history": ("history", "videos"),
    "last-year": ("last-year", "podcasts", "audiobooks"),
}
_NO_MUSIC = {
    "videos": items.VIDEO,
    "podcasts": items.PODCAST,
    "audiobooks": items.AUDIOBOOK,
}


@dataclass
class _Span:
    """The time of which the extended history tells, both ends included."""

    first: datetime = datetime.max
    last: datetime = datetime.min

    def add(self, moment: datetime) -> None:
        self.first, self.last = min(self.first, moment), max(self.last, moment)

    def has_minute(self, moment: datetime) -> bool:
        return self.first.replace(second=0, microsecond=0) <= moment <= self.last


def read_export(path: Path) -> list[Part]:
    """Read an archive, the account's data or the extended history or both.

    Parameters
    ----------
    path
        The .zip, or a folder in which it was unpacked.

    Returns
    -------
    list of Part
        Those that the archive has.

    Raises
    ------
    IngestError
        If it cannot be read, or a file of it is damaged.
    """
    with opened(path) as files:
        return _Reader(files).read()


class _Reader:
    """One archive; the files with ids come before those that are to find their tracks by name."""

    def __init__(self, files: Mapping[str, Sequence[File]]) -> None:
        self._files = files
        self._names = Names()
        self._span = _Span()
        self._heard: set[int] = set()

    def read(self) -> list[Part]:
        n_files = sum(map(len, self._files.values()))
        found = []
        with tqdm(
            desc="spotify-export", total=n_files, unit=" files", leave=False, disable=None
        ) as bar:
            for title, kinds in _PARTS.items():
                part = Part(f"spotify-export:{title}", self._names)
                for kind in kinds:
                    for file in self._files[kind]:
                        self._read(kind, file, part)
                        bar.update()
                if any(self._files[kind] for kind in kinds):
                    found.append(part)
        return found

    def _read(self, kind: str, file: File, part: Part) -> None:
        if kind == "playlists":
            self._read_playlists(file, part)
        elif kind == "library":
            saved = _list(file, document(file), "tracks")
            self._read_items(saved, items.library_item, _SAVED, f"{file.name} item", part)
        elif kind == "history":
            self._read_history(file, part)
        elif kind == "last-year":
            self._read_last_year(file, part)
        else:
            for number, _ in enumerate(items_of(file), start=1):
                part.reject(f"{file.name} item {number}", _NO_MUSIC[kind])

    def _read_playlists(self, file: File, part: Part) -> None:
        for number, playlist in enumerate(_list(file, document(file), "playlists"), start=1):
            locator = f"{file.name} playlist {number}"
            rows = playlist.get("items") if isinstance(playlist, dict) else None
            if isinstance(rows, list):
                name = items.name(playlist.get("name"))
                self._read_items(rows, items.playlist_item, name, f"{locator} item", part)
            else:
                part.reject(locator, items.NOT_UNDERSTOOD)

    def _read_items(
        self,
        rows: list,
        understand: Callable[[Any], items.Track | str],
        playlist: str | None,
        locator: str,
        part: Part,
    ) -> None:
        seen = set()
        for position, row in enumerate(rows):
            track = understand(row)
            if isinstance(track, str) or playlist is None:
                reason = track if isinstance(track, str) else items.NO_NAME
                part.reject(f"{locator} {position + 1}", reason)
            elif track.track_id in seen:
                part.repeat()
            else:
                seen.add(self._names.add(track))
                given, day = row.get("addedDate"), items.day(row.get("addedDate"))
                part.n_undated += given is not None and day is None
                part.place(track, playlist, position, day)

    def _read_history(self, file: File, part: Part) -> None:
        for number, row in enumerate(items_of(file), start=1):
            play = items.play(row)
            if isinstance(play, str):
                part.reject(f"{file.name} item {number}", play)
                continue
            # The files of two archives overlap where one was unpacked over the other.
            told = hash((play.track.track_id, play.ended_at, play.ms_played))
            if told in self._heard:
                part.repeat()
                continue
            self._heard.add(told)
            self._span.add(play.ended_at)
            part.play(self._names.add(play.track), play)

    def _read_last_year(self, file: File, part: Part) -> None:
        for number, row in enumerate(items_of(file), start=1):
            play = items.play_by_name(row)
            if isinstance(play, str):
                part.reject(f"{file.name} item {number}", play)
            elif self._span.has_minute(play.ended_at):
                part.repeat()
            else:
                part.play(self._names.find(play.track), play)


def _list(file: File, content: Any, key: str) -> list:
    rows = content.get(key) if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise IngestError(f"{file.name} has no list of {key}, so it is not a file of Spotify's")
    return rows
