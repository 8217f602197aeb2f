"""Whatever a table holds, its rows fit the store or it is refused; a store survives its export."""

import csv
import io
import tempfile
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError
from ingest.sources.table import read_table
from ingest.tables.report import describe, remarks
from music_explorer.store import schema, transfer
from music_explorer.store.merge import Merge
from music_explorer.store.reader import data_version, open_store
from music_explorer.store.writer import writing
from tests.ingest.tables.test_properties import NAMES, SETTINGS

HEADERS = [*(name for names in NAMES.values() for name in names), "genre", "playlist", "explicit",
           "release_date", "isrc", "preview_url", "popularity", "mode", "added_at",
           "time_signature", "mfcc_01_mean", "", "x"]  # fmt: skip
ODD = ["", " ", "NaN", "inf", "-inf", "1e309", "-1e400", "9" * 30, "0x1F", "-0", "1,5", "1.234,5",
       "1 234", "1_000", "50%", "3:45", "99:99:99:99", "-7 dB", "true", "no", "None", "#REF!",
       "=1+1", "0000-00-00", "10000-01-01", "2021-13-45", "[]", "['a', 'b']", '["a', "{'a': 1}",
       "spotify:track:", "spotify:track:2wrJq5XKLnmhRXHIAf9xBa", "2wrJq5XKLnmhRXHIAf9xBa", "C#",
       "Am", "4/4", "1/2", "٣", "１２", "−10", "²", "🎵", "\u202e", "\u0085", "\u2028", "\x1c",
       "\\", '"', '""', ";", ",", "\n", "\r", "18446744073709551616", "title", "tempo"]  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(ODD),
    st.floats(-300, 300).map(str),
    st.integers(-5, 10**7).map(str),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
ENCODINGS = ["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "gb18030", "utf-32"]


@st.composite
def contents(draw):
    """Draw the bytes of a file with some header, any cells, and now and then a broken place."""
    header = draw(st.lists(st.sampled_from(HEADERS), min_size=1, max_size=8))
    if draw(st.integers(0, 4)):
        header[0] = "title"
    row = st.lists(CELLS, min_size=max(1, len(header) - draw(st.integers(0, 1))),
                   max_size=len(header) + draw(st.integers(0, 1)))  # fmt: skip
    rows = draw(st.lists(row, max_size=8))
    out = io.StringIO()
    ends = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    delimiter = draw(st.sampled_from(",,;\t|"))
    csv.writer(out, delimiter=delimiter, lineterminator=ends).writerows([header, *rows])
    content = out.getvalue().encode(draw(st.sampled_from(ENCODINGS)), "replace")
    if not draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(content)))
        content = content[:at] + draw(st.binary(max_size=4)) + content[at:]
    return content


def stored(con: duckdb.DuckDBPyConnection, content: bytes):
    """Merge a table into a database; returns the counts, or None if the table is refused."""
    merge = Merge(con)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "songs.csv"
        path.write_bytes(content)
        try:
            found, batches = read_table(path, name="songs.csv")
            for batch in batches:
                merge.stage(batch)
        except IngestError as error:
            merge.discard()
            assert len(str(error).splitlines()) == 1  # noqa: PT017 - any of its messages
            return None
    assert remarks(found) is not None
    assert describe(found)
    return merge.merge(source="s", location="songs.csv", started_at=datetime(2026, 1, 2))


@settings(SETTINGS, max_examples=25)
@given(contents())
def test_whatever_a_table_holds_its_rows_fit_the_store_or_it_is_refused(content):
    with duckdb.connect() as con:
        schema.create_tables(con)
        counts = stored(con, content)
        if counts is None:
            return
        [(n_tracks,)] = con.execute("SELECT count(*) FROM tracks").fetchall()
        assert counts.n_added == n_tracks <= counts.n_read - counts.n_rejected
        [(n_rejects,)] = con.execute("SELECT count(*) FROM rejects").fetchall()
        assert counts.n_rejected == n_rejects
        for name in ("spotify_features", "librosa_features", "tracks"):
            rows = con.execute(f"FROM {name}").df()
            for column, (low, high) in schema.ranges().items():
                if column in rows:
                    assert pd.to_numeric(rows[column].dropna()).between(low, high).all()


@settings(SETTINGS, max_examples=4)
@given(contents(), contents())
def test_a_table_survives_store_export_and_store_unchanged(one, other):
    with tempfile.TemporaryDirectory() as root:
        first, second, folder = (Path(root) / name for name in ("1.duckdb", "2.duckdb", "out"))
        for content in (one, other):
            with writing(first) as merge:
                stored(merge.con, content)
                merge.touched = True
        transfer.export(first, folder)
        with writing(second) as merge:
            transfer.restore(merge, folder)
        assert data_version(first) == data_version(second)
        with open_store(first) as here, open_store(second) as there:
            for name in schema.tables():
                rows = f"SELECT * {'EXCLUDE (published_at) ' * (name == 'store_version')}"
                rows += f"FROM {name} ORDER BY ALL"
                assert here.execute(rows).fetchall() == there.execute(rows).fetchall()


def damaged_utf8(column: str) -> bytes:
    """Return a Parquet file with half a character in a name or in a cell."""
    out = io.BytesIO()
    table = pa.table({"title": ["ééééé", "two"], "tempo": [100.0, 120.0], "ééé": [1, 2]})
    pq.write_table(table, out, compression="none", use_dictionary=False, write_statistics=False)
    return out.getvalue().replace(column.encode(), column.encode()[:-1] + b"x")


@pytest.mark.parametrize("column", ["ééééé", "ééé"], ids=["a cell", "a name"])
def test_parquet_with_text_that_is_no_utf8_is_refused(tmp_path, column):
    path = tmp_path / "songs.parquet"
    path.write_bytes(damaged_utf8(column))
    with pytest.raises(IngestError, match=r"^songs\.parquet is a damaged Parquet file: .*(?i:utf)"):
        list(read_table(path, name="songs.parquet")[1])


def test_mutated_parquet_is_read_or_refused_in_one_line(tmp_path):
    out = io.BytesIO()
    columns = {"title": ["One", "Two", None], "tempo": [100.0, 120.0, None], "key": [1, 2, 3]}
    pq.write_table(pa.table(columns | {"artists": [["a", "b"], [], None]}), out)
    whole = out.getvalue()
    for at in range(4, len(whole) - 8, 17):
        path = tmp_path / "songs.parquet"
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        message = ""
        try:
            list(read_table(path, name="songs.parquet")[1])
        except IngestError as error:
            message = str(error)
        assert len(message.splitlines()) <= 1


@pytest.mark.parametrize("cell", [";", "|", "[;]", "-"])
def test_a_column_of_genres_that_names_none_gives_none(tmp_path, cell):
    path = tmp_path / "songs.csv"
    path.write_text(f'title,genre\nOne,"{cell}"\nTwo,"{cell}"\n')
    [batch] = read_table(path, name="songs.csv")[1]
    assert len(batch.tracks) == 2
    assert batch.genres is None or batch.genres.empty
