"""The shared choices: one sidebar on every page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from music_explorer.analysis.clustering import CHOOSES_K, METHOD_TITLES
from music_explorer.analysis.feature_sets import (
    CUSTOM,
    FEATURE_COLUMNS,
    FEATURE_SETS,
    MODEL,
    block,
    default_feature_set,
    feature_set,
)
from music_explorer.analysis.pipeline import Config
from music_explorer.analysis.presets import PRESETS
from music_explorer.analysis.projection import PROJECTION_TITLES
from music_explorer.ui import selection
from music_explorer.ui.choices import Choices, choose
from music_explorer.ui.estimated import trust
from music_explorer.ui.state import Store, ask, set_coverage
from music_explorer.ui.style import STYLE

# Field of a configuration -> its name in the address.
_IN_ADDRESS = {
    "feature_set": "set",
    "columns": "cols",
    "key": "key",
    "fold_tempo": "fold",
    "scaling": "scale",
    "block_weights": "weights",
    "sources": "source",
    "estimated_values": "est",
    "cap": "cap",
    "one_per_recording": "rec",
    "projection": "proj",
    "n_components": "dims",
    "space": "space",
    "method": "method",
    "n_clusters": "k",
    "min_cluster_size": "mcs",
    "random_state": "seed",
}
_SCALINGS = {
    "standard": "standard: mean 0, deviation 1",
    "robust": "robust: by percentiles",
    "power": "power: mends skew (Yeo-Johnson)",
    "none": "none: tempo decides alone",
}
_SCALINGS_OF_VECTORS = {
    "unit": "angles: centred, to length 1",
    **_SCALINGS,
    "none": "none: as the model made them",
}
_SPACES = {"features": "features", "projection": "projection"}
_KEYS = {
    "set": "as the features say",
    "off": "left out",
    "circular": "on the circle of fifths",
    "raw": "as a number, 0 to 11",
}
_WEIGHTS = {"none": "each feature counts alike", "equal": "Spotify and Librosa count alike"}
_AXES = {"3": "three", "2": "two"}
_YES_NO = {"yes": "yes", "no": "no"}


@dataclass(frozen=True)
class Chosen:
    """What the visitor chose: the analysis, and the label that clusters are compared with."""

    config: Config
    label: str


def sidebar(store: Store, page: str) -> Chosen:
    """Draw the sidebar of a page and return what is chosen in it."""
    choices = Choices(page)
    st.html(STYLE)
    with st.sidebar:
        fields = _features(choices, store) | _map(choices) | _clusters(choices)
        label = _label(choices, store)
        with st.expander("More choices"):
            chosen = fields.get("feature_set", "")
            fields |= _preparation(choices, chosen) | _selection(choices, store, chosen)
            fields["random_state"] = choices.number(
                st.number_input, "Random seed", "seed", 0, 9999, 0
            )
        _presets()
        _about(store)
    config = Config(**fields)
    if spec := choices.asked(selection.PARAMETER):
        selection.ask_for(spec)
    choices.finish(**{selection.PARAMETER: selection.in_address(config)})
    return Chosen(config, label)


def _features(choices: Choices, store: Store) -> dict[str, Any]:
    shares = set_coverage(store)
    chosen = choices.one_of(
        st.selectbox,
        "Features",
        "set",
        [*shares, CUSTOM],
        default_feature_set(shares),
        format_func=lambda name: feature_set(name).title if name != CUSTOM else "Chosen by hand",
        help="Which numbers describe a track.",
    )
    if chosen == CUSTOM:
        columns = choices.some_of("Columns", "cols", FEATURE_COLUMNS, placeholder="choose some")
        fields = {"feature_set": CUSTOM, "columns": tuple(columns)} if columns else {}
        return fields | _estimated(choices, store, columns)
    fields = {"feature_set": chosen} | _estimated(choices, store, _measured(chosen))
    if fields.get("estimated_values"):
        shares = set_coverage(store, estimated=True)
    if shares[chosen] < 1:
        st.caption(f"{shares[chosen]:.0%} of the tracks have them.")
    return fields


def _measured(chosen: str) -> tuple[str, ...]:
    return () if chosen.startswith(MODEL) else feature_set(chosen).columns


def _estimated(choices: Choices, store: Store, columns: Sequence[str]) -> dict[str, Any]:
    """Ask whether estimated values count, where the store has any of these columns."""
    n_tracks = ask(store, "counts")["with_estimated_values"]
    if not n_tracks or not any(block(column) == "spotify" for column in columns):
        return {}
    wanted = _yes(
        choices,
        "With estimated values",
        "est",
        "no",
        help=f"{n_tracks:,} tracks have no measured Spotify-style values, but some that were "
        "estimated from their sound. They lie nearer the middle than measured ones do.",
    )
    if wanted:
        st.caption(f"{trust(store, columns)}.")
    return {"estimated_values": wanted}


def _map(choices: Choices) -> dict[str, Any]:
    projection = _segments(
        choices,
        "Projection",
        "proj",
        PROJECTION_TITLES,
        "pca",
        help="How the features become a few axes to look at.",
    )
    n_components = _segments(choices, "Axes of the map", "dims", _AXES, "3")
    return {"projection": projection, "n_components": int(n_components)}


def _clusters(choices: Choices) -> dict[str, Any]:
    method = choices.one_of(
        st.selectbox,
        "Method",
        "method",
        list(METHOD_TITLES),
        "kmeans",
        format_func=METHOD_TITLES.get,
        help="k-means with ten starts; agglomeration by Ward's, average or complete linkage; a "
        "Gaussian mixture; HDBSCAN, which finds dense groups by itself and leaves the rest out.",
    )
    space = _segments(
        choices,
        "Cluster in the",
        "space",
        _SPACES,
        "features",
        help="Clusters found in a projection look better than they are: t-SNE distances are "
        "no distances.",
    )
    found = {"method": method, "space": space}
    if method in CHOOSES_K:
        title = "Smallest cluster (tracks)"
        return found | {"min_cluster_size": choices.number(st.slider, title, "mcs", 2, 200, 25)}
    return found | {"n_clusters": choices.number(st.slider, "Number of clusters k", "k", 2, 30, 6)}


def _label(choices: Choices, store: Store) -> str:
    kinds = ask(store, "label_kinds") or ["genre"]
    return choices.one_of(
        st.selectbox,
        "Compare with",
        "label",
        kinds,
        kinds[0],
        help="What the clusters are compared with. A label is no truth: the app speaks of "
        "association, not accuracy.",
    )


def _preparation(choices: Choices, chosen: str) -> dict[str, Any]:
    if chosen.startswith(MODEL):
        names, default = _SCALINGS_OF_VECTORS, feature_set(chosen).scaling
        return {"scaling": _select(choices, "Scaling", "vscale", names, default)}
    return {
        "scaling": _select(choices, "Scaling", "scale", _SCALINGS, "standard"),
        "block_weights": _select(choices, "Weights", "weights", _WEIGHTS, "none"),
        "key": _select(choices, "The key", "key", _KEYS, "set"),
        "fold_tempo": _yes(
            choices,
            "Tempo within one octave",
            "fold",
            "no",
            help="90 and 180 beats a minute become the same: estimated tempi are often off by two.",
        ),
    }


def _selection(choices: Choices, store: Store, chosen: str) -> dict[str, Any]:
    # A set that repeats a track for each of its genres has copies by intention.
    repeats = chosen in FEATURE_SETS and FEATURE_SETS[chosen].repeat_per_genre
    names = list(ask(store, "sources")["source"])
    sources = choices.some_of("Only from", "source", names, placeholder="all sources")
    cap = choices.number(
        st.number_input,
        "Most tracks of one artist",
        "cap",
        0,
        1000,
        0,
        help="0 keeps all. Tracks of one artist sound alike and share a genre.",
    )
    once = _yes(
        choices,
        "One point a recording",
        "rec",
        "no" if repeats else "yes",
        help="Singles, albums and remasters of one recording (same ISRC, or same artist and title "
        "within 3 s) count once: copies look like clusters.",
    )
    return {"sources": tuple(sources), "cap": cap or None, "one_per_recording": once}


def _presets() -> None:
    with st.popover("Presets", icon=":material/tune:", width="stretch"):
        for preset in PRESETS.values():
            values = _in_address(preset.fields)
            st.button(preset.title, on_click=choose, args=(values,), width="stretch")
            st.caption(preset.why)


def _in_address(fields: Any) -> dict[str, Any]:
    """Return fields of a configuration as the widgets hold them."""
    found = {}
    for field, value in fields.items():
        if isinstance(value, bool):
            value = "yes" if value else "no"
        elif field == "n_components":
            value = str(value)
        elif field == "cap":
            value = value or 0
        found[_IN_ADDRESS[field]] = value
    return found


def _segments(choices: Choices, title: str, key: str, names: dict[str, str], default: str, **more):
    return choices.one_of(
        st.segmented_control,
        title,
        key,
        list(names),
        default,
        required=True,
        format_func=names.get,
        **more,
    )


def _select(choices: Choices, title: str, key: str, names: dict[str, str], default: str) -> str:
    return choices.one_of(st.selectbox, title, key, list(names), default, format_func=names.get)


def _yes(choices: Choices, title: str, key: str, default: str, **more: Any) -> bool:
    return _segments(choices, title, key, _YES_NO, default, **more) == "yes"


def _about(store: Store) -> None:
    n_tracks = ask(store, "counts")["tracks"]
    name = "the demo" if store.is_demo else store.path.stem
    st.caption(f"{n_tracks:,} tracks in {name}, data version {store.version}")
