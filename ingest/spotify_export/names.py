"""The tracks that an archive names, so that a play without an id finds its track."""

from collections.abc import Iterable, Iterator

from ingest.identity import row_track_id
from ingest.spotify_export.items import Track


class Names:
    """Title, artist and album of every track, as the archive gives them first.

    One name for all files of the archive, so that importing it again changes nothing.
    """

    def __init__(self) -> None:
        self._tracks: dict[str, Track] = {}
        self._by_name: dict[str, set[str]] = {}
        self._found: dict[tuple[str, str | None], str] = {}

    def add(self, track: Track) -> str:
        """Remember a track with an id of Spotify's, and return the id."""
        if track.track_id not in self._tracks:
            self._tracks[track.track_id] = track
            key = row_track_id(track.title, track.artist or "", "")
            self._by_name.setdefault(key, set()).add(track.track_id)
        return track.track_id

    def find(self, track: Track) -> str:
        """Return who a track without an id is, once all that have one were added.

        It is the one track with its artist and title; where there are several or none, it is a
        track of its own, as in a table without ids.
        """
        given = track.title, track.artist
        if given not in self._found:
            own = row_track_id(track.title, track.artist or "", "")
            known = self._by_name.get(own, ())
            self._found[given] = next(iter(known)) if len(known) == 1 else own
            self._tracks.setdefault(self._found[given], track)
        return self._found[given]

    def of(self, track_ids: Iterable[str]) -> Iterator[Track]:
        """Yield the names of some tracks."""
        for track_id in track_ids:
            yield self._tracks[track_id]._replace(track_id=track_id)
