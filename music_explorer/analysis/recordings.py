"""Releases of one recording: an album, a single and a compilation hold the same sound.

Left apart they are points on top of each other, which inflate neighbours and stability. Joining is
conservative: two recordings taken for one are worse than one taken for two.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

MAX_APART_MS = 3000
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
# How a release names its edition of the same recording. Live, remix, edit, acoustic, instrumental
# and the like are other recordings.
_NAMES_EDITION = re.compile("re-?master|single|album|lp|mono|stereo")
_EDITION_WORDS = r"(?:digital(?:ly)?|re-?master(?:ed)?|single|album|lp|mono|stereo|version|\d{4})"
_EDITION = re.compile(
    rf"(?:\s[-–]\s*|\(\s*|\[\s*)(?=[^()\[\]]*(?:{_NAMES_EDITION.pattern}))"
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
    stands_for : dict of str to str
        The ``track_id`` of each row that was left out, and of the one that stands for it.
    """

    kept: np.ndarray
    stands_for: dict[str, str]


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
    if isrc.isna().all():
        return pd.factorize(named)[0]
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
    rows = np.arange(len(tracks))
    # Nearly every recording has one release only, which needs no choice.
    several = rows[np.bincount(groups)[groups] > 1]
    shared = tracks.iloc[several]
    ranked = pd.DataFrame(
        {
            "group": groups[several],
            "missing": shared.isna().sum(axis=1).to_numpy(),
            "released": _column(shared, "release_date").to_numpy(),
            "track_id": shared["track_id"].to_numpy(),
            "row": several,
        }
    ).sort_values(["group", "missing", "released", "track_id"], na_position="last")
    first = ranked.drop_duplicates("group").set_index("group")["row"]
    rows[several] = first.loc[groups[several]]
    return rows


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
    standing = representatives(tracks)
    ids = tracks["track_id"].to_numpy()
    merged = np.flatnonzero(standing != np.arange(len(tracks)))
    stands_for = dict(zip(ids[merged], ids[standing[merged]], strict=True))
    return OnePerRecording(np.unique(standing), stands_for)


def joined_labels(genres: pd.DataFrame, stands_for: Mapping[str, str]) -> pd.DataFrame:
    """Give the labels of every release to the track that stands for the recording.

    A song that one playlist has as a single and another as an album track is in both genres.

    Parameters
    ----------
    genres : DataFrame
        ``track_id`` and ``genre``, a row for each pair.
    stands_for : mapping of str to str
        As in `OnePerRecording`; pairs of other tracks stay as they are.

    Returns
    -------
    DataFrame
        ``track_id`` and ``genre``, each pair once.
    """
    pairs = genres[["track_id", "genre"]]
    merged = pairs["track_id"].isin(stands_for.keys())
    track_id = pairs["track_id"].mask(merged, pairs.loc[merged, "track_id"].map(stands_for))
    return pairs.assign(track_id=track_id).drop_duplicates()


def _column(tracks: pd.DataFrame, name: str) -> pd.Series:
    if name not in tracks:
        return pd.Series(np.nan, index=range(len(tracks)), dtype=object)
    return tracks[name].reset_index(drop=True)


def _isrcs(tracks: pd.DataFrame) -> pd.Series:
    given = _column(tracks, "isrc").astype(object)
    if given.isna().all():
        return given
    codes = given.str.upper().str.replace("[^A-Z0-9]", "", regex=True)
    return codes.where(codes.str.fullmatch(_ISRC).eq(True))


def _by_names(tracks: pd.DataFrame) -> pd.Series:
    """Group by artist, title and nearly the same duration; what lacks one of them is alone."""
    artist = _folded_codes(_column(tracks, "artist"), _fold_artist)
    title = _folded_codes(_column(tracks, "title"), _fold_title)
    length = _column(tracks, "duration_ms").to_numpy(dtype=float, na_value=np.nan)
    groups = np.arange(len(tracks))
    known = groups[(artist >= 0) & (title >= 0) & ~np.isnan(length)]
    pair = pd.factorize(artist[known] * (title.max(initial=0) + 1) + title[known])[0]
    shared = np.bincount(pair)[pair] > 1
    same, pair = known[shared], pair[shared]
    order = np.lexsort((length[same], pair))
    last, shortest, first = -1, 0.0, -1
    for row, this in zip(same[order].tolist(), pair[order].tolist(), strict=True):
        # Within reach of the shortest, so that a chain of small steps cannot grow long.
        if this != last or length[row] - shortest > MAX_APART_MS:
            last, shortest, first = this, length[row], row
        groups[row] = first
    return pd.Series(groups)


def _folded_codes(names: pd.Series, fold: Callable[[str], str]) -> np.ndarray:
    """Give the folded forms of names numbers from 0; -1 where there is no name."""
    codes, distinct = pd.factorize(names)
    numbers = pd.factorize(_all_folded(distinct, fold))[0]
    return np.where(codes >= 0, numbers[codes] if len(numbers) else -1, -1)


def _all_folded(names: Sequence[str], fold: Callable[[str], str]) -> np.ndarray:
    """Fold plain names all at once, which is nearly all of them, and the others one by one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    given = pa.array(names, pa.large_string())
    lower = pc.utf8_lower(given)
    words = pc.utf8_trim(pc.replace_substring_regex(lower, "[^a-z0-9]+", " "), " ")
    is_plain = pc.and_(pc.string_is_ascii(given), pc.greater(pc.binary_length(words), 0))
    for special in (";", _NAMES_EDITION.pattern):
        is_plain = pc.and_not(is_plain, pc.match_substring_regex(lower, special))
    folded = words.to_numpy(zero_copy_only=False)
    for i in np.flatnonzero(~is_plain.to_numpy(zero_copy_only=False)):
        folded[i] = fold(given[i].as_py())
    return folded


def _fold_artist(names: str) -> str:
    return _signless(_plain(names.split("; ", 1)[0]))


def _fold_title(name: str) -> str:
    plain = _plain(name)
    if _NAMES_EDITION.search(plain):  # the whole pattern is slow where nothing matches
        plain = _EDITION.sub("", plain) or plain
    return _signless(plain)


def _plain(name: str) -> str:
    if name.isascii():
        return name.casefold()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", name)).casefold()


def _signless(plain: str) -> str:
    # A name of nothing but signs, such as "!!!", is its signs.
    return _NOT_WORDS.sub(" ", plain).strip() or plain.strip()
