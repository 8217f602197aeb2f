"""Playing what was analysed of a track: a file on this machine, or else Spotify's public player."""

import io
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import streamlit as st

from music_explorer.store.audio_paths import audio_paths
from music_explorer.store.reader import open_store
from music_explorer.ui.state import Store, ask

FILE, SPOTIFY, NOTHING = "file", "spotify", ""
_MOST_S = 30.0
# As the analysis hears it: one channel, at this rate.
_SR = 22_050
# Decoded beyond the end, as the resampler holds some back: all clips are to be of one length.
_MARGIN_S = 0.1


def players(store: Store, track_ids: Iterable[str]) -> np.ndarray:
    """Return by which player each track can be heard: FILE, SPOTIFY or NOTHING."""
    there = _with_file(store.version, _path=store.path)
    return np.array([_player(track_id, there) for track_id in track_ids], dtype=object)


def play(store: Store, track_id: str, *, autoplay: bool = False) -> None:
    """Draw a player of the analysed excerpt, at most 30 s of it.

    An excerpt of a file carries neither its name nor its tags to the browser, so a player gives no
    title away; Spotify's player shows it.
    """
    how = players(store, [track_id])[0]
    if how == FILE:
        _file(ask(store, "track", track_id), autoplay)
    elif how == SPOTIFY:
        identifier = track_id.partition(":")[2]
        st.iframe(f"https://open.spotify.com/embed/track/{quote(identifier, safe='')}", height=80)
    else:
        st.caption("Neither a file on this machine nor a Spotify id, so there is no player.")


def _player(track_id: str, with_file: frozenset[str]) -> str:
    if track_id in with_file:
        return FILE
    return SPOTIFY if track_id.startswith("spotify:") else NOTHING


# A file may be moved while the store stays as it is.
@st.cache_data(max_entries=4, ttl=60, show_spinner=False)
def _with_file(version: str, _path: Path) -> frozenset[str]:
    with open_store(_path, expect=version) as con:
        paths = audio_paths(con)
    return frozenset(track_id for track_id, path in paths.items() if Path(path).exists())


def _file(known: dict, autoplay: bool) -> None:
    path = Path(known["audio_path"])
    try:
        modified = path.stat().st_mtime_ns
    except FileNotFoundError:
        st.caption("Its file was moved away just now.")
        return
    start, seconds = 0.0, _MOST_S
    if pd.notna(known["analysed_s"]):
        start, seconds = float(known["offset_s"]), min(_MOST_S, float(known["analysed_s"]))
    wav = excerpt(str(path), modified, start, seconds)
    if wav is None:
        st.caption("Its file cannot be read any more.")
    else:
        st.audio(wav, format="audio/wav", autoplay=autoplay)


@st.cache_data(max_entries=12, show_spinner=False)
def excerpt(path: str, mtime_ns: int, start: float, seconds: float) -> bytes | None:
    """Return a part of a file as WAV, as the analysis hears it; None if it cannot be decoded."""
    import av
    import soundfile

    heard, first = [], None
    resampler = av.AudioResampler(format="fltp", rate=_SR)
    try:
        with av.open(path) as container:
            container.seek(round(start * av.time_base))
            for frame in container.decode(audio=0):
                if first is None:
                    first = frame.time
                if frame.time > max(start, first) + seconds + _MARGIN_S:
                    break
                heard += [part.to_ndarray().mean(axis=0) for part in resampler.resample(frame)]
    except av.FFmpegError:
        return None
    if not heard:
        return None
    skipped = max(0, round((start - first) * _SR))
    y = np.concatenate(heard)[skipped : skipped + round(seconds * _SR)]
    wav = io.BytesIO()
    soundfile.write(wav, y, _SR, format="WAV", subtype="PCM_16")
    return wav.getvalue()
