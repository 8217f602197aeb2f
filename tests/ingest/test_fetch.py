"""Getting a file onto this machine."""

import socket
import tempfile
from pathlib import Path

import pytest

from ingest.errors import IngestError
from ingest.fetch import is_address, local_file, shown_name


def fetch(location):
    with local_file(str(location)) as path:
        return path.read_bytes()


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Where temporary files go; empty when everything was cleaned up."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("songs.csv", "songs.csv"),
        ("/home/ann/my songs.csv", "my songs.csv"),
        ("https://example.org/a/songs.csv?token=hush#top", "songs.csv"),
        ("https://example.org/my%20songs.csv", "my songs.csv"),
        ("https://example.org/..%2F..%2Fetc%2Fsongs.csv", "songs.csv"),
        ("https://ann:hush@example.org:8080/", "example.org"),
    ],
)
def test_the_shown_name_has_no_folder_no_query_and_no_password(location, name):
    assert shown_name(location) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://example.org", True),
        ("HTTPS://example.org", True),
        ("songs.csv", False),
        ("C:\\music\\songs.csv", False),
        ("http/songs.csv", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_http_is_an_address(text, expected):
    assert is_address(text) is expected


def test_a_path_stays_where_it_is(tmp_path):
    (tmp_path / "a.csv").write_text("title")
    with local_file(str(tmp_path / "a.csv")) as path:
        assert path == tmp_path / "a.csv"
    assert path.exists()


def test_a_download_is_whole_and_deleted_afterwards(server, scratch):
    body = bytes(range(256)) * 20_000  # several blocks
    (server.folder / "a.bin").write_bytes(body)
    with local_file(f"{server.address}/a.bin?x=1") as path:
        assert path.read_bytes() == body
        assert scratch in path.parents
    assert server.paths == ["/a.bin?x=1"]
    assert list(scratch.iterdir()) == []


def test_an_address_cannot_choose_where_it_is_written(server, scratch):
    (server.folder / "..%2F..%2Fevil.csv").write_text("title")
    with local_file(f"{server.address}/..%2F..%2Fevil.csv") as path:
        assert path.read_text() == "title"
        assert scratch in path.resolve().parents
    assert not list(scratch.parent.glob("evil.csv"))


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("none.csv", r"/none\.csv answered 404 Not Found; check the address"),
        ("status/500/a.csv", r"/a\.csv answered 500 Internal Server Error"),
        ("status/403/a.csv", r"/a\.csv answered 403 Forbidden"),
        ("truncated/a.csv", r"cannot download .*/a\.csv: ChunkedEncodingError"),
    ],
)
def test_a_failed_download_says_why_and_leaves_nothing(server, scratch, way, reason):
    (server.folder / "a.csv").write_text("title\n" * 1000)
    with pytest.raises(IngestError, match=reason) as caught:
        fetch(f"{server.address}/{way}?token=hush")
    assert "hush" not in str(caught.value)
    assert list(scratch.iterdir()) == []


def test_a_refused_connection_is_told_without_the_password(scratch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        port = taken.getsockname()[1]
        with pytest.raises(IngestError, match="cannot download .*: ConnectionError") as caught:
            fetch(f"http://ann:hush@127.0.0.1:{port}/a.csv")
    assert str(caught.value).startswith(f"cannot download http://127.0.0.1:{port}/a.csv")
    assert list(scratch.iterdir()) == []


def test_too_large_a_download_is_stopped(server, scratch, monkeypatch):
    monkeypatch.setattr("ingest.fetch._MAX_BYTES", 1000)
    (server.folder / "a.csv").write_bytes(b"x" * 1001)
    with pytest.raises(IngestError, match=r"a\.csv is over 1,000 bytes; download it yourself"):
        fetch(f"{server.address}/a.csv")
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("no/such.csv", r"no file no/such\.csv; check the path"),
        ("~no-such-user/a.csv", r"no file ~no-such-user/a\.csv; check the path"),
        ("a" * 300, "cannot read a+: File name too long"),
        ("http://[bad", r"http://\[bad is no address"),
        ("http://", "cannot download http://: InvalidURL"),
    ],
)
def test_what_is_not_there_is_one_clear_error(location, reason):
    with pytest.raises(IngestError, match=reason):
        fetch(location)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(IngestError, match=f"{tmp_path} is a folder; name the files in it"):
        fetch(tmp_path)


def test_the_home_folder_is_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    Path(tmp_path / "a.csv").write_text("title")
    assert fetch("~/a.csv") == b"title"
