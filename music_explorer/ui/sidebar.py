"""The shared choices: one sidebar on every page, kept through the session and in the address.

Every widget is bound to a query parameter of the same name, so a link opens the same view.
"""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from music_explorer.analysis.feature_sets import FEATURE_SETS, default_feature_set
from music_explorer.analysis.pipeline import Config
from music_explorer.analysis.scaling import SCALINGS
from music_explorer.ui.state import Store, ask, set_coverage

# What the study did: all 40 features, clustered in a projection.
STUDY_PRESET = {
    "set": "study",
    "scale": "standard",
    "proj": "pca",
    "space": "projection",
    "method": "kmeans",
    "k": 6,
    "seed": 0,
    "label": "genre",
    "cap": 0,
}
_SCALINGS = {"standard": "standard", "robust": "robust", "power": "power", "none": "none"}
_PROJECTIONS = {"pca": "PCA", "tsne": "t-SNE"}
_SPACES = {"features": "the features", "projection": "the projection"}
_METHODS = {"kmeans": "k-means", "agglomerative": "agglomerative (Ward)"}


@dataclass(frozen=True)
class Choices:
    """What the visitor chose: the analysis, and the label that clusters are compared with."""

    config: Config
    label: str


def choose(choices: dict[str, Any]) -> None:
    """Set several choices at once; for ``on_click``, before the widgets are drawn."""
    st.session_state.update(choices)


def sidebar(store: Store) -> Choices:
    """Draw the sidebar and return what is chosen in it."""
    shares = set_coverage(store)
    names = [source for source in ask(store, "sources")["source"]]
    kinds = ask(store, "label_kinds") or ["genre"]
    with st.sidebar:
        feature_set = _select(
            "Features",
            "set",
            list(FEATURE_SETS),
            default_feature_set(shares),
            format_func=lambda name: f"{FEATURE_SETS[name].title} ({shares[name]:.0%} of tracks)",
            help="Which columns describe a track. The share says how many tracks have them.",
        )
        scale = _select(
            "Scaling",
            "scale",
            list(SCALINGS),
            "standard",
            format_func=_SCALINGS.get,
            help="Standard: mean 0, deviation 1. Robust: median and quartiles. Power: "
            "Yeo-Johnson, which also mends skew. Without scaling, tempo decides alone.",
        )
        proj = _segmented(
            "Projection",
            "proj",
            _PROJECTIONS,
            "pca",
            "How the features become three axes to look at.",
        )
        space = _segmented(
            "Cluster in",
            "space",
            _SPACES,
            "features",
            "Clusters found in a projection look better than they are: t-SNE "
            "distances are no distances.",
        )
        method = _segmented(
            "Method",
            "method",
            _METHODS,
            "kmeans",
            "k-means with ten starts, or Ward's agglomeration.",
        )
        k = st.slider("Clusters (k)", 2, 20, 6, **_bound("k", 6))
        label = _select(
            "Compare with",
            "label",
            kinds,
            kinds[0],
            help="What the clusters are compared with. A label is no truth: the app says "
            "association, not accuracy.",
        )
        with st.expander("More"):
            source = st.multiselect(
                "Only from", names, placeholder="all sources", **_bound("source", [])
            )
            cap = st.number_input(
                "At most so many tracks of one artist",
                0,
                1000,
                0,
                **_bound("cap", 0),
                help="0 keeps all. Tracks of one artist sound alike and share a genre.",
            )
            seed = st.number_input("Random seed", 0, 9999, 0, **_bound("seed", 0))
            st.button("Choose as the 2021 study did", on_click=choose, args=(STUDY_PRESET,))
        _about(store)
    config = Config(
        feature_set=feature_set,
        scaling=scale,
        sources=tuple(source),
        cap=int(cap) or None,
        projection=proj,
        space=space,
        method=method,
        n_clusters=int(k),
        random_state=int(seed),
    )
    return Choices(config, label)


def _about(store: Store) -> None:
    n_tracks = ask(store, "counts")["tracks"]
    name = "the demo" if store.is_demo else store.path.name
    st.caption(f"{n_tracks:,} tracks in {name}, data version {store.version}")


def _bound(key: str, default: Any) -> dict[str, Any]:
    """Return what makes a widget shared between pages, and part of the address."""
    state = st.session_state
    # A value that the first page of a session read from the address is dropped by the next page;
    # a choice that is neither the default nor in the address is set once more.
    if key in state and state[key] != default and key not in st.query_params:
        state[key] = state[key]
    return {"key": key, "bind": "query-params", "persist_state": "session"}


def _select(title: str, key: str, options: list[str], default: str, **more: Any) -> str:
    return st.selectbox(
        title, options, index=options.index(default), **_bound(key, default), **more
    )


def _segmented(title: str, key: str, names: dict[str, str], default: str, about: str) -> str:
    return st.segmented_control(
        title,
        list(names),
        default=default,
        required=True,
        format_func=names.get,
        help=about,
        **_bound(key, default),
    )
