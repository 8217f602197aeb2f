"""Which column of a table is which: the many names that real tables give the same thing."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from ingest.errors import IngestError, shown
from ingest.tables.scales import LENGTHS
from music_explorer.store.location import DATA_FOLDER
from music_explorer.store.schema import columns

_BOOKKEEPING = ("origin", "source", "audio_path")
PLACES = ("genre", "subgenre", "playlist", "added_at")
# Names of ids and titles that say nothing of music, and what beside them does.
_OF_ANYTHING = ("id", "name", "uri", "filename")
_OF_TRACKS = {"artist", "album", "isrc", "duration_ms", "tempo", "danceability", "mfcc_01_mean"}
_SPOTIFY_ONLY = ("danceability", "energy", "valence", "acousticness")


@cache
def targets() -> tuple[str, ...]:
    """Return everything that a column of a table can be."""
    own = (
        name
        for table in ("tracks", "spotify_features", "librosa_features")
        for name in columns(table)
        if name not in _BOOKKEEPING
    )
    return tuple(dict.fromkeys((*own, *PLACES, *LENGTHS)))


def folded(header: str) -> str:
    """Return a header without case, punctuation and the white space around it."""
    text = unicodedata.normalize("NFKC", header).casefold()
    return " ".join(re.sub(r"[^\w]|_", " ", text).split())


@cache
def _listed() -> tuple[dict[str, str], ...]:
    with (DATA_FOLDER / "column_names.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _known() -> dict[str, tuple[str, int]]:
    """Return folded name -> what it is, and its rank: lower is preferred over higher."""
    ranked = [*enumerate(_listed(), 1)]
    found = {folded(row["name"]): (row["column"], rank) for rank, row in reversed(ranked)}
    return found | {folded(name): (name, 0) for name in targets()}


@cache
def _translated() -> frozenset[str]:
    """Return the names that only exportify.app uses: all but its English ones."""
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for row in _listed():
        foreign = row["where"].startswith("exportify.app") and not row["where"].endswith(" en")
        names[foreign].add(folded(row["name"]))
    return frozenset(names[True] - names[False])


def is_exportify_app(headers: Iterable[str]) -> bool:
    """Tell the tables of exportify.app, whose header may be in any of its languages."""
    names = {folded(header) for header in headers}
    return "artist uri s" in names or len(names & _translated()) > 5


def n_known(headers: Iterable[str]) -> int:
    """Count the headers that are known."""
    return sum(folded(header) in _known() for header in headers)


def recognise(headers: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """Find out what the columns of a table are.

    Parameters
    ----------
    headers
        The header of the table.
    chosen
        Header -> column, as a person says; it wins over what is recognised.

    Returns
    -------
    dict
        Column of the store, or one of ``units.LENGTHS``, -> header. Where several headers mean the
        same, the most usual name for it is taken.

    Raises
    ------
    IngestError
        If a person names a header or a column that does not exist.
    """
    chosen = _by_header(chosen or {}, headers)
    ranked: dict[str, tuple[int, str]] = {}
    for header in headers:
        if header in chosen:
            column, rank = chosen[header], -1
        else:
            column, rank = _known().get(folded(header), ("", 0))
        if column and (column not in ranked or rank < ranked[column][0]):
            ranked[column] = rank, header
    found = {column: header for column, (_, header) in ranked.items()}
    _as_gtzan(found, headers, chosen)
    lengths = [column for column in LENGTHS if column in found]
    for column in sorted(lengths, key=lambda column: ranked[column][0])[1:]:
        del found[column]
    return found if _is_about_tracks(found, chosen) else {}


def _is_about_tracks(found: Mapping[str, str], chosen: Mapping[str, str]) -> bool:
    """Tell tracks from artists, playlists and anything else that has an ``id`` and a ``name``."""
    names = [found[column] for column in ("track_id", "title") if column in found]
    if any(folded(name) not in _OF_ANYTHING or name in chosen for name in names):
        return True
    return bool(found.keys() & _OF_TRACKS)


def is_gtzan(headers: Sequence[str]) -> bool:
    """Tell whether a table is laid out as GTZAN's: means and variances of librosa's features."""
    return {"chroma stft mean", "mfcc1 var", "label"} <= {folded(header) for header in headers}


def _as_gtzan(found: dict[str, str], headers: Sequence[str], chosen: Mapping[str, str]) -> None:
    if is_gtzan(headers) and "genre" not in found:
        label = next(header for header in headers if folded(header) == "label")
        if label not in chosen:
            found["genre"] = label
    # Without any of Spotify's features beside it, a tempo was computed with the MFCCs, by librosa.
    if "mfcc_01_mean" in found and "tempo" in found and not set(_SPOTIFY_ONLY) & found.keys():
        if found["tempo"] not in chosen:
            found["librosa_tempo"] = found.pop("tempo")


def _by_header(chosen: Mapping[str, str], headers: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for theirs, ours in chosen.items():
        header = _header(theirs, headers)
        if ours and ours in found.values():
            raise IngestError(f"--map gives {ours} to two columns, {theirs!r} is the second")
        found[header] = ours
    return found


def _header(theirs: str, headers: Sequence[str]) -> str:
    if theirs in headers:
        return theirs
    for header in headers:
        if folded(theirs) and folded(theirs) == folded(header):
            return header
    listed = ", ".join(repr(shown(header)) for header in headers[:40])
    raise IngestError(f"no column {theirs!r} for --map; the table has {listed}")


def parse_map(pairs: Iterable[str]) -> dict[str, str]:
    """Read what a person says: ``their_name=our_name`` -> header and column.

    Raises
    ------
    IngestError
        If a pair has no ``=`` or names a column that does not exist.
    """
    chosen = {}
    for pair in pairs:
        theirs, equals, ours = pair.rpartition("=")
        if not equals or (ours and ours not in targets()):
            raise IngestError(
                f"{pair!r} maps to no column; expected their_name=our_name, our_name one of "
                f"{', '.join((*targets()[:30], '…'))}; leave our_name empty to ignore a column"
            )
        chosen[theirs] = ours
    return chosen
