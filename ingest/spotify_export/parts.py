"""The parts of an archive, each a source of its own: what was read of it, and what was not.

Spotify sends the account's data and the extended history as two archives, weeks apart; a part
that is not in an archive is left as it is in the store.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from ingest.errors import IngestError
from ingest.spotify_export.items import Play, Track
from ingest.spotify_export.names import Names
from music_explorer.store.batch import Batch

_MOST_REJECTS = 1_000_000


@dataclass
class Part:
    """What was read of a part.

    Attributes
    ----------
    source
        The source that it is.
    names
        The tracks of the archive.
    n_read
        Items read: those taken, those repeated and those rejected.
    n_repeated
        Items that say again what another one said.
    n_undated
        Items that were taken without the day on which they were added, which cannot be right.
    rejects
        Where each item stands that was not taken, and why.
    places
        ``track_id, playlist, position, added_at``.
    plays
        Track and month -> number of plays and milliseconds.
    """

    source: str
    names: Names
    n_read: int = 0
    n_repeated: int = 0
    n_undated: int = 0
    rejects: list[tuple[str, str]] = field(default_factory=list)
    places: list[tuple[str, str, int, str | None]] = field(default_factory=list)
    plays: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def reject(self, locator: str, reason: str) -> None:
        """Count an item that is not taken.

        Raises
        ------
        IngestError
            If there are more than anybody can have: their reasons would fill the memory.
        """
        if len(self.rejects) == _MOST_REJECTS:
            raise IngestError(
                f"over {_MOST_REJECTS:,} items cannot be taken, the last one {locator}: {reason}; "
                "is it Spotify's data export?"
            )
        self.n_read += 1
        self.rejects.append((locator, reason))

    def repeat(self) -> None:
        """Count an item that says again what another one said."""
        self.n_read += 1
        self.n_repeated += 1

    def place(self, track: Track, playlist: str, position: int, added_at: str | None) -> None:
        """Take an item of a playlist."""
        self.n_read += 1
        self.places.append((track.track_id, playlist, position, added_at))

    def play(self, track_id: str, play: Play) -> None:
        """Take a play."""
        self.n_read += 1
        sums = self.plays.setdefault((track_id, _month(play.ended_at)), [0, 0])
        sums[0] += 1
        sums[1] += play.ms_played

    def track_ids(self) -> list[str]:
        """Return the tracks of this part, in the order of their first item."""
        placed = (track_id for track_id, *_ in self.places)
        return list(dict.fromkeys([*placed, *(track_id for track_id, _ in self.plays)]))

    def batch(self, *, titled: Collection[str]) -> Batch:
        """Return what the store is to get.

        Parameters
        ----------
        titled
            Tracks that keep the names that the store has: the archive's know one artist alone.
        """
        rows = [
            (one.track_id, None, None, None) if one.track_id in titled else one
            for one in self.names.of(self.track_ids())
        ]
        plays = [(*key, *sums) for key, sums in self.plays.items()]
        return Batch(
            tracks=pd.DataFrame(rows, columns=list(Track._fields), dtype="string"),
            playlists=pd.DataFrame(
                self.places, columns=["track_id", "playlist", "position", "added_at"]
            ),
            plays=pd.DataFrame(plays, columns=["track_id", "month", "n_plays", "ms_played"]),
            rejects=self.rejects,
            n_read=self.n_read,
        )

    def remarks(self) -> list[str]:
        """Return how the items were counted, a line each."""
        n_taken = self.n_read - self.n_repeated - len(self.rejects)
        lines = [
            f"{n_taken:,} of {self.n_read:,} items taken, for {len(self.track_ids()):,} tracks"
        ]
        if self.n_repeated:
            lines.append(f"{self.n_repeated:,} repeated, and counted once")
        reasons = Counter(reason for _, reason in self.rejects)
        lines += [f"{n:,} rejected: {reason}" for reason, n in reasons.most_common()]
        if self.n_undated:
            lines.append(f"{self.n_undated:,} dates of adding cannot be right and were left empty")
        return lines


def _month(moment: datetime) -> str:
    return f"{moment.year:04d}-{moment.month:02d}"
