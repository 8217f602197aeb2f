"""From results of files to a batch for the store: which track each is, and what it gives to it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import duckdb
import pandas as pd

from ingest.audio.library import FileRow, Library
from ingest.audio.link import Link, find_links, own_track
from ingest.audio.stream import Result
from ingest.genres import canonical_genre
from music_explorer.store.batch import Batch
from music_explorer.store.schema import columns

_FILE_COLUMNS = [name for name in columns("audio_files") if name != "source"]
_TRACK_COLUMNS = [
    "track_id", "title", "artist", "album", "release_date", "duration_ms", "isrc", "audio_path"
]  # fmt: skip
_FEATURES = [
    name for name in columns("librosa_features") if name not in ("track_id", "origin", "source")
]


@dataclass
class Folder:
    """A source while it is scanned: what is known of it and what has happened to its files.

    Attributes
    ----------
    library
        Its files.
    absent
        Known files that are no longer there, by path.
    genre_from
        Where genres come from: folder, tag or none.
    settings
        What files are analysed with.
    link
        Whether files may be attached to tracks that the store knows.
    outcomes
        Files by what became of them.
    gone
        Paths that the store is still to forget, and their tracks.
    damaged
        Paths of files whose tags could not be read, though their audio could.
    """

    library: Library
    absent: dict[str, FileRow]
    genre_from: str
    settings: str
    link: bool
    outcomes: Counter[str] = field(default_factory=Counter)
    gone: dict[str, str | None] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)

    def settle_absent(self) -> None:
        """Forget absent files whose audio is there under another path, or that were unreadable."""
        for path, row in list(self.absent.items()):
            copies = [] if row.audio_id is None else self.library.same_audio(row.audio_id)
            if row.track_id is None or any(copy.path not in self.absent for copy in copies):
                self.forget(path)

    def forget(self, path: str) -> None:
        """Forget an absent file."""
        self.gone[path] = self.absent.pop(path).track_id
        self.library.drop(path)


def to_batch(con: duckdb.DuckDBPyConnection, folder: Folder, results: Sequence[Result]) -> Batch:
    """Decide what each file is, remember it in ``folder``, and put together what is stored.

    Parameters
    ----------
    con
        The store that the batch is for.
    folder
        The source; changed.
    results
        Files in the order of their paths.
    """
    # track -> the file whose tags it takes; a file that is attached to a track gives it none
    touched: dict[str, Result | None] = {track: None for track in folder.gone.values() if track}
    features: dict[str, dict] = {}
    links = _links(con, folder, results)
    for result in results:
        row, old = _row(folder, result, links), folder.library.rows.get(result.file.path)
        folder.outcomes[_outcome(folder, result, links, old)] += 1
        if old is not None and old.track_id is not None:
            touched.setdefault(old.track_id)
        if row.reason is None:
            if result.tags.is_damaged:
                folder.damaged.append(result.file.path)
            for known in folder.library.same_audio(row.audio_id):
                if known.path in folder.absent:
                    folder.forget(known.path)
            if row.link is None:
                touched[row.track_id] = result
            else:
                touched.setdefault(row.track_id)
            if result.features is not None:
                features[row.audio_id] = result.features
        if not result.is_passing:
            folder.library.put(row)
    gone, folder.gone = list(folder.gone), {}
    return Batch(
        tracks=_tracks(folder, touched, features),
        genres=_genres(folder, touched),
        rejects=[(r.file.path, r.reason) for r in results if r.reason],
        n_read=len(results),
        files=_files(folder, results),
        gone=gone,
    )


def to_values_batch(folder: Folder, rows: Sequence[dict]) -> Batch:
    """Put together what is stored of values that ReccoBeats computed from files.

    Parameters
    ----------
    folder
        The source.
    rows
        ``track_id`` and columns of ``spotify_features``.
    """
    tracks = pd.DataFrame(rows).assign(spotify_origin="reccobeats")
    asked = {"provider": "reccobeats", "kind": "features", "evidence": "audio", "reference": None}
    return Batch(
        tracks=tracks,
        genres=_genres(folder, tracks["track_id"]),  # else they would be replaced by none
        lookups=tracks[["track_id"]].assign(**asked),
    )


def _links(
    con: duckdb.DuckDBPyConnection, folder: Folder, results: Sequence[Result]
) -> dict[str, Link]:
    """Return the track of each audio id; one that is known stays where it is."""
    links, new = {}, {}
    for result in results:
        if result.reason is not None:
            continue
        audio_id = result.recording.audio_id
        known = [row for row in folder.library.same_audio(audio_id) if row.track_id is not None]
        if known:
            links[audio_id] = Link(known[0].track_id, known[0].link)
        elif folder.link:
            new.setdefault(audio_id, result)
        else:
            links[audio_id] = Link(own_track(audio_id), is_new=True)
    leaving = [_leaves(folder.library, result.file.path) for result in new.values()]
    return links | dict(zip(new, find_links(con, list(new.values()), leaving), strict=True))


def _leaves(library: Library, path: str) -> str | None:
    """Return the track of its own that a file which was changed in place no longer is."""
    old = library.rows.get(path)
    if old is None or old.track_id is None or old.link is not None:
        return None
    return old.track_id if len(library.files_of(old.track_id)) == 1 else None


def _row(folder: Folder, result: Result, links: dict[str, Link]) -> FileRow:
    file = result.file
    audio_id = track_id = link = None
    genres: Sequence[str] = ()
    old = folder.library.rows.get(file.path)
    if result.reason is None:
        audio_id = result.recording.audio_id
        track_id, link, _ = links[audio_id]
        if folder.genre_from == "tag":
            genres = result.tags.genres
        elif folder.genre_from == "folder" and file.folder:
            genres = (file.folder,)
    elif old is not None:
        audio_id, track_id, link, genres = old.audio_id, old.track_id, old.link, old.genres
    return FileRow(
        file.path, file.size, file.mtime_ns, audio_id, track_id, link, result.reason, list(genres),
        folder.genre_from, folder.settings,
    )  # fmt: skip


def _outcome(folder: Folder, result: Result, links: dict[str, Link], old: FileRow | None) -> str:
    if result.reason is not None:
        return "rejected"
    if old is not None and old.track_id is not None:
        return "updated"
    audio_id = result.recording.audio_id
    same = folder.library.same_audio(audio_id)
    if any(other.path in folder.absent for other in same):
        return "moved"
    if any(other.reason is None for other in same):
        return "copies"
    return "added" if links[audio_id].is_new else "linked"


def _tracks(
    folder: Folder, touched: dict[str, Result | None], features: dict[str, dict]
) -> pd.DataFrame:
    rows = []
    for track_id, result in touched.items():
        files = folder.library.files_of(track_id)
        if not files:
            continue  # the store releases it
        row = {"track_id": track_id, "audio_path": files[0].path}
        if result is not None:
            tags = result.tags
            row |= {
                "title": tags.title or _stem(result.file.path),
                "artist": tags.artist,
                "album": tags.album,
                "release_date": tags.release_date,
                "duration_ms": result.recording.duration_ms,
                "isrc": tags.isrc,
            }
        if files[0].audio_id in features:
            row |= features[files[0].audio_id] | {"librosa_origin": "audio"}
        rows.append(row)
    frame = pd.DataFrame(rows).reindex(columns=[*_TRACK_COLUMNS, *_FEATURES, "librosa_origin"])
    return frame.astype({"duration_ms": "Int64"})


def _stem(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]


def _genres(folder: Folder, touched: Iterable[str]) -> pd.DataFrame:
    given = defaultdict(set)
    for track_id in touched:
        for file in folder.library.files_of(track_id):
            given[track_id].update((genre, file.genre_from) for genre in file.genres)
    return pd.DataFrame(
        [
            (track_id, canonical_genre(genre), None, genre, origin)
            for track_id, pairs in given.items()
            for genre, origin in sorted(pairs)
        ],
        columns=["track_id", "genre", "subgenre", "genre_as_given", "origin"],
    )


def _files(folder: Folder, results: Sequence[Result]) -> pd.DataFrame:
    rows = [folder.library.rows[r.file.path] for r in results if not r.is_passing]
    frame = pd.DataFrame(
        [[getattr(row, name) for name in _FILE_COLUMNS] for row in rows], columns=_FILE_COLUMNS
    )
    return frame.astype({"size": "int64", "mtime_ns": "int64"})
