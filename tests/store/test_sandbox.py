"""A stranger's SQL: what is allowed, what is refused, and what is stopped."""

import os
import stat
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from music_explorer.store import sandbox, sandbox_process
from music_explorer.store.sandbox import QueryError, query
from music_explorer.store.sandbox_process import _size
from music_explorer.store.turns import Turns


@pytest.fixture(scope="module")
def store(demo_store):
    return demo_store


def check(sql: str) -> None:
    with duckdb.connect() as con:
        sandbox_process.check(con, sql)


def test_a_select_gives_its_rows(store):
    result = query(store, "SELECT count(*) AS n, 'é' AS text FROM tracks")
    assert result.rows.to_pylist() == [{"n": 5950, "text": "é"}]
    assert not result.truncated


def test_a_relative_path_is_the_callers(store, monkeypatch):
    monkeypatch.chdir(store.parent)
    assert query(Path(store.name), "SELECT 1 AS one").rows.to_pylist() == [{"one": 1}]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "SELECT 1;",
        "-- a remark\nFROM tracks",
        "WITH t AS (SELECT 1) SELECT * FROM t",
        "EXPLAIN SELECT * FROM tracks",
        "EXPLAIN ANALYZE SELECT * FROM tracks",
        "EXPLAIN (FORMAT JSON) SELECT 'FROM duckdb_settings()' AS \"duckdb_settings\"",
        "SELECT column_name FROM duckdb_columns()",
        "SELECT table_name FROM information_schema.tables",
        "DESCRIBE tracks",
        "SUMMARIZE tracks",
        "SHOW TABLES",
        "VALUES (1)",
    ],
)
def test_reading_is_allowed(sql):
    check(sql)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("INSERT INTO tracks (track_id) VALUES ('a:b')", "INSERT"),
        ("UPDATE tracks SET title = ''", "UPDATE"),
        ("DELETE FROM tracks", "DELETE"),
        ("DROP TABLE tracks", "DROP"),
        ("CREATE TEMP TABLE t AS SELECT 1", "CREATE"),
        ("ALTER TABLE tracks ADD COLUMN x INTEGER", "ALTER"),
        ("COPY tracks TO '/tmp/x.csv'", "COPY"),
        ("EXPORT DATABASE '/tmp/x'", "EXPORT"),
        ("ATTACH '/tmp/x.duckdb'", "ATTACH"),
        ("DETACH demo", "DETACH"),
        ("SET threads = 64", "SET"),
        ("RESET threads", "SET"),
        ("USE memory", "SET"),
        ("PRAGMA enable_profiling", "PRAGMA"),
        ("PRAGMA threads = 64", "SET"),
        ("INSTALL httpfs", "LOAD"),
        ("LOAD httpfs", "LOAD"),
        ("BEGIN", "TRANSACTION"),
        ("PREPARE p AS SELECT 1", "PREPARE"),
        ("CALL pragma_version()", "CALL"),
        ("CHECKPOINT", "CALL|CHECKPOINT"),
        ("VACUUM", "VACUUM"),
        ("EXPLAIN ANALYZE DELETE FROM tracks", "DELETE"),
        ("EXPLAIN /**/ ANALYZE -- x\n CREATE TEMP TABLE t AS SELECT 1", "CREATE"),
        ("EXPLAIN (FORMAT JSON) COPY tracks TO 'x.csv'", "COPY"),
    ],
)
def test_any_other_statement_is_refused_by_its_kind(sql, kind):
    with pytest.raises(QueryError, match=f"only SELECT and EXPLAIN are allowed.* ({kind})"):
        check(sql)


@pytest.mark.parametrize(
    ("sql", "n"), [("SELECT 1; SELECT 2", 2), ("SELECT 1; DROP TABLE t", 2), ("", 0)]
)
def test_exactly_one_statement_is_run(sql, n):
    with pytest.raises(QueryError, match=f"one statement at a time; this is {n}"):
        check(sql)


def test_bad_grammar_is_told_as_it_is():
    with pytest.raises(QueryError, match='syntax error at or near "SELEKT"'):
        check("SELEKT 1")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT * FROM read_csv('/etc/passwd')", "table function read_csv is not allowed"),
        ("SELECT * FROM 'a.csv'", "disabled by configuration"),
        ("SELECT * FROM '/etc/passwd.csv'", "passwd"),
        ("SELECT * FROM reader", "Table with name reader does not exist"),  # a Python variable
        ("SELECT error('boom') FROM tracks", "boom"),
        ("SELECT CAST(title AS INTEGER) FROM tracks", "Could not convert string"),
        ("SELECT getenv('HOME')", "getenv is not allowed here"),
        ("SELECT * FROM no_such_table", "no_such_table does not exist"),
    ],
)
def test_the_error_says_what_failed_and_nothing_of_the_machine(store, sql, reason):
    with pytest.raises(QueryError, match=reason) as caught:
        query(store, sql)
    text = str(caught.value)
    assert str(store.parent) not in text
    assert str(Path(sandbox.__file__).parents[2]) not in text
    assert "Traceback" not in text


