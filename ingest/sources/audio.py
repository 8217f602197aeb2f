"""Folders of audio files: scanned, analysed in several processes, stored in batches."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from ingest.audio.batch import Folder, to_batch, to_values_batch
from ingest.audio.library import FileRow, Library
from ingest.audio.scan import Scan, scan
from ingest.audio.stream import Result, analyse
from ingest.audio.workers import Workers
from ingest.extractor.librosa_features import EXTRACTOR_VERSION
from ingest.online.uploads import Uploaded, upload
from music_explorer.store.audio_files import known
from music_explorer.store.batch import Batch
from music_explorer.store.merge import Merge
from music_explorer.store.online import lacking
from music_explorer.store.reader import open_store
from music_explorer.store.writer import Version, sole_writer

_BATCH_FILES = 256
_BATCH_S = 30.0
_PUBLISHING_SHARE = 0.1  # a store that takes long to publish is published less often


@dataclass(frozen=True)
class Options:
    """How folders are read.

    Attributes
    ----------
    genre_from
        Where genres come from: folder, tag or none.
    excerpt_s
        Seconds of each file that are analysed.
    offset
        Which part that is: start or middle.
    link
        Whether files may be attached to tracks that the store knows.
    analyse_online
        Whether files are sent away for the Spotify-style values that their tracks lack.
    """

    genre_from: str = "tag"
    excerpt_s: float = 30.0
    offset: str = "start"
    link: bool = True
    analyse_online: bool = False

    @property
    def settings(self) -> str:
        """What the features depend on besides the file."""
        return f"{self.excerpt_s:g} s from the {self.offset}; extractor {EXTRACTOR_VERSION}"


@dataclass
class Scanned:
    """What a scan of one source did, for people.

    Attributes
    ----------
    source
        Its name.
    n_files
        Audio files found, and folders that could not be looked into.
    outcomes
        Files by what became of them; the numbers add up to ``n_files`` unless it was stopped.
    n_other
        Files that are no audio.
    vanished
        Paths that were known and are no longer there.
    damaged
        Paths of files that were read now and whose tags are damaged.
    was_stopped
        Whether Ctrl-C, or a service that wants a pause, ended it early.
    uploaded
        What became of the files that were sent away, if they were to be.
    """

    source: str
    n_files: int
    n_other: int
    outcomes: dict[str, int] = field(default_factory=dict)
    vanished: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    was_stopped: bool = False
    uploaded: Uploaded | None = None


def source_name(folder: Path) -> str:
    """Return the name of the source that a folder is.

    >>> source_name(Path("Records/Music"))
    'audio:Music'
    """
    return f"audio:{folder.name or folder}"


def import_audio(
    store: Path,
    folders: Sequence[Path],
    options: Options,
    hire: Callable[[], AbstractContextManager[Workers]],
) -> Iterator[Scanned]:
    """Bring the store up to date with folders; folders of one name are one source.

    Parameters
    ----------
    store
        The store's path.
    folders
        Folders with audio files, at any depth.
    options
        How they are read.
    hire
        Gets the workers; not called where nothing is to be read.

    Yields
    ------
    Scanned
        One for each source, after all of it is published.

    Raises
    ------
    IngestError
        If a folder does not exist or holds no audio; then nothing was written.
    """
    sources: dict[str, dict[Path, Scan]] = {}
    for folder in dict.fromkeys(path.expanduser().resolve() for path in folders):
        sources.setdefault(source_name(folder), {})[folder] = scan(folder)
    with sole_writer(store) as version:
        for source, scans in sources.items():
            run = _Run(store, source, scans, options, version)
            done = run.go(hire)
            if options.analyse_online and not done.was_stopped:
                done.uploaded = upload(run.without_values(), run.publish_values)
                done.was_stopped = done.uploaded.stopped is not None
            yield done
            if done.was_stopped:
                return


class _Run:
    """One scan of one source."""

    def __init__(
        self,
        store: Path,
        source: str,
        scans: dict[Path, Scan],
        options: Options,
        version: Version,
    ) -> None:
        self.source, self.options, self._version = source, options, version
        self._store = store
        self.location = "; ".join(map(str, scans))
        self.files = sorted({file.path: file for s in scans.values() for file in s.files}.values())
        self.problems = [problem for s in scans.values() for problem in s.problems]
        self.n_other = sum(s.n_other for s in scans.values())
        self.started_at = datetime.now(UTC).replace(tzinfo=None)
        self.ingest_id: int | None = None
        library = Library(_known(store, source))
        absent = library.absent(list(scans), [file.path for file in self.files])
        self.folder = Folder(
            library,
            {row.path: row for row in absent},
            options.genre_from,
            options.settings,
            options.link,
        )

    def go(self, hire: Callable[[], AbstractContextManager[Workers]]) -> Scanned:
        """Read what changed and publish it batch by batch."""
        is_current = self.folder.library.is_current
        how = (self.options.genre_from, self.options.settings)
        todo = [file for file in self.files if not is_current(file, *how)]
        self._count_current({file.path for file in todo})
        self.folder.settle_absent()
        was_stopped = False
        if todo:
            with hire() as workers:
                results = analyse(
                    todo,
                    workers,
                    excerpt_s=self.options.excerpt_s,
                    offset=self.options.offset,
                    is_measured=lambda audio: self.folder.library.is_measured(audio, how[1]),
                )
                was_stopped = self._read(results, len(todo))
        else:
            self._publish([])
        return Scanned(
            self.source,
            len(self.files) + len(self.problems),
            self.n_other,
            dict(self.folder.outcomes),
            sorted(self.folder.absent),
            self.folder.damaged,
            was_stopped,
        )

    def without_values(self) -> dict[str, str]:
        """Return a file of each track that lacks Spotify-style values, by the track's id.

        Only files that this scan found: those of another folder of the same name are not meant.
        """
        present = {file.path for file in self.files}
        if not self._store.exists():
            return {}
        with open_store(self._store) as con:
            tracks = [track["track_id"] for track in lacking(con, "features", [self.source])]
        found = {}
        for track_id in tracks:
            files = self.folder.library.files_of(track_id)
            paths = [file.path for file in files if file.reason is None and file.path in present]
            if paths:
                found[track_id] = paths[0]
        return found

    def publish_values(self, rows: Sequence[dict]) -> None:
        """Publish Spotify-style values of tracks of this source."""
        with self._version() as merge:
            self._merge(merge, to_values_batch(self.folder, rows))

    def _count_current(self, todo: set[str]) -> None:
        rows = self.folder.library.rows
        current = [rows[file.path] for file in self.files if file.path not in todo]
        rejected = [(row.path, row.reason) for row in current if row.reason]
        self.unread = self.problems + rejected
        self.folder.outcomes["unchanged"] = len(current) - len(rejected)
        self.folder.outcomes["rejected"] = len(self.unread)

    def _read(self, results: Iterator[Result], n_files: int) -> bool:
        """Publish results in batches; tell whether Ctrl-C ended it early."""
        batch: list[Result] = []
        began, not_before = time.monotonic(), 0.0
        with tqdm(desc=self.source, total=n_files, unit=" files", disable=None) as bar:
            try:
                for result in results:
                    batch.append(result)
                    bar.update()
                    if result.reason:
                        bar.set_postfix(rejected=self._n_rejected(batch), refresh=False)
                    now = time.monotonic()
                    is_full = len(batch) >= _BATCH_FILES or now - began >= _BATCH_S
                    if is_full and now >= not_before:
                        finished, batch = batch, []
                        self._publish(finished)
                        began = time.monotonic()
                        not_before = began + (began - now) / _PUBLISHING_SHARE
            except KeyboardInterrupt:
                if batch:
                    self._publish(batch)
                return True
        self._publish(batch)
        return False

    def _n_rejected(self, batch: Sequence[Result]) -> int:
        return self.folder.outcomes["rejected"] + sum(bool(result.reason) for result in batch)

    def _publish(self, results: Sequence[Result]) -> None:
        if not (results or self.folder.gone):
            return
        with self._version() as merge:
            batch = to_batch(merge.con, self.folder, results)
            if self.ingest_id is None:
                n_unchanged = self.folder.outcomes["unchanged"]
                batch = replace(
                    batch,
                    rejects=self.unread + batch.rejects,
                    n_read=len(self.unread) + n_unchanged + batch.n_read,
                    n_unchanged=n_unchanged,
                )
            self._merge(merge, batch)

    def _merge(self, merge: Merge, batch: Batch) -> None:
        merge.stage(batch)
        merge.merge(
            source=self.source,
            location=self.location,
            started_at=self.started_at,
            ingest_id=self.ingest_id,
        )
        self.ingest_id = merge.ingest_id


def _known(store: Path, source: str) -> Iterator[FileRow]:
    if store.exists():
        with open_store(store) as con:
            yield from (FileRow(*row) for row in known(con, source))
