"""From raw rows to a batch."""

import pandas as pd

from ingest.identity import row_track_id
from ingest.tables.columns import recognise
from ingest.tables.records import Chunk, Labels, Understood, to_batch
from ingest.tables.units import Reading

ID = "2wrJq5XKLnmhRXHIAf9xBa"


def batch(columns, *rows, first=2, labels=None):
    cells = pd.DataFrame(rows, columns=columns.split(), dtype="string")
    readings = {column: Reading(header) for column, header in recognise(list(cells)).items()}
    table = Understood("songs.csv", "CSV", ".", list(cells), readings, labels or Labels())
    return to_batch(Chunk(cells, range(first, first + len(rows))), table)


def test_a_track_without_a_spotify_id_is_known_by_its_row():
    tracks = batch(
        "track_id title artist",
        (ID, "One", "Ann"),
        ("spotify:local:x", "Two", "Ann"),
        (None, "Three", None),
    ).tracks
    assert tracks["track_id"].tolist() == [
        f"spotify:{ID}",
        row_track_id("Two", "Ann", ""),
        row_track_id("Three", "", ""),
    ]


def test_a_row_with_neither_id_nor_title_is_rejected():
    found = batch("track_id title", ("", ""), (ID, ""), ("", "One"))
    assert found.rejects == [("songs.csv row 2", "no track id and no title")]
    assert len(found.tracks) == 2
    assert found.n_read == 3


def test_a_row_is_rejected_once_with_its_first_reason():
    found = batch("title energy tempo", ("One", "2", "-3"), ("Two", "1", "100"), first=10)
    assert found.rejects == [("songs.csv row 10", "energy=2; expected 0 to 1")]
    assert found.tracks["title"].tolist() == ["Two"]


def test_a_rejected_row_gives_no_genre_and_no_playlist():
    found = batch(
        "title genre playlist tempo", ("One", "pop", "p", "-3"), ("Two", "rock", "q", "9")
    )
    assert found.genres["genre"].tolist() == ["Rock"]
    assert found.playlists["playlist"].tolist() == ["q"]


def test_the_genre_is_kept_as_given_beside_the_common_spelling():
    found = batch("title genre subgenre", ("One", "hip-hop", "trap"), ("Two", "", "lost"))
    row = found.genres.iloc[0]
    assert len(found.genres) == 1
    assert (row["genre"], row["genre_as_given"], row["subgenre"]) == ("Hip Hop", "hip-hop", "trap")
    assert row["origin"] == "column"


def test_several_artists_are_joined_in_one_way():
    tracks = batch("title artist", ("One", "Ann;Bob ; Cy"), ("Two", "AC/DC; live")).tracks
    assert tracks["artist"].tolist() == ["Ann; Bob; Cy", "AC/DC; live"]


def test_a_preview_address_loses_its_query():
    tracks = batch("title preview_url", ("One", "https://p.example/a?cid=1"), ("Two", "")).tracks
    assert tracks["preview_url"].fillna("<NA>").tolist() == ["https://p.example/a", "<NA>"]


def test_origins_come_with_features_only():
    assert set(batch("title artist", ("One", "Ann")).tracks) == {"title", "artist", "track_id"}
    tracks = batch("title energy MFCC1", ("One", "1", "-5")).tracks
    assert tracks.loc[0, ["spotify_origin", "librosa_origin"]].tolist() == ["table", "table"]


def test_several_genres_in_one_cell_are_several_and_the_subgenre_none_of_them():
    found = batch("title genre subgenre", ("One", "['rock', 'pop']", "x"), ("Two", "jazz|funk", ""))
    assert found.genres["genre"].tolist() == ["Rock", "Pop", "Jazz", "Funk"]
    assert found.genres["subgenre"].isna().all()


def test_what_a_person_says_comes_before_the_columns():
    labels = Labels(genre="deep house", playlist="Mine")
    found = batch("title genre playlist", ("One", "rock", "theirs"), labels=labels)
    assert found.genres[["genre", "origin"]].to_numpy().tolist() == [["Deep House", "file"]]
    assert found.playlists["playlist"].tolist() == ["Mine"]
