"""Librosa features of a signal, all from one spectrogram."""
