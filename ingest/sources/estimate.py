"""Spotify-style values estimated from Librosa features, for tracks that nobody has measured.

Key, mode and time signature are classes, so there is nothing between two of them to estimate;
duration is measured wherever there is audio; and of tempo Librosa has its own, while misses by an
octave leave little to learn.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from ingest.errors import IngestError, shown
from music_explorer.analysis.artists import artist_codes
from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.estimation import MIN_ARTISTS, MIN_R2, MIN_TRACKS, Estimate, estimate
from music_explorer.analysis.feature_sets import LIBROSA_ALL, SPOTIFY_CONTINUOUS
from music_explorer.analysis.matrix import complete_rows
from music_explorer.store import estimates
from music_explorer.store.schema import ranges
from music_explorer.store.writer import writing

# Librosa has a tempo of its own.
ESTIMATED = tuple(name for name in SPOTIFY_CONTINUOUS if name != "tempo")
# Whose values are not learnt from, and why not.
_FORBIDDEN = {
    "Spotify": "its terms forbid training models on its content",
    "ReccoBeats": "it publishes no licence for its values",
}


@dataclass
class Learnt:
    """What became of the tracks whose Librosa features one extractor made.

    Attributes
    ----------
    extraction
        The extractor, or the source where it is not known.
    n_features
        Librosa features that were learnt from.
    found
        The estimate of each value, or why there is none.
    n_known, n_lacking, n_incomplete
        Tracks with values to learn from; without values; of both, those that lack a feature.
    """

    extraction: str
    n_features: int
    found: dict[str, Estimate | str]
    n_known: int
    n_lacking: int
    n_incomplete: int

    @property
    def trust(self) -> pd.DataFrame:
        """Rows of the table ``estimates``: how well each value that was estimated is known."""
        return pd.DataFrame(
            [
                (name, self.extraction, one.r2, one.n_tracks, one.n_artists)
                for name, one in self.found.items()
                if isinstance(one, Estimate) and one.values is not None and self.n_lacking
            ],
            columns=["feature", "extraction", "r2", "n_learnt", "n_artists"],
        )


@dataclass
class Done:
    """What a run did.

    Attributes
    ----------
    learnt
        An entry for each extractor: features of two cannot be compared.
    left_out
        Whose values were not learnt from, and of how many tracks.
    n_of_tables
        Tracks whose values are from tables that do not say whose they are.
    n_changed, n_same, n_gone
        Tracks whose estimates are new or changed, unchanged, gone.
    """

    learnt: list[Learnt] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    n_of_tables: int = 0
    n_changed: int = 0
    n_same: int = 0
    n_gone: int = 0


def import_estimates(store: Path, *, random_state: int = 0) -> Done:
    """Replace every estimate in the store.

    Parameters
    ----------
    store
        The store's path.
    random_state
        Seed of what is random in learning.

    Raises
    ------
    IngestError
        If there is too little to learn any value from; then nothing is written.
    """
    started_at = datetime.now(UTC).replace(tzinfo=None)
    with writing(store) as merge:
        tracks = estimates.analysed(merge.con, [*LIBROSA_ALL, *ESTIMATED])
        tracks["whose"] = _whose(tracks)
        counted = tracks["whose"].value_counts()
        done = Done(left_out={name: int(counted.get(name, 0)) for name in _FORBIDDEN})
        done.n_of_tables = int(counted.get("table", 0))
        values = [pd.DataFrame({"track_id": pd.Series(dtype="str")})]
        for extraction, group in tracks.groupby("extraction"):
            learnt, estimated = _learn(str(extraction), group, random_state)
            done.learnt.append(learnt)
            values.append(estimated)
        _refuse_if_nothing_learnt(done, tracks)
        done.n_changed, done.n_same, done.n_gone = merge.estimate(
            pd.concat(values, ignore_index=True),
            pd.concat([learnt.trust for learnt in done.learnt], ignore_index=True),
            started_at=started_at,
        )
    return done


def _whose(tracks: pd.DataFrame) -> pd.Series:
    """Tell whose the Spotify-style values of each track are; NA where it has none of its own.

    A table with Spotify's ids (an export of a playlist, the study's table, most published ones)
    has Spotify's values.
    """
    whose = tracks["spotify_origin"].replace({"spotify": "Spotify", "reccobeats": "ReccoBeats"})
    has_spotify_id = tracks["track_id"].str.startswith("spotify:")
    whose = whose.mask((whose == "table") & has_spotify_id, "Spotify")
    return whose.mask(whose == "estimated")


def _may_be_learnt_from(tracks: pd.DataFrame) -> pd.Series:
    return tracks["whose"].notna() & ~tracks["whose"].isin(_FORBIDDEN)


def _learn(extraction: str, tracks: pd.DataFrame, random_state: int) -> tuple[Learnt, pd.DataFrame]:
    """Learn each value from the tracks that have it, and estimate it for those that have none."""
    known, lacking = _may_be_learnt_from(tracks), tracks["whose"].isna()
    complete = complete_rows(tracks[known | lacking], LIBROSA_ALL)
    columns = list(complete.columns)
    usable = tracks[known | lacking][complete.rows]
    known, lacking = known[usable.index], lacking[usable.index]
    X_new = usable.loc[lacking, columns].to_numpy(float)
    estimated = usable.loc[lacking, ["track_id"]]
    found: dict[str, Estimate | str] = {}
    for name in tqdm(ESTIMATED, desc="learning", unit=" values", disable=None):
        rows = usable[known & usable[name].notna()]
        try:
            found[name] = estimate(
                rows[columns].to_numpy(float),
                rows[name].to_numpy(float),
                rows["artist"],
                X_new,
                valid_range=ranges()[name],
                random_state=random_state,
            )
        except AnalysisError as error:
            found[name] = str(error)
            continue
        if found[name].values is not None:
            # As many digits as Spotify's own values have.
            estimated = estimated.assign(**{name: found[name].values.round(3)})
    learnt = Learnt(
        extraction=extraction,
        n_features=len(columns),
        found=found,
        n_known=int(known.sum()),
        n_lacking=int(lacking.sum()),
        n_incomplete=int((~complete.rows).sum()),
    )
    return learnt, estimated if len(estimated.columns) > 1 else estimated.iloc[:0]


def _refuse_if_nothing_learnt(done: Done, tracks: pd.DataFrame) -> None:
    if any(isinstance(one, Estimate) for learnt in done.learnt for one in learnt.found.values()):
        return
    known = tracks[_may_be_learnt_from(tracks)]
    left_out = _left_out(done)
    raise IngestError(
        f"nothing to learn from: {len(known):,} tracks by "
        f"{len(set(artist_codes(known['artist']))):,} artists have both Librosa features and "
        f"Spotify-style values that may be learnt from, and {MIN_TRACKS} by {MIN_ARTISTS} are "
        "needed, with features of one extractor"
        + (f" (left out: {left_out})" if left_out else "")
        + "; import open data that has both, as 'python -m ingest fma FOLDER' does"
    )


def _left_out(done: Done) -> str:
    return "; ".join(
        f"{n:,} tracks with values of {name}, as {_FORBIDDEN[name]}"
        for name, n in done.left_out.items()
        if n
    )


def summary(done: Done) -> list[str]:
    """Return what a run did, for people: a line for each value and what it rests on."""
    lines = [
        f"estimate: {done.n_changed + done.n_same:,} tracks have estimated values: "
        f"{done.n_changed:,} new or changed, {done.n_same:,} unchanged; {done.n_gone:,} had some "
        "and have none now"
    ]
    for learnt in done.learnt:
        lines += _of_one_extractor(learnt)
    lines += [
        "  R² is over tracks of artists that were not learnt from: 1 is exact, 0 is no better than "
        "the mean of all tracks",
        "  not estimated: key, mode and time_signature (classes), duration_ms (audio has its own), "
        "tempo (it misses by octaves)",
        f"  not learnt from: {_left_out(done) or 'nothing that this store has'}",
    ]
    if done.n_of_tables:
        lines.append(
            f"  {done.n_of_tables:,} tracks have their values from tables without Spotify's ids: "
            "make sure that these are not Spotify's, too"
        )
    return lines


def _of_one_extractor(learnt: Learnt) -> list[str]:
    line = (
        f"  Librosa features by {shown(learnt.extraction)!r}: {learnt.n_known:,} tracks to learn "
        f"from, {learnt.n_lacking:,} to estimate, {learnt.n_features} features"
    )
    if learnt.n_incomplete:
        line += f"; {learnt.n_incomplete:,} more lack some of these features and were left out"
    return [line, *(f"    {name}: {_judged(one)}" for name, one in learnt.found.items())]


def _judged(found: Estimate | str) -> str:
    if isinstance(found, str):
        return f"left out: {found}"
    judged = f"R² {found.r2:.3f} over {found.n_tracks:,} tracks by {found.n_artists:,} artists, "
    if found.values is None:
        return judged + f"left out, as it is under {MIN_R2:g}"
    return judged + f"written for {len(found.values):,}"
