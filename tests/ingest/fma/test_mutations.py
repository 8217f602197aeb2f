"""Files of the dataset that are damaged anywhere: rows are read or rejected, or it is refused."""

import random

import pytest

from ingest.errors import IngestError
from ingest.sources.fma import Archive
from tests.ingest.fma.dataset import Dataset

ODD = [b"", b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"nan", b"-1", b"1e309", b"9" * 25, b"[1, ",
       b"[99999999999]", b"0000-00-00", "é".encode()]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return Dataset(10).write(tmp_path_factory.mktemp("fma"))


@pytest.mark.parametrize("name", ["genres.csv", "tracks.csv", "features.csv", "echonest.csv"])
def test_a_mutated_file_is_read_or_refused_in_one_line(folder, name):
    path = folder / name
    whole, rng, n_read = path.read_bytes(), random.Random(name), 0
    for _ in range(6):
        content = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(content))
            content[at : at + rng.randrange(0, 12)] = rng.choice(ODD)
        if rng.random() < 0.15:
            del content[rng.randrange(len(content)) :]
        path.write_bytes(content)
        message = ""
        try:
            archive = Archive(folder, None)
            batches = list(archive.batches())
            archive.remarks()
            n_read += 1
            n_rows = sum(len(batch.tracks) + len(batch.rejects) for batch in batches)
            assert n_rows >= sum(batch.n_read for batch in batches)
        except IngestError as error:
            message = str(error)
        assert len(message.splitlines()) <= 1
    path.write_bytes(whole)
    assert n_read
