"""A query taken along: what is copied does what the page did."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from music_explorer.ui.sql_commands import (
    MAX_LINK_BYTES,
    link,
    python_program,
    shell_command,
    shown_path,
)
from tests.conftest import ROOT

QUERIES = [
    "SELECT 1",
    "-- a remark\nSELECT 'it''s $HOME `date` \\ \"quoted\" %s !'",
    'SELECT title AS "a ""b""" FROM tracks\nWHERE artist = \'Beyoncé\' -- 100 %',
    "SELECT '\"\"\"' AS three, '\\n' AS two",
]


@pytest.mark.parametrize("sql", QUERIES)
@pytest.mark.parametrize("name", ["my music.duckdb", "-it's.duckdb"])
def test_a_shell_hands_the_query_over_as_it_was_written(tmp_path, sql, name):
    program = tmp_path / "duckdb"
    program.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        "sys.stdout.buffer.write('\\0'.join(sys.argv[1:]).encode())\n"
    )
    program.chmod(0o755)
    done = subprocess.run(
        ["sh", "-c", shell_command(tmp_path / name, sql)],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        check=True,
    )
    options = done.stdout.decode().split("\0")
    assert options[0] == "-readonly"
    assert Path(options[1]).name == name
    assert not options[1].startswith("-")
    assert options[2:] == ["-c", sql]


@pytest.mark.parametrize("sql", [*QUERIES, 'SELECT 1 AS "a"'])
def test_the_program_holds_the_query_as_it_was_written(sql):
    names = {}
    exec(python_program(Path("music.duckdb"), sql).split("with ")[0], names)
    assert names["sql"].strip() == sql


def test_the_program_reads_the_store_and_prints_the_rows(small_store):
    program = python_program(small_store, "SELECT count(*) AS n, 'it''s' AS said FROM tracks")
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=small_store.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "120" in done.stdout
    assert "it's" in done.stdout


def test_a_path_of_the_server_is_shown_only_to_whom_it_belongs(monkeypatch, tmp_path):
    elsewhere = tmp_path / "music.duckdb"
    monkeypatch.delenv("MUSIC_WRITABLE", raising=False)
    assert shown_path(elsewhere) == "music.duckdb"
    assert shown_path(ROOT / "data" / "music.duckdb") == "data/music.duckdb"
    monkeypatch.setenv("MUSIC_WRITABLE", "1")
    assert shown_path(elsewhere) == str(elsewhere)
    assert shown_path(ROOT / "data" / "music.duckdb") == "data/music.duckdb"


@pytest.mark.parametrize("sql", QUERIES)
def test_a_link_brings_back_the_query(sql):
    address = link("http://localhost:8501/sql", sql)
    assert parse_qs(urlsplit(address).query) == {"sql": [sql]}


def test_a_link_that_is_too_long_is_not_made():
    page = "http://localhost:8501/sql"
    room = MAX_LINK_BYTES - len(f"{page}?sql=")
    assert len(link(page, "x" * room)) == MAX_LINK_BYTES
    assert link(page, "x" * (room + 1)) is None
    assert link(page, "é" * (room // 6 + 1)) is None  # six bytes in an address
