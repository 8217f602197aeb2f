"""One track: who it is, how it sounds, and where it stands in the collection."""

import io
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import streamlit as st

from music_explorer.ui import charts, show
from music_explorer.ui.covers import trusted
from music_explorer.ui.estimated import is_estimated, trust
from music_explorer.ui.plain_text import seen
from music_explorer.ui.player import excerpt
from music_explorer.ui.state import Store, ask, meaning

_N_MELS, _HOP, _MOST_DRAWN_S = 64, 2048, 120.0


def track_card(store: Store, track_id: str, names: Sequence[str], *, key: str = "") -> None:
    """Show a track: cover and names, a player, its spectrogram, and its features.

    Parameters
    ----------
    store
        The store that has it.
    track_id
        The track.
    names
        The features that are set against the collection.
    key
        What tells this card from another on the same page.
    """
    known = ask(store, "track", track_id)
    if not known:
        return
    with st.container(border=True):
        text = st.container()
        if address := trusted(known["cover_url"]):
            cover, text = st.columns([1, 5], vertical_alignment="center")
            cover.image(address, width=120)
        facts = (known["artist"], known["album"], known["release_date"], known["genres"])
        # st.text, not Markdown: names come from files and are shown as they are.
        text.text(seen(known["title"]) if pd.notna(known["title"]) else track_id)
        text.text(" · ".join(seen(str(fact)) for fact in facts if pd.notna(fact)))
        _player(known, key)
        _percentiles(store, known, names, key)


def _player(known: dict, key: str) -> None:
    namespace, _, identifier = known["track_id"].partition(":")
    path = known["audio_path"]
    if pd.notna(path) and Path(path).exists():
        _local_audio(Path(path), known["offset_s"], known["analysed_s"], key)
    elif namespace == "spotify":
        st.iframe(f"https://open.spotify.com/embed/track/{quote(identifier, safe='')}", height=80)
    else:
        st.caption("Neither a file on this machine nor a Spotify id, so there is no player.")


def _local_audio(path: Path, offset_s: float, analysed_s: float, key: str) -> None:
    st.audio(str(path))
    if pd.isna(analysed_s):
        return
    start, end = offset_s, offset_s + analysed_s
    st.caption(f"The analysed excerpt is from {_clock(start)} to {_clock(end)}.")
    seconds = min(float(analysed_s), _MOST_DRAWN_S)
    picture = _mel(str(path), path.stat().st_mtime_ns, float(offset_s), seconds)
    if picture is None:
        st.caption("The file cannot be decoded any more, so there is no picture of it.")
        return
    S_db, hertz = picture
    fig = charts.spectrogram(
        S_db, seconds=seconds, hertz=hertz, title="Mel spectrogram of the analysed excerpt"
    )
    data = pd.DataFrame(S_db.T, columns=[f"{h:.0f} Hz" for h in hertz])
    show.figure(fig, f"spectrogram{key}", data=data, alt="Mel spectrogram of the analysed excerpt")


@st.cache_data(max_entries=16, show_spinner="Reading the audio…")
def _mel(
    path: str, mtime_ns: int, offset_s: float, seconds: float
) -> tuple[np.ndarray, np.ndarray] | None:
    import librosa
    import soundfile

    wav = excerpt(path, mtime_ns, offset_s, seconds)
    if wav is None:
        return None
    y, sr = soundfile.read(io.BytesIO(wav))
    S = librosa.feature.melspectrogram(y=y, sr=sr, n_mels=_N_MELS, hop_length=_HOP)
    hertz = librosa.mel_frequencies(n_mels=_N_MELS, fmax=sr / 2)
    return librosa.power_to_db(S, ref=np.max), hertz


def _percentiles(store: Store, known: dict, names: Sequence[str], key: str) -> None:
    present = [name for name in names if pd.notna(known.get(name))]
    if not present:
        return
    estimated = {name: f"{name} (estimated)" for name in present if is_estimated(known, name)}
    frame = ask(store, "features", tuple(present))
    table = pd.DataFrame(
        {
            "feature": [estimated.get(name, name) for name in present],
            "value": [float(known[name]) for name in present],
            "percentile": [100 * (frame[n].dropna() < float(known[n])).mean() for n in present],
            "meaning": [meaning(name) for name in present],
        }
    )
    fig = charts.percentiles(table, title="Where this track stands in the collection")
    show.figure(fig, f"percentiles{key}", data=table, alt="Bars: percentile of each feature")
    if estimated:
        st.caption(
            "Estimated values stand among measured ones, which spread farther; "
            f"{trust(store, tuple(estimated))}."
        )


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"
