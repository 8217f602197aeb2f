"""The clusters: where the tracks lie, whether they are real, what makes each different."""

import streamlit as st

from music_explorer.analysis.clustering import MAX_STARTED, METHOD_TITLES
from music_explorer.analysis.pipeline import Run
from music_explorer.ui import estimated, evidence, show
from music_explorer.ui.cluster_map import cluster_map
from music_explorer.ui.cluster_tables import profile_table, tracks_of_a_cluster
from music_explorer.ui.ledger import keep_button
from music_explorer.ui.page import View, page
from music_explorer.ui.state import labels as labels_of
from music_explorer.ui.state import run


def main(view: View) -> None:
    """Draw the page."""
    config = view.choices.config
    result = run(view.store, config)
    labels = labels_of(view.store, config, view.choices.label)
    left_out(result)
    if words := estimated.how_many(view.store, result.prepared):
        st.caption(words)
    about_method(result)
    verdict = st.container()
    faithful = cluster_map(view, result, labels)
    with faithful:
        show.how_faithful(result.projection, _axes(result))
    keep_button(view.store, result)
    # What is known already is drawn once; what is not, is drawn again when it is.
    real, stable = evidence.known(view.store, config) if evidence.takes_k(config) else (None, None)
    is_final = real is not None or not evidence.takes_k(config)
    st.header("Scores, and the space each was taken in")
    scores = st.empty()
    with scores.container():
        show.scores(result, real, final=is_final)
    st.header("What makes each cluster different")
    profiles = st.empty()
    with profiles.container():
        table = profile_table(view, result, labels, stable)
        show.table_later(table, "cluster_profiles", final=is_final)
        if stable is not None:
            _about_stability(stable)
    tracks_of_a_cluster(view, result, labels)

    # Last, since it takes its time: everything above can be read and used meanwhile.
    with faithful:
        show.how_faithful(result.projection, _axes(result), evidence.fidelity(view.store, config))
    with verdict:
        if not evidence.takes_k(config):
            dense = evidence.density(view.store, config)
            if dense is not None:
                show.density(dense)
            return
        known = evidence.dissolving(view.store, config)
        found = evidence.reality(
            view.store, config, draw=lambda part: show.reality(part, config.n_clusters)
        )
        if found is not None:
            show.reality(found, config.n_clusters)
            if not is_final:
                with scores.container():
                    show.scores(result, found, final=True)
        stable = evidence.stability(view.store, config)
        if stable is not None and not is_final:
            with profiles.container():
                table = profile_table(view, result, labels, stable)
                show.table_later(table, "cluster_profiles", final=True)
                _about_stability(stable)
    if evidence.dissolving(view.store, config) != known:
        st.rerun()  # to mark the clusters that dissolve in the map


def left_out(result: Run) -> None:
    """Say which columns and rows could not be used, and which stand for others."""
    ready = result.prepared
    if ready.matrix.dropped_columns:
        names = ", ".join(f"{n} ({s:.0%})" for n, s in ready.matrix.dropped_columns.items())
        st.warning(f"Left out, since under 95 % of the tracks have them: {names}")
    if ready.matrix.n_dropped_rows:
        st.warning(f"{ready.matrix.n_dropped_rows:,} tracks left out, since a feature is missing.")
    if ready.n_merged:
        st.caption(
            f"{ready.n_merged:,} releases of a recording that another track stands for are left "
            "out: the same sound twice would count as agreement (*More choices* switches it)."
        )


def about_method(result: Run) -> None:
    """Say what the method left out, and what it could not see."""
    found = result.clustering
    if result.n_clusters < 2:
        st.warning(
            f"{METHOD_TITLES[result.config.method]} found {result.n_clusters} clusters: there is "
            "nothing to score. Try a smaller least size, or another method.",
            icon=":material/blur_on:",
        )
    if result.n_noise:
        st.caption(
            f"{result.n_noise:,} of {len(found.labels):,} tracks are in no cluster: they lie "
            "where tracks are thin."
        )
    if result.config.method == "kmeans" and len(found.labels) > MAX_STARTED:
        st.caption(
            f"The ten starts of k-means were tried on a random {MAX_STARTED:,} tracks; the best "
            "went on with all."
        )
    if found.fitted is not None:
        st.caption(
            f"The method saw a random {found.n_fitted:,} of {len(found.labels):,} tracks; each of "
            "the others joined the cluster of its nearest."
        )
    largest = (found.labels == 0).mean()
    if result.config.method in ("average", "complete") and largest > 0.8:
        st.caption(
            f"One cluster holds {largest:.0%} of the tracks: this linkage often splits off "
            "outliers one by one."
        )


def _axes(result: Run) -> dict[str, str]:
    return show.axes(result.projection, result.prepared)


def _about_stability(stable: evidence.Stability) -> None:
    st.caption(
        "Stability: mean Jaccard similarity of a cluster with its likeness in bootstrap samples of "
        "the tracks, the map held fixed (Hennig 2007). Stable is not real: one shapeless cloud is "
        "cut at the same places again and again, so each value stands beside that of such clouds. "
        f"Other seeds give the same clusters to an adjusted Rand index of {stable.seeds.mean:.2f} "
        f"(at least {stable.seeds.min:.2f})."
    )


with page(
    "The clusters",
    "Which tracks lie together, and are the groups real? Each point is a track; near points have "
    "similar features. Axes mean something only in PCA; t-SNE and UMAP keep neighbours, not "
    "distances.",
) as view:
    main(view)
