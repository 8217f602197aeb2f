"""Previews: 30 s of a track that a service offers to everybody, found, fetched and measured.

Asked in this order: the address that Spotify gave, Deezer by ISRC, Deezer by names, iTunes by
names. Addresses of previews may be signed; none is kept.
"""

import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ingest.audio import stream, tasks
from ingest.audio.workers import Workers
from ingest.errors import IngestError
from ingest.online import deezer, itunes
from ingest.online.http import Http, NotFound, Stopped, Unavailable
from ingest.online.matching import Wanted, best

_MAX_BYTES = 5_000_000
_EXCERPT_S = 30.0
_ASKED = (
    ("deezer", deezer.by_isrc),
    ("deezer", deezer.by_names),
    ("itunes", itunes.by_names),
)
_NOT_SAFE = re.compile(r"[^0-9A-Za-z]+")


class Clip(NamedTuple):
    """A preview: whose, why it is that track's, the provider's id of it, and where it is now.

    ``provider`` is spotify, deezer or itunes; ``evidence`` is spotify, isrc or names.
    """

    provider: str
    evidence: str
    reference: str
    url: str


@dataclass
class Services:
    """The services that are asked for previews in one run.

    Attributes
    ----------
    deezer, itunes
        The services.
    audio
        Fetches the previews, whoever has them.
    cache
        A folder where previews are kept; None keeps none.
    stopped
        Services that are asked no more in this run, and why.
    failed
        How often a service, or a preview of its, was of no use.
    """

    deezer: Http
    itunes: Http
    audio: Http
    cache: Path | None = None
    stopped: dict[str, Stopped] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)


def connect(*, cache: Path | None = None, **patience: Any) -> Services:
    """Return the services.

    Raises
    ------
    IngestError
        If the folder for previews cannot be made.
    """
    if cache is not None:
        try:
            cache.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IngestError(f"cannot keep previews in {cache}: {error.strerror}") from error
    return Services(
        deezer.connect(**patience),
        itunes.connect(**patience),
        Http("The server of a preview", "", calls=10, period_s=1, **patience),
        cache,
    )


def find(wanted: Wanted, services: Services) -> Clip | None:
    """Return the first preview of a track; None if every service says that it has none.

    Raises
    ------
    Unavailable
        If none was found, but not every service could be asked.
    Stopped
        If none was found and no service is left to ask in this run.
    """
    return next(_clips(wanted, services), None)


def fetch(clip: Clip, services: Services) -> bytes:
    """Return the preview's file, of at most 5 MB, from the cache folder if it is there.

    Raises
    ------
    Stopped, NotFound, Unavailable
        As in `ingest.online.http.Http.download`.
    """
    if services.cache is not None and (kept := _place(clip, services.cache)).is_file():
        return kept.read_bytes()
    return services.audio.download(clip.url, max_bytes=_MAX_BYTES)


def measure(data: bytes, workers: Workers) -> dict[str, float | str | None]:
    """Return the row of ``librosa_features`` of a preview's file, with ``librosa_origin``.

    ``offset_s`` is counted from the start of the preview; where that lies in the track is unknown.
    The file is a stranger's, so it is decoded in a process that may die of it.

    Raises
    ------
    IngestError
        If it is no audio, or the decoder crashes or takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        path = Path(folder) / "preview"
        path.write_bytes(data)
        limit = stream.limit(len(data), _EXCERPT_S)
        task = workers.finish(tasks.measure, str(path), _EXCERPT_S, "start", limit=limit)
    if task.error is not None:
        raise IngestError(stream.reason(task.error)) from task.error
    return task.value | {"librosa_origin": "preview"}


def features(wanted: Wanted, services: Services, workers: Workers) -> tuple[Clip, dict] | None:
    """Return the first preview of a track that can be fetched and decoded, and its features.

    Raises
    ------
    Unavailable, Stopped
        As in `find`; also if there are previews, and none was of use.
    IngestError
        If the cache folder cannot be written.
    """
    is_sure = True
    for clip in _clips(wanted, services):
        try:
            data = fetch(clip, services)
            row = measure(data, workers)
        except NotFound:
            continue
        except Stopped as error:
            services.stopped[clip.provider] = error
            is_sure = False
        except (Unavailable, IngestError):
            services.failed[clip.provider] += 1
            is_sure = False
        else:
            _keep(clip, data, services.cache)
            return clip, row
    if not is_sure:
        raise Unavailable("The services", "have previews that could not be used")
    return None


def _clips(wanted: Wanted, services: Services) -> Iterator[Clip]:
    """Find previews one after the other; raise at the end if somebody could not be asked."""
    is_sure = not wanted.preview_url or "spotify" not in services.stopped
    if wanted.preview_url and is_sure:
        reference = wanted.spotify_id or wanted.track_id
        yield Clip("spotify", "spotify", reference, wanted.preview_url)
    tried: set[tuple[str, str]] = set()
    for name, ask in _ASKED:
        if name in services.stopped:
            is_sure = False
            continue
        try:
            candidates = ask(getattr(services, name), wanted)
        except (Stopped, Unavailable) as error:
            is_sure = False
            if isinstance(error, Stopped):
                services.stopped[name] = error
            else:
                services.failed[name] += 1
            continue
        match = best(wanted, (found for found in candidates if found.url and found.reference))
        if match is not None and (name, match[1].reference) not in tried:
            tried.add((name, match[1].reference))
            yield Clip(name, match[0], match[1].reference, match[1].url)
    if services.stopped.keys() >= {name for name, _ in _ASKED}:
        raise next(iter(services.stopped.values()))
    if not is_sure:
        raise Unavailable("The services", "could not all be asked for a preview")


def _place(clip: Clip, cache: Path) -> Path:
    return cache / f"{clip.provider}-{_NOT_SAFE.sub('-', clip.reference)}"


def _keep(clip: Clip, data: bytes, cache: Path | None) -> None:
    """Put a preview that could be decoded into the cache folder, whole or not at all."""
    if cache is None or (place := _place(clip, cache)).is_file():
        return
    part = place.with_name(f".{place.name}.part")
    try:
        part.write_bytes(data)
        os.replace(part, place)
    except OSError as error:
        raise IngestError(f"cannot keep previews in {cache}: {error.strerror}") from error
