"""A query as something to take along: a command, a program, a link. Nothing here knows Streamlit.

On a public deployment no path of the server is shown.
"""

import shlex
from pathlib import Path
from urllib.parse import urlencode

from music_explorer.ui.choices import MAX_LINK_BYTES
from music_explorer.ui.ledger import writes_to_store

_ROOT = Path(__file__).resolve().parents[2]


def shown_path(store: Path) -> str:
    """Return how a person names the store: from the project's folder if it lies there.

    Elsewhere its whole path on a person's own machine (``MUSIC_WRITABLE=1``), else its name alone.
    """
    path = store.absolute()
    if path.is_relative_to(_ROOT):
        return path.relative_to(_ROOT).as_posix()
    return str(path) if writes_to_store() else path.name


def folder_of(store: Path) -> str:
    """Say where a command finds what `shown_path` names."""
    path = shown_path(store)
    if Path(path).is_absolute():
        return "anywhere on this machine"
    is_within = store.absolute().is_relative_to(_ROOT)
    return "in the project's folder" if is_within else "in the folder of the store"


def shell_command(store: Path, sql: str) -> str:
    """Return a query as a command for a POSIX shell."""
    # `-c`, because a query may start with a comment, whose dashes look like an option.
    return f"duckdb -readonly {shlex.quote(_no_option(shown_path(store)))} -c {shlex.quote(sql)}"


def python_program(store: Path, sql: str) -> str:
    """Return a query as a program."""
    text = f'"""\n{sql}\n"""' if _fits_in_triple_quotes(sql) else repr(sql)
    return (
        "import duckdb\n\n"
        f"sql = {text}\n"
        f"with duckdb.connect({shown_path(store)!r}, read_only=True) as con:\n"
        "    print(con.sql(sql))\n"
    )


def link(page: str, sql: str) -> str | None:
    """Return a link that brings a query into the editor; None if it is over ``MAX_LINK_BYTES``."""
    address = f"{page}?{urlencode({'sql': sql})}"
    return address if len(address) <= MAX_LINK_BYTES else None


def _no_option(path: str) -> str:
    return f"./{path}" if path.startswith("-") else path


def _fits_in_triple_quotes(sql: str) -> bool:
    return '"""' not in sql and "\\" not in sql and "\r" not in sql
