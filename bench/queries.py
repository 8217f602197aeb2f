"""The questions behind each page, asked of a store of a million tracks."""

import tempfile
from pathlib import Path

from bench.contest import Entry, Work, contest
from bench.generated import write
from bench.report import Section, table

SIZE = 1_000_000
_ASKED = {
    "counts": "every page",
    "coverage": "every page",
    "presence": "every page",
    "sources": "every page",
    "label_kinds": "every page",
    "features": "every page that clusters",
    "labels": "genres, clusters, features",
    "genre_counts": "store",
    "tracks": "store",
    "search": "store",
    "track": "a track that is opened",
    "feature_origins": "store",
}


def compare(size: int = SIZE) -> Section:
    """Ask each question of a store of generated tracks."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        store = str(store_of(size, Path(folder)))
        entries = [Entry(name, f"bench.queries:{name}", (store,)) for name in _ASKED]
        found = contest(entries)
    rows = [
        {"question": name, "asked by": _ASKED[name], "s": f.median, "MB at most": round(f.peak_mb)}
        for name, f in found.items()
    ]
    return Section(
        "Store queries",
        f"{size:,} tracks. The server keeps an answer until the store changes, so a visitor waits "
        "for each once. Each is asked by a new process: what DuckDB reads from the disk counts.",
        table(rows),
    )


def store_of(size: int, folder: Path) -> Path:
    """Import a generated table of so many tracks, and return the store."""
    from ingest.cli import cli

    store = folder / f"{size}.duckdb"
    source = write(folder / f"{size}.parquet", size)
    cli.main(["table", str(source), "--store", str(store)], standalone_mode=False)
    source.unlink()
    return store


def __getattr__(name: str):
    """Give the contestant of a question by its name."""
    if name not in _ASKED:
        raise AttributeError(name)
    return lambda store: _asking(name, Path(store))


def _asking(name: str, store: Path) -> Work:
    from music_explorer.store import queries
    from music_explorer.store.reader import open_store
    from music_explorer.store.selected import found_by, matching

    nine = (
        "danceability energy loudness speechiness acousticness instrumentalness liveness valence "
        "tempo"
    ).split()
    more = {
        "presence": (nine,),
        "features": (nine,),
        "labels": ("genre",),
        "track": (_some_track(store),),
    }

    def work() -> None:
        if name == "search":
            found_by(store, matching("love rock"))
            return
        with open_store(store) as con:
            options = {"most": 10_000} if name == "tracks" else {}
            getattr(queries, name)(con, *more.get(name, ()), **options)

    return work


def _some_track(store: Path) -> str:
    from music_explorer.store.reader import open_store

    with open_store(store) as con:
        return con.execute("SELECT track_id FROM tracks LIMIT 1").fetchone()[0]
