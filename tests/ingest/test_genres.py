"""One spelling for each genre."""

import csv

import pytest

from ingest.genres import canonical_genre
from music_explorer.store.location import DATA_FOLDER


@pytest.mark.parametrize(
    ("given", "genre"),
    [
        ("hip-hop", "Hip Hop"),
        ("Hip Hop", "Hip Hop"),
        ("HIPHOP", "Hip Hop"),
        ("hip_hop", "Hip Hop"),
        (" hip  hop ", "Hip Hop"),
        ("Hip-Hop/Rap", "Hip Hop"),
        ("r&b", "R&B"),
        ("R-n-B", "R&B"),
        ("k-pop", "K-Pop"),
        ("KPOP", "K-Pop"),
        ("edm", "EDM"),
        ("Drum 'n' Bass", "Drum 'n' Bass"),
        ("drum-n-bass", "Drum and Bass"),
        ("classical music", "Classical"),
    ],
)
def test_spellings_of_a_genre_meet(given, genre):
    assert canonical_genre(given) == genre


@pytest.mark.parametrize(("given", "genre"), [("zydeco", "Zydeco"), ("DEEP-house", "Deep House")])
def test_a_genre_that_no_list_has_gets_capitals(given, genre):
    assert canonical_genre(given) == genre


@pytest.mark.parametrize("given", ["-", "_", "--"])
def test_a_genre_of_punctuation_stays_as_given(given):
    assert canonical_genre(given) == given


def test_a_canonical_spelling_is_its_own():
    with (DATA_FOLDER / "genre_aliases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        assert canonical_genre(row["alias"]) == row["genre"]
        assert canonical_genre(row["genre"]) == row["genre"]
