"""Vectors that a model made elsewhere, through the command line."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.cli import EXIT_REJECTS

SPOTIFY = [f"{i:022d}" for i in range(6)]
VECTORS = np.arange(24, dtype=float).reshape(6, 4) / 8  # exact in 32 bits


@pytest.fixture(autouse=True)
def tracks(store, tmp_path, run):
    """Fill the store with six tracks."""
    lines = [f"{one},Song {i},Band,0.{i + 1}" for i, one in enumerate(SPOTIFY)]
    file = tmp_path / "songs.csv"
    file.write_text("\n".join(["track_id,title,artist,energy", *lines]))
    assert run("table", file).code == 0


@pytest.fixture
def parquet(tmp_path):
    """Write a Parquet file of vectors."""

    def write(ids, vectors, *, name="v.parquet", column="vector", kind=None, **more) -> object:
        columns = {"track_id": ids, column: pa.array(vectors, kind or pa.list_(pa.float64()))}
        pq.write_table(pa.table(columns | more), tmp_path / name)
        return tmp_path / name

    return write


@pytest.fixture
def npy(tmp_path):
    """Write a NumPy file of vectors and the file of its ids."""

    def write(values, ids) -> tuple:
        np.save(tmp_path / "v.npy", values)
        (tmp_path / "ids.txt").write_text("\n".join(ids), encoding="utf-8")
        return tmp_path / "v.npy", "--ids", tmp_path / "ids.txt"

    return write


def stored(ask) -> dict:
    rows = ask("SELECT track_id, vector FROM embeddings ORDER BY track_id")
    return {track.removeprefix("spotify:"): vector for track, vector in rows}


EXPECTED = dict(zip(SPOTIFY, VECTORS.tolist(), strict=True))


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.float64()),
        pa.large_list(pa.float32()),
        pa.list_(pa.float32(), 4),
        pa.list_(pa.float16(), 4),
    ],
    ids=str,
)
def test_a_column_of_lists_is_a_vector_a_track(run, ask, parquet, kind):
    values = [np.array(v, dtype=np.float16) for v in VECTORS.tolist()]
    vectors = [list(v) for v in values] if "half" in str(kind) else VECTORS.tolist()
    done = run("embeddings", parquet(SPOTIFY, vectors, kind=kind), "--model", "toy")
    assert done.code == 0
    assert done.out == "toy: 6 read, 6 added, 0 updated, 0 unchanged, 0 rejected\n"
    assert stored(ask) == EXPECTED


def test_columns_of_fractions_are_a_dimension_each(run, ask, tmp_path):
    columns = {f"x{i}": VECTORS[:, i] for i in range(4)}
    file = tmp_path / "wide.parquet"
    pq.write_table(pa.table({"name": SPOTIFY, "year": [2000] * 6, **columns}), file)
    assert run("embeddings", file, "--model", "toy").code == 0
    assert stored(ask) == EXPECTED


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2"])
def test_a_numpy_file_takes_its_tracks_from_a_text_file(run, ask, npy, dtype):
    done = run("embeddings", *npy(VECTORS.astype(dtype), SPOTIFY), "--model", "toy")
    assert done.code == 0, done.err
    assert stored(ask) == EXPECTED


def test_a_track_is_named_in_any_form_that_people_have(run, ask, parquet, store, tmp_path):
    from music_explorer.store.writer import writing

    path = str(tmp_path / "music" / "a.mp3")
    with writing(store) as merge:
        merge.con.execute("INSERT INTO tracks (track_id) VALUES ('fma:2'), ('file:abc')")
        merge.con.execute(
            "INSERT INTO audio_files (path, size, mtime_ns, track_id, genres, genre_from, "
            "settings, source) VALUES (?, 1, 1, 'file:abc', [], 'none', '', 'audio:music')",
            [path],
        )
        merge.touched = True
    names = [
        f"spotify:{SPOTIFY[0]}",
        f"spotify:track:{SPOTIFY[1]}",
        f"https://open.spotify.com/track/{SPOTIFY[2]}?si=x",
        " fma:2 ",
        path,
    ]
    run("embeddings", parquet(names, VECTORS[:5].tolist()), "--model", "toy")
    assert sorted(stored(ask)) == sorted([*SPOTIFY[:3], "fma:2", "file:abc"])
    run("embeddings", parquet(["000002"], VECTORS[5:].tolist()), "--model", "toy")
    assert stored(ask) == {"fma:2": VECTORS[5].tolist()}


def test_rows_that_are_no_vector_of_a_track_are_counted_and_kept_with_a_reason(run, ask, parquet):
    ids = [SPOTIFY[0], "nobody", None, SPOTIFY[1], SPOTIFY[2], SPOTIFY[3], SPOTIFY[4], SPOTIFY[0]]
    one = VECTORS[0].tolist()
    vectors = [one, one, one, None, [1, 2], [1, 2, 3, float("nan")], [1, 2, 3, 1e300], one]
    done = run("embeddings", parquet(ids, vectors), "--model", "toy")
    assert done.code == EXIT_REJECTS
    assert "8 read, 1 added, 0 updated, 0 unchanged, 7 rejected" in done.out
    assert ask("SELECT locator, reason FROM rejects ORDER BY locator") == [
        ("v.parquet row 1", f"another vector of spotify:{SPOTIFY[0]} comes later, and counts"),
        ("v.parquet row 2", "no track or audio file of the store is nobody"),
        ("v.parquet row 3", "no track is named"),
        ("v.parquet row 4", "no vector"),
        ("v.parquet row 5", "2 numbers, not 4"),
        ("v.parquet row 6", "a number is missing or not finite"),
        ("v.parquet row 7", "a number is missing or not finite"),
    ]


def test_the_same_file_again_changes_nothing_and_a_new_one_replaces(run, ask, parquet, store):
    run("embeddings", parquet(SPOTIFY, VECTORS.tolist()), "--model", "toy")
    version = ask("SELECT data_version FROM store_version")
    again = run("embeddings", parquet(SPOTIFY, VECTORS.tolist()), "--model", "toy")
    assert "0 added, 0 updated, 6 unchanged" in again.out
    assert ask("SELECT data_version FROM store_version") == version
    changed = VECTORS[:3] + [[0], [0], [1]]
    done = run("embeddings", parquet(SPOTIFY[:3], changed.tolist()), "--model", "toy")
    assert "0 added, 1 updated, 2 unchanged" in done.out
    assert stored(ask) == dict(zip(SPOTIFY[:3], changed.tolist(), strict=True))
    assert ask("SELECT data_version FROM store_version") != version


def test_models_stand_side_by_side_and_go_one_by_one(run, ask, parquet):
    run("embeddings", parquet(SPOTIFY, VECTORS.tolist(), name="a.parquet"), "--model", "one")
    wide = [[1.0, 2, 3, 4, 5]] * 6
    run("embeddings", parquet(SPOTIFY, wide, name="b.parquet"), "--model", "two")
    assert ask(
        "SELECT model, count(*), min(len(vector)) FROM embeddings GROUP BY ALL ORDER BY 1"
    ) == [
        ("one", 6, 4),
        ("two", 6, 5),
    ]
    assert run("remove", "vectors:a.parquet").code == 0
    assert ask("SELECT DISTINCT model FROM embeddings") == [("two",)]
    assert ask("SELECT count(*) FROM tracks") == [(6,)]


def test_parts_of_one_model_need_the_same_number_of_dimensions(run, ask, parquet):
    one, other = VECTORS[:3].tolist(), [[1.0, 2]] * 3
    run("embeddings", parquet(SPOTIFY[:3], one, name="a.parquet"), "--model", "toy")
    done = run("embeddings", parquet(SPOTIFY[3:], other, name="b.parquet"), "--model", "toy")
    assert done.code == 1
    assert done.error == (
        "error: vectors of 'toy' have 4 dimensions in this store, from vectors:a.parquet, and 2 "
        "here; give these another --model, or remove vectors:a.parquet first"
    )
    rest = parquet(SPOTIFY[3:], VECTORS[3:].tolist(), name="b.parquet")
    assert run("embeddings", rest, "--model", "toy").code == 0
    assert stored(ask) == EXPECTED


REFUSALS = {
    "no vector column": ({"track_id": SPOTIFY}, "has 0 numbers a row; a vector has 2 to 8,192"),
    "one dimension": (
        {"track_id": SPOTIFY, "v": pa.array([[1.0]] * 6)},
        "has 1 numbers a row; a vector has 2 to 8,192",
    ),
    "two vector columns": (
        {"track_id": SPOTIFY, "a": pa.array([[1.0, 2]] * 6), "b": pa.array([[1.0, 2]] * 6)},
        "has several columns of vectors (a, b); keep one of them",
    ),
    "no text": (
        {"v": pa.array([[1.0, 2]] * 6)},
        "has no column of text (v); name the one of track",
    ),
    "two texts": (
        {"a": SPOTIFY, "b": SPOTIFY, "v": pa.array([[1.0, 2]] * 6)},
        "has several columns of text (a, b); name the one of track ids track_id",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_table_that_does_not_tell_its_columns_is_refused(run, ask, tmp_path, case):
    columns, reason = REFUSALS[case]
    pq.write_table(pa.table(columns), tmp_path / "v.parquet")
    done = run("embeddings", tmp_path / "v.parquet", "--model", "toy")
    assert done.code == 1
    assert done.error.startswith(f"error: v.parquet {reason}")
    assert ask("SELECT count(*) FROM embeddings") == [(0,)]


def test_a_numpy_file_that_does_not_fit_is_refused(run, npy, tmp_path):
    file, *ids = npy(VECTORS, SPOTIFY[:5])
    model = ("--model", "toy")
    assert run("embeddings", file, *ids, *model).error == (
        "error: v.npy has 6 rows and ids.txt 5 lines; one line is one row"
    )
    assert "does not say whose vectors" in run("embeddings", file, *model).error
    for values, kind in (
        (np.zeros(6), "float64 of shape (6,)"),
        (np.array([["a", "b"]] * 6), "<U1 of shape (6, 2)"),
    ):
        file, *ids = npy(values, SPOTIFY)
        assert kind in run("embeddings", file, *ids, *model).error
    np.save(file, np.array([{}], dtype=object), allow_pickle=True)
    assert "v.npy is no NumPy file" in run("embeddings", file, *ids, *model).error
    file.write_bytes(b"no array")
    assert "v.npy is no NumPy file" in run("embeddings", file, *ids, *model).error


@pytest.mark.parametrize("model", ["", "a?b", "x" * 61, " a"])
def test_a_model_without_a_usable_name_is_refused(run, parquet, model):
    done = run("embeddings", parquet(SPOTIFY, VECTORS.tolist()), "--model", model)
    assert done.code == 1
    assert f"--model {model!r} is no name" in done.error


def test_ids_beside_a_table_and_files_that_are_none_are_refused(run, parquet, tmp_path):
    file = parquet(SPOTIFY, VECTORS.tolist())
    assert (
        "--ids is for .npy files"
        in run("embeddings", file, "--ids", tmp_path / "ids.txt", "--model", "toy").error
    )
    file.write_bytes(b"PAR1 not really")
    assert "damaged Parquet file" in run("embeddings", file, "--model", "toy").error
    assert "no file" in run("embeddings", tmp_path / "none.npy", "--model", "toy").error
