"""Damaged, strange and hostile files: each is read or rejected with a reason; none stops a run."""

import struct
import sys
import time
import zlib
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest

from ingest.audio import stream, tasks
from ingest.audio.decode import DecodeError, _MonoSignal, decode
from ingest.audio.ffmpeg import FFmpegAudio
from ingest.audio.identity import identify
from ingest.audio.workers import Limit, processes
from ingest.errors import IngestError
from ingest.sources.audio import Options, import_audio
from music_explorer.store.reader import open_store
from tests.ingest.sound import RATE, sound

LIMIT = Limit(60, 2_500_000_000)


def look_at_good_ones(path: str):
    if "endless" in path:
        time.sleep(600)
    return tasks.look(path)


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def wav(*, tag: int = 1, rate: int = RATE, more: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    head = struct.pack("<HHIIHH", tag, 1, rate, 2 * rate, 2, 16)
    noise = np.random.default_rng(0).integers(-3000, 3000, RATE, dtype="<i2")
    return riff((b"fmt ", head), *more, (b"data", noise.tobytes()))


def ask(folder: Path):
    with open_store(folder / "music.duckdb") as con:
        files = con.execute("SELECT path, reason FROM audio_files ORDER BY path").fetchall()
        rejects = con.execute("SELECT locator, reason FROM rejects ORDER BY ALL").fetchall()
    name = lambda pairs: [(Path(path).name, reason) for path, reason in pairs]  # noqa: E731
    return name(files), name(rejects)


def test_a_file_that_takes_too_long_is_rejected_and_tried_again_by_the_next_run(
    tmp_path, monkeypatch
):
    for number, name in enumerate(("a.wav", "endless.wav", "z.wav")):
        sound(tmp_path / "music" / name, number, seconds=0.2 if number != 1 else 0.3)
    endless = (tmp_path / "music" / "endless.wav").stat().st_size
    one = partial(processes, 1)
    store, folders = tmp_path / "music.duckdb", [tmp_path / "music"]
    with monkeypatch.context() as patch:
        patch.setattr(stream, "look", look_at_good_ones)
        limit = lambda size, _: LIMIT._replace(seconds=1 if size == endless else 60)  # noqa: E731
        patch.setattr(stream, "limit", limit)
        [done] = import_audio(store, folders, Options(), one)
    assert dict(done.outcomes) == {"added": 2, "rejected": 1, "unchanged": 0}
    files, rejects = ask(tmp_path)
    assert files == [("a.wav", None), ("z.wav", None)]
    assert rejects == [("endless.wav", "took over 1 s and was ended")]
    [done] = import_audio(store, folders, Options(), one)
    assert dict(done.outcomes) == {"added": 1, "rejected": 0, "unchanged": 2}
    assert ask(tmp_path)[0][1] == ("endless.wav", None)


def test_a_limit_grows_with_the_file_and_with_what_is_measured_of_it():
    assert stream.limit(0, 30.0) == (150, 3_030_000_000)
    assert stream.limit(2_000_000_000, 3600.0) == (4120, 6_600_000_000)


def test_names_in_an_old_encoding_are_no_reason_to_refuse_the_sound(tmp_path):
    info = (b"LIST", b"INFOINAM" + struct.pack("<I", 6) + "Blé\0\0\0".encode("cp1252"))
    path = tmp_path / "old.wav"
    path.write_bytes(wav(more=(info,)))
    with pytest.raises(UnicodeDecodeError):
        av.open(str(path))
    assert identify(str(path)).duration_ms == 1000
    assert FFmpegAudio(path).n_samples == RATE


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (wav(tag=0x1234), "its audio stream does not say what it holds"),
        (wav(rate=0), "neither libsndfile nor FFmpeg finds audio in it"),
    ],
    ids=["codec nobody knows", "no sample rate"],
)
def test_a_file_that_does_not_say_what_it_holds_is_refused(tmp_path, content, reason):
    path = tmp_path / "strange.wav"
    path.write_bytes(content)
    with pytest.raises(DecodeError, match=reason):
        decode(path)


def test_a_codec_that_nobody_knows_is_told_before_decoding(tmp_path):
    path = tmp_path / "strange.wav"
    path.write_bytes(wav(tag=0x1234))
    with pytest.raises(IngestError, match="holds no audio that can be decoded"):
        identify(str(path))


