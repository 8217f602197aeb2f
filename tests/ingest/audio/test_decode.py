"""A decoded file is what `librosa.load` gives; what cannot be used is refused in one line."""

from pathlib import Path

import av
import librosa
import numpy as np
import pytest
import soundfile

from ingest.audio.decode import DecodeError, decode

SR = 22050


def _sound(sr: int, n_channels: int, seconds: float) -> np.ndarray:
    t = np.arange(int(sr * seconds)) / sr
    noise = np.random.default_rng(0).normal(scale=0.05, size=(len(t), n_channels))
    sweep = 0.3 * np.sin(2 * np.pi * (200 + 100 * t) * t)
    return (sweep[:, None] + noise).astype(np.float32)


def _write_with_ffmpeg(path: Path, codec: str, sr: int, seconds: float) -> np.ndarray:
    sound = _sound(sr, 2, seconds)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=sr)
        stream.layout, stream.bit_rate = "stereo", 192_000
        to_codec = av.AudioResampler(format=stream.format, layout="stereo", rate=sr)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T), "fltp", "stereo")
        frame.sample_rate = sr
        for converted in _cut(frame, to_codec, stream):
            container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return sound


def _cut(frame: av.AudioFrame, to_codec: av.AudioResampler, stream: av.AudioStream):
    fifo = av.AudioFifo()
    for converted in to_codec.resample(frame):
        converted.pts = None
        fifo.write(converted)
    yield from fifo.read_many(stream.codec_context.frame_size or 1024)
    rest = fifo.read()
    if rest is not None:
        yield rest


FILES = {
    "mono_22k.wav": (22050, 1, {}),
    "stereo_8k.wav": (8000, 2, {}),
    "six_channels_48k.wav": (48000, 6, {"subtype": "PCM_24"}),
    "float_11k.wav": (11025, 1, {"subtype": "FLOAT"}),
    "stereo_192k.flac": (192000, 2, {}),
    "stereo_44k.mp3": (44100, 2, {}),
    "mono_32k.mp3": (32000, 1, {}),
    "stereo_44k.ogg": (44100, 2, {}),
    "stereo_48k.opus": (48000, 2, {"format": "OGG", "subtype": "OPUS"}),
}


@pytest.mark.parametrize("offset", ["start", "middle"])
@pytest.mark.parametrize("name", FILES)
def test_the_signal_is_librosas_to_the_last_bit(name: str, offset: str, tmp_path: Path):
    sr, n_channels, options = FILES[name]
    soundfile.write(tmp_path / name, _sound(sr, n_channels, 5), sr, **options)
    excerpt = decode(tmp_path / name, excerpt_s=2.5, offset=offset)
    expected, _ = librosa.load(tmp_path / name, offset=excerpt.offset_s, duration=2.5)
    np.testing.assert_array_equal(excerpt.y, expected)
    assert excerpt.offset_s == pytest.approx(1.25 if offset == "middle" else 0, abs=0.05)
    assert (excerpt.native_sr, excerpt.n_channels) == (sr, n_channels)
    assert excerpt.duration_s == pytest.approx(5, abs=0.1)
    assert not excerpt.is_whole


