"""The command line: ``python -m music_explorer``. Does without a page what the pages do."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from music_explorer.analysis.errors import AnalysisError
from music_explorer.analysis.pipeline import Config, cluster, prepare, project
from music_explorer.analysis.record import Record, config_from, record_of, run_id
from music_explorer.headless.errors import HeadlessError
from music_explorer.headless.folder import require_empty, write_folder
from music_explorer.headless.inputs import load
from music_explorer.store import queries, runs
from music_explorer.store.errors import StoreError
from music_explorer.store.location import configured_store
from music_explorer.store.reader import data_version

EXIT_ERROR, EXIT_STOPPED = 1, 4


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Cluster the tracks of a feature store without opening the app.

    Exit code: 0 done; 1 an error; 2 wrong usage; 4 stopped early.
    """


@cli.command()
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False), metavar="CONFIG.json")
@click.option(
    "--store",
    type=click.Path(path_type=Path, dir_okay=False),
    default=configured_store,
    help="The store to use instead of $MUSIC_STORE or data/music.duckdb.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="A new folder for the results; run-<its identity> in this folder by default.",
)
@click.option(
    "--label",
    type=click.Choice(queries.LABELS),
    help="What clusters are compared with; the first that the tracks have by default.",
)
@click.option("--keep", is_flag=True, help="Keep the run in the store, too.")
def run(config: Path, store: Path, out: Path | None, label: str | None, keep: bool) -> int:
    """Run CONFIG.json, the fields of a configuration or an exported run.json, and write a folder.

    The folder holds the run as Parquet tables and a notebook that draws it.
    """
    chosen = _read_config(config)
    version = data_version(store)
    folder = out or Path(f"run-{run_id(chosen, data_version=version)}")
    require_empty(folder)
    inputs = load(store, chosen, expect=version, label=label)
    prepared = prepare(chosen, inputs.frame, genres=inputs.genres)
    result = cluster(chosen, prepared, project(chosen, prepared.X))
    now = datetime.now(UTC).replace(tzinfo=None)
    record = record_of(result, data_version=version, created_at=now)
    write_folder(folder, record, prepared, inputs)
    _tell(record, folder)
    if keep:
        is_new = runs.keep(store, record.summary(), record.assignments)
        click.echo(f"kept in {store}" if is_new else f"{store} has kept this run before")
    return 0


def _read_config(path: Path) -> Config:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HeadlessError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise HeadlessError(f"{path} is not JSON: {error}") from error
    if isinstance(values, dict) and isinstance(values.get("config"), dict):
        values = values["config"]
    if not isinstance(values, dict):
        raise HeadlessError(f"{path} holds no configuration; expected an object, as {_example()}")
    return config_from(values)


def _example() -> str:
    return json.dumps({name: Config().to_dict()[name] for name in ("feature_set", "n_clusters")})


def _tell(record: Record, folder: Path) -> None:
    told = record.summary()
    click.echo(
        f"run {record.run_id}: {told['n_tracks']:,} tracks in {told['n_clusters']} clusters, "
        f"{told['n_noise']:,} noise"
    )
    for scores in {found["space"]: found for found in record.scores.values()}.values():
        click.echo(f"  in {scores['space']}: {_in_words(scores)}")
    click.echo(f"written to {folder}; open run.ipynb there")


def _in_words(scores: dict[str, Any]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value:.3f}"
        for name, value in scores.items()
        if isinstance(value, float)
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code; errors become one line, never a traceback."""
    try:
        code = cli.main(args=arguments, prog_name="python -m music_explorer", standalone_mode=False)
    except (AnalysisError, HeadlessError, StoreError) as error:
        click.echo(f"error: {error}", err=True)
        code = EXIT_ERROR
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped; run again to start over", err=True)
        code = EXIT_STOPPED
    sys.exit(code)
