"""From the bytes of a file to its text: compression, encoding, and what is no text at all."""

import codecs
import contextlib
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from ingest.errors import IngestError

_BLOCK = 1 << 20
# How Python writes bytes that belong to no character.
_DAMAGED = re.compile("[\udc80-\udcff]")
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Encoding:
    """How the text of a file is written; ``n_damaged`` bytes belong to no character."""

    name: str
    n_damaged: int = 0


def find_encoding(path: Path, name: str) -> Encoding:
    """Find the encoding of a text file by reading all of it.

    UTF-8 with or without a byte-order mark, UTF-16, else cp1252. UTF-8 text with a few damaged
    bytes stays UTF-8.

    Raises
    ------
    IngestError
        If the file is empty, no text, a web page, or a damaged archive.
    """
    with _opened(path, name) as file:
        head = file.read(_BLOCK)
        _refuse_what_is_no_text(head, name)
        if encoding := _utf16(head):
            return Encoding(encoding)
        return _utf8_or_cp1252(head, file, name)


@contextlib.contextmanager
def open_text(path: Path, encoding: Encoding, name: str) -> Iterator[TextIO]:
    """Open a file as text, line ends as they are; damaged bytes become U+FFFD."""
    with _opened(path, name) as file:
        yield io.TextIOWrapper(file, encoding=encoding.name, errors="replace", newline="")


@contextlib.contextmanager
def _opened(path: Path, name: str) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            yield gzip.GzipFile(fileobj=file) if zipped else file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise IngestError(f"{name} is a damaged gzip file; download it again") from error
    except OSError as error:
        raise IngestError(f"cannot read {name}: {error.strerror}") from error


def _refuse_what_is_no_text(head: bytes, name: str) -> None:
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"):
        raise IngestError(f"{name} is empty")
    if head.startswith(_SPREADSHEETS):
        raise IngestError(f"{name} is a zip archive or a spreadsheet; unpack it, or save it as CSV")
    start = head[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise IngestError(f"{name} is a web page, not a table; download the raw file behind it")
    if _utf16(head) is None:
        _refuse_zeros(head, name)


def _refuse_zeros(block: bytes, name: str) -> None:
    if 0 in block:
        raise IngestError(
            f"{name} is a binary file or damaged, as no text has zero bytes; expected CSV or "
            "Parquet"
        )


def _utf16(head: bytes) -> str | None:
    """Tell UTF-16 from its mark or its zeros: every second byte of Latin text is one."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    pairs = len(head) // 2
    for encoding, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if pairs and head[first::2].count(0) > 0.4 * pairs and head[1 - first :: 2].count(0) == 0:
            return encoding
    return None


def _utf8_or_cp1252(head: bytes, rest: BinaryIO, name: str) -> Encoding:
    marked = head.startswith(codecs.BOM_UTF8)
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    n_valid = n_damaged = 0
    block = head
    while block:
        _refuse_zeros(block, name)
        text = decoder.decode(block)
        if not text.isascii():
            damaged = len(_DAMAGED.findall(text))
            n_valid += len(text) - len(text.encode("ascii", "ignore")) - damaged
            n_damaged += damaged
        block = rest.read(_BLOCK)
    n_damaged += len(decoder.decode(b"", final=True))
    if n_damaged > n_valid and not marked:
        return Encoding("cp1252")
    return Encoding("utf-8-sig" if marked else "utf-8", n_damaged)
