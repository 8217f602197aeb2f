"""Getting a file onto this machine: a path stays where it is, an address is downloaded."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import SplitResult, unquote, urlsplit

import requests
from tqdm import tqdm

from ingest.errors import IngestError

_TIMEOUT_S = (10, 60)  # to connect; between two packets
_MAX_BYTES = 4_000_000_000
_BLOCK = 1 << 20


def is_address(text: str) -> bool:
    """Tell whether ``text`` is an http(s) address rather than a path."""
    return text.lower().startswith(("http://", "https://"))


def shown_name(location: str) -> str:
    """Return the file name of a path or an address, without query and folders."""
    if is_address(location):
        parts = _split(location)
        return PurePosixPath(unquote(parts.path)).name or parts.hostname or location
    return Path(location).name


@contextlib.contextmanager
def local_file(location: str) -> Iterator[Path]:
    """Give a path to the contents of a path or an address; a download is deleted afterwards.

    Raises
    ------
    IngestError
        If there is no such file, or the address does not answer with one.
    """
    if not is_address(location):
        yield _existing(location)
        return
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        path = Path(folder) / "download"
        _download(location, path)
        yield path


def _existing(location: str) -> Path:
    try:
        path = Path(location).expanduser()
        if path.is_dir():
            raise IngestError(f"{location} is a folder; name the files in it")
        if not path.exists():
            raise IngestError(f"no file {location}; check the path")
    except OSError as error:
        raise IngestError(f"cannot read {location}: {error.strerror}") from error
    except RuntimeError as error:  # ~ of a user who does not exist
        raise IngestError(f"no file {location}; check the path") from error
    return path


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError as error:
        raise IngestError(f"{address} is no address: {error}") from error


def _download(address: str, path: Path) -> None:
    parts = _split(address)
    # Neither a query nor a password belongs in a message.
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    try:
        with requests.get(address, stream=True, timeout=_TIMEOUT_S) as answer:
            if answer.status_code != requests.codes.ok:
                raise IngestError(
                    f"{shown} answered {answer.status_code} {answer.reason}; check the address"
                )
            total = int(answer.headers.get("Content-Length", 0)) or None
            with path.open("wb") as out, _bar(shown_name(address), total) as bar:
                n_bytes = 0  # the bar does not count where it is not shown
                for block in answer.iter_content(_BLOCK):
                    out.write(block)
                    bar.update(len(block))
                    n_bytes += len(block)
                    if n_bytes > _MAX_BYTES:
                        raise IngestError(
                            f"{shown} is over {_MAX_BYTES:,} bytes; download it yourself"
                        )
    except requests.RequestException as error:
        raise IngestError(f"cannot download {shown}: {type(error).__name__}") from error


def _bar(name: str, total: int | None) -> tqdm:
    return tqdm(desc=name, total=total, unit="B", unit_scale=True, leave=False, disable=None)
