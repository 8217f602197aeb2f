"""Publishing what services answered while more is asked: often, but not for most of the time."""

import time
from collections.abc import Callable

import pandas as pd

from music_explorer.store.batch import Batch
from music_explorer.store.merge import Merge
from music_explorer.store.writer import Version

_SHARE = 0.2  # of the time; a store that takes long to publish is published less often
Write = Callable[[Merge], None]


class Publisher:
    """Collect what is to be written; a process that is killed loses only what is still collected.

    Parameters
    ----------
    version
        Opens the store for writing.
    """

    def __init__(self, version: Version) -> None:
        self._version = version
        self._writes: list[Write] = []
        self._values: list[Batch] = []
        self._not_before = 0.0

    def add(self, write: Write) -> None:
        """Add what writes something, and publish if it is time."""
        self._writes.append(write)
        self._publish_if_due()

    def fill(self, batch: Batch) -> None:
        """Add what tracks lacked, values or genres, with lookups, and publish if it is time."""
        self._values.append(batch)
        self._publish_if_due()

    def flush(self) -> None:
        """Publish what was added."""
        self._not_before = 0.0
        if not (self._writes or self._values):
            return
        with self._version() as merge:
            for write in self._writes:
                write(merge)
            if self._values:
                merge.fill(_together(self._values))
        self._writes, self._values = [], []

    def _publish_if_due(self) -> None:
        began = time.monotonic()
        if began >= self._not_before:
            self.flush()
            ended = time.monotonic()
            self._not_before = ended + (ended - began) / _SHARE


def _together(batches: list[Batch]) -> Batch:
    tracks = [batch.tracks for batch in batches if len(batch.tracks)] or [batches[0].tracks]
    lookups = [batch.lookups for batch in batches]
    genres = [batch.genres for batch in batches if batch.genres is not None]
    return Batch(
        pd.concat(tracks, ignore_index=True),
        genres=pd.concat(genres, ignore_index=True) if genres else None,
        lookups=pd.concat(lookups),
    )
