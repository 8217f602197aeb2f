"""Genres for tracks that have none: by ISRC, then by the artist; nothing is asked twice."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from tqdm import tqdm

from ingest.genres import canonical_genre
from ingest.online import musicbrainz
from ingest.online.http import Http, Stopped, Unavailable, Unreachable
from ingest.online.matching import Wanted, first_artist, folded, plain
from ingest.online.musicbrainz import Given
from ingest.online.publisher import Publisher
from music_explorer.store.batch import Batch

PROVIDER = "musicbrainz"
_LOOKUP = ["track_id", "provider", "kind", "evidence", "reference"]
_GENRE = ["track_id", "genre", "subgenre", "genre_as_given", "origin"]


@dataclass
class Genres:
    """What was found for the tracks that had no genre.

    Attributes
    ----------
    n_wanted
        Tracks that had none.
    found
        Tracks that have one now, by ``recording``, or ``artist``, whose it is.
    n_nobody
        Tracks of which it is known, now or from before, that MusicBrainz has no genre.
    failed
        Why questions got no usable answer, with the number of tracks.
    stopped
        Why not all was asked; None if it was.
    """

    n_wanted: int = 0
    found: Counter[str] = field(default_factory=Counter)
    n_nobody: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    stopped: str | None = None

    @property
    def n_left(self) -> int:
        """How many tracks are still to be asked about."""
        return self.n_wanted - self.found.total() - self.n_nobody


@dataclass(frozen=True)
class Questions:
    """What is to be asked; tracks that one answer is about, by ISRC or by the artist's name.

    ``n_silent`` tracks are left: their ISRC and artist are missing, or were asked about before.
    """

    isrcs: dict[str, list[Wanted]]
    artists: dict[str, list[Wanted]]
    n_silent: int


def questions(lacking: Iterable[Mapping[str, object]]) -> Questions:
    """Return what to ask about tracks; an artist only where no ISRC can be asked first."""
    isrcs: dict[str, list[Wanted]] = {}
    artists: dict[str, list[Wanted]] = {}
    n_silent = 0
    for row in lacking:
        track = Wanted(**{name: row[name] for name in Wanted._fields})
        if track.known_isrc and "genre" not in row["asked"]:
            isrcs.setdefault(track.known_isrc, []).append(track)
        elif not _add_artist(artists, track, row["asked"]):
            n_silent += 1
    return Questions(isrcs, artists, n_silent)


def _add_artist(artists: dict[str, list[Wanted]], track: Wanted, asked: Iterable[str] = ()) -> bool:
    name = plain(first_artist(track.artist))
    if not name or "artist genre" in asked:
        return False
    artists.setdefault(folded(name) or name, []).append(track)
    return True


class GenreFiller:
    """Ask MusicBrainz for the genres of tracks, one question after the other."""

    def __init__(self, http: Http, publisher: Publisher) -> None:
        self._http, self._publisher, self.done = http, publisher, Genres()
        self._has_answered = False

    def fill(self, lacking: Sequence[Mapping[str, object]]) -> None:
        """Ask about tracks; what was answered is handed on as it comes."""
        todo, done = questions(lacking), self.done
        done.n_wanted, done.n_nobody = len(lacking), todo.n_silent
        with tqdm(desc="genres", total=done.n_wanted, unit=" tracks", disable=None) as bar:
            try:
                for isrc, tracks in todo.isrcs.items():
                    for track in self._ask(musicbrainz.of_isrc, isrc, tracks, "genre", "isrc"):
                        done.n_nobody += not _add_artist(todo.artists, track)
                    bar.update(done.n_wanted - done.n_left - bar.n)
                for tracks in todo.artists.values():
                    name = plain(first_artist(tracks[0].artist))
                    done.n_nobody += len(
                        self._ask(musicbrainz.of_artist, name, tracks, "artist genre", "names")
                    )
                    bar.update(done.n_wanted - done.n_left - bar.n)
            except Stopped as error:
                done.stopped = str(error)

    def _ask(
        self,
        ask: Callable[[Http, str], Given | None],
        what: str,
        tracks: Sequence[Wanted],
        kind: str,
        evidence: str,
    ) -> Sequence[Wanted]:
        """Hand on the answer about tracks; return them if it is that there is no genre."""
        try:
            given = ask(self._http, what)
        except Unavailable as error:
            # Who cannot be reached at all is not asked a thousand times more.
            if isinstance(error, Unreachable) and not self._has_answered:
                raise Stopped(error.provider, None, error.reason) from None
            self._has_answered |= not isinstance(error, Unreachable)
            self.done.failed[str(error)] += len(tracks)
            return []
        self._has_answered = True
        self._publish(tracks, given, kind, evidence)
        if given is None:
            return tracks
        self.done.found[given.reference.partition("/")[0]] += len(tracks)
        return []

    def _publish(
        self, tracks: Sequence[Wanted], given: Given | None, kind: str, evidence: str
    ) -> None:
        why, genres = (None, None), None
        if given is not None:
            why = (evidence, given.reference)
            genre = (canonical_genre(given.genre), None, given.genre, PROVIDER)
            genres = pd.DataFrame([(track.track_id, *genre) for track in tracks], columns=_GENRE)
        lookups = [(track.track_id, PROVIDER, kind, *why) for track in tracks]
        self._publisher.fill(
            Batch(
                pd.DataFrame({"track_id": []}),
                genres=genres,
                lookups=pd.DataFrame(lookups, columns=_LOOKUP),
            )
        )
