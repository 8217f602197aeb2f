"""Reading a list of any size: the same items as a whole parser finds, but a part at a time."""

import json

import pytest

from ingest.errors import IngestError
from ingest.spotify_export import archive
from ingest.spotify_export.archive import items

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