def test_a_missing_store_is_not_named_by_its_path(tmp_path):
    with pytest.raises(QueryError, match="no store at the store") as caught:
        query(tmp_path / "no.duckdb", "SELECT 1")
    assert str(tmp_path) not in str(caught.value)


def test_an_endless_query_is_stopped(store, monkeypatch):
    monkeypatch.setattr(sandbox, "TIMEOUT_S", 2.0)
    with pytest.raises(QueryError, match="stopped after 2 s; ask for less"):
        query(store, "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a <> b")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT length(repeat('x', 3000000000))",
        "SELECT array_agg(range) FROM range(200000000)",
    ],
)
def test_a_query_that_needs_too_much_memory_fails_in_one_line(store, monkeypatch, sql):
    monkeypatch.setattr(sandbox, "TIMEOUT_S", 60.0)
    with pytest.raises(QueryError) as caught:
        query(store, sql)
    assert str(caught.value) == (
        "the query needs more memory than a query may have; aggregate or filter first"
    )


@pytest.mark.parametrize(("n", "truncated"), [(10_000, False), (10_001, True)])
def test_a_long_result_is_cut_and_says_so(store, n, truncated):
    result = query(store, f"FROM range({n})")
    assert result.truncated is truncated
    assert result.rows.column(0).to_pylist() == list(range(10_000))


def test_a_wide_result_is_refused_before_it_fills_the_callers_memory(store):
    with pytest.raises(QueryError, match="over 20,000,000 bytes; select fewer or shorter columns"):
        query(store, "SELECT repeat('x', 20000) FROM range(5000)")


def test_the_child_gets_nothing_of_the_environment_but_what_it_needs(store, tmp_path, monkeypatch):
    monkeypatch.setenv("SPOTIFY_CLIENT_SECRET", "hush")
    seen, python = tmp_path / "seen", tmp_path / "python"
    python.write_text(f'#!/bin/sh\nenv > "{seen}"\nexec "{sys.executable}" "$@"\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(python))
    assert query(store, "SELECT 1 AS one").rows.num_rows == 1
    given = {line.split("=")[0] for line in seen.read_text().splitlines()}
    assert "PATH" in given
    assert "SPOTIFY_CLIENT_SECRET" not in given
    allowed = {"PATH", "TMPDIR", "TEMP", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE"}
    assert given <= allowed | {"OPENBLAS_NUM_THREADS", "PWD", "SHLVL", "_"}
    assert "hush" in os.environ.values()


def test_no_table_of_the_system_tells_where_the_store_lies(store):
    with duckdb.connect() as con:
        functions = con.sql(
            "SELECT DISTINCT function_name || '()' FROM duckdb_functions() "
            "WHERE function_type LIKE 'table%' AND parameters = []"
        ).fetchall()
        views = con.sql("SELECT schema_name || '.' || view_name FROM duckdb_views()").fetchall()
    told = []
    with sandbox_process.open_store(store) as con:
        for (name,) in functions + views:
            try:
                sandbox_process.check(con, f"FROM {name}")
                told += con.execute(f"FROM {name}").fetchall()
            except (QueryError, duckdb.Error) as error:
                told.append(str(error))
    assert len(told) > 1000
    assert str(store.parent) not in str(told)


def test_a_result_is_measured_by_what_it_takes_once_it_is_read():
    flags = pa.array([[True] * 1000])
    assert flags.nbytes < 1000
    assert _size(flags) > 8 * 1000
    assert _size(pa.array([{"a": [[1, 2], [3]]}])) > 8 * 3
    assert _size(pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int8()))) > 8 * 2
    assert _size(pa.array(["x" * 1000])) > 1000


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("kill -KILL $$", "stopped the query, most likely for want of memory"),
        ("kill -SEGV $$", "crashed the process that ran it"),
        ("exit 1", "crashed the process that ran it"),
        ("exit 4", "needs more memory"),
    ],
)
def test_an_end_is_told_as_what_it_was(store, tmp_path, monkeypatch, ending, words):
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{ending}\n")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(QueryError, match=words):
        query(store, "SELECT 1")


def test_a_query_that_is_too_long_starts_no_process(store, monkeypatch):
    monkeypatch.setattr(sys, "executable", "no such program")
    with pytest.raises(QueryError, match="over 20,000 bytes"):
        query(store, f"SELECT '{'é' * 10_000}'")


def test_a_query_ends_earlier_when_others_wait(store, monkeypatch):
    monkeypatch.setattr(sandbox, "SHARED_S", 0.5)
    monkeypatch.setattr(Turns, "n_waiting", lambda self: 1)
    with pytest.raises(QueryError, match="as other visitors were waiting"):
        query(store, "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a <> b")


def test_a_query_is_refused_where_too_many_wait(store, monkeypatch):
    monkeypatch.setattr(sandbox, "_turns", Turns(0, most_waiting=0, patience_s=0))
    with pytest.raises(QueryError, match="too many queries are waiting on this server"):
        query(store, "SELECT 1")
