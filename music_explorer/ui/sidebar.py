"""The shared choices: one sidebar on every page."""

from dataclasses import dataclass

import streamlit as st

from music_explorer.analysis.clustering import METHOD_TITLES
from music_explorer.analysis.feature_sets import FEATURE_SETS, default_feature_set
from music_explorer.analysis.pipeline import Config
from music_explorer.analysis.projection import PROJECTION_TITLES
from music_explorer.ui.choices import Choices, choose
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
_SCALINGS = {
    "standard": "standard: mean 0, deviation 1",
    "robust": "robust: by percentiles",
    "power": "power: mends skew (Yeo-Johnson)",
    "none": "none: tempo decides alone",
}
_SPACES = {"features": "features", "projection": "projection"}


@dataclass(frozen=True)
class Chosen:
    """What the visitor chose: the analysis, and the label that clusters are compared with."""

    config: Config
    label: str


def sidebar(store: Store, page: str) -> Chosen:
    """Draw the sidebar of a page and return what is chosen in it."""
    choices = Choices(page)
    with st.sidebar:
        feature_set = _feature_set(choices, store)
        proj = choices.one_of(
            st.segmented_control,
            "Projection",
            "proj",
            list(PROJECTION_TITLES),
            "pca",
            required=True,
            format_func=PROJECTION_TITLES.get,
            help="How the features become three axes to look at.",
        )
        method = choices.one_of(
            st.segmented_control,
            "Method",
            "method",
            list(METHOD_TITLES),
            "kmeans",
            required=True,
            format_func=METHOD_TITLES.get,
            help="k-means with ten starts, or agglomerative clustering with Ward's linkage.",
        )
        space = choices.one_of(
            st.segmented_control,
            "Cluster in the",
            "space",
            list(_SPACES),
            "features",
            required=True,
            format_func=_SPACES.get,
            help="Clusters found in a projection look better than they are: t-SNE distances are "
            "no distances.",
        )
        k = choices.number(st.slider, "Number of clusters k", "k", 2, 30, 6)
        kinds = ask(store, "label_kinds") or ["genre"]
        label = choices.one_of(
            st.selectbox,
            "Compare with",
            "label",
            kinds,
            kinds[0],
            help="What the clusters are compared with. A label is no truth: the app speaks of "
            "association, not accuracy.",
        )
        with st.expander("More choices"):
            scale = choices.one_of(
                st.selectbox,
                "Scaling",
                "scale",
                list(_SCALINGS),
                "standard",
                format_func=_SCALINGS.get,
            )
            names = list(ask(store, "sources")["source"])
            source = choices.some_of("Only from", "source", names, placeholder="all sources")
            cap = choices.number(
                st.number_input,
                "Most tracks of one artist",
                "cap",
                0,
                1000,
                0,
                help="0 keeps all. Tracks of one artist sound alike and share a genre.",
            )
            seed = choices.number(st.number_input, "Random seed", "seed", 0, 9999, 0)
        st.button(
            "Choose as the 2021 study did", on_click=choose, args=(STUDY_PRESET,), width="stretch"
        )
        _about(store)
    choices.finish()
    config = Config(
        feature_set=feature_set,
        scaling=scale,
        sources=tuple(source),
        cap=cap or None,
        projection=proj,
        space=space,
        method=method,
        n_clusters=k,
        random_state=seed,
    )
    return Chosen(config, label)


def _feature_set(choices: Choices, store: Store) -> str:
    shares = set_coverage(store)
    chosen = choices.one_of(
        st.selectbox,
        "Features",
        "set",
        list(FEATURE_SETS),
        default_feature_set(shares),
        format_func=lambda name: FEATURE_SETS[name].title,
        help="Which columns describe a track.",
    )
    if shares[chosen] < 1:
        st.caption(f"{shares[chosen]:.0%} of the tracks have them.")
    return chosen


def _about(store: Store) -> None:
    n_tracks = ask(store, "counts")["tracks"]
    name = "the demo" if store.is_demo else store.path.stem
    st.caption(f"{n_tracks:,} tracks in {name}, data version {store.version}")
