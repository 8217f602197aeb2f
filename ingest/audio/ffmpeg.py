"""Audio files that FFmpeg decodes: m4a and aac, wma, webm, and the sound of videos."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

_FRAMES_AT_ONCE = 128  # of about 1024 samples
_PREROLL_S = 0.25  # decoders need what comes before a jump; Opus asks for 80 ms


class FFmpegAudio:
    """The first audio stream of a file."""

    Error = av.FFmpegError

    def __init__(self, path: Path):
        # What tags say is not wanted here, and theirs need not be UTF-8.
        self._container = av.open(str(path), metadata_errors="replace")
        if not self._container.streams.audio:
            self._container.close()
            raise av.InvalidDataError(0, "there is no audio stream in it")
        self._stream = self._container.streams.audio[0]
        codec = self._stream.codec_context
        if codec is None or codec.sample_rate <= 0 or codec.channels <= 0:
            self._container.close()
            raise av.InvalidDataError(0, "its audio stream does not say what it holds")
        self.native_sr, self.n_channels = codec.sample_rate, codec.channels
        self.n_samples = self._length()

    def _length(self) -> int | None:
        seconds = 0.0
        if self._stream.duration is not None:
            seconds = self._stream.duration * self._stream.time_base
        elif self._container.duration is not None:
            seconds = self._container.duration / av.time_base
        return int(seconds * self.native_sr) if seconds > 0 else None

    def blocks(self, first: int, count: int | None) -> Iterator[np.ndarray]:
        """Yield float32 blocks of shape (n, n_channels) from sample ``first`` on."""
        parts: list[np.ndarray] = []
        n_given = 0
        for samples in self._from(first):
            if count is not None:
                samples = samples[: count - n_given]
            n_given += len(samples)
            parts.append(samples)
            is_last = n_given == count
            if is_last or len(parts) == _FRAMES_AT_ONCE:
                yield np.concatenate(parts)
                parts = []
            if is_last:
                return
        if parts:
            yield np.concatenate(parts)

    def _from(self, first: int) -> Iterator[np.ndarray]:
        """Yield decoded samples, without those before ``first``."""
        origin = self._stream.start_time or 0
        if first:
            at = (first / self.native_sr - _PREROLL_S) / self._stream.time_base
            self._container.seek(max(int(at) + origin, 0), stream=self._stream)
        layout = self._stream.codec_context.layout
        packed = av.AudioResampler(format="flt", layout=layout, rate=self.native_sr)
        position = None
        for frame in self._container.decode(self._stream):
            kind = (frame.format.name, frame.layout.name, frame.sample_rate)
            if position is None:
                first_kind = kind
                elapsed = (frame.pts or 0) - origin
                position = round(elapsed * frame.time_base * self.native_sr)
            if kind != first_kind:
                raise av.InvalidDataError(0, "its sample rate or channels change on the way")
            for converted in packed.resample(frame):
                samples = converted.to_ndarray().reshape(-1, self.n_channels)
                skipped = min(max(first - position, 0), len(samples))
                position += len(samples)
                if skipped < len(samples):
                    yield samples[skipped:]

    def close(self) -> None:
        """Close the file."""
        self._container.close()
