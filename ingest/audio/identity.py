"""Who a recording is: a hash of its encoded audio, which no tag, name or place is part of."""

import hashlib
from typing import NamedTuple

import av

from ingest.errors import IngestError
from music_explorer.store.schema import ranges

_HASH_BYTES = 16


class Recording(NamedTuple):
    """What is in an audio file: the hash of it, and its length, None where unknown."""

    audio_id: str
    duration_ms: int | None


def identify(path: str) -> Recording:
    """Hash the packets of the first audio stream; nothing is decoded.

    Tags and covers are not in the packets, so that retagging, moving and renaming keep the hash.

    Raises
    ------
    IngestError
        If the file is empty or holds no audio.
    OSError
        If it cannot be opened.
    """
    with open(path, "rb") as file:  # a file that may not be opened is not thereby no audio
        if not file.read(1):
            raise IngestError("is empty")
    try:
        # Tags are read elsewhere, and theirs need not be UTF-8.
        with av.open(path, metadata_errors="replace") as container:
            if not container.streams.audio:
                raise IngestError("holds no audio")
            return _recording(container, container.streams.audio[0])
    except av.FFmpegError as error:
        raise IngestError(f"cannot be read as audio: {error.strerror}") from error


def _recording(
    container: av.container.InputContainer, stream: av.audio.stream.AudioStream
) -> Recording:
    # Equal bytes at another rate are other sound.
    codec = stream.codec_context
    if codec is None:
        raise IngestError("holds no audio that can be decoded")
    head = f"{codec.name} {codec.sample_rate} {codec.channels}"
    digest = hashlib.blake2b(head.encode(), digest_size=_HASH_BYTES)
    n_bytes = ticks = 0
    for packet in container.demux(stream):
        digest.update(packet)
        n_bytes += packet.size
        ticks += packet.duration or 0
    if not n_bytes:
        raise IngestError("holds no audio")
    seconds = _seconds(container, stream, ticks)
    low, high = ranges()["duration_ms"]
    milliseconds = round(seconds * 1000)
    return Recording(digest.hexdigest(), milliseconds if low <= milliseconds <= high else None)


def _seconds(
    container: av.container.InputContainer, stream: av.audio.stream.AudioStream, ticks: int
) -> float:
    """Return the length: counted where the header only estimates it, else as the header says.

    Packets of Ogg Vorbis do not all say how long they are, so counting them falls short.
    """
    counted = float(ticks * stream.time_base)
    if container.format.name in ("mp3", "aac"):
        return counted
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base or counted
