"""The audio command: exit codes, interruptions, several processes, a cluster."""

import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from music_explorer.store import queries
from music_explorer.store.reader import data_version, open_store
from tests.conftest import ROOT, run_ingest
from tests.ingest.sound import sound, tag

N_SOUNDS = 300  # more than one batch
TABLES = {
    "tracks": "*",
    "track_sources": "track_id, source",
    "track_genres": "*",
    "librosa_features": "*",
    "audio_files": "*",
}


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    """Hundreds of files: sounds, copies, links, tiny, broken and other ones, links in a circle."""
    root = tmp_path_factory.mktemp("library") / "music"
    for number in range(N_SOUNDS):
        ending = "wav" if number % 10 else ("flac", "mp3", "ogg")[number // 10 % 3]
        sound(root / f"{number % 3}" / f"{number:03d}.{ending}", number, seconds=0.1)
    tag(root / "0" / "000.flac", title="Same", artist="Ann", genre="Pop")
    tag(sound(root / "9" / "same.mp3", 0, seconds=0.1), title="Same", artist="Ann", genre="Rock")
    for number in range(1, 6):
        shutil.copy(root / f"{number % 3}" / f"{number:03d}.wav", root / f"copy{number}.wav")
        (root / f"link{number}.wav").symlink_to(root / f"{number % 3}" / f"{number:03d}.wav")
        (root / f"{number}empty.mp3").touch()
        (root / f"{number}notes.txt").touch()
        (root / "1" / f"text{number}.mp3").write_text("no sound in here\n" * 100)
        sound(root / "2" / f"tiny{number}.wav", number, seconds=0.01)
    (root / "circle").symlink_to(root)
    return root


SUMMARY = (
    f"audio:music: {N_SOUNDS + 26} audio files: {N_SOUNDS} added, 1 linked, 10 copies, 15 rejected"
)


@pytest.fixture(scope="module")
def undisturbed(music, tmp_path_factory):
    store = tmp_path_factory.mktemp("undisturbed") / "music.duckdb"
    done = run_ingest("audio", music, "--jobs", 1, "--store", store)
    assert done.returncode == 3, done.stderr
    assert done.stdout.splitlines()[0] == SUMMARY
    assert "  5 other files were left out" in done.stdout.splitlines()
    return store


def contents(store):
    with open_store(store) as con:
        tables = {
            table: con.execute(f"SELECT {names} FROM {table} ORDER BY ALL").fetchall()
            for table, names in TABLES.items()
        }
        tables["rejects"] = queries.rejects(con).to_dict("records")
    tables["version"] = data_version(store)
    return tables


def interrupt(music, store, how):
    """Send a signal once the first batch is published."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ingest", "audio", music, "--jobs", "1", "--store", store],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not store.exists():
        assert process.poll() is None, process.communicate()
    process.send_signal(how)
    return *process.communicate(), process.returncode


def test_a_run_that_was_killed_ends_after_the_next_as_one_undisturbed(music, undisturbed, store):
    *_, code = interrupt(music, store, signal.SIGKILL)
    assert code == -signal.SIGKILL
    with open_store(store) as con:
        n_first = con.execute("SELECT count(*) FROM audio_files").fetchone()[0]
    assert 0 < n_first < N_SOUNDS
    done = run_ingest("audio", music, "--jobs", 1, "--store", store)
    assert done.returncode == 3
    found = re.search(r"326 audio files: (\d+) added, .*?(\d+) unchanged", done.stdout)
    assert int(found[1]) + int(found[2]) >= N_SOUNDS
    assert contents(store) == contents(undisturbed)


def test_ctrl_c_keeps_what_was_finished_and_exits_4(music, undisturbed, store):
    out, err, code = interrupt(music, store, signal.SIGINT)
    assert (code, err.strip()) == (4, "stopped; what was finished is kept, run again to go on")
    assert re.search(r"  [1-9]\d* not read yet", out)
    assert run_ingest("audio", music, "--store", store).returncode == 3
    assert contents(store) == contents(undisturbed)


def test_two_processes_store_what_one_stores(music, undisturbed, store):
    done = run_ingest("audio", music, "--jobs", 2, "--store", store)
    assert done.stdout.splitlines()[0] == SUMMARY
    assert contents(store) == contents(undisturbed)


def test_the_log_counts_the_batches_of_a_run_as_one_import(undisturbed):
    with open_store(undisturbed) as con:
        rows = con.execute("SELECT n_read, n_added, n_rejected FROM ingests").fetchall()
        assert rows == [(N_SOUNDS + 26, N_SOUNDS, 15)]
        assert con.execute("SELECT count(*) FROM rejects").fetchone() == (15,)


@pytest.fixture
def two_workers(music):
    """A Dask scheduler and two workers on this machine, in processes of their own."""
    distributed = pytest.importorskip(
        "distributed", reason="dask.distributed is an optional requirement"
    )
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as local:
            yield local.scheduler_address
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def test_a_cluster_of_two_workers_stores_what_one_process_stores(
    music, undisturbed, store, two_workers
):
    done = run_ingest("audio", music, "--cluster", two_workers, "--store", store)
    assert (done.returncode, done.stdout.splitlines()[0]) == (3, SUMMARY), done.stderr
    assert contents(store) == contents(undisturbed)


def test_a_table_and_a_folder_meet_in_one_row_and_remove_undoes_it(run, ask, table, tmp_path):
    run("table", table("t.csv", "title artist duration_ms tempo genre",
                       ("One", "Ann", "1000", "90", "pop")))  # fmt: skip
    version = ask("SELECT data_version FROM store_version")
    tag(sound(tmp_path / "music" / "a.flac", seconds=1), title="One", artist="Ann")
    done = run("audio", tmp_path / "music", "--jobs", 1)
    assert (done.code, done.out) == (0, "audio:music: 1 audio files: 1 linked\n")
    assert ask("SELECT title, tempo, mfcc_01_mean < 0 FROM features") == [("One", 90, True)]
    done = run("audio", tmp_path / "music", "--jobs", 1)
    assert (done.code, done.out) == (0, "audio:music: 1 audio files: 1 unchanged\n")
    assert run("remove", "audio:music").code == 0
    assert ask("SELECT data_version FROM store_version") == version
    done = run("audio", tmp_path / "music", "--jobs", 1, "--no-link")
    assert done.out == "audio:music: 1 audio files: 1 added\n"


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["{music}", "--jobs", "0"], 2, "Invalid value for '--jobs'"),
        (["{music}", "--jobs", "-1"], 2, "Invalid value for '--jobs'"),
        (["{music}", "--jobs", "2", "--cluster", "tcp://a:1"], 2, "contradict each other"),
        (["{music}", "--excerpt", "0"], 2, "Invalid value for '--excerpt'"),
        ([], 2, "Missing argument"),
        (["{music}/nowhere"], 1, "error: the folder {music}/nowhere does not exist"),
        (["{music}/a.wav"], 1, "error: the folder {music}/a.wav is a file; name the folder"),
        (["{music}", "{music}/empty"], 1, "error: no audio file in {music}/empty; endings: .aac"),
    ],
)
def test_what_cannot_be_done_is_told_and_writes_nothing(
    run, store, tmp_path, arguments, code, error
):
    folder = tmp_path / "music"
    sound(folder / "a.wav")
    (folder / "empty").mkdir()
    done = run("audio", *(word.format(music=folder) for word in arguments))
    assert done.code == code
    assert error.format(music=folder) in done.err
    assert not store.exists()


def test_a_second_import_is_told_before_any_work(run, tmp_path, store):
    from music_explorer.store.writer import sole_writer

    sound(tmp_path / "music" / "a.wav")
    with sole_writer(store):
        done = run("audio", tmp_path / "music")
    assert done.code == 1
    assert "another import is writing" in done.error
