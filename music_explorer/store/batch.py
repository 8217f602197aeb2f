"""What a source hands to the writer: rows in the store's own columns and units."""

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Playlist:
    """A row of ``playlists``: how far a playlist was read, and in which version."""

    source: str
    playlist_id: str
    name: str
    genres: list[str]
    snapshot_id: str | None
    n_items: int
    n_read: int
    state: str
    seen: list[str] = field(default_factory=list)
    ingest_id: int | None = None


@dataclass(frozen=True)
class Batch:
    """Some rows of one source, validated, in the order they were read.

    Attributes
    ----------
    tracks
        One row a row read, any subset of the columns of ``tracks``, ``spotify_features`` and
        ``librosa_features``; ``track_id`` is required. ``spotify_origin`` and ``librosa_origin``
        go with features. Missing is NULL.
    genres
        ``track_id, genre, subgenre, genre_as_given, origin``.
    playlists
        ``track_id, playlist, position, added_at``.
    plays
        ``track_id, month, n_plays, ms_played``; one row a track and month.
    rejects
        ``(locator, reason)`` for each row that was not taken.
    n_read
        Rows read, rejected ones included.
    files
        Audio files that were read: every column of ``audio_files`` but ``source``.
    gone
        Paths that are no longer in ``audio_files``, as their audio is found under another path.
    n_unchanged
        Rows that were not read as nothing about them changed; part of ``n_read``.
    lookups
        What services answered: ``track_id, provider, kind, evidence, reference``.
    playlist
        How far the playlist that is the source was read.
    """

    tracks: pd.DataFrame
    genres: pd.DataFrame | None = None
    playlists: pd.DataFrame | None = None
    rejects: list[tuple[str, str]] = field(default_factory=list)
    n_read: int = 0
    files: pd.DataFrame | None = None
    gone: list[str] = field(default_factory=list)
    n_unchanged: int = 0
    lookups: pd.DataFrame | None = None
    playlist: Playlist | None = None
    plays: pd.DataFrame | None = None


@dataclass(frozen=True)
class Counts:
    """What an import did; tracks, except ``n_read`` and ``n_rejected``, which are rows or files."""

    n_read: int = 0
    n_added: int = 0
    n_updated: int = 0
    n_unchanged: int = 0
    n_rejected: int = 0
