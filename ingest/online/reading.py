"""Reading playlists page by page, from where an earlier run was cut off.

Each playlist is a source of its own, ``spotify:<name>``: a track keeps the genres of all its
playlists, and a playlist that is read again, or removed, takes back exactly what it gave.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pandas as pd
from tqdm import tqdm

from ingest.genres import canonical_genre
from ingest.online.http import Down, Stopped, Unavailable
from ingest.online.playlists_file import Asked
from ingest.online.publisher import Publisher
from ingest.online.spotify_client import Head, Page, Refused, SpotifyClient
from ingest.online.spotify_items import COLUMNS, track_of
from ingest.online.values import text
from music_explorer.store.batch import Batch, Playlist
from music_explorer.store.merge import Merge

_MOST_DOWN = 3  # playlists in a row without a usable answer, before none is asked any more


@dataclass
class Read:
    """What became of the playlists that were asked for.

    Attributes
    ----------
    sources
        The sources that the playlists are, those of earlier runs included.
    counts
        Rows: read, added, updated, unchanged, rejected, repeated; playlists: read, taken (by an
        earlier run that did not end), unchanged; tracks that left them.
    refused
        A line for each playlist that could not be read.
    kept
        Those of the sources that an earlier run had read to the end.
    new
        Ids of the tracks of the other sources, in a dry run.
    """

    sources: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    new: set[str] = field(default_factory=set)


class PlaylistReader:
    """Read playlists and hand on what is in them.

    Parameters
    ----------
    client
        Spotify.
    known
        How far playlists were read before.
    publisher
        Who writes; None for a dry run.
    """

    def __init__(
        self, client: SpotifyClient, known: Sequence[Playlist], publisher: Publisher | None
    ) -> None:
        self._client, self._publisher = client, publisher
        self._known = {playlist.playlist_id: playlist for playlist in known}
        self._ingests: dict[str, int | None] = {}
        self.done = Read()

    def read(self, asked: Sequence[Asked]) -> None:
        """Read playlists; those that cannot be read are counted.

        Raises
        ------
        Stopped
            If Spotify is not to be asked any more; what was read is handed on.
        """
        n_down = 0
        with tqdm(asked, desc="playlists", unit=" playlists", disable=None) as bar:
            for one in bar:
                try:
                    self._read(one)
                    n_down = 0
                except (Refused, Unavailable) as error:
                    self.done.refused.append(f"{self._name(one)}: {error}")
                    n_down = n_down + 1 if isinstance(error, Down) else 0
                    if n_down == _MOST_DOWN:
                        raise Stopped(error.provider, None, error.reason) from None

    def _read(self, asked: Asked) -> None:
        before = self._known.get(asked.playlist_id)
        is_same = before is not None and before.genres == list(asked.genres)
        if is_same and before.state == "read":
            self._keep(before.source, "playlists taken")
            return
        head = self._client.head(asked.playlist_id)
        is_same = is_same and _is_version(before, head)
        if is_same and before.state == "done":
            self._keep(before.source, "playlists unchanged")
            return
        now = before if is_same else self._begin(asked, head, before)
        started_at = datetime.now(UTC).replace(tzinfo=None)
        self._ingests[now.source] = now.ingest_id
        while now.state == "begun":
            page = self._client.page(asked.playlist_id, now.n_read)
            if now.source not in self.done.sources:
                self.done.sources.append(now.source)
            now, batch = self._take(now, page)
            self._hand_on(batch, started_at)
        self.done.counts["playlists read"] += 1

    def _keep(self, source: str, count: str) -> None:
        self.done.sources.append(source)
        self.done.kept.append(source)
        self.done.counts[count] += 1

    def _name(self, asked: Asked) -> str:
        known = self._known.get(asked.playlist_id)
        return f'playlist "{known.name}"' if known else f"playlist {asked.playlist_id}"

    def _begin(self, asked: Asked, head: Head, before: Playlist | None) -> Playlist:
        source = before.source if before else self._new_source(head)
        genres = list(asked.genres)
        now = Playlist(
            source, asked.playlist_id, head.name, genres, head.snapshot_id, 0, 0, "begun"
        )
        self._known[asked.playlist_id] = now
        return now

    def _new_source(self, head: Head) -> str:
        source = f"spotify:{head.name}"
        if source in {playlist.source for playlist in self._known.values()}:
            source += f" ({head.playlist_id})"
        return source

    def _take(self, now: Playlist, page: Page) -> tuple[Playlist, Batch]:
        """Return what a page holds, and how far the playlist is read with it."""
        seen = dict.fromkeys(now.seen)
        tracks, places, rejects = [], [], []
        for position, row in enumerate(page.rows, start=now.n_read):
            track, reason = track_of(row)
            if track is None:
                rejects.append((f'playlist "{now.name}" item {position + 1}', reason))
            elif track["track_id"] in seen:
                self.done.counts["repeated"] += 1
            else:
                seen[track["track_id"]] = None
                tracks.append(track)
                places.append((track["track_id"], now.name, position, text(row.get("added_at"))))
        now = replace(
            now,
            n_items=page.n_items,
            n_read=now.n_read + len(page.rows),
            state="read" if page.is_last else "begun",
            seen=list(seen),
        )
        return now, Batch(
            tracks=_frame(tracks),
            genres=_genres(tracks, now.genres),
            playlists=pd.DataFrame(
                places, columns=["track_id", "playlist", "position", "added_at"]
            ),
            rejects=rejects,
            n_read=len(page.rows),
            playlist=now,
        )

    def _hand_on(self, batch: Batch, started_at: datetime) -> None:
        if self._publisher is None:
            self.done.counts.update(read=batch.n_read, rejected=len(batch.rejects))
            self.done.new.update(batch.playlist.seen)
            return
        source = batch.playlist.source

        def write(merge: Merge) -> None:
            merge.stage(batch)
            counts = merge.merge(
                source=source,
                location=f'playlist "{batch.playlist.name}" on Spotify',
                started_at=started_at,
                ingest_id=self._ingests[source],
            )
            self._ingests[source] = merge.ingest_id
            self.done.counts.update(
                read=counts.n_read,
                added=counts.n_added,
                updated=counts.n_updated,
                unchanged=counts.n_unchanged,
                rejected=counts.n_rejected,
                left=merge.n_left,
            )

        self._publisher.add(write)


def _is_version(playlist: Playlist, head: Head) -> bool:
    """Tell whether a playlist was read in the version that it has now."""
    known = (playlist.name, playlist.snapshot_id)
    return head.snapshot_id is not None and known == (head.name, head.snapshot_id)


def _frame(tracks: Sequence[dict]) -> pd.DataFrame:
    frame = pd.DataFrame(tracks, columns=list(COLUMNS))
    return frame.astype({"duration_ms": "Int64", "popularity": "Int64", "explicit": "boolean"})


def _genres(tracks: Sequence[dict], genres: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (track["track_id"], canonical_genre(genre), None, genre, "playlist")
            for track in tracks
            for genre in genres
        ],
        columns=["track_id", "genre", "subgenre", "genre_as_given", "origin"],
    )
