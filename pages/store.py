"""What is in the store: counts, sources, coverage of the feature sets, every track."""

import pandas as pd
import streamlit as st

from music_explorer.analysis.feature_sets import feature_set
from music_explorer.ui import charts, show
from music_explorer.ui.covers import trusted
from music_explorer.ui.definitions import of_search
from music_explorer.ui.page import View, page
from music_explorer.ui.plain_text import counted
from music_explorer.ui.selection import select
from music_explorer.ui.state import set_coverage
from music_explorer.ui.track import track_card


def main(view: View) -> None:
    """Draw the page."""
    counts = view.ask("counts")
    with st.container(horizontal=True):
        for name in ("tracks", "artists", "genres", "sources"):
            st.metric(name.capitalize(), f"{counts[name]:,}", border=True)
    if view.store.is_demo:
        st.info(
            "This is the demo: real tracks of six genres with Spotify's audio features. Bring your "
            "own on the page *Add music*, or the study's with `python -m ingest study`.",
            icon=":material/info:",
        )
    genres, coverage = st.columns(2)
    with genres:
        _genres(view)
    with coverage:
        shares = _coverage(view)
        fig = charts.stacked_bars(
            shares,
            x="percent",
            y="set",
            group="what",
            title="Tracks that each feature set covers",
            x_title="% of tracks",
        )
        show.figure(fig, "coverage", data=shares, alt="Bar chart: coverage of each feature set")
        if counts["with_estimated_values"] and not view.choices.config.estimated_values:
            st.caption(
                "By measured values alone. "
                f"{counted(counts['with_estimated_values'], 'track')} without any have estimated "
                "ones: *Who computed the features*, below."
            )
    _tracks(view)
    _origins(view)
    with st.expander("Sources and rejected rows"):
        show.table(view.ask("sources"), "sources")
        rejects = view.ask("rejects")
        if rejects.empty:
            st.caption("No row was rejected.")
        else:
            show.table(rejects, "rejects")


def _genres(view: View) -> None:
    by_genre = view.ask("genre_counts")
    if by_genre.empty:
        st.info("No track has a genre yet.", icon=":material/info:")
        return
    fig = charts.stacked_bars(
        by_genre,
        x="n_tracks",
        y="genre",
        group="source",
        title="Tracks of each genre",
        x_title="tracks",
    )
    show.figure(fig, "genres", data=by_genre, alt="Bar chart: number of tracks of each genre")


def _coverage(view: View) -> pd.DataFrame:
    shares = set_coverage(view.store, estimated=view.choices.config.estimated_values)
    return pd.DataFrame(
        {
            "set": [feature_set(name).title for name in shares],
            "percent": [100 * share for share in shares.values()],
            "what": "coverage",
        }
    )


def _tracks(view: View) -> None:
    st.header("Tracks")
    words = st.text_input("Search title, artist, album or genre", key="search")
    n_found, within = view.ask("counts")["tracks"], ""
    if words.strip():
        chosen = of_search(view.store, words)
        n_found, within = len(chosen.track_ids), chosen.sql
        st.button(
            f"Select {counted(n_found, 'track')}",
            icon=":material/playlist_add_check:",
            on_click=select,
            args=(chosen,),
            disabled=not n_found,
        )
    st.caption(f"{n_found:,} tracks. Click a row's box to hear the track.")
    found = _readable(view.ask("tracks", within=within, most=show.MOST_ROWS))
    event = show.table(
        found,
        "tracks",
        n_rows=n_found,
        whole=lambda: _readable(view.ask("tracks", within=within)),
        on_select="rerun",
        selection_mode="single-row",
        height=380,
        column_config={
            "cover_url": st.column_config.ImageColumn("cover", width="small"),
            "minutes": st.column_config.NumberColumn(format="%.1f"),
            "popularity": st.column_config.ProgressColumn(min_value=0, max_value=100, format="%d"),
        },
    )
    if event.selection.rows:
        names = view.choices.config.features.columns
        track_card(view.store, found.iloc[event.selection.rows[0]]["track_id"], names)


def _readable(tracks: pd.DataFrame) -> pd.DataFrame:
    found = tracks.assign(
        cover_url=tracks["cover_url"].map(trusted), minutes=tracks["duration_ms"] / 60_000
    )
    return found.drop(columns="duration_ms").dropna(axis="columns", how="all")


def _origins(view: View) -> None:
    known = view.ask("estimates")
    with st.expander("Who computed the features", expanded=not known.empty):
        show.table(view.ask("feature_origins"), "feature_origins")
        if known.empty:
            return
        st.caption(
            "Estimated values were learnt from Librosa features, and are left out of every view "
            "unless the sidebar says otherwise. R² is the share of the variance that is explained "
            "for artists that were not learnt from: 1 is exact, 0 no better than the mean."
        )
        show.table(known, "estimates")


with page(
    "The store",
    "What music is here, where it came from, and which features describe it. All other pages are "
    "computed from these tables.",
) as view:
    main(view)
