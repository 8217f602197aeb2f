"""The command line: ``python -m ingest``. Options, exit codes and summaries; no work of its own."""

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from ingest.errors import IngestError
from ingest.fetch import local_file, shown_name
from ingest.sources.study import STUDY_ADDRESS
from ingest.sources.table import read_table
from music_explorer.store import queries, transfer
from music_explorer.store.batch import Batch, Counts
from music_explorer.store.errors import StoreError
from music_explorer.store.location import DATA_FOLDER, configured_store, demo_store
from music_explorer.store.merge import Merge
from music_explorer.store.reader import data_version, open_store
from music_explorer.store.writer import writing

DEMO_TABLE = DATA_FOLDER / "spotify_by_genre.parquet"
EXIT_ERROR, EXIT_REJECTS, EXIT_STOPPED = 1, 3, 4


def _store_option(default: Callable[[], Path]) -> Callable:
    return click.option(
        "--store",
        type=click.Path(path_type=Path, dir_okay=False),
        default=default,
        help="The store to use instead of $MUSIC_STORE or data/music.duckdb.",
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Fill the feature store of the Music Clustering Explorer.

    Exit code: 0 done; 1 an error, nothing changed; 2 wrong usage; 3 done, but some rows or files
    were rejected; 4 stopped early, run again to go on.
    """


@cli.command()
@_store_option(demo_store)
def demo(store: Path) -> int:
    """Build the demo store from the tables in data/: no account, no download."""
    with writing(store) as merge:
        return _import(merge, "demo", DEMO_TABLE.name, read_table(DEMO_TABLE, name=DEMO_TABLE.name))


@cli.command()
@click.option("--from", "location", default=STUDY_ADDRESS, help="Path or address of the table.")
@_store_option(configured_store)
def study(location: str, store: Path) -> int:
    """Import the published table of the 2021 study (3,081 rows, 11 genres, 40 features)."""
    with local_file(location) as path, writing(store) as merge:
        name = shown_name(location)
        return _import(merge, "study", name, read_table(path, name=name))


@cli.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE_OR_URL…")
@_store_option(configured_store)
def table(files: tuple[str, ...], store: Path) -> int:
    """Import tables of tracks: CSV or Parquet, files or addresses."""
    with writing(store) as merge:
        codes, refused, stopped = [], [], False
        for location in files:
            name = shown_name(location)
            try:
                with local_file(location) as path:
                    batches = read_table(path, name=name)
                    codes.append(_import(merge, f"table:{name}", name, batches))
            except IngestError as error:
                merge.discard()
                refused.append(str(error))
            except KeyboardInterrupt:
                if not codes:
                    raise
                merge.discard()
                stopped = True
                break
        if not codes:
            raise IngestError("\n".join(refused))
    for line in refused:
        click.echo(f"refused: {line}", err=True)
    if stopped:
        raise KeyboardInterrupt
    return EXIT_REJECTS if refused else max(codes)


@cli.command()
@_store_option(configured_store)
def status(store: Path) -> int:
    """Say what is in the store: tracks, genres, features, sources, rejected rows."""
    with open_store(store) as con:
        click.echo(f"{store}  (data version {data_version(store)})")
        for name, n in queries.counts(con).items():
            click.echo(f"  {name.replace('_', ' '):<24}{n:>12,}")
        for row in queries.sources(con).itertuples():
            click.echo(
                f"  {row.source}: {row.n_tracks:,} tracks from {row.location}, imported "
                f"{row.imported_at:%Y-%m-%d %H:%M} UTC, {row.n_rejected:,} rejected"
            )
    return 0


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@_store_option(configured_store)
def export(folder: Path, store: Path) -> int:
    """Write every table to FOLDER as Parquet."""
    for name, n in transfer.export(store, folder).items():
        click.echo(f"{folder / name}.parquet: {n:,} rows")
    return 0


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@_store_option(configured_store)
def restore(folder: Path, store: Path) -> int:
    """Make a new store from a folder that export wrote."""
    with writing(store) as merge:
        read = transfer.restore(merge, folder)
    click.echo(f"{store}: {sum(read.values()):,} rows in {len(read)} tables, as exported")
    return 0


@cli.command()
@click.argument("source")
@_store_option(configured_store)
def remove(source: str, store: Path) -> int:
    """Remove SOURCE: its genres, its feature values, and the tracks that only it has."""
    with writing(store) as merge:
        done = merge.remove(source)
    click.echo(
        f"{source}: {done['tracks_removed']:,} tracks removed, {done['tracks_kept']:,} kept "
        "because other sources have them"
    )
    if done["features_lost"]:
        click.echo(
            f"{done['features_lost']:,} of those had their feature values from {source}; import "
            "the other sources again to fill them"
        )
    return 0


def _import(merge: Merge, source: str, location: str, batches: Iterable[Batch]) -> int:
    started_at = datetime.now(UTC).replace(tzinfo=None)
    for batch in batches:
        merge.stage(batch)
    counts = merge.merge(source=source, location=location, started_at=started_at)
    click.echo(f"{source}: {_summary(counts)}")
    return EXIT_REJECTS if counts.n_rejected else 0


def _summary(counts: Counts) -> str:
    text = (
        f"{counts.n_read:,} read, {counts.n_added:,} added, {counts.n_updated:,} updated, "
        f"{counts.n_unchanged:,} unchanged, {counts.n_rejected:,} rejected"
    )
    if not counts.n_added and not counts.n_updated:
        text += " (nothing changed)"
    if counts.n_rejected:
        text += "; the reasons are in the table rejects"
    return text


def _stopped() -> int:
    click.echo("stopped; what was finished is kept, run again to go on", err=True)
    return EXIT_STOPPED


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code; errors become one line, never a traceback."""
    try:
        code = cli.main(args=arguments, prog_name="python -m ingest", standalone_mode=False)
    except (IngestError, StoreError) as error:
        click.echo(f"error: {error}", err=True)
        code = EXIT_ERROR
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = _stopped()
    except RuntimeError as error:
        # What DuckDB makes of Ctrl-C during a query.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        code = _stopped()
    sys.exit(code)
