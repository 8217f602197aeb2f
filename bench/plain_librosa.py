"""The same features by plain librosa calls, each from ``y``: what the extractor must equal."""

import warnings

import librosa
import numpy as np

from ingest.extractor.librosa_features import FRAME_FEATURES


def extract(y: np.ndarray, sr: int) -> dict[str, float]:
    """Call librosa feature by feature with its defaults; the names are the extractor's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of silence: an empty set of pitches
        rows = np.concatenate(_frame_features(y, sr))
        tempo = librosa.feature.tempo(y=y, sr=sr)
        onsets = librosa.onset.onset_detect(y=y, sr=sr)
    values = {}
    for name, row in zip(FRAME_FEATURES, rows, strict=True):
        values[f"{name}_mean"] = float(np.mean(row, dtype=np.float64))
        values[f"{name}_std"] = float(np.std(row, dtype=np.float64))
    values["librosa_tempo"] = float(tempo[0])
    values["onset_rate"] = len(onsets) / (len(y) / sr)
    return values


def _frame_features(y: np.ndarray, sr: int) -> list[np.ndarray]:
    feature = librosa.feature
    chroma = feature.chroma_stft(y=y, sr=sr)
    return [
        feature.mfcc(y=y, sr=sr),
        feature.spectral_contrast(y=y, sr=sr),
        chroma,
        feature.tonnetz(chroma=chroma, sr=sr),
        feature.spectral_centroid(y=y, sr=sr),
        feature.spectral_bandwidth(y=y, sr=sr),
        feature.spectral_rolloff(y=y, sr=sr),
        feature.spectral_flatness(y=y),
        feature.zero_crossing_rate(y),
        feature.rms(y=y),
    ]


def load_mfcc_contrast(path: str, seconds: float) -> np.ndarray:
    """Compute what the study did: the means of MFCC and spectral contrast of the file's start."""
    y, sr = librosa.load(path, duration=seconds)
    mfcc = librosa.feature.mfcc(y=y, sr=sr)
    contrast = librosa.feature.spectral_contrast(y=y, sr=sr)
    return np.concatenate([mfcc.mean(axis=1), contrast.mean(axis=1)])


def difference(ours: dict, theirs: dict, name: str) -> float:
    """Return how far two values of ``name`` are apart, as a share of its size or its spread.

    The larger of |value| and the feature's standard deviation over frames is 1.
    """
    gap = abs(ours[name] - theirs[name])
    spread = theirs[f"{name.rsplit('_', 1)[0]}_std"]
    return gap / max(abs(theirs[name]), spread) if gap else 0.0
