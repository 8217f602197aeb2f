"""Tags of every format in the store's words."""

import pytest

from ingest.audio.tags import Tags, read_tags
from tests.ingest.sound import FORMATS, sound, tag


@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_tells_the_same(tmp_path, ending):
    path = tag(
        sound(tmp_path / f"a.{ending}"),
        title="Ünïcode",
        artist=["Ann", "Bob; Co"],
        album="Al",
        date="2004-05-06",
        isrc="us-abc-12-34567",
        genre=["Hip Hop", "Jazz"],
    )
    assert read_tags(str(path)) == Tags(
        "Ünïcode", "Ann; Bob, Co", "Al", "2004-05-06", "USABC1234567", ("Hip Hop", "Jazz")
    )


@pytest.mark.parametrize(
    ("given", "read"),
    [("2004", "2004"), ("2004-05", "2004-05"), ("2004-05-06T07:08", "2004-05-06"), ("May", None)],
)
def test_a_date_is_as_exact_as_the_tag(tmp_path, given, read):
    path = tag(sound(tmp_path / "a.flac"), date=given)
    assert read_tags(str(path)).release_date == read


def test_genres_by_number_are_spelt_out_and_lists_divided(tmp_path):
    assert read_tags(str(tag(sound(tmp_path / "a.mp3"), genre="(17)"))).genres == ("Rock",)
    several = tag(sound(tmp_path / "b.mp3"), genre="Rock; Pop; Rock")
    assert read_tags(str(several)).genres == ("Rock", "Pop")


def test_what_is_blank_or_no_isrc_is_missing(tmp_path):
    path = tag(sound(tmp_path / "a.ogg"), title="  ", isrc="unknown")
    assert read_tags(str(path)) == Tags()


def test_damaged_tags_count_as_none(tmp_path):
    path = tag(sound(tmp_path / "a.flac"), title="One")
    path.write_bytes(path.read_bytes()[:60])
    assert read_tags(str(path)) == Tags(is_damaged=True)


def test_a_name_as_long_as_a_book_counts_as_damage(tmp_path):
    path = tag(sound(tmp_path / "a.flac"), title="One", artist="x" * 100_000)
    assert read_tags(str(path)) == Tags(is_damaged=True)
