"""Every value is librosa's, and what can be known about a sound is found."""

import importlib.metadata
import re
from pathlib import Path

import librosa
import numpy as np
import pytest

from bench import plain_librosa
from ingest.errors import IngestError
from ingest.extractor import filters, librosa_features, rhythm, tonal
from ingest.extractor.librosa_features import (
    EXTRACTOR_VERSION,
    FRAME_FEATURES,
    LIBROSA_VERSION,
    extract,
)

SR = 22050
SECONDS = 6
TOLERANCE = 1e-4
SCHEMA = Path(__file__).parents[3] / "music_explorer" / "store" / "schema.sql"


def _signals() -> dict[str, np.ndarray]:
    random = np.random.default_rng(1)
    t = np.arange(SECONDS * SR) / SR
    noise = random.normal(scale=0.1, size=len(t))
    tone = 0.5 * np.sin(2 * np.pi * 440 * t)
    clicks = librosa.clicks(times=np.arange(0, SECONDS, 0.5), sr=SR, length=len(t))
    chirp = 0.4 * librosa.chirp(fmin=80, fmax=9000, sr=SR, duration=SECONDS)
    chord = sum(np.sin(2 * np.pi * hz * t) for hz in (261.6, 329.6, 392.0)) * np.exp(-(t % 1)) / 4
    mixture = 0.3 * clicks + 0.3 * tone + 0.02 * noise + 0.2 * chord
    return {
        "noise": noise,
        "tone": tone,
        "chirp": chirp,
        "clicks": clicks,
        "chord, 30 cents sharp": librosa.resample(chord, orig_sr=1000, target_sr=983),
        "mixture": mixture,
        "quiet mixture": 1e-4 * mixture,
        "half of it silent": mixture * (t > SECONDS / 2),
        "clipped": np.clip(5 * mixture, -1, 1),
        "with an offset": mixture + 0.3,
        "no multiple of a hop": mixture[: 2 * SR + 137],
        "one frame": noise[: filters.N_FFT],
        "low-passed": librosa.resample(noise, orig_sr=5000, target_sr=SR)[: len(t)],
    }


SIGNALS = {name: y.astype(np.float32) for name, y in _signals().items()}


@pytest.fixture(params=SIGNALS, name="y")
def _y(request: pytest.FixtureRequest) -> np.ndarray:
    return SIGNALS[request.param]


def _assert_agrees(ours: dict, theirs: dict) -> None:
    for name in FRAME_FEATURES:
        for column in (f"{name}_mean", f"{name}_std"):
            assert plain_librosa.difference(ours, theirs, column) <= TOLERANCE, column
    assert ours["onset_rate"] == pytest.approx(theirs["onset_rate"], rel=1e-12)


def test_every_value_agrees_with_librosa_called_feature_by_feature(y: np.ndarray):
    ours, theirs = extract(y), plain_librosa.extract(y, SR)
    _assert_agrees(ours, theirs)
    if ours["librosa_tempo"] is not None:
        assert ours["librosa_tempo"] == theirs["librosa_tempo"]


def test_a_long_signal_transformed_twice_gives_the_same_values(monkeypatch: pytest.MonkeyPatch):
    at_once = extract(SIGNALS["mixture"])
    monkeypatch.setattr(librosa_features, "_FRAMES_KEPT", 100)
    assert extract(SIGNALS["mixture"]) == pytest.approx(at_once, rel=1e-6, abs=1e-6)


def test_a_pure_tone_has_its_frequency_as_centroid_and_its_pitch_class_as_chroma():
    values = extract(SIGNALS["tone"])
    assert values["spectral_centroid_mean"] == pytest.approx(440, abs=15)
    assert values["chroma_10_mean"] == pytest.approx(1, abs=0.01)
    assert values["rms_mean"] == pytest.approx(0.5 / np.sqrt(2), rel=0.02)
    assert values["zero_crossing_rate_mean"] == pytest.approx(880 / SR, rel=0.02)


def test_clicks_at_120_bpm_have_that_tempo_and_two_onsets_a_second():
    values = extract(SIGNALS["clicks"])
    assert values["librosa_tempo"] == pytest.approx(120, rel=0.03)
    assert values["onset_rate"] == pytest.approx(2, abs=0.25)


