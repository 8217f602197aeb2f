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
        self._container = av.open(str(path))
        if not self._container.streams.audio:
            self._container.close()
            raise av.InvalidDataError(0, "there is no audio stream in it")
        self._stream = self._container.streams.audio[0]
        self.native_sr = self._stream.codec_context.sample_rate
        self.n_channels = self._stream.codec_context.channels
        self.n_samples = self._length()

    def _length(self) -> int | None:
        if self._stream.duration is not None:
            return int(self._stream.duration * self._stream.time_base * self.native_sr)
        if self._container.duration is not None:
            return int(self._container.duration / av.time_base * self.native_sr)
        return None

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
        packed = av.AudioResampler(
            format="flt", layout=self._stream.codec_context.layout, rate=self.native_sr
        )
        position = None
        for frame in self._container.decode(self._stream):
            if position is None:
                elapsed = (frame.pts or 0) - origin
                position = round(elapsed * frame.time_base * self.native_sr)
            for converted in packed.resample(frame):
                samples = converted.to_ndarray().reshape(-1, self.n_channels)
                skipped = min(max(first - position, 0), len(samples))
                position += len(samples)
                if skipped < len(samples):
                    yield samples[skipped:]

    def close(self) -> None:
        """Close the file."""
        self._container.close()
