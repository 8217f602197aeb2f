"""The picture of the rooms in the README: ``python -m docs.rooms``."""

from pathlib import Path

from tests.test_structure import MAY_IMPORT

FILE = Path(__file__).parents[1] / "README.md"
BEGIN, END = "```mermaid\n", "```\n"
# The entry scripts are one line each: what they open says enough.
_ROOMS = [room for room in MAY_IMPORT if not room.endswith(".py")]


def text() -> str:
    """Return a Mermaid flowchart in which an arrow is an import that is allowed."""
    lines = ["flowchart TD"]
    lines += [f'    {name_of(room)}["{room}/"]' for room in _ROOMS]
    lines += [
        f"    {name_of(a)} --> {name_of(b)}" for a in _ROOMS for b in _ROOMS if b in MAY_IMPORT[a]
    ]
    return "\n".join([*lines, ""])


def replaced(page: str) -> str:
    """Return a page with the picture in the place of the one it has."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + text() + END + after


def name_of(room: str) -> str:
    """Return the name of a room in the picture."""
    return room.replace("/", "_")


if __name__ == "__main__":
    FILE.write_text(replaced(FILE.read_text(encoding="utf-8")), encoding="utf-8")
