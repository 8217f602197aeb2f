"""The command line: ``python -m ingest``. Options, exit codes and summaries; no work of its own."""

import json
import os
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from ingest.errors import IngestError
from ingest.fetch import local_file, shown_name
from ingest.genres import bare_name, genre_of_file
from ingest.sources.study import STUDY_ADDRESS
from ingest.sources.table import read_table
from ingest.tables.columns import parse_map
from ingest.tables.records import Labels, Understood
from ingest.tables.report import describe, remarks
from music_explorer.store import queries, transfer
from music_explorer.store.batch import Batch, Counts
from music_explorer.store.errors import StoreError
from music_explorer.store.estimates import SOURCE as ESTIMATE
from music_explorer.store.location import DATA_FOLDER, configured_store, demo_store
from music_explorer.store.merge import Merge
from music_explorer.store.reader import data_version, open_store
from music_explorer.store.writer import writing

DEMO_TABLES = {
    "demo": DATA_FOLDER / "spotify_by_genre.parquet",
    "demo-audio": DATA_FOLDER / "librosa_of_free_music.parquet",
}
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
        return max(
            _import(merge, source, *read_table(path, name=path.name))
            for source, path in DEMO_TABLES.items()
        )


@cli.command()
@click.option("--from", "location", default=STUDY_ADDRESS, help="Path or address of the table.")
@_store_option(configured_store)
def study(location: str, store: Path) -> int:
    """Import the published table of the 2021 study (3,081 rows, 11 genres, 40 features)."""
    with local_file(location) as path, writing(store) as merge:
        return _import(merge, "study", *read_table(path, name=shown_name(location)))


@cli.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE_OR_URL…")
@click.option("--genre", help="The genre of every track in the files.")
@click.option(
    "--genre-from",
    type=click.Choice(["file", "column"]),
    default="column",
    help="Take the genre from the name of the file (genre_rock.csv) or from a column.",
)
@click.option(
    "--playlist-from",
    type=click.Choice(["file", "column"]),
    default="column",
    help="Take the playlist from the name of the file or from a column.",
)
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="THEIRS=OURS",
    help="What a column is, where its name does not tell; may be given several times.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what was understood to a JSON file.",
)
@_store_option(configured_store)
def table(
    files: tuple[str, ...],
    genre: str | None,
    genre_from: str,
    playlist_from: str,
    pairs: tuple[str, ...],
    report: Path | None,
    store: Path,
) -> int:
    """Import tables of tracks, files or addresses: CSV with any delimiter, Parquet, gzip."""
    if genre is not None and not genre.strip():
        raise click.UsageError(f"--genre {genre!r} is no genre; give its name, or leave it out")
    if genre and genre_from == "file":
        raise click.UsageError("--genre and --genre-from file contradict each other; give one")
    chosen = parse_map(pairs)
    codes, refused, reports, stopped = [], [], [], False
    with writing(store) as merge:
        for location in files:
            name = shown_name(location)
            labels = Labels(
                genre=genre_of_file(name) if genre_from == "file" else genre,
                playlist=bare_name(name) if playlist_from == "file" else None,
            )
            try:
                with local_file(location) as path:
                    found, batches = read_table(path, name=name, chosen=chosen, labels=labels)
                    reports.append(describe(found))
                    codes.append(_import(merge, f"table:{name}", found, batches))
                    reports[-1] = describe(found)
            except IngestError as error:
                merge.discard()
                refused.append(str(error))
            except KeyboardInterrupt:
                if not codes:
                    raise
                merge.discard()
                stopped = True
                break
        if report:
            _write_report(report, {"tables": reports, "refused": refused})
        if not codes:
            raise IngestError("\n".join(refused))
    for line in refused:
        click.echo(f"refused: {line}", err=True)
    if stopped:
        raise KeyboardInterrupt
    return EXIT_REJECTS if refused else max(codes)


