"""Spotify-style values of one's own audio files: their first seconds are sent to ReccoBeats."""

import io
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import soundfile
from tqdm import tqdm

from ingest.errors import IngestError
from ingest.online import reccobeats
from ingest.online.http import Http, Stopped, Unavailable

_PUBLISHED_EVERY_S = 30.0


@dataclass
class Uploaded:
    """What uploading did, for people.

    Attributes
    ----------
    n_wanted
        Tracks without Spotify-style values that have a file.
    n_found
        Those that have values now.
    failed
        Those that could not be analysed, by reason.
    n_dropped
        Values that no such feature can have.
    stopped
        Why it ended early; None if it did not.
    """

    n_wanted: int
    n_found: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    n_dropped: int = 0
    stopped: str | None = None


def notice() -> str:
    """Return what a person should know before audio leaves the machine."""
    host = reccobeats.connect().host
    return (
        f"the first {reccobeats.MAX_UPLOAD_S:.0f} s of each file without Spotify-style values are "
        f"sent to {reccobeats.PROVIDER} ({host}; terms at https://reccobeats.com)"
    )


def upload(files: Mapping[str, str], publish: Callable[[list[dict]], None]) -> Uploaded:
    """Have files analysed one after the other and publish the values now and then.

    Parameters
    ----------
    files
        Paths by the id of the track that they are a recording of.
    publish
        Stores rows of ``track_id`` and columns of ``spotify_features``.
    """
    http, done = reccobeats.connect(), Uploaded(len(files))
    rows: list[dict] = []
    published_at = time.monotonic()
    try:
        for track_id, path in tqdm(files.items(), desc=http.provider, unit=" files", disable=None):
            row = _analysed(http, path, done)
            if row:
                rows.append({"track_id": track_id} | row)
            if done.stopped:
                break
            if rows and time.monotonic() - published_at >= _PUBLISHED_EVERY_S:
                publish(rows)
                rows, published_at = [], time.monotonic()
    except KeyboardInterrupt:
        done.stopped = "stopped"
    if rows:
        publish(rows)
    return done


def excerpt(path: str) -> bytes:
    """Return the first 30 s of a file as 16-bit WAV, mono at 22,050 Hz: 1.3 MB at most.

    Raises
    ------
    IngestError
        If it cannot be decoded.
    """
    # Imported here, as the extractor takes a second that the other commands need not wait.
    from ingest.audio.decode import decode
    from ingest.extractor.filters import SAMPLE_RATE

    y = decode(path, excerpt_s=reccobeats.MAX_UPLOAD_S).y
    out = io.BytesIO()
    soundfile.write(out, y, SAMPLE_RATE, format="WAV", subtype="PCM_16")
    return out.getvalue()


def _analysed(http: Http, path: str, done: Uploaded) -> dict[str, float | int] | None:
    """Return the values of a file; why there are none is written down."""
    try:
        values, n_bad = reccobeats.analyse(http, excerpt(path), "excerpt.wav")
    except Stopped as error:
        done.stopped = str(error)
        return None
    except Unavailable as error:
        done.failed[str(error)] += 1
        return None
    except (IngestError, OSError):
        done.failed["the file cannot be decoded any more"] += 1
        return None
    done.n_dropped += n_bad
    if not values:
        done.failed[f"{http.provider} gave no values"] += 1
        return None
    done.n_found += 1
    return values
