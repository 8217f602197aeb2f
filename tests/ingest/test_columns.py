"""Which column of a table is which."""

import pytest

from ingest.columns import folded, recognise

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


def test_of_two_headers_that_mean_the_same_the_first_counts():
    assert recognise(["name", "title"]) == {"title": "name"}


def test_unknown_headers_are_left_out():
    assert recognise(["", "mp3 File", "origin", "source", "disc_number"]) == {}


@pytest.mark.parametrize("header", ["Track_Name", "track-name", " TRACK  NAME ", "track.name"])
def test_case_and_punctuation_of_a_header_do_not_count(header):
    assert folded(header) == "track name"