def test_noise_is_flatter_than_a_tone():
    noise, tone = extract(SIGNALS["noise"]), extract(SIGNALS["tone"])
    assert noise["spectral_flatness_mean"] > 0.4 > 0.01 > tone["spectral_flatness_mean"]


def test_silence_has_librosas_values_and_no_tempo():
    silence = np.zeros(SR, np.float32)
    values = extract(silence)
    _assert_agrees(values, plain_librosa.extract(silence, SR))
    assert values["librosa_tempo"] is None
    assert values["onset_rate"] == 0
    assert values["spectral_flatness_mean"] == 1


def test_values_are_the_columns_of_the_store_and_within_its_ranges(y: np.ndarray):
    table = SCHEMA.read_text().split("CREATE TABLE librosa_features")[1].split(");")[0]
    checks = re.findall(r"(\w+) DOUBLE CHECK \(\1 BETWEEN (\S+) AND ([^\s)]+)\)", table)
    ranges = {name: (float(low), float(high)) for name, low, high in checks}
    values = extract(y)
    assert set(values) == set(ranges) - {"offset_s", "analysed_s"}
    for name, value in values.items():
        low, high = ranges[name]
        assert value is None or low <= value <= high, f"{name}={value}"


def test_fixed_weights_are_librosas():
    mel = librosa.filters.mel(sr=SR, n_fft=filters.N_FFT)
    np.testing.assert_array_equal(filters.mel_filters().T, mel)
    for tuning in (-0.5, 0.0, 0.13, 0.49):
        chroma = librosa.filters.chroma(sr=SR, n_fft=filters.N_FFT, tuning=tuning)
        np.testing.assert_array_equal(filters.chroma_filters(tuning).T, chroma)
    np.testing.assert_array_equal(filters.hann(2048), librosa.filters.get_window("hann", 2048))


def test_grouped_mel_filters_leave_nothing_out():
    weights = np.zeros_like(filters.mel_filters())
    for bins, bands, group in filters.mel_groups():
        weights[bins, bands] = group
    np.testing.assert_array_equal(weights, filters.mel_filters())


def test_tuning_counts_equal_numpys_histogram():
    residual = np.random.default_rng(2).uniform(0, 1, 20_000).astype(np.float32)
    edges = np.linspace(-0.5, 0.5, 101)
    residual[:101] = np.mod(edges, 1).astype(np.float32)
    signed = np.where(residual >= 0.5, residual - np.float32(1), residual)
    expected = np.histogram(signed, edges)[0]
    np.testing.assert_array_equal(tonal._histogram(residual, edges), expected)


@pytest.mark.parametrize("seed", range(20))
def test_onsets_and_tempo_of_any_envelope_are_librosas(seed: int):
    random = np.random.default_rng(seed)
    envelope = random.gamma(0.3, size=random.integers(10, 900)).astype(np.float32)
    envelope[: len(envelope) // 4] = 0
    onsets = librosa.onset.onset_detect(onset_envelope=envelope, sr=SR)
    tempo = librosa.feature.tempo(onset_envelope=envelope, sr=SR)
    assert rhythm.count_onsets(envelope) == len(onsets)
    assert rhythm.estimate_tempo(envelope) == tempo[0]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_signal_that_is_not_finite_is_refused(bad: float):
    y = np.zeros(SR, np.float32)
    y[100] = bad
    with pytest.raises(IngestError, match="NaN, infinite"):
        extract(y)


def test_less_than_one_frame_is_refused():
    with pytest.raises(IngestError, match="2047 samples"):
        extract(np.zeros(2047, np.float32))


def test_another_sample_rate_or_two_channels_are_refused():
    with pytest.raises(ValueError, match="sr=44100"):
        extract(np.zeros(SR, np.float32), sr=44100)
    with pytest.raises(ValueError, match=r"\(2, 22050\)"):
        extract(np.zeros((2, SR), np.float32))


def test_the_version_names_the_parameters_and_the_librosa_it_follows():
    assert "n_fft=2048" in EXTRACTOR_VERSION
    installed = importlib.metadata.version("librosa")
    assert LIBROSA_VERSION.rsplit(".", 1)[0] == installed.rsplit(".", 1)[0]
