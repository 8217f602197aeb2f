"""Estimated values in words: which tracks have them, and how far they can be trusted."""

from collections.abc import Mapping, Sequence
from typing import Any

from music_explorer.analysis.pipeline import Prepared
from music_explorer.store.estimates import value_columns
from music_explorer.ui.plain_text import counted
from music_explorer.ui.state import Store, ask


def how_many(store: Store, ready: Prepared) -> str:
    """Say how many tracks of an analysis have estimated values; nothing if none has."""
    if not ready.n_estimated:
        return ""
    n_tracks = ready.rows["track_id"].nunique()
    return (
        f"Of {counted(n_tracks, 'track')} here, {ready.n_estimated:,} have estimated values, not "
        f"measured ones: {trust(store, ready.matrix.origins)}."
    )


def trust(store: Store, names: Sequence[str]) -> str:
    """Say how far the estimates of some features can be trusted."""
    known = ask(store, "estimates")
    known = known[known["feature"].isin(names)]
    if known["extraction"].nunique() > 1:
        return "the page *The store* has their R², which differ between Librosa features"
    values = ", ".join(f"{row.feature} {row.r2:.2f}" for row in known.itertuples())
    return f"R² for artists that were not learnt from: {values or 'none of these features'}"


def is_estimated(track: Mapping[str, Any], name: str) -> bool:
    """Tell whether a value of a track, as the question ``track`` gives it, is an estimate."""
    return track["spotify_origin"] == "estimated" and name in value_columns()
