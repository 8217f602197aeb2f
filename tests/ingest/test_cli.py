"""The command line: what it does, what it says, and how it exits."""

import re
import signal
import subprocess
import sys

import pytest

from ingest.cli import cli
from ingest.identity import row_track_id
from music_explorer.store import queries
from music_explorer.store.reader import data_version, open_store
from tests.conftest import ROOT, run_ingest
from tests.ingest.conftest import digest

ID = "2wrJq5XKLnmhRXHIAf9xBa"


def test_help_lists_every_command():
    done = run_ingest("--help")
    assert done.returncode == 0
    listed = {line.split()[0] for line in done.stdout.split("Commands:")[1].split("\n") if line}
    assert listed == set(cli.commands)
    assert listed >= {"demo", "study", "table", "status", "export", "restore", "remove"}


@pytest.mark.parametrize(
    "arguments", [["nonsense"], [], ["table"], ["study", "--nonsense"], ["remove"], ["status", "x"]]
)
def test_wrong_usage_exits_2(run, arguments, store):
    assert run(*arguments, at=None).code == 2
    assert not store.exists()


def test_a_folder_is_no_store(run, tmp_path):
    done = run("status", at=tmp_path)
    assert done.code == 2
    assert "is a directory" in done.err


def test_the_demo_has_its_tracks_pairs_and_genres(demo_store):
    with open_store(demo_store) as con:
        counts = queries.counts(con)
        genres = con.execute("FROM genre_counts").fetchall()
    assert counts == counts | {
        "tracks": 5849 + 101,
        "track_genre_pairs": 5986,
        "genres": 6,
        "sources": 2,
        "with_spotify_features": 5849,
        "with_librosa_features": 101,
        "with_estimated_values": 0,
        "rejects": 0,
    }
    assert sum(n for _, n in genres) == 5986


def test_the_demo_built_again_is_the_same_data(run, store, demo_store):
    done = run("demo")
    assert done.code == 0
    assert done.out == (
        "demo: 6,000 read, 5,849 added, 0 updated, 0 unchanged, 0 rejected\n"
        "demo-audio: 101 read, 101 added, 0 updated, 0 unchanged, 0 rejected\n"
    )
    assert data_version(store) == data_version(demo_store)


BAD = (
    ("Good", "0.5", "100", "0", "0.5"),
    ("Bad 1", "1.2", "100", "0", "0.5"),
    ("Bad 2", "0.5", "-3", "0", "0.5"),
    ("Bad 3", "0.5", "100", "12", "0.5"),
    ("Bad 4", "0.5", "100", "0", "abc"),
    ("", "0.5", "100", "0", "0.5"),
    ("Good too", "1", "0", "-1", ""),
)


def test_bad_rows_are_rejected_with_value_and_range_and_good_ones_stored(run, ask, table):
    done = run("table", table("songs.csv", "title danceability tempo key energy", *BAD))
    assert done.code == 3
    assert done.out == (
        "table:songs.csv: 7 read, 2 added, 0 updated, 0 unchanged, 5 rejected; "
        "the reasons are in the table rejects\n"
    )
    assert ask("SELECT locator, reason FROM rejects ORDER BY locator") == [
        ("songs.csv row 3", "danceability=1.2; expected 0 to 1"),
        ("songs.csv row 4", "tempo=-3; expected 0 to 300 BPM"),
        ("songs.csv row 5", "key=12; expected 0 to 11"),
        ("songs.csv row 6", "energy=abc; expected 0 to 1"),
        ("songs.csv row 7", "no title"),
    ]
    features = "SELECT title, danceability, tempo, key, energy FROM features ORDER BY title"
    assert ask(features) == [("Good", 0.5, 100, 0, 0.5), ("Good too", 1, None, None, None)]


def test_not_detected_is_null_and_no_reject(run, ask, table):
    songs = table("songs.csv", "title tempo key time_signature mode", ("One", "0", "-1", "0", "0"))
    assert run("table", songs).code == 0
    row = ask("SELECT tempo, key, time_signature, mode FROM features")
    assert row == [(None, None, None, 0)]


def test_ids_of_every_form_meet_in_one_track(run, ask, table):
    songs = table(
        "songs.csv",
        "track_id title genre",
        (ID, "One", "pop"),
        (f"spotify:track:{ID}", "One", "rock"),
        (f"https://open.spotify.com/track/{ID}?si=1", "One", "jazz"),
        ("spotify:local:Ann:A:One:1", "One", "pop"),
    )
    assert run("table", songs).code == 0
    assert ask("SELECT track_id FROM tracks ORDER BY ALL") == [
        (row_track_id("One", "", ""),),
        (f"spotify:{ID}",),
    ]
    genres = ask("SELECT genre FROM track_genres WHERE track_id = ? ORDER BY 1", f"spotify:{ID}")
    assert genres == [("Jazz",), ("Pop",), ("Rock",)]