@cli.command()
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER…", type=Path)
@click.option(
    "--genre-from",
    type=click.Choice(["folder", "tag", "none"]),
    default="tag",
    show_default=True,
    help="Take genres from the name of the folder that a file lies in, or from its tags.",
)
@click.option(
    "--excerpt",
    "excerpt_s",
    type=click.FloatRange(min=1),
    default=30.0,
    show_default=True,
    help="Seconds of each file that are analysed.",
)
@click.option(
    "--offset",
    type=click.Choice(["start", "middle"]),
    default="start",
    show_default=True,
    help="Which part of each file that is.",
)
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes that analyse; one a core by default."
)
@click.option(
    "--cluster", metavar="ADDRESS", help="A Dask scheduler, tcp://…, whose workers analyse instead."
)
@click.option(
    "--link/--no-link",
    default=True,
    help="Attach a file to a track that is the same recording (ISRC, or artist, title and length).",
)
@click.option(
    "--analyse-online",
    is_flag=True,
    help="Send the first 30 s of files to ReccoBeats for Spotify-style values that they lack.",
)
@_store_option(configured_store)
def audio(
    folders: tuple[Path, ...], jobs: int | None, cluster: str | None, store: Path, **how: Any
) -> int:
    """Import folders of audio files: features, tags, genres; a second run reads what changed."""
    # Imported here, as the extractor takes a second that the other commands need not wait.
    from ingest.audio import workers as audio_workers
    from ingest.audio.report import summary
    from ingest.online.uploads import notice
    from ingest.sources.audio import Options, import_audio

    if cluster and jobs:
        raise click.UsageError("--jobs and --cluster contradict each other; give one")
    hire = partial(audio_workers.processes, jobs or os.cpu_count() or 1)
    if cluster:
        hire = partial(audio_workers.cluster, cluster)
    if how["analyse_online"]:
        click.echo(notice())
    code = 0
    for done in import_audio(store, folders, Options(**how), hire):
        for line in summary(done):
            click.echo(line)
        if done.outcomes.get("rejected"):
            code = EXIT_REJECTS
        if done.was_stopped:
            raise KeyboardInterrupt
    return code


@cli.command()
@click.argument("playlists", nargs=-1, metavar="[PLAYLIST…]")
@click.option("--saved", is_flag=True, help="Your saved tracks, as a playlist.")
@click.option("--genre", help="The genre of every track that is read.")
@click.option(
    "--playlists",
    "file",
    metavar="FILE.toml",
    type=click.Path(path_type=Path, dir_okay=False),
    help='A file that says which playlists are which genre: [genres] and Rock = ["PLAYLIST", …].',
)
@click.option(
    "--previews",
    is_flag=True,
    help="Find 30 s previews (Spotify, Deezer, iTunes) and analyse them with Librosa.",
)
@click.option(
    "--keep-previews",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the previews in a folder; by default only their features are kept.",
)
@click.option(
    "--dry-run", is_flag=True, help="Read playlists, say what would be done, write nothing."
)
@_store_option(configured_store)
def spotify(
    playlists: tuple[str, ...],
    saved: bool,
    genre: str | None,
    file: Path | None,
    store: Path,
    **how: Any,
) -> int:
    """Import playlists from Spotify: addresses, URIs or ids; all of your own without any.

    Needs a Spotify app of your own and its client ID in SPOTIPY_CLIENT_ID. Features come from
    Spotify where it still gives them, else from ReccoBeats. Run it again to go on where it stopped.
    Spotify's terms forbid training models on its content: https://developer.spotify.com/terms
    """
    from ingest.online.playlists_file import Asked, playlist_id, read_playlists
    from ingest.online.report import summary
    from ingest.online.spotify_client import SAVED
    from ingest.sources.spotify import Options, import_spotify

    if file and (playlists or saved or genre is not None):
        raise click.UsageError(
            "--playlists FILE stands alone; leave out PLAYLIST, --saved, --genre"
        )
    if genre is not None and not genre.strip():
        raise click.UsageError(f"--genre {genre!r} is no genre; give its name, or leave it out")
    if genre and not (playlists or saved):
        raise click.UsageError("--genre needs playlists that are that genre; name them")
    if how["keep_previews"] and not how["previews"]:
        raise click.UsageError("--keep-previews needs --previews")
    asked: list[Asked] | None = None
    if file:
        asked = read_playlists(file)
    elif playlists or saved:
        ids = [playlist_id(reference) for reference in playlists] + [SAVED] * saved
        asked = [Asked(one, (genre,) if genre else ()) for one in dict.fromkeys(ids)]
    done = import_spotify(store, asked, Options(**how))
    for line in summary(done):
        click.echo(line)
    for line in done.stopped:
        click.echo(f"stopped early: {line}", err=True)
    if done.was_interrupted or done.stopped:
        return _stopped()
    has_rejects = done.read.refused or done.read.counts["rejected"]
    return EXIT_REJECTS if has_rejects or (done.previews and done.previews.failed) else 0


@cli.command()
@click.argument("archive", metavar="FOLDER", type=click.Path(path_type=Path))
@_store_option(configured_store)
def spotify_export(archive: Path, store: Path) -> int:
    """Import the archive that Spotify sends to whoever asks for their data: FOLDER or the .zip.

    Playlists, saved tracks and how often each track was played in each month. Nothing else of it
    is kept. It has no audio features: import a table that has the same tracks, too.
    """
    from ingest.sources.spotify_export import LOCATION, read_export

    parts = read_export(archive)
    with writing(store) as merge:
        titled = queries.with_title(merge.con, {one for part in parts for one in part.track_ids()})
        return max(
            _merge(merge, part.source, LOCATION, [part.batch(titled=titled)], part.remarks)
            for part in parts
        )


