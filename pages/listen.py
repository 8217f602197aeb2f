"""The listening test: do people hear the clusters? Three clips, one of them an intruder."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from music_explorer.analysis.listening import CHANCE, Trial, clusters_to_hear, reading, trial
from music_explorer.analysis.pipeline import Run
from music_explorer.analysis.profiles import cluster_profiles, describe, largest_difference
from music_explorer.ui import show, sittings
from music_explorer.ui.menu import link
from music_explorer.ui.page import View, page
from music_explorer.ui.plain_text import seen
from music_explorer.ui.player import FILE, SPOTIFY, play, players
from music_explorer.ui.sittings import LETTERS, Sitting, sitting_of
from music_explorer.ui.state import run


def main(view: View) -> None:
    """Draw the page."""
    result = run(view.store, view.choices.config)
    playable, is_blind = _to_hear(view, result)
    if len(clusters_to_hear(result.labels, playable)) < 2:
        _nothing_to_hear()
    else:
        sitting = sitting_of(view.store, result)
        _trial(view, result, sitting, _posed(result, sitting, playable), is_blind)
        if sitting.answers:
            _score(sitting)
    _session()


def _to_hear(view: View, result: Run) -> tuple[np.ndarray, bool]:
    """Tell which tracks take part, and whether the test is blind: by files, if they suffice."""
    track_ids = result.prepared.rows["track_id"]
    how = players(view.store, track_ids)
    # Some feature sets have a track once for each of its genres.
    first = ~track_ids.duplicated().to_numpy()
    by_file = (how == FILE) & first
    if len(clusters_to_hear(result.labels, by_file)) >= 2:
        return by_file, True
    return (how == SPOTIFY) & first, False


def _posed(result: Run, sitting: Sitting, playable: np.ndarray) -> Trial:
    if sitting.shows_answer:
        return sitting.answers[-1].trial
    return trial(
        result.labels,
        playable,
        result.prepared.rows["artist"],
        number=sitting.number,
        random_state=sittings.seed(),
    )


def _nothing_to_hear() -> None:
    st.info(
        "A trial plays two tracks of one cluster and one of another, and here fewer than two "
        "clusters have two tracks that can be played. A track plays if its audio file is on this "
        "machine, or if it has a Spotify id. Import a folder of audio from a terminal, then choose "
        "Librosa features in the sidebar:",
        icon=":material/hearing_disabled:",
    )
    st.code("python -m ingest audio FOLDER", language=None)
    link("add", "Add music with Spotify ids")


def _trial(view: View, result: Run, sitting: Sitting, posed: Trial, is_blind: bool) -> None:
    number = sitting.number
    st.header(f"Trial {number + 1}: which one is the intruder?")
    if not is_blind:
        st.warning(
            "These tracks play in Spotify's player, which shows their titles: this test is not "
            "blind. With audio files on this machine it is.",
            icon=":material/visibility:",
        )
    tracks = result.prepared.rows.iloc[list(posed.tracks)]
    track_ids = tuple(tracks["track_id"])
    give = partial(sitting.answer, number, posed, track_ids, is_blind)
    for i, column in enumerate(st.columns(3, border=True)):
        with column:
            st.markdown(f"**{LETTERS[i]}**")
            play(view.store, track_ids[i])
            if sitting.shows_answer:
                _who(tracks.iloc[i], _cluster_of(result, posed, i))
            else:
                st.button(
                    f"{LETTERS[i]} is the intruder",
                    key=f"intruder_{LETTERS[i]}",
                    on_click=give,
                    args=(i,),
                    width="stretch",
                )
    if is_blind:
        st.caption(
            "A clip is the excerpt that was analysed, at most 30 s of it, in one channel as the "
            "analysis hears it. Titles and clusters follow the answer."
        )
    if sitting.shows_answer:
        _answer(result, sitting, posed)


def _cluster_of(result: Run, posed: Trial, i: int) -> str:
    return show.names_of_clusters(result)[posed.other if i == posed.intruder else posed.cluster]


def _who(track: pd.Series, cluster: str) -> None:
    # st.text, not Markdown: names come from files and are shown as they are.
    known = [seen(track[name]) for name in ("title", "artist") if pd.notna(track[name])]
    st.text(" · ".join(known) or track["track_id"])
    st.caption(cluster)


def _answer(result: Run, sitting: Sitting, posed: Trial) -> None:
    intruder, last = LETTERS[posed.intruder], sitting.answers[-1]
    if last.is_right:
        st.success(f"Right: {intruder} is the intruder.", icon=":material/check_circle:")
    else:
        said = LETTERS[last.chosen]
        st.warning(f"You said {said}; the intruder is {intruder}.", icon=":material/cancel:")
    two = np.isin(result.labels, [posed.cluster, posed.other])
    X, matrix = result.prepared.telling
    profile = cluster_profiles(X[two], result.labels[two], matrix.names)
    apart = profile.loc[posed.other]
    cluster, other = (show.names_of_clusters(result)[c] for c in (posed.cluster, posed.other))
    st.markdown(
        f"Of the tracks of {cluster} and {other} alone, those of {other}: {describe(apart)} "
        f"({largest_difference(apart)})."
    )
    st.button("Next trial", type="primary", icon=":material/skip_next:", on_click=sitting.go_on)


def _score(sitting: Sitting) -> None:
    st.header("These clusters, by your ears")
    found = sitting.score()
    boxes = st.container(horizontal=True)  # unlike columns, it breaks before a text is cut off
    boxes.metric(
        "Intruders found",
        f"{found.n_right} of {found.n}: {found.share:.0%}",
        f"95 % interval {found.low:.0%} to {found.high:.0%}; guessing finds {CHANCE:.0%}",
        delta_color="off",
        delta_arrow="off",
        border=True,
    )
    boxes.metric(
        "A guesser finds as many, or more",
        f"{found.p:.1%}",
        "of the time",
        delta_color="off",
        delta_arrow="off",
        border=True,
        help="One-sided exact binomial test against a third.",
    )
    st.markdown(reading(found))
    st.caption(
        "Decide how many trials to play before the first one: who stops when the score looks good "
        "has a better score than ears. In 20 trials nearly nine in ten listeners who hear 70 % of "
        "the intruders are told from a guesser."
    )


def _session() -> None:
    scores = sittings.scores_table()
    if scores.empty:
        return
    st.header("All clusterings of this session")
    percent = st.column_config.NumberColumn(format="percent")
    options = dict.fromkeys(("share", "95 % from", "95 % to"), percent)
    options["p (guessing)"] = st.column_config.NumberColumn(format="%.3f")
    show.table(scores, "listening_scores", column_config=options)
    st.caption("Every answer, with its tracks and the seed that draws the same trials again:")
    show.csv_button(sittings.answers_table(), "listening_answers")


with page(
    "Listening test",
    "Can you hear the clusters? Two of the three clips come from one cluster, the third from "
    "another. Find this intruder: who only guesses finds it in a third of the trials.",
) as view:
    main(view)
