"""Who a track is."""

import hashlib

import pytest

from ingest.identity import row_track_id, spotify_track_id

ID = "2wrJq5XKLnmhRXHIAf9xBa"


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f"  {ID}\n",
        f"spotify:track:{ID}",
        f"https://open.spotify.com/track/{ID}",
        f"https://open.spotify.com/track/{ID}?si=0123456789abcdef",
        f"https://open.spotify.com/intl-de/track/{ID}?si=1#x",
        f"open.spotify.com/track/{ID}",
    ],
)
def test_every_form_of_a_spotify_id_is_the_same_track(text):
    assert spotify_track_id(text) == f"spotify:{ID}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "undefined",
        ID[:-1],
        ID + "0",
        ID.replace("w", "_"),
        f"spotify:album:{ID}",
        f"spotify:local:Ann:Album:{ID}:215",
        "spotify:local:Ann:Album:Title:215",
        f"https://open.spotify.com/playlist/{ID}",
        f"https://example.org/track/{ID}",
    ],
)
def test_anything_else_is_no_spotify_id(text):
    assert spotify_track_id(text) is None


def test_ids_differ_by_case():
    assert spotify_track_id(ID) != spotify_track_id(ID.swapcase())


@pytest.mark.parametrize(
    "row",
    [
        ("HALO", "beyoncé", "i am…"),
        ("  Halo ", "Beyoncé", "I  Am…"),
        ("Ｈａｌｏ", "Beyonce\u0301", "I\u3000Am..."),
    ],
)
def test_a_row_is_the_same_track_whatever_its_case_width_and_spacing(row):
    assert row_track_id(*row) == row_track_id("Halo", "Beyoncé", "I Am…")


def test_sharp_s_and_double_s_are_alike():
    assert row_track_id("Straße", "", "") == row_track_id("STRASSE", "", "")


@pytest.mark.parametrize(
    "row", [("Halo 2", "Ann", "One"), ("Halo", "Anne", "One"), ("Halo", "Ann", "Two")]
)
def test_title_artist_and_album_each_make_another_track(row):
    assert row_track_id(*row) != row_track_id("Halo", "Ann", "One")


def test_a_word_cannot_move_from_one_field_to_the_next():
    assert row_track_id("a b", "c", "") != row_track_id("a", "b c", "")
    assert row_track_id("a\x1fb", "c", "") != row_track_id("a", "b\x1fc", "")


def test_a_row_id_is_the_hash_that_the_design_names():
    expected = hashlib.sha256(b"halo\x1fann\x1f").hexdigest()
    assert row_track_id("Halo", "Ann", "") == f"row:{expected}"