@pytest.mark.parametrize("name", FILES)
def test_a_whole_file_read_in_many_blocks_is_librosas(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    sr, n_channels, options = FILES[name]
    soundfile.write(tmp_path / name, _sound(sr, n_channels, 5), sr, **options)
    monkeypatch.setattr("ingest.audio.decode._SAMPLES_AT_ONCE", 0)
    monkeypatch.setattr("ingest.audio.decode._SAMPLES_A_BLOCK", 60_000)
    excerpt = decode(tmp_path / name, excerpt_s=None)
    # soundfile seeks after each block, and an mp3 decoder does not quite return to where it was
    tolerance = 1e-6 if name.endswith(".mp3") else 0
    expected, _ = librosa.load(tmp_path / name)
    np.testing.assert_allclose(excerpt.y, expected, rtol=0, atol=tolerance)
    assert excerpt.is_whole


@pytest.mark.parametrize(
    ("name", "codec", "sr"),
    [("a.m4a", "aac", 44100), ("a.wma", "wmav2", 44100), ("a.webm", "libopus", 48000)],
)
def test_ffmpeg_decodes_what_libsndfile_does_not(name: str, codec: str, sr: int, tmp_path: Path):
    sound = _write_with_ffmpeg(tmp_path / name, codec, sr, 6)
    whole = decode(tmp_path / name)
    assert whole.is_whole
    assert (whole.native_sr, whole.n_channels) == (sr, 2)
    expected = librosa.resample(sound.mean(axis=1), orig_sr=sr, target_sr=SR)
    assert _similarity(whole.y, expected) > 0.9
    middle = decode(tmp_path / name, excerpt_s=2, offset="middle")
    assert middle.analysed_s == pytest.approx(2)
    assert not middle.is_whole
    assert _similarity(middle.y, expected[int(middle.offset_s * SR) :]) > 0.9


def _similarity(y: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest correlation within 60 ms: encoders may add silence before the sound."""
    n, slack = min(len(y), len(expected)) - 4000, 1323
    near = expected[2000 : 2000 + n]
    shifts = range(-slack, slack, 1)
    return max(np.corrcoef(y[2000 + s : 2000 + s + n : 7], near[::7])[0, 1] for s in shifts)


def test_a_short_file_is_taken_whole_and_says_so(tmp_path: Path):
    soundfile.write(tmp_path / "short.wav", _sound(SR, 1, 2), SR)
    excerpt = decode(tmp_path / "short.wav", offset="middle")
    assert excerpt.is_whole
    assert (excerpt.offset_s, excerpt.analysed_s, excerpt.duration_s) == (0, 2, 2)


def test_silence_and_clipping_are_told(tmp_path: Path):
    soundfile.write(tmp_path / "silent.wav", np.zeros(SR), SR)
    square = np.sign(np.sin(np.arange(SR) / 10 + 0.05))
    soundfile.write(tmp_path / "clipped.wav", np.column_stack([square, 0 * square]), SR)
    silent, clipped = decode(tmp_path / "silent.wav"), decode(tmp_path / "clipped.wav")
    assert (silent.is_silent, silent.clipped_share) == (True, 0)
    assert clipped.is_silent is False
    assert clipped.clipped_share == 0.5


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.full(SR, np.nan), "samples are not finite"),
        (np.append(np.zeros(SR), -np.inf), "samples are not finite"),
        (np.full(SR, 12000.0), "samples reach 12000, full scale is 1"),
        (np.zeros(2047), "holds 0.093 s"),
        (np.zeros(0), "holds 0.000 s"),
    ],
)
def test_unusable_samples_are_refused(samples: np.ndarray, reason: str, tmp_path: Path):
    soundfile.write(tmp_path / "bad.wav", samples, SR, subtype="FLOAT")
    with pytest.raises(DecodeError, match=f"bad.wav.*{reason}"):
        decode(tmp_path / "bad.wav")


def test_what_holds_no_audio_is_refused(tmp_path: Path):
    (tmp_path / "text.mp3").write_text("no audio")
    with pytest.raises(DecodeError, match="text.mp3: neither libsndfile nor FFmpeg"):
        decode(tmp_path / "text.mp3")
    with pytest.raises(DecodeError, match="no file .*absent.mp3"):
        decode(tmp_path / "absent.mp3")


def test_a_wrong_option_names_the_right_ones(tmp_path: Path):
    with pytest.raises(ValueError, match="'end'; expected 'start' or 'middle'"):
        decode(tmp_path / "any.wav", offset="end")
    with pytest.raises(ValueError, match="excerpt_s=0"):
        decode(tmp_path / "any.wav", excerpt_s=0)
