"""Features and previews for tracks that lack them: a chain of services, none asked twice."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from tqdm import tqdm

from ingest.audio.workers import Workers, processes
from ingest.online import previews, reccobeats
from ingest.online.http import Stopped, Unavailable
from ingest.online.matching import Wanted
from ingest.online.publisher import Publisher
from ingest.online.spotify_client import Closed, SpotifyClient
from ingest.online.spotify_items import features_of
from music_explorer.store.batch import Batch

_MOST_IDS = 100
_LOOKUP = ["track_id", "provider", "kind", "evidence", "reference"]
# Once these have answered that they have nothing, a track is not asked about again.
SETTLED_BY = {"features": ("reccobeats",), "preview": ("deezer", "itunes")}


@dataclass
class Filled:
    """What services gave to the tracks that lacked something.

    Attributes
    ----------
    n_wanted
        Tracks that lacked it.
    found
        Tracks that have it now, by provider and evidence.
    n_nobody
        Tracks of which every service said, now or before, that it has nothing.
    is_closed
        Whether Spotify gives this app no audio features.
    n_dropped
        Values that no such feature can have.
    failed
        How often a service, or a preview of its, was of no use, by provider.
    stopped
        A line for each service that was not asked to the end.
    """

    n_wanted: int = 0
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    n_nobody: int = 0
    is_closed: bool = False
    n_dropped: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    stopped: list[str] = field(default_factory=list)

    @property
    def n_left(self) -> int:
        """How many tracks are still to be asked about."""
        return self.n_wanted - self.found.total() - self.n_nobody


def _tracks(lacking: Iterable[Mapping[str, object]]) -> list[tuple[Wanted, set[str]]]:
    return [
        (Wanted(**{name: row[name] for name in Wanted._fields}), set(row["asked"]))
        for row in lacking
    ]


class FeatureFiller:
    """Ask Spotify for features until it refuses, then ReccoBeats for what is missing.

    Values of two services are never mixed in one track: their scales differ.
    """

    def __init__(self, client: SpotifyClient, publisher: Publisher) -> None:
        self._client, self._publisher, self.done = client, publisher, Filled()

    def fill(self, lacking: Iterable[Mapping[str, object]]) -> None:
        """Ask for the features of tracks; what was answered is handed on as it comes."""
        tracks = _tracks(lacking)
        self.done.n_wanted = len(tracks)
        self._answered = {wanted.track_id: asked for wanted, asked in tracks}
        self._has = set()
        with tqdm(desc="features", total=len(tracks), unit=" tracks", disable=None) as bar:
            for ask in (self._ask_spotify, self._ask_reccobeats):
                try:
                    ask([wanted for wanted, _ in tracks], bar)
                except (Stopped, Unavailable) as error:
                    self.done.stopped.append(str(error))
        self.done.n_nobody = sum(
            asked.issuperset(SETTLED_BY["features"])
            for track_id, asked in self._answered.items()
            if track_id not in self._has
        )

    def _ask_spotify(self, tracks: Sequence[Wanted], bar: tqdm) -> None:
        todo = [track for track in tracks if track.spotify_id and self._may_ask("spotify", track)]
        for first in range(0, len(todo), _MOST_IDS):
            asked = todo[first : first + _MOST_IDS]
            try:
                rows = self._client.audio_features([track.spotify_id for track in asked])
            except Closed:
                self.done.is_closed = True
                return
            known = {row.get("id"): features_of(row) for row in rows}
            found = {
                track.track_id: values for track in asked if (values := known.get(track.spotify_id))
            }
            matches = {
                track.track_id: ("spotify", track.spotify_id)
                for track in asked
                if track.track_id in found
            }
            self._hand_on("spotify", asked, found, matches, bar)

    def _ask_reccobeats(self, tracks: Sequence[Wanted], bar: tqdm) -> None:
        todo = [track for track in tracks if self._may_ask("reccobeats", track)]
        if not todo:
            return
        for answer in reccobeats.features(reccobeats.connect(), todo):
            self.done.n_dropped += answer.n_dropped
            found = {track_id: values for track_id, values in answer.found.items() if values}
            self._hand_on("reccobeats", answer.asked, found, answer.matches, bar)

    def _may_ask(self, provider: str, track: Wanted) -> bool:
        return track.track_id not in self._has and provider not in self._answered[track.track_id]

    def _hand_on(
        self,
        provider: str,
        asked: Sequence[Wanted],
        found: Mapping[str, Mapping[str, float]],
        matches: Mapping[str, tuple[str, str]],
        bar: tqdm,
    ) -> None:
        lookups = []
        for track in asked:
            why = matches[track.track_id] if track.track_id in found else (None, None)
            lookups.append((track.track_id, provider, "features", *why))
            self._answered[track.track_id].add(provider)
        self._has |= found.keys()
        self.done.found.update((provider, matches[track_id][0]) for track_id in found)
        rows = [
            {"track_id": track_id, **values, "spotify_origin": provider}
            for track_id, values in found.items()
        ]
        _publish(self._publisher, rows, "spotify_origin", lookups)
        bar.update(len(found))


class PreviewFiller:
    """Ask for 30 s previews, analyse them, and keep what they measure, not what they sound."""

    def __init__(self, services: previews.Services, publisher: Publisher) -> None:
        self._services, self._publisher, self.done = services, publisher, Filled()

    def fill(self, lacking: Iterable[Mapping[str, object]]) -> None:
        """Find and analyse previews of tracks; each is handed on as it comes."""
        tracks = _tracks(lacking)
        self.done.n_wanted = len(tracks)
        todo = [wanted for wanted, asked in tracks if not asked.issuperset(SETTLED_BY["preview"])]
        self.done.n_nobody = len(tracks) - len(todo)
        with processes(1) as workers:
            for wanted in tqdm(todo, desc="previews", unit=" tracks", disable=None):
                try:
                    self._ask(wanted, workers)
                except Unavailable:
                    continue  # counted in `failed`, and asked about again by the next run
                except Stopped:
                    break
        self.done.failed = self._services.failed
        self.done.stopped = [str(error) for error in self._services.stopped.values()]

    def _ask(self, wanted: Wanted, workers: Workers) -> None:
        result = previews.features(wanted, self._services, workers)
        if result is None:
            asked = [*SETTLED_BY["preview"], *(["spotify"] if wanted.preview_url else [])]
            lookups = [(wanted.track_id, name, "preview", None, None) for name in asked]
            rows, self.done.n_nobody = [], self.done.n_nobody + 1
        else:
            clip, values = result
            lookups = [(wanted.track_id, clip.provider, "preview", clip.evidence, clip.reference)]
            rows = [{"track_id": wanted.track_id, **values}]
            self.done.found[clip.provider, clip.evidence] += 1
        _publish(self._publisher, rows, "librosa_origin", lookups)


def _publish(publisher: Publisher, rows: list[dict], origin: str, lookups: list[tuple]) -> None:
    batch = Batch(
        tracks=pd.DataFrame(rows, columns=None if rows else ["track_id", origin]),
        lookups=pd.DataFrame(lookups, columns=_LOOKUP),
    )
    publisher.fill(batch)
