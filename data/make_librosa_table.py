r"""Make ``librosa_of_free_music.parquet``: Librosa features of freely licensed game music.

The recipe, with Debian's packages unpacked side by side in a folder ``music``::

    apt-get download wesnoth-1.16-music warzone2100-music hyperrogue-music singularity-music \
        fretsonfire-songs-muldjord
    for file in *.deb; do dpkg -x "$file" "music/${file%%_*}"; done
    python -m ingest audio music/* --genre-from none --offset middle --no-link \
        --store music.duckdb
    python data/make_librosa_table.py music.duckdb

It keeps numbers, names and the collection; sound effects, single instruments and pieces under 20 s
are left out. The titles of two collections come from file names, as their tags repeat one title.
"""

import sys
from pathlib import Path

import duckdb
import pandas as pd

TABLE = Path(__file__).parent / "librosa_of_free_music.parquet"
COLLECTIONS = {
    "wesnoth-1.16-music": "The Battle for Wesnoth",
    "warzone2100-music": "Warzone 2100",
    "hyperrogue-music": "HyperRogue",
    "singularity-music": "Endgame: Singularity",
    "fretsonfire-songs-muldjord": "Muldjord",
}
NAMED_BY_FILE = ("HyperRogue", "Warzone 2100")
# Who composed what the tags of HyperRogue's files do not say, by its copyright file.
COMPOSERS = {"hr3": "Shawn Parrotte", "hr-domina": "Lincoln Domina", "hr-savino": "Will Savino"}
NO_PIECE = ("silence", "guitar", "rhythm")


def free_music(store: Path) -> pd.DataFrame:
    """Return the rows of the table from a store that was filled with the packages."""
    with duckdb.connect(str(store), read_only=True) as con:
        rows = con.execute(
            "SELECT title, artist, album, release_date, duration_ms, audio_path, "
            "l.* EXCLUDE (track_id, origin, source) "
            "FROM tracks JOIN librosa_features AS l USING (track_id)"
        ).df()
    path = rows.pop("audio_path").map(Path)
    package = path.map(lambda p: next(part for part in p.parts if part in COLLECTIONS))
    rows["playlist"] = package.map(COLLECTIONS)
    stem = path.map(lambda p: p.stem)
    by_file = rows["playlist"].isin(NAMED_BY_FILE)
    rows.loc[by_file, "title"] = stem[by_file].map(_title)
    warzone = rows["playlist"] == "Warzone 2100"
    rows.loc[warzone, "album"] = path[warzone].map(lambda p: _title(p.parent.name))
    for start, composer in COMPOSERS.items():
        rows.loc[stem.str.startswith(start), "artist"] = composer
    rows["artist"] = rows["artist"].fillna(rows["playlist"])
    rows["album"] = rows["album"].mask(rows["album"].isin(["non", "none"]))
    effects = path.map(lambda p: p.parent.name == "sounds")
    rows = rows[(rows["analysed_s"] >= 20) & ~effects & ~stem.isin(NO_PIECE)]
    return rows.sort_values(["playlist", "album", "title", "artist"]).reset_index(drop=True)


def _title(stem: str) -> str:
    for start in COMPOSERS:
        stem = stem.removeprefix(f"{start}-")
    return stem.replace("-", " ").replace("_", " ").capitalize()


if __name__ == "__main__":
    table = free_music(Path(sys.argv[1]))
    if table.duplicated(["title", "artist", "album"]).any():
        sys.exit("two pieces have the same title, artist and album")
    table.to_parquet(TABLE, index=False, compression="zstd")
    print(f"{TABLE.name}: {len(table)} pieces of {table['playlist'].nunique()} collections")
