"""Releases of one recording: an album, a single and a compilation hold the same sound.

Left apart they are points on top of each other, which inflate neighbours and stability. Joining is
conservative: two recordings taken for one are worse than one taken for two.
"""

import re
import unicodedata
from typing import NamedTuple

import numpy as np
import pandas as pd

MAX_APART_MS = 3000
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
# How a release names its edition of the same recording. Live, remix, edit, acoustic, instrumental
# and the like are other recordings.
_EDITION_WORDS = r"(?:digital(?:ly)?|re-?master(?:ed)?|single|album|lp|mono|stereo|version|\d{4})"
_EDITION = re.compile(
    rf"(?:\s[-–]\s*|\(\s*|\[\s*)(?=[^()\[\]]*(?:re-?master|single|album|lp|mono|stereo))"
    rf"{_EDITION_WORDS}(?:[\s/,-]+{_EDITION_WORDS})*\s*[)\]]?\s*$"
)
_ACCENTS = re.compile("[\u0300-\u036f]")
_NOT_WORDS = re.compile(r"[\W_]+")


class OnePerRecording(NamedTuple):
    """Result of `one_per_recording`.

    Attributes
    ----------
    kept : ndarray of int
        Positions of the rows that stay, ascending: one for each recording.
    n_merged : int
        Rows that another one stands for.
    """

    kept: np.ndarray
    n_merged: int


def recordings(tracks: pd.DataFrame) -> np.ndarray:
    """Give each track the number of the recording that it is a release of.

    Two tracks with an ISRC are one recording if it is the same and two if not, whatever else they
    say. Without, they are one if the primary artist and the title are the same, apart from case,
    accents, punctuation and words for an edition (remastered, single version, mono), and their
    durations lie within 3 s of the shortest of the group; never where one of the three is missing.
    A track without an ISRC joins those with one if they all have the same.

    Parameters
    ----------
    tracks : DataFrame of shape (n_tracks, ...)
        ``title``, ``artist`` (several joined by ``"; "``), ``duration_ms`` and, if there, ``isrc``.

    Returns
    -------
    ndarray of int, shape (n_tracks,)
        Number of the recording of each track, from 0 in the order of first appearance.
    """
    named = _by_names(tracks)
    isrc = _isrcs(tracks)
    known = isrc.groupby(named).agg(["nunique", "first"])
    # Of several codes under one name none is the one to join.
    single = known["first"].where(known["nunique"] == 1).reindex(named).to_numpy()
    code = isrc.where(isrc.notna(), single)
    return pd.factorize(code.where(code.notna(), named))[0]


def representatives(tracks: pd.DataFrame) -> np.ndarray:
    """Choose the track that stands for each recording.

    The one with most values, then the one released first (an unknown date comes last), then the
    lowest ``track_id``.

    Parameters
    ----------
    tracks : DataFrame of shape (n_tracks, ...)
        As for `recordings`, with ``track_id`` and, if there, ``release_date``. Every column counts
        as a value.

    Returns
    -------
    ndarray of int, shape (n_tracks,)
        Position of the row that stands for each row; its own where it stands for itself.
    """
    groups = recordings(tracks)
    ranked = pd.DataFrame(
        {
            "group": groups,
            "missing": tracks.isna().sum(axis=1).to_numpy(),
            "released": _column(tracks, "release_date").to_numpy(),
            "track_id": tracks["track_id"].to_numpy(),
        }
    ).sort_values(["group", "missing", "released", "track_id"], na_position="last")
    return ranked.drop_duplicates("group").index.to_numpy()[groups]


def one_per_recording(tracks: pd.DataFrame) -> OnePerRecording:
    """Keep one track of each recording, the one of `representatives`.

    Parameters
    ----------
    tracks : DataFrame of shape (n_tracks, ...)
        As for `representatives`.

    Returns
    -------
    OnePerRecording
    """
    kept = np.unique(representatives(tracks))
    return OnePerRecording(kept, len(tracks) - len(kept))


def joined_labels(tracks: pd.DataFrame, genres: pd.DataFrame) -> pd.DataFrame:
    """Give the labels of every release to the track that stands for the recording.

    A song that one playlist has as a single and another as an album track is in both genres.

    Parameters
    ----------
    tracks : DataFrame of shape (n_tracks, ...)
        All releases, as for `representatives`.
    genres : DataFrame
        ``track_id`` and ``genre``, a row for each pair.

    Returns
    -------
    DataFrame
        ``track_id`` and ``genre``, each pair once; pairs of tracks that are not in `tracks` stay
        as they are.
    """
    ids = tracks["track_id"].to_numpy()
    stands_for = dict(zip(ids, ids[representatives(tracks)], strict=True))
    track_id = genres["track_id"].map(lambda name: stands_for.get(name, name))
    return genres[["track_id", "genre"]].assign(track_id=track_id).drop_duplicates()


def _column(tracks: pd.DataFrame, name: str) -> pd.Series:
    if name not in tracks:
        return pd.Series(np.nan, index=range(len(tracks)), dtype=object)
    return tracks[name].reset_index(drop=True)


def _isrcs(tracks: pd.DataFrame) -> pd.Series:
    given = _column(tracks, "isrc").astype(object)
    codes = given.str.upper().str.replace("[^A-Z0-9]", "", regex=True)
    return codes.where(codes.str.fullmatch(_ISRC).eq(True))


def _by_names(tracks: pd.DataFrame) -> pd.Series:
    """Group by artist, title and nearly the same duration; what lacks one of them is alone."""
    artist = _folded(_column(tracks, "artist").astype(object).str.split("; ", n=1).str[0])
    title = _folded(_column(tracks, "title").astype(object), edition=True)
    names = pd.DataFrame(
        {"artist": artist, "title": title, "ms": _column(tracks, "duration_ms").astype(float)}
    )
    same = names.dropna().sort_values(["artist", "title", "ms"], kind="stable")
    pairs = same.groupby(["artist", "title"], sort=False).ngroup()
    groups = np.arange(len(names))
    pair, shortest, first = -1, 0.0, -1
    for row, this, ms in zip(same.index.tolist(), pairs.tolist(), same["ms"].tolist(), strict=True):
        # Within reach of the shortest, so that a chain of small steps cannot grow long.
        if this != pair or ms - shortest > MAX_APART_MS:
            pair, shortest, first = this, ms, row
        groups[row] = first
    return pd.Series(groups)


def _folded(names: pd.Series, *, edition: bool = False) -> pd.Series:
    distinct = pd.Series(names.dropna().unique(), dtype=object)
    folded = [_fold(name, edition=edition) for name in distinct]
    return names.map(dict(zip(distinct, folded, strict=True)))


def _fold(name: str, *, edition: bool) -> str:
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", name)).casefold()
    if edition:
        plain = _EDITION.sub("", plain) or plain
    # A name of nothing but signs, such as "!!!", is its signs.
    return _NOT_WORDS.sub(" ", plain).strip() or plain.strip()
