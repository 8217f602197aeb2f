"""One spelling for each genre, whatever a source calls it."""

import csv
import re
import string
import unicodedata
from functools import cache

from music_explorer.store.location import DATA_FOLDER

_ENDINGS = re.compile(r"(?:\.(?:csv|tsv|txt|psv|tab|parquet|pq|gz))+$", re.IGNORECASE)


def canonical_genre(given: str) -> str:
    """Return the spelling under which a genre is stored.

    ``data/genre_aliases.csv`` decides; a genre that it does not list gets capitals, so that
    spellings that differ in case, hyphens or underscores meet.

    >>> canonical_genre("hip-hop"), canonical_genre("Hip Hop"), canonical_genre("zydeco")
    ('Hip Hop', 'Hip Hop', 'Zydeco')
    """
    key = _key(given)
    return _aliases().get(key) or string.capwords(key) or given


def genre_of_file(name: str) -> str:
    """Return the genre that a file is named after.

    >>> genre_of_file("genre_rock.csv"), genre_of_file("deep-house.csv.gz")
    ('rock', 'deep house')
    """
    key = _key(bare_name(name))
    return key.removeprefix("genre ").removeprefix("genres ") or name


def bare_name(name: str) -> str:
    """Return the name of a file without what says which format it has.

    >>> bare_name("Vol. 2.csv.gz"), bare_name("rock")
    ('Vol. 2', 'rock')
    """
    return _ENDINGS.sub("", name) or name


def _key(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.replace("-", " ").replace("_", " ").split())


@cache
def _aliases() -> dict[str, str]:
    with (DATA_FOLDER / "genre_aliases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    aliases = {_key(row["genre"]): row["genre"] for row in rows}
    return aliases | {_key(row["alias"]): row["genre"] for row in rows}
