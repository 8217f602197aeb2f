"""Reading a list of any size a part at a time; archives that are damaged, hostile or bombs."""

import json
import os
import random
import struct
import zipfile

import pytest

from ingest.errors import IngestError
from ingest.sources.spotify_export import read_export
from ingest.spotify_export import archive, parts
from ingest.spotify_export.archive import items
from tests.ingest.spotify_export.conftest import ACCOUNT, EXTENDED

LISTS = [
    [],
    [{}],
    [{"a": 'said "[1, 2]", then \\', "b": [{"c": None}, []]}, {"a": "😀 é"}],
    [123456, -1.5e3, "text", True, None, [[]], {"a": {"b": {}}}],
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1 << 20])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("content", LISTS, ids=["empty", "one", "texts", "kinds"])
def test_the_items_do_not_depend_on_where_the_parts_end(
    tmp_path, monkeypatch, size, indent, content
):
    monkeypatch.setattr(archive, "_PART", size)
    for is_ascii in (True, False):
        text = json.dumps(content, indent=indent, ensure_ascii=is_ascii)
        path = tmp_path / "endsong_0.json"
        path.write_text(f"\n {text} \r\n", encoding="utf-8")
        assert list(items(path)) == content


def test_the_first_items_come_before_the_file_was_read_to_its_end(tmp_path):
    path = tmp_path / "endsong_0.json"
    path.write_text('[{"a": 1}, {"a": 2}, ' + " " * (3 << 20) + "no end", encoding="utf-8")
    found = items(path)
    assert [next(found), next(found)] == [{"a": 1}, {"a": 2}]
    with pytest.raises(IngestError, match=r"^endsong_0\.json is damaged"):
        next(found)


def test_an_item_without_end_is_not_read_to_the_end_of_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_PART", 10)
    monkeypatch.setattr(archive, "_LONGEST", 40)
    path = tmp_path / "endsong_0.json"
    path.write_text(json.dumps([{"a": "x" * 100}]), encoding="utf-8")
    with pytest.raises(IngestError, match=r"endsong_0\.json is damaged"):
        list(items(path))


def test_files_are_read_in_the_order_of_their_numbers(tmp_path):
    names = [f"StreamingHistory_music_{number}.json" for number in (0, 2, 10)]
    for name in reversed(names):
        (tmp_path / name).write_text("[]")
    for name in ("Playlist1 (1).json", "._YourLibrary.json", "Follow.json", "Userdata.json"):
        (tmp_path / name).write_text("not opened")
    with archive.opened(tmp_path) as files:
        assert [file.name for file in files["last-year"]] == names
        assert sum(map(len, files.values())) == 3


def bomb(path, *, name="Playlist1.json", method=zipfile.ZIP_DEFLATED, n_bytes):
    """Write an archive whose one file unpacks to a thousand times its size."""
    with zipfile.ZipFile(path, "w", method) as file, file.open(name, "w", force_zip64=True) as out:
        for _ in range(n_bytes // 1_000_000):
            out.write(b"[{}," * 250_000)
    return path


@pytest.mark.parametrize("name", ["Playlist1.json", "data/endsong_0.json"])
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_file_that_unpacks_to_far_more_than_a_text_does_is_refused_unread(tmp_path, name, method):
    path = bomb(tmp_path / "bomb.zip", name=name, method=method, n_bytes=3_000_000)
    with pytest.raises(IngestError, match=rf"^{name} would unpack to 3 MB, over 200 times its si"):
        read_export(path)


def test_no_more_is_read_of_a_file_than_the_archive_says(tmp_path):
    path = bomb(tmp_path / "bomb.zip", n_bytes=5_000_000)
    content = bytearray(path.read_bytes())
    size = struct.pack("<I", 5_000_000)
    at = content.rindex(size)  # in the table of contents
    content[at : at + 4] = struct.pack("<I", 1000)
    path.write_bytes(content)
    with pytest.raises(IngestError, match=r"^Playlist1\.json is damaged or cannot be unpacked"):
        read_export(path)


def test_files_that_are_larger_than_any_of_spotifys_are_refused_unread(tmp_path):
    with (tmp_path / "endsong_0.json").open("wb") as file:
        file.truncate(200_000_001)
    with pytest.raises(IngestError, match=r"^endsong_0\.json has 200 MB; files of Spotify's have"):
        read_export(tmp_path)


def test_many_files_that_are_too_much_together_are_refused_unread(tmp_path):
    for number in range(26):
        with (tmp_path / f"endsong_{number}.json").open("wb") as file:
            file.truncate(200_000_000)
    with pytest.raises(IngestError, match="over 5 GB; import some at a time"):
        read_export(tmp_path)


def test_items_that_are_none_do_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "_MOST_REJECTS", 100)
    (tmp_path / "endsong_0.json").write_text(json.dumps([{}] * 101))
    with pytest.raises(IngestError, match=r"^over 100 items cannot be taken, the last one endsong"):
        read_export(tmp_path)


def test_a_folder_or_a_pipe_with_the_name_of_a_file_is_none(tmp_path):
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as file:
        file.writestr("Playlist1.json/", "")
        file.writestr("../../YourLibrary.json", '{"tracks": []}')
    assert [part.source for part in read_export(tmp_path / "odd.zip")] == ["spotify-export:library"]
    (tmp_path / "folder" / "Playlist1.json").mkdir(parents=True)
    os.mkfifo(tmp_path / "folder" / "endsong_0.json")
    with pytest.raises(IngestError, match="has no file of Spotify's data export"):
        read_export(tmp_path / "folder")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_mutated_zip_is_read_or_refused_in_one_line(tmp_path, method):
    path = tmp_path / "mutated.zip"
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in {**ACCOUNT, **EXTENDED}.items():
            file.writestr(name, json.dumps(content))
    whole, rng = path.read_bytes(), random.Random(method)
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(content) - 4)
            content[at : at + rng.randrange(1, 5)] = rng.choice([b"\xff" * 4, bytes(4), b"PK\1\2"])
        if rng.random() < 0.1:
            del content[rng.randrange(len(content)) :]
        path.write_bytes(content)
        message = ""
        try:
            for part in read_export(path):
                part.batch(titled=())
        except IngestError as error:
            message = str(error)
        assert len(message.splitlines()) <= 1


@pytest.mark.parametrize("name", [*ACCOUNT, *EXTENDED])
def test_mutated_json_is_read_or_refused_in_one_line(tmp_path, name):
    content, rng = {**ACCOUNT, **EXTENDED}[name], random.Random(name)
    values = [None, -1, 1e999, 10**400, "", "\ud83d", "9" * 5000, [], {}, [[]], True, "0001-01-01"]
    for _ in range(60):
        changed = json.loads(json.dumps(content))
        items_in = [one for one in walk(changed) if one]
        for one in rng.choices(items_in, k=3):
            key = rng.choice([*one]) if isinstance(one, dict) else rng.randrange(len(one))
            one[key] = rng.choice(values)
        (tmp_path / name).write_text(json.dumps(changed))
        message = ""
        try:
            for part in read_export(tmp_path):
                part.batch(titled=())
                part.remarks()
        except IngestError as error:
            message = str(error)
        assert len(message.splitlines()) <= 1


def walk(value):
    """Yield a value and every list and object in it."""
    if isinstance(value, dict | list):
        yield value
        for one in value.values() if isinstance(value, dict) else value:
            yield from walk(one)
