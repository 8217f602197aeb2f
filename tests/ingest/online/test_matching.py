"""When a recording that a service found is the one that is wanted."""

import unicodedata

import duckdb
import pandas as pd
import pytest

from ingest.online.matching import Found, Wanted, best, evidence, folded, folded_isrc, plain
from music_explorer.store.audio_files import recordings
from music_explorer.store.schema import create_tables


def wanted(title="Song", artist="Band", duration_ms=200_000, isrc=None):
    return Wanted("row:1", title, artist, duration_ms, isrc)


def found(title="Song", artist="Band", duration_ms=200_000, isrc=None, reference="1"):
    return Found(reference, title, artist, duration_ms, isrc, "http://clip")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Song", "SONG"),
        ("Déjà Vu", "Deja Vu"),
        ("Don’t Stop", "Don't Stop"),
        ("Song (feat. Guest)", "Song"),
        ("Song [ft. Guest & Other]", "Song"),
        ("Song", "Song featuring Guest"),
        ("Song feat. Guest - Live", "Song - Live"),
        ("Song (with Guest)", "Song"),
        ("Song [with Guest & Other]", "Song"),
        ("Song (With the Guests) - Live", "Song - Live"),
        ("Song (w/ Guest)", "Song"),
        ("Song (with Guest)", "Song (feat. Guest)"),
        ("Song (feat. Güest, Other)", "Song feat. Other and Guest"),
        ("Song - Remastered 2009", "Song"),
        ("Song - 2011 Remaster", "Song (Remastered)"),
        ("Song [2015 Digital Remaster]", "Song - Remastered Version"),
        ("Песня", "ПЕСНЯ"),
        ("上を向いて歩こう", "上を向いて歩こう"),
    ],
)
def test_the_same_title_in_another_spelling(ours, theirs):
    assert evidence(wanted(title=ours), found(title=theirs)) == "names"
    assert evidence(wanted(title=theirs), found(title=ours)) == "names"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Song", "Song - Live"),
        ("Song", "Song (Live at Wembley)"),
        ("Song", "Song (Guest Remix)"),
        ("Song", "Song (feat. Guest Remix)"),
        ("Song", "Song (with Guest) [Live]"),
        ("Song (with Guest)", "Song (Acoustic)"),
        ("Song", "Song (with Strings)"),
        ("Song", "Song (with the London Orchestra)"),
        ("Song", "Song (feat. Guest) [Instrumental]"),
        ("Song", "Song (feat. Guest Instrumental)"),
        ("Song (feat. Guest)", "Song (feat. Other)"),
        ("Song (with the Guests)", "Song feat. the Others"),
        ("Song", "Song - Radio Edit"),
        ("Song", "Song (Acoustic)"),
        ("Song", "Song - Mono / Remastered"),
        ("Song", "Song - Live / Remastered"),
        ("Song - Live - Remastered 2009", "Song"),
        ("Song", "Song, Pt. 2"),
        ("Song", "Song (Karaoke Version)"),
        ("Dance", "Dance (With Me)"),
        ("Remastered", "Song"),
        ("!!!", "???"),
        ("", ""),
        (None, None),
    ],
)
def test_another_recording_by_its_title(ours, theirs):
    assert evidence(wanted(title=ours), found(title=theirs)) is None
    assert evidence(wanted(title=theirs), found(title=ours)) is None


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Beyoncé", "Beyonce"),
        ("AC/DC", "ACDC"),
        ("Jay-Z; Kanye West", "JAY Z"),
        ("Jay-Z; Kanye West", "Jay-Z & Kanye West"),
        ("Band", "Band feat. Guest"),
        ("Band feat. Guest", "Band"),
    ],
)
def test_the_same_artist_in_another_spelling(ours, theirs):
    assert evidence(wanted(artist=ours), found(artist=theirs)) == "names"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("The Beatles", "The Beatles Revival Band"),  # a cover
        ("The Beatles", "Beatles"),  # The Band is not Band; the store keeps them apart, too
        ("Kanye West", "Jay-Z & Kanye West"),
        ("Jay-Z; Kanye West", "Kanye West"),
        ("Band", None),
        (None, "Band"),
        (None, None),
    ],
)
def test_another_artist(ours, theirs):
    assert evidence(wanted(artist=ours), found(artist=theirs)) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (200_000, 203_000, "names"),
        (203_000, 200_000, "names"),
        (200_000, 203_001, None),
        (200_000, None, None),
        (None, 200_000, None),
        (None, None, None),
    ],
)
def test_names_need_lengths_within_three_seconds(ours, theirs, expected):
    assert evidence(wanted(duration_ms=ours), found(duration_ms=theirs)) == expected


def test_an_isrc_is_enough_however_it_is_written():
    ours = wanted(isrc="GB-DUW-00-00059", duration_ms=None)
    assert evidence(ours, found(title="Otherwise", isrc="gbduw0000059")) == "isrc"


def test_another_isrc_leaves_it_to_the_names():
    assert evidence(wanted(isrc="GBDUW0000059"), found(isrc="USABC1234567")) == "names"
    assert evidence(wanted(isrc=""), found(title="Other", isrc="")) is None


def test_the_best_candidate_has_the_isrc_or_else_the_nearest_length():
    ours = wanted(isrc="GBDUW0000059")
    near, far = found(duration_ms=200_100, reference="near"), found(duration_ms=202_000)
    same = found(title="Other", duration_ms=None, isrc="GBDUW0000059", reference="same")
    assert best(ours, [far, near])[1].reference == "near"
    assert best(ours, [far, near, same]) == ("isrc", same)
    assert best(ours, [found(title="Other")]) is None


def test_names_that_are_all_guest_or_edition_stay():
    assert plain("(feat. X)") == ""
    assert plain("Remastered") == "Remastered"
    assert plain("Featuring") == "Featuring"


@pytest.mark.parametrize(
    ("track_id", "expected"),
    [("spotify:2wrJq5", "2wrJq5"), ("row:2wrJq5", None), ("spotify:", None),
     ("spotify:local:a", None), ("spotify:a,b", None)],
)  # fmt: skip
def test_a_spotify_id_is_what_spotify_gives_out(track_id, expected):
    assert Wanted(track_id, None, None, None, None).spotify_id == expected


def test_names_and_isrc_are_folded_as_the_store_folds_them():
    letters = [chr(i) for i in range(0x20, 0x3000) if unicodedata.category(chr(i)) != "Cn"]
    texts = [f"A {letter}b" for letter in letters] + [
        "Ångström & Sons!",
        "İstanbul",
        "ﬁn de siècle",
    ]
    rows = pd.DataFrame(
        {"row_no": range(len(texts)), "audio_id": "", "artist": "Band; Other", "title": texts,
         "isrc": texts}
    )  # fmt: skip
    with duckdb.connect() as con:
        create_tables(con)
        theirs = {row[0]: row[4:6] for row in recordings(con, rows)}
    assert theirs == {
        i: (folded_isrc(text), f"band\x1f{folded(text)}") for i, text in enumerate(texts)
    }
