"""The rooms, and who may import whom."""

import ast
from pathlib import Path

import pytest

from tests.conftest import WITHOUT_STREAMLIT

ROOT = Path(__file__).parents[1]

# room -> the rooms of this project that it may import
MAY_IMPORT = {
    "streamlit_app.py": {"music_explorer/ui"},
    "pages": {"music_explorer/ui", "music_explorer/analysis"},
    "ingest": {"music_explorer/store", "music_explorer/analysis"},
    "music_explorer/__main__.py": {"music_explorer/headless"},
    "music_explorer/ui": {
        "music_explorer/headless",
        "music_explorer/store",
        "music_explorer/analysis",
    },
    "music_explorer/headless": {"music_explorer/store", "music_explorer/analysis"},
    "music_explorer/analysis": set(),
    "music_explorer/store": set(),
}
PYTHON_FILES = [
    path
    for room in MAY_IMPORT
    for path in ([ROOT / room] if room.endswith(".py") else sorted((ROOT / room).rglob("*.py")))
]
LOWER_ROOMS = ("ingest", "music_explorer/analysis", "music_explorer/store")
# Between the floors: runs without Streamlit, and is tried in processes of its own.
HEADLESS = ("music_explorer/headless", "music_explorer/__main__.py")


def room_of(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] == "music_explorer":
        return "/".join(parts[:2])
    return parts[0] if parts[0] in MAY_IMPORT or parts[0] in ("tests", "bench") else None


def imported_modules(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            # `from music_explorer import store` names a room only with the imported name.
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", PYTHON_FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_the_rooms_below_it(path):
    here = path.relative_to(ROOT)
    room = next(r for r in MAY_IMPORT if here.is_relative_to(r))
    rooms = {room_of(module) for module in imported_modules(path)} - {None, room}
    assert rooms <= MAY_IMPORT[room]


@pytest.mark.parametrize(
    "path",
    [p for p in PYTHON_FILES if p.relative_to(ROOT).as_posix().startswith(LOWER_ROOMS + HEADLESS)],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_a_lower_room_does_not_know_streamlit(path):
    assert not {m for m in imported_modules(path) if m.split(".")[0] == "streamlit"}


def test_only_the_store_room_speaks_sql():
    sql = ("SELECT ", "INSERT INTO ", "CREATE TABLE ", "DELETE FROM ")
    for path in PYTHON_FILES:
        if path.is_relative_to(ROOT / "music_explorer/store"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
        found = [t for t in texts if isinstance(t, str) and t.lstrip().startswith(sql)]
        assert not found, f"{path.name}: {found}"


def test_the_tests_of_the_lower_rooms_run_with_streamlit_absent():
    here = Path(__file__).parent
    rooms = [path.name for path in here.iterdir() if path.name in WITHOUT_STREAMLIT]
    assert sorted(rooms) == sorted(WITHOUT_STREAMLIT)
    assert sorted(WITHOUT_STREAMLIT) == sorted(Path(room).name for room in LOWER_ROOMS)
