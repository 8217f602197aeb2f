"""Which store is meant: the contract shared by the app and the command line."""

import os
import tempfile
from pathlib import Path

DATA_FOLDER = Path(__file__).resolve().parents[2] / "data"
DEFAULT_STORE = DATA_FOLDER / "music.duckdb"


def configured_store() -> Path:
    """Return ``$MUSIC_STORE``, else ``data/music.duckdb``, whether it exists or not."""
    return Path(os.environ.get("MUSIC_STORE") or DEFAULT_STORE)


def app_store() -> Path:
    """Return the store that the app shows.

    ``$MUSIC_STORE`` if it is set, else ``data/music.duckdb`` if it exists, else the demo.
    """
    if os.environ.get("MUSIC_STORE") or DEFAULT_STORE.exists():
        return configured_store()
    return demo_store()


def is_demo(path: Path) -> bool:
    """Tell whether a path is where the app builds its own demo."""
    return path == demo_store()


def demo_store() -> Path:
    """Return ``data/demo.duckdb``, or a file in a temporary folder where that cannot be written."""
    beside_tables = DATA_FOLDER / "demo.duckdb"
    if beside_tables.exists() or os.access(DATA_FOLDER, os.W_OK):
        return beside_tables
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    return Path(tempfile.gettempdir()) / f"music-explorer-{user}" / "demo.duckdb"
