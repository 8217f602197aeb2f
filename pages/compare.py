"""Compare features: whether two descriptions of the same tracks group them alike."""

import pandas as pd
import streamlit as st

from music_explorer.analysis.agreement import agreement
from music_explorer.analysis.association import Interval
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.feature_sets import CUSTOM, feature_set
from music_explorer.analysis.two_spaces import TwoSpaces
from music_explorer.ui import charts, evidence, show, two_sets
from music_explorer.ui.choices import here
from music_explorer.ui.page import View, page
from music_explorer.ui.plain_text import literal
from music_explorer.ui.state import labels as labels_of

_MIN_SHARED = 12


def main(view: View) -> None:
    """Draw the page."""
    config = view.choices.config
    others = two_sets.other_sets(view.store, config)
    if not others or two_sets.repeats(config.feature_set):
        st.info(
            "Two feature sets are needed, neither of which repeats tracks: choose another one in "
            "the sidebar, or import vectors of a model with `python -m ingest embeddings`.",
            icon=":material/info:",
        )
        return
    name = here(
        st.selectbox,
        "Compare the features of the sidebar with",
        "other",
        others,
        others[0],
        format_func=lambda name: feature_set(name).title,
    )
    pair = two_sets.pair_of(view.store, config, two_sets.with_set(config, name))
    n_shared = len(pair.rows[0])
    if n_shared < _MIN_SHARED:
        raise AnalysisError(
            f"{n_shared} tracks have both feature sets, and at least {_MIN_SHARED} are needed; "
            "choose another set, or more sources"
        )
    titles = _title(config.feature_set), _title(name)
    said = st.container()
    _crosstab(pair, titles)
    found = two_sets.neighbours(view.store, pair, view.choices.label)
    with said:
        if found is not None:
            st.markdown(_sentence(found, [literal(title) for title in titles], view.choices.label))
        _numbers(view, pair, found, titles)


def _title(name: str) -> str:
    return "Chosen by hand" if name == CUSTOM else feature_set(name).title


def _crosstab(pair: two_sets.Pair, titles: tuple[str, str]) -> None:
    """Draw which clusters of one set are which of the other."""
    first, second = (
        show.cluster_names(found).iloc[at].reset_index(drop=True).rename(title)
        for found, at, title in zip(pair.runs, pair.rows, titles, strict=True)
    )
    table = pd.crosstab(first, second)
    fig = charts.heatmap(
        table, title=f"Clusters by both, of the {len(first):,} tracks that both have", unit="tracks"
    )
    fig.update_layout(xaxis_title=titles[1], yaxis_title=titles[0])
    data = table.reset_index()
    show.figure(fig, "both_clusterings", data=data, alt="Heatmap: tracks in each pair of clusters")


def _sentence(found: TwoSpaces, titles: list[str], kind: str) -> str:
    overlap = (
        f"Of the {found.n} tracks by other artists that are nearest to a track, the two have "
        f"**{found.overlap.value:.0%}** in common (by chance {100 * found.overlap_chance:.2g}%)."
    )
    if found.same_class is None:
        return overlap
    shares = [of_one.value for of_one in found.same_class]
    ends = [100 * end for end in (found.difference.low, found.difference.high)]
    low, high = ends if ends[1] >= 0 else (-ends[1], -ends[0])
    beside = (
        f"{shares[0]:.0%} of them share the {kind} in {titles[0]}, {shares[1]:.0%} in {titles[1]}, "
        f"{found.class_chance:.0%} by chance"
    )
    interval = f"95 % interval of the difference {low:.1f} to {high:.1f} percentage points"
    if low <= 0 <= high:
        return f"{overlap} Neither is surely closer to {kind}: {beside} ({interval})."
    closer = titles[1] if ends[0] > 0 else titles[0]
    return f"{overlap} **{closer}** is closer to {kind}: {beside} ({interval})."


def _numbers(
    view: View, pair: two_sets.Pair, found: TwoSpaces | None, titles: tuple[str, str]
) -> None:
    """List every number, each beside what chance gives."""
    kind = view.choices.label
    clusters = f"{agreement(*pair.labels).ari:.2f}"
    rows = [("clusters: adjusted Rand index", clusters, *_with_labels(view, pair, kind), "0")]
    if found is not None:
        of = f"{found.n} nearest by other artists"
        common = _share(found.overlap), "", ""
        rows.append((f"{of}: in common", *common, f"{100 * found.overlap_chance:.2g}%"))
        if found.same_class is not None:
            each = [_share(one) for one in found.same_class]
            rows.append((f"{of}: of the same {kind}", "", *each, f"{found.class_chance:.0%}"))
    columns = ["", "one with the other", *(f"{title} with {kind}" for title in titles), "by chance"]
    show.table(pd.DataFrame(rows, columns=columns), "two_sets")
    st.caption("In brackets 95 % intervals, from a bootstrap over artists.")


def _with_labels(view: View, pair: two_sets.Pair, kind: str) -> list[str]:
    """Return the adjusted Rand index of either clustering with the labels, of the shared tracks."""
    known = labels_of(view.store, view.choices.config, kind)
    classes = evidence.classes_of(pair.runs[0].prepared, known, kind)[pair.rows[0]]
    try:
        return [f"{agreement(labels, classes).ari:.2f}" for labels in pair.labels]
    except AnalysisError:
        return ["", ""]


def _share(found: Interval) -> str:
    return f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%})"


with page(
    "Compare features",
    "Do two descriptions of the same tracks group them alike, and which of them is closer to the "
    "labels? Both are clustered with the choices of the sidebar, and compared over the tracks that "
    "both have.",
) as view:
    main(view)
