"""How well defined genres are: what a classifier finds, and which genres share neighbours."""

import streamlit as st

from music_explorer.analysis.separability import Separability
from music_explorer.ui import charts, evidence, evidence_charts, show
from music_explorer.ui.page import View, page
from music_explorer.ui.plain_text import literal


def main(view: View) -> None:
    """Draw the page."""
    kind = view.choices.label
    if not view.ask("label_kinds"):
        st.info(
            f"No track has a {kind} yet, so there are no boundaries to find. Import tracks with "
            "genres or playlists on the page *Add music*.",
            icon=":material/info:",
        )
        return
    found = evidence.boundaries(view.store, view.choices.config, kind)
    if found is None:
        return
    _separability(found.separability, kind)
    st.header(f"Which {kind}s blur into which")
    show.figure(
        evidence_charts.overlap(found.overlap, kind=kind),
        "overlap",
        data=found.overlap.shares.reset_index(names=kind),
        alt=f"Heatmap: share of each {kind} among the nearest neighbours of each {kind}",
    )
    st.caption(
        f"Of the 15 nearest tracks of each track, how many are of which {kind}; a row sums to "
        "100 %. Neighbours by the same artist are left out, since an artist sounds like itself."
        + (
            f" Some tracks are neighbours of very many (skewness {found.overlap.hubness:.1f}), so "
            "read small differences with care."
            if found.overlap.hubness > 2
            else ""
        )
    )
    show.figure(
        evidence_charts.genre_tree(found.tree, kind=kind),
        "genre_tree",
        data=found.tree.distances.reset_index(names=kind),
        alt=f"Dendrogram of the {kind}s",
    )
    st.caption(
        f"The sooner two branches merge, from left to right, the more alike these {kind}s are. The "
        "number says in how many resamples of the artists the branch is found; dotted ones are in "
        "less than half: do not rely on them."
    )


def _separability(found: Separability, kind: str) -> None:
    st.header(f"Can the {kind} of a song by an unknown artist be told from its features?")
    low, high = found.interval.low, found.interval.high
    weakest, clearest = found.recall.idxmin(), found.recall.idxmax()
    metrics = {
        "Balanced accuracy": (
            f"{found.balanced_accuracy:.0%}",
            f"95 % interval {low:.0%} to {high:.0%}",
        ),
        "Chance": (f"{found.chance:.0%}", f"1 of {len(found.recall)} {kind}s"),
        "Clearest": (literal(str(clearest)), f"{found.recall.max():.0%} found"),
        "Most blurred": (literal(str(weakest)), f"{found.recall.min():.0%} found"),
    }
    boxes = st.container(horizontal=True)  # unlike columns, it breaks before a name is cut off
    for name, (value, about) in metrics.items():
        boxes.metric(name, value, border=True, delta=about, delta_color="off", delta_arrow="off")
    sample = ", a random sample" if found.sampled else ""
    st.caption(
        f"Extra trees, tested on artists that they have not heard: {found.n_tracks:,} tracks of "
        f"{found.n_artists:,} artists{sample}, each {kind} counting alike. This is what the labels "
        "allow at all: clusters, which see no label, can hardly agree with them better."
    )
    if found.left_out:
        names = ", ".join(f"{literal(name)} ({n})" for name, n in found.left_out.items())
        st.warning(f"Left out, since too few artists have them: {names}", icon=":material/info:")
    fig = charts.heatmap(
        100 * found.confusion, title=f"What the classifier takes each {kind} for", unit="% of row"
    )
    fig.update_layout(xaxis_title=f"predicted {kind}", yaxis_title=f"{kind}")
    show.figure(
        fig,
        "confusion",
        data=found.confusion.reset_index(names=kind),
        alt=f"Heatmap: predicted {kind} of the tracks of each {kind}",
    )


with page(
    "Genre boundaries",
    "Can genres be told apart by these features at all? If a classifier that is shown the genres "
    "confuses two of them, clusters will too. In each grid a strong diagonal is a clear genre, a "
    "strong field beside it a pair that blurs.",
) as view:
    main(view)
