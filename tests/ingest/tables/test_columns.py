"""Which column of a table is which."""

import csv

import pytest

from ingest.errors import IngestError
from ingest.tables.columns import folded, parse_map, recognise
from music_explorer.store.location import DATA_FOLDER

EXPORTIFY_NET = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,"
    "Added By,Added At,Genres,Record Label,Danceability,Energy,Key,Loudness,Mode,Speechiness,"
    "Acousticness,Instrumentalness,Liveness,Valence,Tempo,Time Signature"
).split(",")
MAHARSHIPANDYA = (
    ",track_id,artists,album_name,track_name,popularity,duration_ms,explicit,danceability,energy,"
    "key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,valence,tempo,"
    "time_signature,track_genre"
).split(",")
TIDYTUESDAY = (
    "track_id,track_name,track_artist,track_popularity,track_album_id,track_album_name,"
    "track_album_release_date,playlist_name,playlist_id,playlist_genre,playlist_subgenre,"
    "danceability,energy,key,loudness,mode,speechiness,acousticness,instrumentalness,liveness,"
    "valence,tempo,duration_ms"
).split(",")
FEATURES = (
    "acousticness danceability energy instrumentalness key liveness loudness mode speechiness "
    "tempo valence"
).split()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            EXPORTIFY_NET,
            {
                "track_id": "Track URI",
                "title": "Track Name",
                "artist": "Artist Name(s)",
                "album": "Album Name",
                "release_date": "Release Date",
                "duration_ms": "Duration (ms)",
                "genre": "Genres",
                "added_at": "Added At",
                "time_signature": "Time Signature",
            },
        ),
        (
            MAHARSHIPANDYA,
            {
                "track_id": "track_id",
                "title": "track_name",
                "artist": "artists",
                "album": "album_name",
                "genre": "track_genre",
            },
        ),
        (
            TIDYTUESDAY,
            {
                "title": "track_name",
                "artist": "track_artist",
                "album": "track_album_name",
                "release_date": "track_album_release_date",
                "popularity": "track_popularity",
                "playlist": "playlist_name",
                "genre": "playlist_genre",
                "subgenre": "playlist_subgenre",
            },
        ),
    ],
    ids=["exportify.net", "maharshipandya", "tidytuesday"],
)
def test_well_known_tables_are_understood(headers, expected):
    found = recognise(headers)
    assert {name: found.get(name) for name in expected} == expected
    assert set(FEATURES) <= set(found)


def test_the_studys_feature_columns_are_understood():
    headers = [f"MFCC{n}" for n in range(1, 21)]
    headers += [f"Spectral Contrast Freq Band{n}" for n in range(1, 8)]
    found = recognise(headers)
    assert found["mfcc_01_mean"] == "MFCC1"
    assert found["mfcc_20_mean"] == "MFCC20"
    assert found["spectral_contrast_7_mean"] == "Spectral Contrast Freq Band7"
    assert len(found) == 27


def test_of_two_headers_that_mean_the_same_the_more_usual_counts():
    assert recognise(["Song", "Track"]) == {"title": "Track"}
    assert recognise(["name", "title"]) == {"title": "title"}


def test_unknown_headers_are_left_out():
    assert recognise(["", "mp3 File", "origin", "source", "disc_number"]) == {}


@pytest.mark.parametrize("header", ["Track_Name", "track-name", " TRACK  NAME ", "track.name"])
def test_case_and_punctuation_of_a_header_do_not_count(header):
    assert folded(header) == "track name"


def test_no_name_in_the_list_means_two_things():
    with (DATA_FOLDER / "column_names.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    meanings = {(folded(row["name"]), row["column"]) for row in rows}
    assert len(meanings) == len({name for name, _ in meanings})


@pytest.mark.parametrize(
    "headers", [["id", "name"], ["id", "followers", "genres", "name", "popularity"], ["filename"]]
)
def test_an_id_and_a_name_alone_are_no_track(headers):
    assert recognise(headers) == {}
    assert recognise(headers, {headers[-1]: "title"})["title"] == headers[-1]


def test_a_record_label_is_no_genre():
    assert "genre" not in recognise(["Track Name", "Label", "Record Label"])


def test_a_persons_word_comes_first():
    found = recognise(["title", "Werk", "tempo"], {"Werk": "title", "tempo": ""})
    assert found == {"title": "Werk"}


def test_an_equals_sign_may_stand_in_a_header():
    assert parse_map(["a=b=title", "x="]) == {"a=b": "title", "x": ""}
    with pytest.raises(IngestError, match="'a=nothing' maps to no column"):
        parse_map(["a=nothing"])
