"""Tiny audio files, and their tags."""

from pathlib import Path

import av
import mutagen
import numpy as np
import soundfile
from mutagen.id3 import TALB, TCON, TDRC, TIT2, TPE1, TSRC

RATE = 22_050
FORMATS = ("wav", "flac", "ogg", "mp3", "aiff", "opus", "m4a")
_ID3 = {"title": TIT2, "artist": TPE1, "album": TALB, "date": TDRC, "isrc": TSRC, "genre": TCON}
_MP4 = {"title": "\xa9nam", "artist": "\xa9ART", "album": "\xa9alb", "date": "\xa9day",
        "isrc": "----:com.apple.iTunes:ISRC", "genre": "\xa9gen"}  # fmt: skip


def sound(path: Path, number: int = 0, *, seconds: float = 0.2) -> Path:
    """Write noise that is another for each number; the ending decides the format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(number)
    y = (0.1 * rng.standard_normal(round(seconds * RATE))).astype("float32")
    if path.suffix == ".m4a":
        _write_m4a(path, y)
    elif path.suffix == ".opus":
        soundfile.write(path, y, 24_000, format="OGG", subtype="OPUS")
    else:
        soundfile.write(path, y, RATE)
    return path


def _write_m4a(path: Path, y: np.ndarray) -> None:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(y[None, :], format="fltp", layout="mono")
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)


def tag(path: Path, **tags: str | list[str]) -> Path:
    """Write tags, in whatever way the format has."""
    file = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    for name, given in tags.items():
        values = [given] if isinstance(given, str) else given
        if path.suffix in (".wav", ".aiff", ".mp3"):
            file.tags.add(_ID3[name](encoding=3, text=values))
        elif path.suffix == ".m4a":
            is_free = _MP4[name].startswith("----")
            file[_MP4[name]] = [v.encode() for v in values] if is_free else values
        else:
            file[name] = values
    file.save()
    return path
