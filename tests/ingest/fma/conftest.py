"""A handful of tracks of the dataset."""

import pytest

from tests.ingest.fma.dataset import Dataset


@pytest.fixture
def few() -> Dataset:
    """Return ten tracks, 2, 15,502 and so on, to be changed and written."""
    return Dataset(10)
