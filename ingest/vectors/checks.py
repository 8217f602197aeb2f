"""Which rows of a file are a vector of a track, whatever the kind of file."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ingest.errors import IngestError
from ingest.identity import spotify_track_id

MIN_DIMENSIONS, MAX_DIMENSIONS = 2, 8192
Raw = tuple[Sequence[int], Sequence[str | None], np.ndarray]
"""Numbers of rows from 1, the track that each names, and values of shape (n, n_dimensions)."""


def checked(
    raw: Iterable[Raw], *, name: str, rejects: list[tuple[str, str]]
) -> Iterator[tuple[list[str], list[str], np.ndarray]]:
    """Yield the rows that are the vector of a track, as `store.vectors` takes them.

    Parameters
    ----------
    raw
        Rows of a file.
    name
        The file's name.
    rejects
        Takes ``(locator, reason)`` of every other row.
    """
    for numbers, tracks, values in raw:
        with np.errstate(over="ignore"):  # becomes infinite, and is refused as such
            vectors = values.astype(np.float32)
        finite = np.isfinite(vectors).all(axis=1)
        reasons = [
            _reason(track, bool(is_finite)) for track, is_finite in zip(tracks, finite, strict=True)
        ]
        locators = [f"{name} row {number}" for number in numbers]
        rejects += [(at, why) for at, why in zip(locators, reasons, strict=True) if why]
        kept = [i for i, why in enumerate(reasons) if not why]
        yield [locators[i] for i in kept], [_track(tracks[i]) for i in kept], vectors[kept]


def check_dimensions(n: int, name: str) -> None:
    """Refuse a file whose rows cannot be vectors.

    Raises
    ------
    IngestError
        If there are too few or too many numbers in a row.
    """
    if not MIN_DIMENSIONS <= n <= MAX_DIMENSIONS:
        raise IngestError(
            f"{name} has {n:,} numbers a row; a vector has {MIN_DIMENSIONS} to {MAX_DIMENSIONS:,}"
        )


def _reason(track: str | None, is_finite: bool) -> str:
    if not (track or "").strip():
        return "no track is named"
    return "" if is_finite else "a number is missing or not finite"


def _track(text: str) -> str:
    """Return the id that the store has for what a file calls a track."""
    text = text.strip()
    if spotify := spotify_track_id(text):
        return spotify
    # The Free Music Archive numbers its tracks.
    return f"fma:{int(text)}" if text.isascii() and text.isdigit() else text
