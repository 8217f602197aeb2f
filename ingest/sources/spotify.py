"""Playlists and saved tracks on Spotify, with features and previews from whoever has them.

Three stages, each resumed where it was cut off: playlists, features, previews. What is known to
the store is not asked for again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.errors import IngestError
from ingest.online import previews
from ingest.online.filling import SETTLED_BY, FeatureFiller, Filled, PreviewFiller
from ingest.online.http import Stopped, Unavailable
from ingest.online.playlists_file import Asked
from ingest.online.publisher import Publisher
from ingest.online.reading import PlaylistReader, Read
from ingest.online.spotify_auth import sign_in
from ingest.online.spotify_client import SAVED, Refused, SpotifyClient
from music_explorer.store import online
from music_explorer.store.batch import Playlist
from music_explorer.store.reader import open_store
from music_explorer.store.writer import Version, sole_writer


@dataclass(frozen=True)
class Options:
    """What is done besides reading playlists.

    Attributes
    ----------
    previews
        Whether previews are found and analysed.
    keep_previews
        A folder where they are kept; None keeps none.
    dry_run
        Whether only playlists are read, and nothing is written.
    """

    previews: bool = False
    keep_previews: Path | None = None
    dry_run: bool = False


@dataclass
class Done:
    """What a run did, for people.

    Attributes
    ----------
    read
        The playlists.
    features, previews
        What was filled in; None if that stage was not reached or not wanted.
    n_tracks
        Tracks of these playlists that the store has.
    n_new, n_lacking
        Of a dry run: tracks that the store would get; tracks that would be asked about, by kind.
    stopped
        Why it ended early, a line each; empty if it did not.
    was_interrupted
        Whether Ctrl-C ended it.
    is_dry
        Whether nothing was written.
    """

    read: Read = field(default_factory=Read)
    features: Filled | None = None
    previews: Filled | None = None
    n_tracks: int = 0
    n_new: int = 0
    n_lacking: dict[str, int] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    was_interrupted: bool = False
    is_dry: bool = False


def import_spotify(store: Path, asked: Sequence[Asked] | None, options: Options) -> Done:
    """Bring the store up to date with playlists.

    Parameters
    ----------
    store
        The store's path.
    asked
        The playlists; None for all that the person owns or works on.
    options
        What else is done.

    Raises
    ------
    IngestError
        If nobody can be signed in, or not one playlist can be read; then nothing was written.
    """
    needs_person = asked is None or any(one.playlist_id == SAVED for one in asked)
    client = SpotifyClient(sign_in(needs_person=needs_person))
    if options.dry_run:
        return _rehearse(store, client, asked, options)
    with sole_writer(store) as version:
        return _Run(store, client, version, options).go(asked)


class _Run:
    """One run that writes."""

    def __init__(
        self, store: Path, client: SpotifyClient, version: Version, options: Options
    ) -> None:
        self._store, self._client = store, client
        self._publisher = Publisher(version)
        self._services = None
        if options.previews:
            self._services = previews.connect(cache=options.keep_previews)
        self._done = Done()

    def go(self, asked: Sequence[Asked] | None) -> Done:
        done = self._done
        try:
            self._read(asked)
            self._fill()
            read = done.read.counts
            if not done.stopped and (read["playlists read"] or read["playlists taken"]):
                self._publisher.add(lambda merge: merge.settle_playlists(done.read.sources))
        except (Stopped, IngestError) as error:
            if isinstance(error, IngestError) and not done.read.sources:
                raise
            done.stopped.append(str(error))
        except KeyboardInterrupt:
            done.was_interrupted = True
        finally:
            self._publisher.flush()
        if self._store.exists():
            with open_store(self._store) as con:
                done.n_tracks = len(online.track_ids(con, done.read.sources))
        return done

    def _read(self, asked: Sequence[Asked] | None) -> None:
        reader = PlaylistReader(self._client, _known(self._store), self._publisher)
        self._done.read = reader.done
        try:
            reader.read(_all_of(self._client, asked))
        finally:
            self._publisher.flush()
        _refuse_if_nothing_read(reader.done)

    def _fill(self) -> None:
        features = FeatureFiller(self._client, self._publisher)
        self._done.features = features.done
        features.fill(self._lacking("features"))
        self._done.stopped += features.done.stopped
        if self._services:
            filler = PreviewFiller(self._services, self._publisher)
            self._done.previews = filler.done
            filler.fill(self._lacking("preview"))
            self._done.stopped += filler.done.stopped

    def _lacking(self, kind: str) -> list[dict]:
        self._publisher.flush()
        if not self._store.exists():
            return []
        with open_store(self._store) as con:
            return online.lacking(con, kind, self._done.read.sources)


def _rehearse(
    store: Path, client: SpotifyClient, asked: Sequence[Asked] | None, options: Options
) -> Done:
    """Read playlists and say what would be asked and written."""
    reader = PlaylistReader(client, _known(store), None)
    done = Done(read=reader.done, is_dry=True)
    try:
        reader.read(_all_of(client, asked))
    except Stopped as error:
        done.stopped.append(str(error))
    _refuse_if_nothing_read(reader.done)
    kinds = ("features", "preview") if options.previews else ("features",)
    tracks = reader.done.new
    done.n_new, done.n_lacking = len(tracks), dict.fromkeys(kinds, len(tracks))
    if store.exists():
        with open_store(store) as con:
            done.n_new = len(online.new_tracks(con, tracks))
            tracks = tracks | online.track_ids(con, reader.done.kept)
            done.n_lacking = {
                kind: online.n_lacking(con, kind, tracks, settled_by=SETTLED_BY[kind])
                for kind in kinds
            }
    done.n_tracks = len(tracks)
    return done


def _all_of(client: SpotifyClient, asked: Sequence[Asked] | None) -> list[Asked]:
    if asked is not None:
        return list(asked)
    try:
        own = [Asked(playlist_id) for playlist_id in client.own_playlists()]
    except (Refused, Unavailable) as error:
        raise IngestError(f"cannot list your playlists: {error}") from None
    if not own:
        raise IngestError("you own no playlist on Spotify; name one, or give --saved")
    return own


def _known(store: Path) -> list[Playlist]:
    if not store.exists():
        return []
    with open_store(store) as con:
        return online.playlists(con)


def _refuse_if_nothing_read(read: Read) -> None:
    if read.refused and not read.sources:
        raise IngestError("\n".join(read.refused))
