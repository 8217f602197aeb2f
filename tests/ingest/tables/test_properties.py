"""Random tables in random layouts read back to the same values; random bytes are refused."""

import csv
import gzip
import io
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError
from ingest.sources.table import read_table
from ingest.tables.scales import UNIT_COLUMNS
from music_explorer.store.schema import ranges

SETTINGS = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
NAMES = {
    "track_id": ["track_id", "Track URI", "Spotify ID", "トラックURI", "URI du titre"],
    "title": ["title", "Track Name", "track_name", "トラック名", "Nom du titre", "Track\tName"],
    "artist": ["artist", "artists", "Artist Name", "Artist.Name", "アーティスト名"],
    "album": ["album", "Album Name", "Nom de l'album"],
    "danceability": ["danceability", "Danceability", "Tanzbarkeit", "dnce"],
    "energy": ["energy", "Energy", "nrgy", "Énergie"],
    "valence": ["valence", "val", "Valence.", "感情値"],
    "loudness": ["loudness", "dB", "Loudness (dB)", "Lautstärke"],
    "tempo": ["tempo", "bpm", "Beats.Per.Minute", "テンポ"],
    "key": ["key", "Key", "Tonart"],
    "duration_ms": ["duration_ms", "Duration (ms)", "Track-Dauer (ms)"],
}
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# Any character a file can hold; what the reader changes by design is white space alone.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
PLAIN = TEXT.map(lambda text: text.replace(";", ",").replace("[", "(").replace("\\", "/"))


def numbers(column, digits):
    low, high = {"tempo": (20, 300), "duration_ms": (1000, 10_000_000)}.get(
        column, ranges().get(column)
    )
    return st.integers(int(low * 10**digits), int(high * 10**digits)).map(
        lambda whole: whole / 10**digits if digits else whole
    )


def cells(column):
    if column == "track_id":
        return st.text(BASE62, min_size=22, max_size=22)
    if column in ("title", "artist", "album"):
        return TEXT if column == "title" else PLAIN
    digits = {"key": 0, "duration_ms": 0}.get(column, 3)
    return st.one_of(st.none(), numbers(column, digits))


@st.composite
def tables(draw):
    """Draw rows (column -> value) with at least one value that tells each scale."""
    some = draw(st.sets(st.sampled_from(sorted(NAMES)), min_size=1)) | {"track_id", "title"}
    rows = draw(
        st.lists(
            st.fixed_dictionaries({column: cells(column) for column in sorted(some)}),
            min_size=1,
            max_size=8,
            unique_by=lambda row: row["track_id"],
        )
    )
    usual = {"tempo": 120.5, "loudness": -7.25, "key": 3, "duration_ms": 200_000}
    for column in some - {"track_id", "title", "artist", "album"}:
        rows[0][column] = usual.get(column, 0.375)
    if "loudness" in some:
        # Over 0 dB is rare; a table in which it is not is refused.
        for row in rows:
            row["loudness"] = None if row["loudness"] is None else min(row["loudness"], 0)
    return rows


@st.composite
def layouts(draw, rows):
    """Draw the bytes of a file that holds the rows."""
    delimiter = draw(st.sampled_from(",;\t|"))
    mark = draw(st.sampled_from(".,"))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    order = draw(st.permutations([*rows[0], "unknown 1", "unknown 2"]))
    header = [draw(st.sampled_from(NAMES.get(column, [column]))) for column in order]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow(header)
    for row in rows:
        extra = {"unknown 1": "a, b", "unknown 2": ""}
        writer.writerow([written({**extra, **row}[column], mark) for column in order])
    # Within a cell the writer leaves line ends as they are.
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    content = out.getvalue().encode(encoding)
    return gzip.compress(content) if draw(st.booleans()) else content


def written(value, mark):
    if value is None:
        return ""
    if isinstance(value, float):
        return str(value).replace(".", mark)
    return str(value)


def read(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "songs.csv"
        path.write_bytes(content)
        table, batches = read_table(path, name="songs.csv")
        found = list(batches)
    rejects = [reject for batch in found for reject in batch.rejects]
    return table, pd.concat([batch.tracks for batch in found], ignore_index=True), rejects


def expected(row, column):
    value = row[column]
    if column == "track_id":
        return f"spotify:{value}"
    if column in ("title", "artist", "album"):
        text = " ".join(value.split())
        nothing = ("undefined", "null", "nan", "<NA>") if column != "title" else ()
        return None if text in ("", *nothing) else text
    return None if value is None or (column == "key" and value == -1) else value


@SETTINGS
@given(st.data())
def test_a_table_reads_back_the_same_in_every_layout(data):
    rows = data.draw(tables())
    _, found, rejects = read(data.draw(layouts(rows)))
    assert rejects == []
    assert len(found) == len(rows)
    for column in rows[0]:
        values = [None if pd.isna(value) else value for value in found[column]]
        assert values == [expected(row, column) for row in rows], column


@settings(SETTINGS, max_examples=30)
@given(st.data())
def test_percentages_read_back_as_shares(data):
    whole = st.integers(0, 100)
    rows = data.draw(
        st.lists(st.fixed_dictionaries(dict.fromkeys(UNIT_COLUMNS, whole)), min_size=1, max_size=9)
    )
    rows.append(dict.fromkeys(UNIT_COLUMNS, 64))
    rows += [dict.fromkeys(UNIT_COLUMNS, 37)] * len(rows)
    lines = [
        ["title", *UNIT_COLUMNS],
        *([f"Song {i}", *(r[c] for c in UNIT_COLUMNS)] for i, r in enumerate(rows)),
    ]
    content = "\n".join(",".join(map(str, line)) for line in lines).encode()
    _, found, rejects = read(content)
    assert rejects == []
    for column in UNIT_COLUMNS:
        assert found[column].tolist() == pytest.approx([row[column] / 100 for row in rows])


def never_a_traceback(content):
    """Let nothing but IngestError come out of a read, and that with one line."""
    message = ""
    try:
        read(content)
    except IngestError as error:
        message = str(error)
    assert len(message.splitlines()) <= 1


@SETTINGS
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_or_read(content):
    never_a_traceback(content)


@SETTINGS
@given(
    st.sampled_from(
        [
            b"track_name,danceability,duration,key,release_date\n",
            b"title,tempo\n",
            b"\x1f\x8b",
            b"PAR1",
            b"sep=",
            b"\xff\xfet\0",
            b'"title"\r',
        ]
    ),
    st.binary(max_size=200),
    st.lists(st.sampled_from([b",", b'"', b"\n", b"\r", b"1", b"0.5", b";", b"%", b":"])),
)
def test_what_begins_like_a_table_is_refused_or_read(start, noise, rest):
    never_a_traceback(start + noise + b"".join(rest))
