"""Showing figures, tables and tracks: each with a title, a download, and the same look."""

import mimetypes
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from music_explorer.analysis.agreement import Agreement
from music_explorer.analysis.fidelity import Fidelity
from music_explorer.analysis.partition import NOISE
from music_explorer.analysis.pipeline import Prepared, Run
from music_explorer.analysis.projection import PROJECTION_TITLES, Projection
from music_explorer.analysis.reality import SCORES, Reality, Verdict, verdict
from music_explorer.analysis.reality_of_density import DensityReality, density_verdict
from music_explorer.analysis.sampling import sample
from music_explorer.ui import charts, exits
from music_explorer.ui.map_chart import NO_CLUSTER

if TYPE_CHECKING:
    from music_explorer.ui.evidence import Association

MOST_POINTS = 25_000
"""Points that a map draws; more would be slow to turn."""
MOST_ROWS = 10_000
"""Rows of a table that are sent to a browser; the file has all."""
PROVENANCE = "_provenance"
"""Where the session has what figures are drawn from: the store, and the visitor's choices."""
_SCORES = {
    "silhouette": "Silhouette (−1 to 1, higher is better)",
    "davies_bouldin": "Davies-Bouldin (lower is better)",
    "calinski_harabasz": "Calinski-Harabasz (higher is better)",
}
_READS = {
    "above": "better than one cloud",
    "within": "as one cloud",
    "below": "worse than one cloud",
}
_BOXES = {
    "structure": (st.success, ":material/check_circle:"),
    "disagree": (st.warning, ":material/help:"),
    "none": (st.info, ":material/blur_on:"),
}
_CLOUDS = (
    "Each of {n_null} clouds has the correlations of the features but no groups (one family is "
    "normal; the other also keeps the values of each feature), and went through the same steps."
)
_BY_CHANCE = "with data that are one cloud that happens in under 5 % of cases."


def figure(fig: go.Figure, name: str, *, data: pd.DataFrame, alt: str, **options: Any) -> Any:
    """Draw a figure with a line that says where it is from; offer it and its numbers as files.

    Its picture (PNG) is behind the camera in its corner.

    Parameters
    ----------
    fig
        The figure, with a title of its own.
    name
        Name for the files, and the key that keeps the view while choices change.
    data
        The numbers that it draws.
    alt
        What it shows, for those who do not see it.
    options
        Those of ``st.plotly_chart``.

    Returns
    -------
    object
        What ``st.plotly_chart`` returns: what is encircled, if ``on_select`` is given.
    """
    source, choices = st.session_state.get(PROVENANCE, ("", ""))
    fig.update_layout(title_subtitle_text=charts.plain(source))
    config = exits.camera(name, "png")
    event = st.plotly_chart(fig, key=f"chart_{name}", config=config, alt=alt, **options)
    with st.container(horizontal=True):
        csv_button(data, name)
        download(
            "Download the figure (HTML)",
            f"{name}.html",
            lambda: exits.html(fig, name, f"{source}; {choices}"),
            about="To look at anywhere; the camera in its corner saves it as SVG.",
        )
    return event


def download(
    label: str,
    file_name: str,
    content: Callable[[], str | bytes],
    *,
    icon: str = "download",
    about: str | None = None,
) -> None:
    """Offer a file that is made only when somebody asks for it."""
    st.download_button(
        label,
        data=content,
        file_name=file_name,
        mime=mimetypes.guess_type(file_name)[0],
        on_click="ignore",
        icon=f":material/{icon}:",
        key=f"download_{file_name}",
        type="tertiary",
        help=about,
    )


def csv_button(data: pd.DataFrame | Callable[[], pd.DataFrame], name: str) -> None:
    """Offer a frame as a CSV file."""
    make = data if callable(data) else lambda: data
    download("Download the data (CSV)", f"{name}.csv", lambda: exits.csv(make()))


def table(
    data: pd.DataFrame,
    name: str,
    *,
    n_rows: int | None = None,
    whole: Callable[[], pd.DataFrame] | None = None,
    **options: Any,
) -> Any:
    """Draw a table, its first `MOST_ROWS` rows at most, and offer it as a file.

    Parameters
    ----------
    data
        The rows, or the first of them.
    name
        Name for the file, and the key that keeps the view while choices change.
    n_rows, whole
        How many rows there are, and what returns them all, where `data` is the first of them.
    options
        Those of ``st.dataframe``.
    """
    n_rows = len(data) if n_rows is None else n_rows
    if n_rows > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS:,} of {n_rows:,} rows are shown; the file has all.")
    event = st.dataframe(data[:MOST_ROWS], hide_index=True, key=f"table_{name}", **options)
    csv_button(whole or data, name)
    return event


