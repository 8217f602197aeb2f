"""What was understood of a table, in words for people and as data for the app."""

from typing import Any

from ingest.tables.records import Understood


def describe(table: Understood) -> dict[str, Any]:
    """Return how a table was read, as plain data."""
    return {
        "name": table.name,
        "layout": table.layout,
        "columns": [
            {"theirs": reading.header, "ours": column, "unit": reading.unit}
            for column, reading in table.readings.items()
        ],
        "ignored": table.ignored,
        "remarks": remarks(table),
    }


def remarks(table: Understood) -> list[str]:
    """Return what a person should know after the import, a line each; nothing is usual."""
    lines = []
    converted = [
        f"{column} from {reading.unit}"
        for column, reading in table.readings.items()
        if reading.unit
    ]
    if converted:
        lines.append(f"converted: {', '.join(converted)}")
    if table.n_mended:
        lines.append(f"{table.n_mended:,} lines with too many or too few cells were mended")
    for column, (n, example) in table.unreadable.items():
        lines.append(f"{column}: {n:,} values not understood and left empty, e.g. {example!r}")
    if not table.has_features:
        lines.append(
            "no audio features in this table, so its tracks cannot be clustered yet: export it "
            "with features, or import a public table that has the same tracks"
        )
    return lines