def test_a_table_from_an_address_is_recorded_without_its_query(run, ask, server):
    (server.folder / "songs.csv").write_text("title\nOne\n")
    done = run("table", f"{server.address}/songs.csv?token=hush")
    assert done.code == 0
    assert ask("SELECT source, location FROM ingests") == [("table:songs.csv", "songs.csv")]
    assert server.paths == ["/songs.csv?token=hush"]


BROKEN = {
    "missing file": (None, "no file .*no.csv; check the path"),
    "folder": (None, "is a folder; name the files in it"),
    "empty file": (b"", "bad.csv is empty"),
    "header only": (b"title,tempo\n", "bad.csv has no rows"),
    "binary file": (bytes(range(256)) * 40, "bad.csv is a binary file"),
    "no title, no id": (b"tempo,energy\n100,1\n", "no column for a track id or a title"),
    "broken Parquet": (b"PAR1" + bytes(100) + b"PAR1", "bad.csv is a damaged Parquet file"),
    "404": (None, "answered 404 Not Found; check the address"),
    "500": (None, "answered 500 Internal Server Error"),
    "truncated": (None, "cannot download .*good.csv: ChunkedEncodingError"),
    "refused connection": (None, "cannot download .*: ConnectionError"),
}


@pytest.fixture(params=BROKEN)
def broken(request, tmp_path, server):
    """Something that is no table, and the reason to be given."""
    content, reason = BROKEN[request.param]
    if content is not None:
        (tmp_path / "bad.csv").write_bytes(content)
        return tmp_path / "bad.csv", reason
    (server.folder / "good.csv").write_text("title\n" + "One\n" * 1000)
    location = {
        "missing file": tmp_path / "no.csv",
        "folder": tmp_path,
        "404": f"{server.address}/no.csv",
        "500": f"{server.address}/status/500/a.csv",
        "truncated": f"{server.address}/truncated/good.csv",
        "refused connection": "http://127.0.0.1:1/a.csv",
    }[request.param]
    return location, reason


def test_a_refused_file_leaves_the_store_byte_for_byte(run, store, filled, broken):
    location, reason = broken
    done = run("table", location)
    assert done.code == 1
    assert done.out == ""
    assert done.error.startswith("error: ")
    assert re.search(reason, done.error)
    assert digest(store) == filled


def test_a_refused_first_file_makes_no_store(run, store, broken):
    assert run("table", broken[0]).code == 1
    assert not store.exists()
    assert not [p for p in store.parent.iterdir() if not p.name.endswith(".lock")]


def test_of_several_files_the_good_ones_are_stored(run, ask, table, tmp_path, monkeypatch):
    # The bad file is found out only after some of its batches were staged.
    monkeypatch.setattr("ingest.tables.layout.ROWS", 3)
    bad = tmp_path / "bad.csv"
    bad.write_bytes(b"title,tempo\n" + b"Lost,100\n" * 10 + b"Lost,-3\n" * 11)
    one, two = table("one.csv", "title", ("One",)), table("two.csv", "title tempo", ("Two", "90"))
    done = run("table", one, bad, two)
    assert done.code == 3
    assert done.error == (
        "refused: bad.csv: over half of the values of tempo are impossible, e.g. tempo=-3; "
        "expected 0 to 300 BPM; nothing was imported"
    )
    assert ask("SELECT title, tempo FROM features ORDER BY title") == [("One", None), ("Two", 90)]
    assert ask("SELECT source FROM ingests ORDER BY ingest_id") == [
        ("table:one.csv",),
        ("table:two.csv",),
    ]


def test_of_several_refused_files_each_is_told_and_nothing_written(run, store, filled, tmp_path):
    (tmp_path / "empty.csv").touch()
    done = run("table", tmp_path / "empty.csv", tmp_path / "no.csv")
    assert done.code == 1
    assert "empty.csv is empty" in done.err
    assert "no.csv; check the path" in done.err
    assert digest(store) == filled


def test_a_file_with_rejects_makes_the_whole_run_exit_3(run, table):
    good = table("good.csv", "title tempo", ("One", "90"))
    bad = table("bad.csv", "title tempo", ("Two", "-3"), ("Three", "90"))
    assert run("table", bad, good).code == 3


