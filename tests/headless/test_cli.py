"""``python -m music_explorer run``: the same bytes every time, and one clear line on an error."""

import json
import shutil

import pandas as pd
import pytest

from music_explorer.headless.cli import main
from music_explorer.store import runs
from music_explorer.store.reader import data_version, open_store
from tests.headless.conftest import run_headless

TSNE = {
    "feature_set": "study",
    "genres": ["Left"],
    "projection": "tsne",
    "n_components": 2,
    "space": "projection",
    "n_clusters": 3,
}
TABLES = ("assignments", "features", "labels", "scaled", "tracks")


def written(path, values):
    path.write_text(json.dumps(values))
    return path


def test_two_processes_give_the_same_labels_and_coordinates(small_store, tmp_path):
    config = written(tmp_path / "config.json", TSNE)
    told = []
    for name in ("one", "two"):
        done = run_headless("run", config, "--store", small_store, "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
        told.append(done.stdout.splitlines()[0])
    assert told[0] == told[1]
    assert "60 tracks in 3 clusters, 0 noise" in told[0]
    for name in TABLES:
        one, two = ((tmp_path / run / f"{name}.parquet").read_bytes() for run in ("one", "two"))
        assert one == two
    places = pd.read_parquet(tmp_path / "one" / "assignments.parquet")
    assert places[["x", "y"]].std().gt(0).all()


@pytest.mark.parametrize(
    ("estimated", "n_tracks", "n_estimated"), [(False, 120, 0), (True, 150, 30)]
)
def test_a_run_records_whether_estimated_values_count(
    estimated_store, tmp_path, estimated, n_tracks, n_estimated
):
    config = written(tmp_path / "config.json", {"estimated_values": estimated, "n_clusters": 2})
    out = tmp_path / "out"
    assert code_of("run", str(config), "--store", str(estimated_store), "--out", str(out)) == 0
    account = json.loads((out / "run.json").read_text())
    assert account["config"]["estimated_values"] == estimated
    assert (account["n_tracks"], account["n_estimated"]) == (n_tracks, n_estimated)


def test_keeping_puts_the_run_into_the_store_and_leaves_the_data_version(
    small_store, tmp_path, capsys
):
    store = tmp_path / "music.duckdb"
    shutil.copy(small_store, store)
    version = data_version(store)
    config = written(tmp_path / "config.json", {"n_clusters": 3})
    common = ["run", str(config), "--store", str(store), "--keep", "--out"]
    assert code_of(*common, str(tmp_path / "one")) == 0
    assert f"kept in {store}" in capsys.readouterr().out
    assert code_of(*common, str(tmp_path / "two")) == 0
    assert "has kept this run before" in capsys.readouterr().out
    assert data_version(store) == version
    account = json.loads((tmp_path / "one" / "run.json").read_text())
    with open_store(store) as con:
        kept, assignments = runs.read(con, account["run_id"])
    assert kept["scores"] == account["scores"]
    exported = pd.read_parquet(tmp_path / "one" / "assignments.parquet")
    pd.testing.assert_frame_equal(assignments, exported)


def test_an_exported_run_is_a_configuration_again(small_store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = written(tmp_path / "config.json", {"n_clusters": 4, "random_state": 3})
    assert code_of("run", str(config), "--store", str(small_store), "--out", "first") == 0
    assert code_of("run", "first/run.json", "--store", str(small_store)) == 0
    first = json.loads((tmp_path / "first" / "run.json").read_text())
    again = json.loads((tmp_path / f"run-{first['run_id']}" / "run.json").read_text())
    assert {**first, "created_at": 0} == {**again, "created_at": 0}


def code_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return end.value.code


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "config.json is not JSON: Expecting property name"),
        ("[1]", "holds no configuration; expected an object, as {"),
        ('{"clusters": 3}', "clusters: not in a configuration; choose from feature_set,"),
        ('{"n_clusters": 500}', "n_clusters=500 for 120 tracks; choose 2 to 119"),
        ('{"genres": ["Polka"]}', "genres=Polka: no track has that genre; choose from Left, Right"),
    ],
)
def test_a_configuration_that_cannot_be_run_is_told_in_one_line(
    small_store, tmp_path, capsys, text, message
):
    (tmp_path / "config.json").write_text(text)
    out = tmp_path / "out"
    code = code_of(
        "run", str(tmp_path / "config.json"), "--store", str(small_store), "--out", str(out)
    )
    assert code == 1
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert message in told
    assert len(told.splitlines()) == 1
    assert not out.exists()


def test_a_missing_file_and_a_missing_store_are_told_in_one_line(small_store, tmp_path, capsys):
    nowhere = tmp_path / "nowhere"
    assert code_of("run", str(nowhere), "--store", str(small_store)) == 1
    assert capsys.readouterr().err == f"error: cannot read {nowhere}: No such file or directory\n"
    config = written(tmp_path / "config.json", {})
    assert code_of("run", str(config), "--store", str(nowhere)) == 1
    assert capsys.readouterr().err.startswith(f"error: no store at {nowhere}; make one with")


def test_a_folder_with_something_in_it_is_left_alone(small_store, tmp_path, capsys):
    config = written(tmp_path / "config.json", {})
    assert code_of("run", str(config), "--store", str(small_store), "--out", str(tmp_path)) == 1
    assert f"{tmp_path} is not empty; name a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_wrong_usage_ends_with_2(capsys):
    assert code_of("run") == 2
    assert code_of("run", "config.json", "--label", "mood") == 2
    assert "'mood' is not one of 'genre'" in capsys.readouterr().err
