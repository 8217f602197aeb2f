"""Walking a folder: which audio files are there, without opening any of them."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ingest.errors import IngestError

AUDIO_ENDINGS = frozenset(
    ".aac .aif .aifc .aiff .ape .au .flac .m4a .m4b .mka .mp2 .mp3 .mpc .oga .ogg .opus .tta .wav "
    ".wma .wv".split()
)
_RESOURCE_FORK = "._"  # macOS puts such a file beside each song on foreign disks


class Found(NamedTuple):
    """An audio file as the folder lists it.

    ``folder`` is the name of the folder it lies in, empty directly under the root.
    """

    path: str
    size: int
    mtime_ns: int
    folder: str


@dataclass
class Scan:
    """Audio files sorted by path, how many others there are, and what cannot be looked at."""

    files: list[Found] = field(default_factory=list)
    n_other: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)


def scan(root: Path) -> Scan:
    """List the audio files under a folder.

    Symbolic links are followed; a folder that is reached twice counts once, under its own name
    rather than a link's, so that links may form circles.

    Raises
    ------
    IngestError
        If there is no such folder or no audio file in it.
    """
    if not root.is_dir():
        what = "is a file; name the folder it lies in" if root.exists() else "does not exist"
        raise IngestError(f"the folder {root} {what}")
    found = Scan()
    folders, links, seen = [str(root)], [], set()
    while folders or links:
        folder = folders.pop() if folders else links.pop(0)
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            name = "" if folder == str(root) else os.path.basename(folder)
            for entry in _entries(folder):
                if entry.is_dir():
                    (links if entry.is_symlink() else folders).append(entry.path)
                else:
                    _add(found, entry, name)
        except OSError as error:
            found.problems.append((_shown(folder), f"cannot be listed: {error.strerror}"))
    if not found.files:
        raise IngestError(f"no audio file in {root}; endings: {' '.join(sorted(AUDIO_ENDINGS))}")
    found.files.sort()
    return found


def _entries(folder: str) -> Iterator[os.DirEntry]:
    with os.scandir(folder) as entries:
        # Sorted, so that of several links to one folder always the same is followed.
        yield from sorted(entries, key=lambda entry: entry.name)


def _add(found: Scan, entry: os.DirEntry, folder: str) -> None:
    ending = os.path.splitext(entry.name)[1].lower()
    if ending not in AUDIO_ENDINGS or entry.name.startswith(_RESOURCE_FORK):
        found.n_other += 1
        return
    try:
        status = entry.stat()
    except OSError as error:
        found.problems.append((_shown(entry.path), f"cannot be opened: {error.strerror}"))
        return
    if not stat.S_ISREG(status.st_mode):
        found.n_other += 1
    elif _shown(entry.path) != entry.path:
        found.problems.append((_shown(entry.path), "its name is not valid UTF-8; rename it"))
    else:
        found.files.append(Found(entry.path, status.st_size, status.st_mtime_ns, folder))


def _shown(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()