def test_sound_that_changes_its_form_on_the_way_is_refused(tmp_path):
    parts = []
    for sr in (48_000, 32_000):
        path = tmp_path / f"{sr}.ac3"
        with av.open(str(path), "w") as out:
            coded = out.add_stream("ac3", rate=sr, layout="mono")
            frame = av.AudioFrame.from_ndarray(np.zeros((1, sr), "float32"), "fltp", "mono")
            frame.sample_rate = sr
            for packet in (*coded.encode(frame), *coded.encode(None)):
                out.mux(packet)
        parts.append(path.read_bytes())
    (tmp_path / "joined.ac3").write_bytes(b"".join(parts))
    with pytest.raises(DecodeError, match="its sample rate or channels change on the way"):
        decode(tmp_path / "joined.ac3")


def test_more_sound_than_the_header_says_is_kept_whole():
    signal = _MonoSignal("a.wma", RATE, 10)
    signal.add(np.full((20 * RATE, 1), 0.5, np.float32))
    y = signal.finish()
    assert len(y) == 20 * RATE
    assert set(y) == {0.5}


def test_a_length_below_zero_counts_as_none_said(tmp_path):
    path = sound(tmp_path / "a.m4a", seconds=1)
    content = bytearray(path.read_bytes())
    for atom, at in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
        start = content.index(atom) + at
        content[start : start + 4] = b"\xff\xff\xff\xfe"
    path.write_bytes(content)
    n_samples = FFmpegAudio(path).n_samples
    assert n_samples is None or n_samples > 0
    assert decode(path).analysed_s == pytest.approx(1, abs=0.1)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone")
def test_a_tag_that_unpacks_to_gigabytes_costs_neither_memory_nor_the_sound(tmp_path):
    packing = zlib.compressobj(1)
    n_bytes = 1_000_000_000
    text = b"".join(packing.compress(bytes(100_000_000)) for _ in range(n_bytes // 100_000_000))
    frame = struct.pack(">I", n_bytes) + text + packing.flush()
    frame = b"TIT2" + struct.pack(">I", len(frame)) + b"\0\x80" + frame
    size = bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0))
    path = sound(tmp_path / "bomb.mp3")
    path.write_bytes(b"ID3\3\0\0" + size + frame + path.read_bytes())
    with processes(1) as workers:
        task = workers.finish(tasks.look, str(path), limit=Limit(60, n_bytes))
    assert task.error is None
    recording, tags = task.value
    assert recording.audio_id
    assert tags.is_damaged


HEADERS = {"a.wav": 44, "a.flac": 200, "a.ogg": 200, "a.mp3": 300, "a.aiff": 54, "a.m4a": 600}


def mutated(content: bytes, n_header: int, rng: np.random.Generator) -> bytes:
    """Change bits, sizes and lengths as broken disks, transfers and programs do."""
    changed = bytearray(content)
    for _ in range(rng.integers(1, 5)):
        end = n_header if rng.random() < 0.7 else len(changed)
        at = int(rng.integers(0, max(1, min(end, len(changed)))))
        match rng.integers(0, 5):
            case 0:
                changed[at : at + 1] = bytes([rng.integers(0, 256)])
            case 1:
                changed[at : at + 4] = rng.choice([b"\xff" * 4, b"\x7f\xff\xff\xff", bytes(4)])
            case 2:
                del changed[at : at + int(rng.integers(1, 100))]
            case 3:
                changed[at:at] = rng.bytes(int(rng.integers(1, 50)))
            case 4:
                del changed[int(rng.integers(0, len(changed) + 1)) :]
    return bytes(changed)


@pytest.mark.parametrize("name", HEADERS)
def test_mutated_files_are_measured_or_refused_in_one_line(tmp_path, name):
    whole = sound(tmp_path / name, seconds=0.3).read_bytes()
    rng = np.random.default_rng(HEADERS[name])
    path = tmp_path / f"mutated{Path(name).suffix}"
    with processes(1) as workers:
        for _ in range(40):
            path.write_bytes(mutated(whole, HEADERS[name], rng))
            for call in (
                partial(workers.finish, tasks.look, str(path)),
                partial(workers.finish, tasks.measure, str(path), 30.0, "start"),
            ):
                error = call(limit=LIMIT).error
                assert error is None or isinstance(error, IngestError), (error, path.read_bytes())
                assert len(str(error).splitlines()) == 1
