"""Showing figures, tables and tracks: each with a title, a download, and the same look."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from music_explorer.analysis.agreement import Agreement
from music_explorer.analysis.pipeline import Run
from music_explorer.analysis.projection import Projection
from music_explorer.ui import charts


def figure(fig: go.Figure, name: str, *, data: pd.DataFrame, alt: str) -> None:
    """Draw a figure; offer its picture (camera in its corner) and its numbers.

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
    """
    config = {
        "displaylogo": False,
        "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
    }
    st.plotly_chart(fig, key=f"chart_{name}", config=config, alt=alt)
    csv_button(data, name)


def csv_button(data: pd.DataFrame, name: str) -> None:
    """Offer a frame as a CSV file that is made only when somebody asks for it."""
    st.download_button(
        "Download the data (CSV)",
        data=lambda: data.to_csv(index=False).encode("utf-8-sig"),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=f"csv_{name}",
        type="tertiary",
    )


def table(data: pd.DataFrame, name: str, **options: Any) -> Any:
    """Draw a table and offer it as a file; options are those of ``st.dataframe``."""
    event = st.dataframe(data, hide_index=True, key=f"table_{name}", **options)
    csv_button(data, name)
    return event


def joined(labels: pd.DataFrame) -> pd.Series:
    """Return the labels of each track as one text, by ``track_id``."""
    return labels.groupby("track_id")["genre"].agg(", ".join)


def cluster_names(result: Run) -> pd.Series:
    """Return ``cluster 0`` … for each track, in the order of the rows."""
    names = [f"cluster {label}" for label in range(result.labels.max() + 1)]
    return pd.Series(pd.Categorical.from_codes(result.labels, names))


def scores(result: Run) -> None:
    """Show the internal scores in the clustered space and in the features."""
    spaces = {result.space_clustered: result.scores_clustered}
    spaces[result.space_features] = result.scores_features
    rows = pd.DataFrame(
        [
            {
                "scored in": space,
                "Silhouette (−1 to 1, higher is better)": found.silhouette,
                "Davies-Bouldin (lower is better)": found.davies_bouldin,
                "Calinski-Harabasz (higher is better)": found.calinski_harabasz,
            }
            for space, found in spaces.items()
        ]
    )
    st.subheader("Scores, and the space each was taken in")
    table(rows.round(3), "scores")
    if any(found.silhouette_sampled for found in spaces.values()):
        st.caption("The silhouette is of a sample of 10,000 tracks.")
    if len(spaces) > 1:
        st.caption(
            "The clusters were found in the projection. Only the row of the features compares "
            "with other projections."
        )


def axes(projection: Projection, names: Sequence[str]) -> dict[str, str]:
    """Name the axes and say what they mean; empty where they mean nothing."""
    if projection.loadings is None:
        return {}
    return charts.pca_axes(projection.explained_variance_ratio, projection.loadings, names)


def how_faithful(projection: Projection, meanings: dict[str, str]) -> None:
    """Say what the projection keeps, and what its axes mean."""
    if projection.explained_variance_ratio is None:
        st.caption("t-SNE keeps neighbours together; axes, sizes and distances mean nothing.")
        return
    kept = projection.explained_variance_ratio.sum()
    parts = "; ".join(f"{name}: {words}" for name, words in meanings.items())
    st.caption(f"The axes hold {kept:.1%} of the variance. {parts}.")


def agreement(found: Agreement, kind: str, n_rows: int) -> None:
    """Show how closely clusters and labels are associated, the adjusted Rand index first."""
    names = {
        "ARI": ("ari", "Adjusted Rand index: 0 is chance, 1 identical."),
        "AMI": ("ami", "Adjusted mutual information: 0 is chance, 1 identical."),
        "Homogeneity": ("homogeneity", "1 if each cluster has one label only. Rises with k."),
        "Completeness": ("completeness", "1 if each label is in one cluster only."),
    }
    for column, (name, (field, about)) in zip(st.columns(4), names.items(), strict=True):
        column.metric(name, f"{getattr(found, field):.3f}", help=about, border=True)
    st.caption(
        f"Association of the clusters with {kind}, over the {found.n_tracks:,} of {n_rows:,} "
        f"tracks with exactly one {kind}."
    )
