"""Tables of tracks: CSV and Parquet, whatever their columns are called and their units are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from ingest.errors import IngestError, shown
from ingest.tables.columns import is_gtzan, recognise
from ingest.tables.layout import Block, Layout, open_layout
from ingest.tables.mend import Mender
from ingest.tables.records import Chunk, Labels, Understood, to_batch
from ingest.tables.scales import LENGTHS, decide
from ingest.tables.units import Reading, may_be_grouped
from ingest.tables.values import decimal_mark
from music_explorer.store.batch import Batch
from music_explorer.store.schema import ranges

_GTZAN_RATE = 22_050


def read_table(
    path: Path,
    *,
    name: str,
    chosen: Mapping[str, str] | None = None,
    labels: Labels | None = None,
) -> tuple[Understood, Iterator[Batch]]:
    """Open a table and find out how it is to be read.

    Parameters
    ----------
    path
        The file.
    name
        What to call it in messages.
    chosen
        Header -> column, as a person says; the rest is recognised.
    labels
        Genre and playlist for all rows.

    Returns
    -------
    understood : Understood
        How the table is read; complete once the batches are.
    batches : iterator of Batch
        Its rows in batches of bounded size. Reading the last one raises IngestError if the values
        contradict their units: until then nothing must be published.

    Raises
    ------
    IngestError
        If the file cannot be read as a table of tracks.
    """
    layout = open_layout(path, name)
    mapping = recognise(layout.headers, chosen)
    if not {"track_id", "title"} & mapping.keys():
        listed = ", ".join(repr(shown(header)) for header in layout.headers[:20])
        raise IngestError(
            f"{name} has no column for a track id or a title; its columns are: {listed}; say which "
            "is which with --map THEIR_NAME=title"
        )
    first = next(layout.blocks, None)
    if first is None:
        raise IngestError(f"{name} has no rows")
    understood = _understand(layout, first, mapping, name)
    understood.labels = labels or Labels()
    return understood, _batches(understood, layout, chain([first], layout.blocks))


def _understand(layout: Layout, first: Block, mapping: dict[str, str], name: str) -> Understood:
    numeric = [column for column in mapping if column in ranges() or column in LENGTHS]
    likely = "," if layout.delimiter == ";" else "."
    columns = [(first.cells[mapping[c]], may_be_grouped(c)) for c in numeric]
    mark = decimal_mark(columns, likely=likely)
    if is_gtzan(layout.headers):
        # GTZAN's table gives lengths in samples, so they are not to be guessed at.
        header = mapping.pop("duration", None)
        readings = decide(first.cells, mapping, mark, name) | _variances(layout.headers)
        if header:
            unit = f"samples at {_GTZAN_RATE} Hz"
            readings["duration_ms"] = Reading(header, times=1000, over=_GTZAN_RATE, unit=unit)
    else:
        readings = decide(first.cells, mapping, mark, name)
    words = layout.words + (", decimal comma" if mark == "," else "")
    return Understood(name, words, mark, layout.headers, readings)


def _variances(headers: Sequence[str]) -> dict[str, Reading]:
    """Read GTZAN's variances as the standard deviations that the store keeps."""
    means = recognise([h.removesuffix("_var") + "_mean" for h in headers if h.endswith("_var")])
    return {
        column.removesuffix("_mean") + "_std": Reading(
            header.removesuffix("_mean") + "_var", unit="variance", is_variance=True
        )
        for column, header in means.items()
        if column.endswith("_mean")
    }


def _batches(table: Understood, layout: Layout, blocks: Iterator[Block]) -> Iterator[Batch]:
    mender = Mender(layout.headers, table.readings, layout.delimiter, table.decimal)
    with tqdm(desc=table.name, unit=" rows", leave=False, disable=None) as bar:
        for block in blocks:
            chunk, rejects = _mended(block, mender, table)
            batch = to_batch(chunk, table)
            yield replace(
                batch, rejects=[*batch.rejects, *rejects], n_read=batch.n_read + len(rejects)
            )
            bar.update(batch.n_read)
    table.doubts.refuse(table.name)


def _mended(block: Block, mender: Mender, table: Understood) -> tuple[Chunk, list[tuple[str, str]]]:
    """Put the odd rows that can be mended in their places; reject the others."""
    whole = [(line, row) for line, row in block.odd if row is not None]
    found = dict(zip((line for line, _ in whole), mender.mend([r for _, r in whole]), strict=True))
    rejects = [
        (f"{table.name} row {line}", _why_odd(row, len(table.headers)))
        for line, row in block.odd
        if found.get(line) is None
    ]
    mended = {line: row for line, row in found.items() if row is not None}
    table.doubts.add_rows(len(block.cells) + len(block.odd), rejects)
    if not mended:
        return Chunk(block.cells, block.lines), rejects
    table.n_mended += len(mended)
    added = pd.DataFrame(list(mended.values()), columns=block.cells.columns, dtype="string")
    cells = pd.concat([block.cells, added], ignore_index=True)
    order = pd.Series([*block.lines, *mended]).sort_values(kind="stable")
    return Chunk(cells.loc[order.index].reset_index(drop=True), order.tolist()), rejects


def _why_odd(row: list[str] | None, n: int) -> str:
    if row is None:
        return "the quotes of this line do not match: one inside a cell is not doubled, or is alone"
    return f"{len(row)} cells where the header has {n}"
