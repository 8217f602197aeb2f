"""Documents that are generated say what their source says."""

from pathlib import Path

from docs import dictionary, rooms
from music_explorer.store import schema

ROOT = Path(__file__).parents[1]


def test_the_data_dictionary_is_what_the_store_says():
    assert dictionary.FILE.read_text(encoding="utf-8") == dictionary.text()


def test_the_data_dictionary_has_a_meaning_for_every_column():
    lines = dictionary.text().splitlines()
    for table in schema.tables():
        for column, kind in schema.columns(table).items():
            assert any(line.startswith(f"| `{column}` | {kind} | ") for line in lines), column
    assert not [line for line in lines if line.endswith(("|  |", "| None |", "| nan |"))]


def test_the_picture_of_the_rooms_is_what_the_imports_are_checked_by():
    page = rooms.FILE.read_text(encoding="utf-8")
    assert rooms.replaced(page) == page
    for room, below in rooms.MAY_IMPORT.items():
        arrows = [f"{rooms.name_of(room)} --> {rooms.name_of(other)}" for other in below]
        assert room.endswith(".py") or all(arrow in page for arrow in arrows)