def test_the_option_comes_before_the_environment(run, ask, table, store, tmp_path, monkeypatch):
    named = tmp_path / "named.duckdb"
    monkeypatch.setenv("MUSIC_STORE", str(named))
    songs = table("songs.csv", "title", ("One",))
    assert run("table", songs).code == 0
    assert store.exists()
    assert not named.exists()
    assert run("table", songs, at=None).code == 0
    assert ask("SELECT title FROM tracks", at=named) == [("One",)]


def test_the_environment_comes_before_the_default(run, tmp_path, monkeypatch):
    named = tmp_path / "named.duckdb"
    monkeypatch.setenv("MUSIC_STORE", str(named))
    done = run("status", at=None)
    assert done.code == 1
    assert done.error.startswith(f"error: no store at {named}; make one with: ")


def test_the_demo_does_not_follow_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("MUSIC_STORE", str(tmp_path / "mine.duckdb"))
    [option] = [p for p in cli.commands["demo"].params if p.name == "store"]
    assert option.default() == ROOT / "data" / "demo.duckdb"


def test_status_counts_what_is_there(run, table, store):
    songs = table(
        "songs.csv",
        "title artist genre tempo",
        ("One", "Ann", "pop", "90"),
        ("Two", "Bob", "pop", "-3"),
    )
    run("table", songs)
    done = run("status")
    assert done.code == 0
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert lines[0] == f"{store} (data version {data_version(store)})"
    assert {"tracks 1", "genres 1", "with spotify features 1", "rejects 1"} <= set(lines)
    assert lines[-1].startswith("table:songs.csv: 1 tracks from songs.csv, imported ")
    assert lines[-1].endswith(" UTC, 1 rejected")


def test_export_and_restore_give_the_same_data(run, store, filled, tmp_path):
    done = run("export", tmp_path / "out")
    assert done.code == 0
    assert f"{tmp_path}/out/tracks.parquet: 1 rows\n" in done.out
    copy = tmp_path / "copy.duckdb"
    assert run("restore", tmp_path / "out", at=copy).code == 0
    assert data_version(copy) == data_version(store)
    again = run("restore", tmp_path / "out", at=copy)
    assert (again.code, again.error) == (
        1,
        "error: restore needs a new store; name a path that does not exist with --store",
    )


def test_remove_takes_a_source_away(run, ask, table, filled):
    run("table", table("second.csv", "title tempo", ("First", "90"), ("Second", "91")))
    done = run("remove", "table:second.csv")
    assert done.code == 0
    assert done.out.splitlines()[0] == (
        "table:second.csv: 1 tracks removed, 1 kept because other sources have them"
    )
    assert done.out.splitlines()[1].startswith("1 of those had their feature values from table:")
    assert ask("SELECT title, tempo FROM features") == [("First", None)]


def test_remove_names_the_sources_it_knows(run, store, filled):
    done = run("remove", "study")
    assert done.code == 1
    assert done.error == "error: no source 'study' in this store; it has: table:first.csv"
    assert digest(store) == filled


@pytest.mark.parametrize("command", [["status"], ["export", "out"], ["demo"], ["remove", "demo"]])
def test_a_file_that_is_no_store_is_refused_by_every_command(run, store, tmp_path, command):
    store.parent.mkdir()
    store.write_text("title\nOne\n")
    before = digest(store)
    done = run(*(tmp_path / word if word == "out" else word for word in command))
    assert done.code == 1
    assert "not a DuckDB file" in done.error
    assert digest(store) == before


def interrupted(server, store, *files):
    """Start an import whose last file never arrives whole, press Ctrl-C, return the process."""
    (server.folder / "songs.csv").write_text("title\n" + "Slow\n" * 1000)
    process = subprocess.Popen(
        [sys.executable, "-m", "ingest", "table", *map(str, files)]
        + [f"{server.address}/slow/songs.csv", "--store", str(store)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.started.wait(60), "the download did not start"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "Traceback" not in err
    assert err.strip() == "stopped; what was finished is kept, run again to go on"
    return process.returncode, out


def test_ctrl_c_exits_4_and_leaves_the_store_byte_for_byte(server, store, filled):
    assert interrupted(server, store) == (4, "")
    assert digest(store) == filled
    assert sorted(p.name for p in store.parent.iterdir()) == [".music.duckdb.lock", "music.duckdb"]


def test_ctrl_c_keeps_the_files_that_were_finished(server, store, filled, table, ask):
    code, out = interrupted(server, store, table("one.csv", "title", ("One",)))
    assert code == 4
    assert out.startswith("table:one.csv: 1 read, 1 added")
    assert ask("SELECT title FROM tracks ORDER BY 1") == [("First",), ("One",)]