@cli.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--subset",
    type=click.Choice(["small", "medium", "large"]),
    help="Only the tracks of a subset of the dataset; large is all of them.",
)
@_store_option(configured_store)
def fma(folder: Path, subset: str | None, store: Path) -> int:
    """Import the Free Music Archive's dataset from FOLDER, where fma_metadata.zip was unpacked.

    Audio in fma_small, fma_medium, fma_large or fma_full in FOLDER is linked to its tracks.
    """
    from ingest.sources.fma import Archive

    archive = Archive(folder, subset)
    with writing(store) as merge:
        return _merge(merge, "fma", archive.name, archive.batches(), archive.remarks)


@cli.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--model", required=True, help="The model that made the vectors, such as musicnn.")
@click.option(
    "--ids",
    type=click.Path(path_type=Path, dir_okay=False),
    help="For a .npy file: a text file with the track of each row, one a line.",
)
@_store_option(configured_store)
def embeddings(file: Path, model: str, ids: Path | None, store: Path) -> int:
    """Import vectors that a model made of tracks of the store: FILE is Parquet or .npy.

    A track is named by its track_id, its Spotify id, its number in the Free Music Archive, or the
    path of its audio file. Every model becomes a feature set of its own in the app.
    """
    from ingest.sources.embeddings import check_model, import_vectors

    check_model(model)
    with local_file(str(file)) as path, writing(store) as merge:
        counts = import_vectors(merge, path, model=model, ids=ids, name=shown_name(str(file)))
    click.echo(f"{model}: {_summary(counts)}")
    return EXIT_REJECTS if counts.n_rejected else 0


@cli.command()
@click.option(
    "--from",
    "service",
    type=click.Choice(["musicbrainz"]),
    required=True,
    help="Who is asked.",
)
@click.option(
    "--contact",
    envvar="MUSIC_CONTACT",
    help="An e-mail or web address of yours, which MusicBrainz wants to know; or $MUSIC_CONTACT.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be asked; ask and write nothing.")
@_store_option(configured_store)
def genres(service: str, contact: str | None, dry_run: bool, store: Path) -> int:
    """Find a genre for each track that has none: by ISRC, else by the artist's name.

    The genre with the most votes counts: of the recording, else of the artist. One question a
    second is allowed; run it again to go on where it stopped.
    """
    from ingest.sources.musicbrainz import fill_genres, plan_genres, planned, summary

    if dry_run:
        click.echo("\n".join(planned(plan_genres(store))))
        return 0
    done = fill_genres(store, contact)
    click.echo("\n".join(summary(done)))
    if done.was_interrupted:
        return _stopped()
    if done.genres.stopped:
        click.echo(
            f"stopped early: {done.genres.stopped}; what was finished is kept, run again to go on",
            err=True,
        )
        return EXIT_STOPPED
    return EXIT_REJECTS if done.genres.failed else 0


@cli.command()
@_store_option(configured_store)
def estimate(store: Path) -> int:
    """Estimate Spotify-style values from Librosa features, for tracks that have none.

    Learnt from tracks that have both (200 by 20 artists at least), judged on artists that were not
    learnt from; a value that cannot be told from the sound is left out. Run it again after adding
    music; measured values replace estimates. Spotify forbids training models on its content
    (https://developer.spotify.com/policy), so its own values are not learnt from, nor those of any
    table with its ids.
    """
    from ingest.sources.estimate import import_estimates, summary

    for line in summary(import_estimates(store)):
        click.echo(line)
    return 0


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
    """Remove SOURCE: its genres, its feature values, and the tracks that only it has.

    A * in it stands for anything: 'spotify:*' is all playlists from Spotify.
    """
    with writing(store) as merge:
        removed = {name: merge.remove(name) for name in merge.sources_like(source)}
    for name, done in removed.items():
        click.echo(
            f"{name}: {done['tracks_removed']:,} tracks removed, {done['tracks_kept']:,} kept "
            "because other sources have them"
        )
        if done["features_lost"]:
            again = "run it" if name == ESTIMATE else "import the other sources"
            click.echo(
                f"{done['features_lost']:,} of those had their feature values from {name}; {again} "
                "again to fill them"
            )
    return 0


def _import(merge: Merge, source: str, table: Understood, batches: Iterable[Batch]) -> int:
    return _merge(merge, source, table.name, batches, partial(remarks, table))


def _merge(
    merge: Merge,
    source: str,
    location: str,
    batches: Iterable[Batch],
    noticed: Callable[[], list[str]],
) -> int:
    started_at = datetime.now(UTC).replace(tzinfo=None)
    for batch in batches:
        merge.stage(batch)
    counts = merge.merge(source=source, location=location, started_at=started_at)
    click.echo(f"{source}: {_summary(counts)}")
    for line in noticed():
        click.echo(f"  {line}")
    return EXIT_REJECTS if counts.n_rejected else 0


def _write_report(path: Path, report: dict) -> None:
    try:
        path.write_text(json.dumps(report, indent=1), encoding="utf-8")
    except OSError as error:
        raise IngestError(f"cannot write the report {path}: {error.strerror}") from error


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
