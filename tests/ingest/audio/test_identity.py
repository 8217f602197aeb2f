"""Who a recording is: its sound, not its tags, name, place or container's dress."""

import shutil

import numpy as np
import pytest
import soundfile
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3

from ingest.audio.identity import identify
from ingest.errors import IngestError
from tests.ingest.sound import FORMATS, sound, tag

LONG = "x" * 70_000  # moves everything behind it in the file


@pytest.mark.parametrize("ending", FORMATS)
def test_retagging_and_renaming_keep_the_identity(tmp_path, ending):
    before = identify(str(sound(tmp_path / f"a.{ending}")))
    other = shutil.copy(tmp_path / f"a.{ending}", tmp_path / f"b.{ending}")
    tag(other, title=LONG, artist=["A", "B"], genre="Rock")
    assert other.stat().st_size > (tmp_path / f"a.{ending}").stat().st_size + 70_000
    assert identify(str(other)) == before
    tag(other, title="short")
    assert identify(str(other)) == before


def test_old_and_foreign_tags_at_the_end_of_an_mp3_keep_the_identity(tmp_path):
    path = sound(tmp_path / "a.mp3")
    before = identify(str(path))
    ape = APEv2()
    ape["Title"] = "x" * 5000
    ape.save(path)
    assert identify(str(path)) == before
    tag(path, title="One")
    ID3(path).save(path, v1=2)
    assert path.read_bytes()[-128:-125] == b"TAG"
    assert identify(str(path)) == before


@pytest.mark.parametrize("ending", FORMATS)
def test_another_sound_is_another_recording(tmp_path, ending):
    one, two = sound(tmp_path / f"1.{ending}", 1), sound(tmp_path / f"2.{ending}", 2)
    assert identify(str(one)).audio_id != identify(str(two)).audio_id


def test_equal_samples_at_another_rate_are_another_recording(tmp_path):
    one = sound(tmp_path / "1.wav")
    soundfile.write(tmp_path / "2.wav", soundfile.read(one)[0], 44_100)
    assert identify(str(one)).audio_id != identify(str(tmp_path / "2.wav")).audio_id


@pytest.mark.parametrize("ending", FORMATS)
def test_the_length_is_that_of_the_sound(tmp_path, ending):
    seconds = 2 if ending != "opus" else 2 * 22_050 / 24_000
    found = identify(str(sound(tmp_path / f"a.{ending}", seconds=2)))
    assert found.duration_ms == pytest.approx(seconds * 1000, abs=90)  # an encoder's padding


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"no sound in here\n" * 200, "cannot be read as audio|holds no audio")],
    ids=["empty", "text"],
)
def test_what_is_no_audio_has_no_identity(tmp_path, content, reason):
    (tmp_path / "a.mp3").write_bytes(content)
    with pytest.raises(IngestError, match=reason):
        identify(str(tmp_path / "a.mp3"))


@pytest.mark.parametrize("ending", FORMATS)
def test_a_recording_is_as_long_as_its_sound(tmp_path, ending):
    path = sound(tmp_path / f"a.{ending}", seconds=7)
    # The same samples at Opus' own rate are shorter; lossy codecs add a frame or two of silence.
    seconds = 7 * 22_050 / 24_000 if ending == "opus" else 7
    assert identify(str(path)).duration_ms == pytest.approx(1000 * seconds, abs=120)


def test_an_ogg_file_of_clicks_is_as_long_as_its_sound(tmp_path):
    # Attacks make the encoder switch block sizes; packets then do not say how long they are.
    y = 0.001 * np.random.default_rng(0).standard_normal(7 * 22_050)
    y[::2205] = 0.9
    soundfile.write(tmp_path / "clicks.ogg", y, 22_050)
    assert identify(str(tmp_path / "clicks.ogg")).duration_ms == pytest.approx(7000, abs=20)
