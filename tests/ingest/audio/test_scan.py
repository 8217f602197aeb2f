"""Walking a folder: each file once, links without end, nothing opened."""

import os

import pytest

from ingest.audio.scan import scan
from ingest.errors import IngestError


@pytest.fixture
def music(tmp_path):
    """Make a folder in which touching a file is enough."""
    root = tmp_path / "music"

    def touch(*names):
        for name in names:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
        return root

    return touch


def names(found, root):
    return [(os.path.relpath(file.path, root), file.folder) for file in found.files]


def test_files_come_sorted_with_the_folder_they_lie_in(music):
    root = music("b.MP3", "rock/c.flac", "a.wav", "rock/deep/d.ogg")
    assert names(scan(root), root) == [
        ("a.wav", ""),
        ("b.MP3", ""),
        ("rock/c.flac", "rock"),
        ("rock/deep/d.ogg", "deep"),
    ]


def test_other_files_are_counted_and_not_rejected(music):
    root = music("a.wav", "cover.jpg", "x/notes.txt", "._a.wav", "noending")
    os.mkfifo(root / "pipe.mp3")
    found = scan(root)
    assert (len(found.files), found.n_other, found.problems) == (1, 5, [])


def test_a_circle_of_links_ends_and_a_real_folder_comes_before_its_link(music):
    root = music("rock/a.wav")
    (root / "all").symlink_to(root)
    (root / "rock" / "up").symlink_to(root)
    (root / "a-link-to-rock").symlink_to(root / "rock")
    assert names(scan(root), root) == [("rock/a.wav", "rock")]


def test_a_folder_elsewhere_is_reached_through_a_link(music, tmp_path):
    root = music("a.wav")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.wav").touch()
    (root / "pop").symlink_to(tmp_path / "elsewhere")
    assert names(scan(root), root) == [("a.wav", ""), ("pop/b.wav", "pop")]


def test_what_cannot_be_looked_at_is_told(music):
    root = music("a.wav")
    (root / "gone.mp3").symlink_to(root / "nowhere.mp3")
    (root / os.fsdecode(b"latin-\xe9.mp3")).touch()
    assert sorted(scan(root).problems) == [
        (f"{root}/gone.mp3", "cannot be opened: No such file or directory"),
        (f"{root}/latin-\\udce9.mp3", "its name is not valid UTF-8; rename it"),
    ]


def test_a_folder_without_audio_is_refused(music):
    with pytest.raises(IngestError, match=r"no audio file in .*music; endings: \.aac"):
        scan(music("notes.txt"))


def test_a_missing_folder_and_a_file_are_refused(music):
    root = music("a.wav")
    with pytest.raises(IngestError, match="the folder .*/nowhere does not exist"):
        scan(root / "nowhere")
    with pytest.raises(IngestError, match="a.wav is a file; name the folder it lies in"):
        scan(root / "a.wav")
