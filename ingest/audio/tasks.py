"""What worker processes do, a file at a time: no store, no state, values that can be pickled."""

from ingest.audio.identity import Recording, identify
from ingest.audio.tags import Tags, read_tags


def look(path: str) -> tuple[Recording, Tags]:
    """Find out which recording a file is and what its tags say.

    Raises
    ------
    IngestError
        If it holds no audio.
    """
    return identify(path), read_tags(path)


def measure(path: str, excerpt_s: float, offset: str) -> dict[str, float | str | None]:
    """Decode an excerpt and compute its row of ``librosa_features``, but for id and origin.

    Raises
    ------
    IngestError
        If it cannot be decoded or is too short.
    """
    # Imported here, as the process that hands out the work decodes nothing.
    from ingest.audio.decode import decode
    from ingest.extractor.librosa_features import (
        EXTRACTOR_VERSION,
        LIBROSA_VERSION,
        SAMPLE_RATE,
        extract,
    )

    excerpt = decode(path, excerpt_s=excerpt_s, offset=offset)
    return extract(excerpt.y) | {
        "sample_rate": SAMPLE_RATE,
        "offset_s": excerpt.offset_s,
        "analysed_s": excerpt.analysed_s,
        "librosa_version": LIBROSA_VERSION,
        "extractor_version": EXTRACTOR_VERSION,
    }
