"""The features that are taken are the extractor's: librosa called as the dataset's authors did."""

import librosa
import numpy as np
import pytest

from bench.plain_librosa import difference
from ingest.extractor.librosa_features import extract
from ingest.fma.features import LIBROSA

SR = 22_050


@pytest.fixture(scope="module")
def y() -> np.ndarray:
    """Return a chord that fades once a second, in noise."""
    t = np.arange(3 * SR) / SR
    chord = sum(np.sin(2 * np.pi * hz * t) for hz in (261.6, 329.6, 392.0)) * np.exp(-(t % 1)) / 4
    return (chord + np.random.default_rng(0).normal(scale=0.02, size=len(t))).astype(np.float32)


def as_published(y: np.ndarray, sr: int) -> dict[tuple[str, str, str], float]:
    """Compute what ``features.py`` of the dataset does, by its headers."""
    stft = np.abs(librosa.stft(y, n_fft=2048, hop_length=512))
    cqt = np.abs(librosa.cqt(y, sr=sr, hop_length=512, bins_per_octave=12, n_bins=84, tuning=None))
    mel = librosa.feature.melspectrogram(sr=sr, S=stft**2)
    cens = librosa.feature.chroma_cens(C=cqt, n_chroma=12, n_octaves=7)
    # From here on librosa is not told the sample rate and assumes 22,050 Hz.
    frames = {
        "zcr": librosa.feature.zero_crossing_rate(y, frame_length=2048, hop_length=512),
        "tonnetz": librosa.feature.tonnetz(chroma=cens),
        "chroma_stft": librosa.feature.chroma_stft(S=stft**2, n_chroma=12),
        "rmse": np.sqrt(np.mean(stft**2, axis=0, keepdims=True)),
        "spectral_centroid": librosa.feature.spectral_centroid(S=stft),
        "spectral_contrast": librosa.feature.spectral_contrast(S=stft, n_bands=6),
        "mfcc": librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=20),
    }
    return {
        (name, statistic, f"{number:02d}"): float(how(row))
        for name, rows in frames.items()
        for number, row in enumerate(rows, start=1)
        for statistic, how in (("mean", np.mean), ("std", np.std))
    }


def test_every_column_that_is_taken_has_the_extractors_definition(y):
    ours, published = extract(y, SR), as_published(y, SR)
    theirs = {column: published[header] for column, header in LIBROSA.wanted.items()}
    apart = {column: difference(ours, theirs, column) for column in theirs}
    assert len(apart) == 80
    assert max(apart.values()) < 1e-3, max(apart, key=apart.get)


def test_the_root_mean_square_and_the_tonal_centroids_have_another(y):
    ours, published = extract(y, SR), as_published(y, SR)
    assert published["rmse", "mean", "01"] > 5 * ours["rms_mean"]
    theirs = [published["tonnetz", "mean", f"{n:02d}"] for n in range(1, 7)]
    mine = [ours[f"tonnetz_{n}_mean"] for n in range(1, 7)]
    assert not np.allclose(theirs, mine, atol=0.01)


def test_a_centroid_of_a_file_at_44100_hz_says_half_of_its_hertz():
    tone = np.sin(2 * np.pi * 3000 * np.arange(2 * 44_100) / 44_100).astype(np.float32)
    found = as_published(tone, 44_100)["spectral_centroid", "mean", "01"]
    assert found == pytest.approx(1500, rel=0.05)