def table_later(data: pd.DataFrame, name: str, *, final: bool, **options: Any) -> None:
    """Draw a table that is drawn again, with more in it, when more is known."""
    if final:
        table(data, name, **options)
    else:  # a key may stand only once on a page
        st.dataframe(data, hide_index=True, **options)


def drawn(n_tracks: int) -> np.ndarray:
    """Return the rows that a map draws: all, or a random `MOST_POINTS`, and say so."""
    chosen = sample(n_tracks, max_fitted=MOST_POINTS, random_state=0)
    if chosen is None:
        return np.arange(n_tracks)
    st.caption(f"A random {len(chosen):,} of {n_tracks:,} tracks are drawn.")
    return chosen


def joined(labels: pd.DataFrame, track_ids: pd.Series) -> pd.Series:
    """Return the labels of each of some tracks as one text, by ``track_id``."""
    labels = labels[labels["track_id"].isin(track_ids)]
    several = labels["track_id"].duplicated(keep=False)
    single = labels[~several].set_index("track_id")["genre"]
    return pd.concat([single, labels[several].groupby("track_id")["genre"].agg(", ".join)])


def names_of_clusters(result: Run, dissolving: Collection[int] = ()) -> dict[int, str]:
    """Return the name of each cluster, and of noise; those that dissolve are marked."""
    names = {
        label: f"cluster {label}{' (dissolves)' if label in dissolving else ''}"
        for label in range(result.n_clusters)
    }
    return names | ({NOISE: NO_CLUSTER} if result.n_noise else {})


def cluster_names(result: Run, dissolving: Collection[int] = ()) -> pd.Series:
    """Return the name of the cluster of each track, in the order of the rows."""
    names = names_of_clusters(result, dissolving)
    categories = pd.CategoricalDtype(list(names.values()))
    return pd.Series(result.labels).map(names).astype(categories)


def scores(result: Run, found: Reality | None, *, final: bool) -> None:
    """Show the internal scores in both spaces, beside those of shapeless clouds if known."""
    spaces = {result.space_clustered: result.scores_clustered}
    spaces[result.space_features] = result.scores_features
    rows = pd.DataFrame(
        [
            {"score": score, "space": space, "here": getattr(of_space, score)}
            for score in SCORES
            for space, of_space in spaces.items()
        ]
    )
    if found is not None:
        entries = found.entries[found.entries["k"] == result.config.n_clusters]
        rows = rows.merge(entries, on=["score", "space"])
        # Calinski-Harabasz grows with the number of tracks: only a score of as many compares.
        rows["in the check"] = rows["observed"]
        rows["one shapeless cloud"] = [
            f"{row.null_mean:.4g} ± {row.null_sd:.2g}" for row in rows.itertuples()
        ]
        rows["reads"] = rows["verdict"].map(_READS)
    rows["score"] = rows["score"].map(_SCORES)
    shown = ["score", "space", "here", "in the check", "one shapeless cloud", "reads"]
    rows = rows[[name for name in shown if name in rows]].rename(columns={"space": "taken in"})
    four_digits = st.column_config.NumberColumn(format="%.4g")
    options = {"column_config": {"here": four_digits, "in the check": four_digits}}
    table_later(rows, "scores", final=final, **options)
    if any(of_space.silhouette_sampled for of_space in spaces.values()):
        st.caption("The silhouette is of a sample of 10,000 tracks.")
    if found is not None:
        st.caption(
            f"In the check: {found.n_samples:,} tracks and three starts, as in each cloud, so that "
            "the two compare."
        )
    if result.n_noise:
        st.caption(f"Without the {result.n_noise:,} tracks of no cluster.")
    if len(spaces) > 1:
        st.caption(
            "The clusters were found in the projection. Only the rows of the features compare "
            "with other projections."
        )


def reality(found: Reality, k: int) -> None:
    """Say what the reality check says about k clusters, with its numbers behind a click."""
    _answer(
        verdict(found, k),
        "Every score beside shapeless clouds",
        f"{_CLOUDS.format(n_null=found.n_null)} Structure is claimed only if the data beat every "
        f"cloud, over all k and all scores together: {_BY_CHANCE}",
    )


