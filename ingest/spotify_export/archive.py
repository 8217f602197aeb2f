"""The files of the archive that are read, in a folder or in a .zip; no other file is opened."""

import contextlib
import io
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from ingest.errors import IngestError, shown

File = Path | zipfile.Path

_NAMES = {
    "playlists": r"Playlist\d*",
    "library": r"YourLibrary",
    "history": r"Streaming_History_Audio_[\d_-]+|endsong_\d+",
    "videos": r"Streaming_History_Video_[\d_-]+",
    "last-year": r"StreamingHistory(?:_music_)?\d*",
    "podcasts": r"StreamingHistory_podcast_\d+",
    "audiobooks": r"StreamingHistory_audiobook_\d+",
}
_NAME = re.compile(rf"(?:{'|'.join(f'({names})' for names in _NAMES.values())})\.json")
_MARK = re.compile(r"\s*(\[\s*\]|\[|,|\])\s*")
_PART = 1 << 20  # characters of a file that are read at a time
_LONGEST = 4 * _PART  # of one item; they have some hundreds
# Spotify divides what is long: its files have up to some 15 MB, and pack to about a tenth.
_LARGEST = 200_000_000
_LARGEST_ALL = 5_000_000_000
_TIGHTEST = 200
_PACKED = 100_000  # a small file may repeat itself more


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Mapping[str, Sequence[File]]]:
    """Find the files of an archive by what they hold.

    Parameters
    ----------
    path
        The .zip, or a folder in which it was unpacked, at whatever depth.

    Yields
    ------
    mapping
        ``playlists``, ``library``, ``history`` (the extended one), ``videos``, ``last-year``,
        ``podcasts``, ``audiobooks`` -> files, in the order of their numbers.

    Raises
    ------
    IngestError
        If it is neither, has none of the files, one of them twice, or one that is far too large.
    """
    name = shown(path.name or path)
    if path.is_dir():
        files = [one for one in path.rglob("*.json") if one.is_file()]
        _refuse_large([(one.name, one.stat().st_size) for one in files if _kind(one.name)])
        yield _by_kind(files, name)
        return
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise IngestError(f"{name} is no folder and no .zip, or it is damaged") from None
    except OSError as error:
        raise IngestError(f"cannot read {name}: {error.strerror}") from None
    with archive:
        inside = [one for one in archive.infolist() if _kind(one.filename.rpartition("/")[2])]
        _refuse_bombs(inside)
        yield _by_kind([zipfile.Path(archive, one.filename) for one in inside], name)


def document(file: File) -> Any:
    """Return the content of a JSON file.

    Raises
    ------
    IngestError
        If it is damaged.
    """
    with _text(file) as text:
        return json.load(text)


def items(file: File) -> Iterator[Any]:
    """Yield the items of a JSON file that is one list, holding only a part of it at a time.

    Raises
    ------
    IngestError
        If it is damaged, or no list.
    """
    with _text(file) as text:
        yield from _items(text)


def _refuse_large(sizes: Sequence[tuple[str, int]]) -> None:
    for name, size in sizes:
        if size > _LARGEST:
            raise IngestError(
                f"{shown(name)} has {size / 1e6:,.0f} MB; files of Spotify's have at most "
                f"{_LARGEST / 1e6:.0f}"
            )
    if sum(size for _, size in sizes) > _LARGEST_ALL:
        raise IngestError(f"the files have over {_LARGEST_ALL / 1e9:.0f} GB; import some at a time")


def _refuse_bombs(files: Sequence[zipfile.ZipInfo]) -> None:
    # No more than the size that is told can be read of a file, whatever is packed in it.
    _refuse_large([(file.filename, file.file_size) for file in files])
    for file in files:
        if file.file_size > max(_TIGHTEST * file.compress_size, _PACKED):
            raise IngestError(
                f"{shown(file.filename)} would unpack to {file.file_size / 1e6:,.0f} MB, over "
                f"{_TIGHTEST} times its size, so it is no file of Spotify's"
            )


def _kind(name: str) -> str | None:
    match = _NAME.fullmatch(name)
    return match and list(_NAMES)[match.lastindex - 1]


def _by_kind(files: Sequence[File], name: str) -> dict[str, list[File]]:
    found: dict[str, list[File]] = {kind: [] for kind in _NAMES}
    seen = set()
    for file in sorted(files, key=lambda file: (_numbers(file.name), file.name)):
        kind = _kind(file.name)
        if kind is None:
            continue
        if file.name in seen:
            raise IngestError(
                f"{name} has {file.name} twice, so it is more than one archive; name one of them"
            )
        seen.add(file.name)
        found[kind].append(file)
    if not seen:
        raise IngestError(
            f"{name} has no file of Spotify's data export that can be read: Playlist1.json, "
            "YourLibrary.json, StreamingHistory_music_0.json, Streaming_History_Audio_….json; name "
            "the .zip, or the folder in which it was unpacked"
        )
    return found


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", name)]


@contextlib.contextmanager
def _text(file: File) -> Iterator[TextIO]:
    try:
        with file.open("rb") as raw:
            yield io.TextIOWrapper(raw, "utf-8-sig")
    except OSError as error:
        if error.strerror is None:  # what bzip2 says of damage
            raise _damaged(file) from None
        raise IngestError(f"cannot read {file.name}: {error.strerror}") from None
    except (ValueError, EOFError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile):
        # Broken JSON, UTF-8 or compression; nesting without end; a .zip with a password.
        raise _damaged(file) from None


def _damaged(file: File) -> IngestError:
    return IngestError(
        f"{file.name} is damaged or cannot be unpacked; unpack the archive again, or ask Spotify "
        "for a new one"
    )


def _items(text: TextIO) -> Iterator[Any]:
    decode = json.JSONDecoder().raw_decode
    part, expected = "", ("[", "[]")
    while more := text.read(_PART):
        part, at = part + more, 0
        while found := _MARK.match(part, at):
            mark = "".join(found[1].split())
            if mark not in expected:
                raise ValueError(mark)
            if mark in ("[]", "]"):
                if (part[found.end() :] + text.read(_PART)).strip():
                    raise ValueError("more than a list")
                return
            try:
                item, end = decode(part, found.end())
            except json.JSONDecodeError:
                break
            if not _MARK.match(part, end):  # a number may go on
                break
            yield item
            at, expected = end, (",", "]")
        part = part[at:]
        if len(part) > _LONGEST:
            raise ValueError("an item without end")
    raise ValueError("a list without end")
