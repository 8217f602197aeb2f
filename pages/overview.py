"""The overview: what this is, what is in the store, one map, one finding, where to go next."""

import streamlit as st

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.pipeline import Run
from music_explorer.ui import show
from music_explorer.ui.estimated import how_many
from music_explorer.ui.menu import link
from music_explorer.ui.overview import (
    finding,
    map_of_clusters,
    next_steps,
    not_in_the_map,
    where_from,
)
from music_explorer.ui.page import View, page
from music_explorer.ui.plain_text import literal
from music_explorer.ui.state import run, set_coverage

_WIDTH_OF_WORDS = 330


def main(view: View) -> None:
    """Draw the page."""
    counts = view.ask("counts")
    can_cluster = any(set_coverage(view.store).values())
    if counts["tracks"]:
        _contents(view, counts, can_cluster=can_cluster)
    else:
        st.info(
            f"The store {view.store.path.name} has no tracks yet. Bring some here, or from a "
            "terminal, such as with `python -m ingest table my_playlist.csv`.",
            icon=":material/library_music:",
        )
    if not can_cluster:
        _next(view, counts, can_cluster=False)
        return
    row = st.container(horizontal=True, gap="large")  # unlike columns, it breaks on a small screen
    left, right = row.container(), row.container(width=_WIDTH_OF_WORDS)
    with right:
        found = st.container()
        _next(view, counts, can_cluster=True)
    with left:
        result = _map(view)
    if result is not None:
        with found:
            _finding(view, result)


def _contents(view: View, counts: dict[str, int], *, can_cluster: bool) -> None:
    names = {
        "Tracks": "tracks",
        "Artists": "artists",
        "Genres": "genres",
        "With Spotify features": "with_spotify_features",
        "With Librosa features": "with_librosa_features",
    }
    if counts["with_estimated_values"]:
        names["With estimated values"] = "with_estimated_values"
    boxes = st.container(horizontal=True)
    for name, field in names.items():
        boxes.metric(name, f"{counts[field]:,}", border=True)
    st.caption(where_from(view.ask("sources"), is_demo=view.store.is_demo))
    if not can_cluster:
        st.info(
            "No track has a complete set of audio features, so nothing can be clustered yet.",
            icon=":material/equalizer:",
        )


def _next(view: View, counts: dict[str, int], *, can_cluster: bool) -> None:
    steps = next_steps(
        n_tracks=counts["tracks"],
        n_genres=counts["genres"],
        is_demo=view.store.is_demo,
        can_cluster=can_cluster,
    )
    st.header("Next")
    for step in steps:
        with st.container(gap=None):
            link(step.page, f"**{step.label}**")
            st.caption(step.about)


def _map(view: View) -> Run | None:
    """Draw the map; say in one line why there is none."""
    try:
        result = run(view.store, view.choices.config)
    except AnalysisError as error:
        st.info(f"There is no map: {literal(str(error))}", icon=":material/info:")
        return None
    fig, numbers = map_of_clusters(view.store, result, view.choices.label)
    show.figure(
        fig,
        "overview",
        data=numbers,
        alt=f"Scatter of the tracks in {result.n_clusters} clusters, near ones alike",
    )
    for words in (not_in_the_map(result), how_many(view.store, result.prepared)):
        if words:
            st.caption(words)
    return result


def _finding(view: View, result: Run) -> None:
    found = finding(view.store, result, view.choices.label)
    st.header("What stands out")
    st.markdown(found.sentence)
    st.caption(found.basis)


with page(
    "Overview",
    "Cluster music by its audio features, see whether the clusters are real, and how closely they "
    "go with the genres.",
    needs_tracks=False,
) as view:
    main(view)