def density(found: DensityReality) -> None:
    """Say what the reality check says about dense groups, with its numbers behind a click."""
    about = "No shapeless cloud can have fewer groups, so none was drawn."
    if len(found.clouds):
        n_null = found.clouds["null"].value_counts().max()
        about = (
            f"{_CLOUDS.format(n_null=n_null)} Structure is claimed only if groups hold more "
            f"tracks, or are farther apart, than in every cloud, both taken together: {_BY_CHANCE} "
            "The silhouette is taken in the features, and a track of no group counts 0."
        )
    _answer(
        density_verdict(found),
        "The groups beside those of shapeless clouds",
        f"{about} How stable each group is, is not looked at for this method.",
    )


def _answer(answer: Verdict, title: str, about: str) -> None:
    box, icon = _BOXES[answer.level]
    box(answer.headline, icon=icon)
    with st.expander(title):
        st.markdown("\n".join(f"- {line}" for line in answer.details))
        st.caption(about)


def axes(projection: Projection, ready: Prepared) -> dict[str, str]:
    """Name the axes and say what they mean; empty where they mean nothing."""
    if projection.loadings is None:
        return {}
    loadings, (X, matrix) = projection.loadings, ready.telling
    if matrix is not ready.matrix:
        # Dimensions of vectors have no names: what the features with names have to do with an axis.
        loadings = np.corrcoef(X.T, projection.embedding.T)[: X.shape[1], X.shape[1] :]
    return charts.pca_axes(projection.explained_variance_ratio, loadings, matrix.names)


def how_faithful(
    projection: Projection, meanings: dict[str, str], found: Fidelity | None = None
) -> None:
    """Say what the projection keeps, and what its axes mean."""
    words = []
    if projection.explained_variance_ratio is None:
        title = PROJECTION_TITLES[projection.method]
        words.append(
            f"{title} keeps neighbours together; its axes, sizes and distances mean nothing."
        )
    else:
        kept = projection.explained_variance_ratio.sum()
        parts = "; ".join(f"{name}: {meaning}" for name, meaning in meanings.items())
        words.append(f"The axes hold {kept:.1%} of the variance. {parts}.")
    if projection.n_fitted is not None:
        words.append(
            f"{projection.n_fitted:,} of {len(projection.embedding):,} tracks were laid out; each "
            "of the others was put among its nearest."
        )
    if found is not None:
        sample = ", on a sample" if found.sampled else ""
        words.append(
            f"Of the {found.n_neighbors} nearest neighbours: trustworthiness "
            f"{found.trustworthiness:.3f} (near here are near in the features), continuity "
            f"{found.continuity:.3f} (near in the features are near here){sample}; 1 is perfect."
        )
    st.caption(" ".join(words))


def agreement(found: Agreement, kind: str, n_rows: int, firm: "Association | None" = None) -> None:
    """Show how closely clusters and labels are associated, the adjusted Rand index first."""
    names = {
        "ARI": ("ari", "Adjusted Rand index: 0 is chance, 1 identical."),
        "AMI": ("ami", "Adjusted mutual information: 0 is chance, 1 identical."),
        "Homogeneity": ("homogeneity", "1 if each cluster has one label only. Rises with k."),
        "Completeness": ("completeness", "1 if each label is in one cluster only."),
    }
    boxes = st.container(horizontal=True)  # unlike columns, it breaks before a text is cut off
    for name, (field, about) in names.items():
        beside = {}
        if name == "ARI":
            beside = {"delta_color": "off", "delta_arrow": "off", "delta": "…"}
            if firm is not None:
                beside["delta"] = f"95 % interval {firm.ari.low:.3f} to {firm.ari.high:.3f}"
        boxes.metric(name, f"{getattr(found, field):.3f}", help=about, border=True, **beside)
    text = (
        f"Association of the clusters with {kind}, over the {found.n_tracks:,} of {n_rows:,} "
        f"tracks with exactly one {kind}."
    )
    if firm is not None:
        dealt = firm.permutation
        text += (
            f" The interval is of a bootstrap over {firm.ari.n_artists:,} artists. Artists dealt "
            f"to labels at random give {dealt.null_mean:.3f}, at most {dealt.null_high:.3f} in "
            f"95 % of {dealt.n_permutations} deals (p = {dealt.p:.3f})."
        )
    st.caption(text)
