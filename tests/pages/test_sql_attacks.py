"""What a stranger may try in the SQL box of a public server, and what each attempt gets."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from music_explorer.store import sandbox
from music_explorer.ui.plain_text import literal
from tests.pages.conftest import ROOT
from tests.pages.test_sql import result, run

REFUSED, NO_FILE = "not allowed here", "disabled by configuration"
ONLY_SELECT, ONE = "only SELECT and EXPLAIN are allowed here", "one statement at a time"
MEMORY, TIME, SIZE = "needs more memory", "stopped after 3 s", "result is over 20,000,000 bytes"
TOO_DEEP = f"depth limit|nested too deeply|memory capacity|syntax error|Recursion level|{MEMORY}"
STOPPED = f"{MEMORY}|{TIME}"  # whichever comes first

ATTACKS = {
    # Files, the network and extensions.
    "FROM read_text('/etc/passwd')": REFUSED,
    "FROM glob('/etc/*')": REFUSED,
    "FROM read_csv('../../data/music.duckdb')": REFUSED,
    "FROM parquet_metadata('/etc/passwd')": REFUSED,
    "FROM '/etc/passwd.csv'": NO_FILE,
    "FROM 'https://example.com/x.parquet'": NO_FILE,
    "FROM 's3://bucket/x.parquet'": NO_FILE,
    "FROM st_read('/etc/passwd')": REFUSED,
    "COPY tracks TO '/tmp/x.csv'": ONLY_SELECT,
    "EXPLAIN ANALYZE COPY tracks TO '/tmp/x.csv'": ONLY_SELECT,
    "EXPORT DATABASE '/tmp/x'": ONLY_SELECT,
    "ATTACH '/tmp/x.duckdb'": ONLY_SELECT,
    "INSTALL httpfs": ONLY_SELECT,
    "LOAD '/tmp/x.duckdb_extension'": ONLY_SELECT,
    # Writing, and what outlives a query.
    "DELETE FROM tracks": ONLY_SELECT,
    "EXPLAIN ANALYZE DELETE FROM tracks": ONLY_SELECT,
    "EXPLAIN ANALYZE CREATE TEMP TABLE t AS SELECT 1": ONLY_SELECT,
    "CREATE MACRO f() AS 1": ONLY_SELECT,
    "SET threads = 64": ONLY_SELECT,
    "PRAGMA enable_profiling": ONLY_SELECT,
    "FROM enable_logging()": REFUSED,
    "FROM checkpoint()": REFUSED,
    # More than one statement.
    "SELECT 1; DROP TABLE tracks": ONE,
    "SELECT 1 --\n; DELETE FROM tracks": ONE,
    "/* SELECT 1 */ DROP TABLE tracks": ONLY_SELECT,
    "-- nothing but a remark": ONE,
    "SELECT 1 \0; DROP TABLE tracks": "NUL character",
    # What the server is, and where.
    "FROM duckdb_databases()": REFUSED,
    "FROM duckdb_settings": REFUSED,
    'SELECT * FROM system.main."DUCKDB_SETTINGS"()': REFUSED,
    "SUMMARIZE pragma_database_list": REFUSED,
    "FROM pg_catalog.pg_settings": REFUSED,
    "SELECT current_setting('temp_directory')": REFUSED,
    "SELECT s.current_setting() FROM (SELECT 'temp_directory' AS s)": REFUSED,
    "FROM duckdb_extensions()": REFUSED,
    "FROM duckdb_secrets()": REFUSED,
    "FROM duckdb_temporary_files()": REFUSED,
    "SELECT getenv('HOME')": REFUSED,
    "FROM query('FROM duckdb_' || 'databases()')": REFUSED,
    "FROM query_table('duckdb_databases')": REFUSED,
    "FROM histogram_values('duckdb_databases', path)": REFUSED,
    "FROM json_execute_serialized_sql(json_serialize_sql('FROM duckdb_settings()'))": REFUSED,
    "EXPLAIN ANALYZE FROM (SELECT path FROM duckdb_databases())": REFUSED,
    "SELECT CAST((SELECT path FROM duckdb_databases() LIMIT 1) AS INTEGER)": REFUSED,
    # The program's variables.
    "FROM answer": "Table with name answer does not exist",
    "FROM python_map_function()": REFUSED,
    "FROM pandas_scan(0)": REFUSED,
    # Time, memory and size.
    "SELECT sleep_ms(3600000)": REFUSED,
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n FROM t) FROM t": STOPPED,
    "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a <> b": STOPPED,
    "SELECT repeat('x', 1000000000)": STOPPED,
    "SELECT lpad('x', 2000000000, 'y')": STOPPED,
    "SELECT range(1000000000000)": "Lists larger than",
    "SELECT list_transform(range(30000000), lambda x: x + 1)": STOPPED,
    "FROM range(10000) a, range(10000) b ORDER BY random()": STOPPED,
    "SELECT repeat('x', 20000) FROM range(10000)": SIZE,
    "SELECT list_transform(range(1000000), lambda x: x > 0) FROM range(9)": f"{SIZE}|{STOPPED}",
    f"SELECT 1{',1' * 2000}": "2,001 columns; at most 1,000",
    "FROM test_all_types()": "cannot be shown",
    # The parser.
    f"SELECT {'(' * 9000}1{')' * 9000}": "",
    f"SELECT {'- ' * 9000}1": f"^$|{TOO_DEEP}",
    f"SELECT {'[' * 300}1{']' * 300}": f"{TOO_DEEP}|{TIME}",
    f"{'SELECT * FROM (' * 1200}SELECT 1{')' * 1200}": TOO_DEEP,
    f"SELECT 1 {'/*' * 4000}{'*/' * 4000}": f"^$|{TIME}",
    f"SELECT '{'é' * 15_000}'": "over 20,000 bytes",
    "SELECT\u00a0'\u202etxt.exe\u200b'": "",
}


@pytest.fixture(scope="module")
def box(small_store):
    """Return the SQL page of one visitor."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUSIC_STORE", str(small_store))
        at = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
        yield at.switch_page("pages/sql.py").run()


def told(at) -> str:
    """Return what the page says of a query, of several lines, as it was before Markdown."""
    codes = [code.value for code in at.code] if at.error else []
    return "\n".join([error.value.replace("\\", "") for error in at.error] + codes)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda sql: sql[:40].replace("\0", "NUL"))
def test_an_attack_gets_one_clear_line_and_nothing_of_the_server(
    box, small_store, attack, monkeypatch
):
    expected = ATTACKS[attack]
    if TIME in expected:
        monkeypatch.setattr(sandbox, "TIMEOUT_S", 3.0)
    before = small_store.read_bytes()
    at = run(box, attack)
    assert not at.exception
    said = told(at)
    if expected:
        assert re.search(expected, said), said
    else:
        assert not said
        assert len(result(at)) == 1
    for place in (small_store.parent, ROOT, Path.home(), Path(sandbox.__file__).parent):
        assert str(place) not in said.replace(attack, "")
    assert "Traceback" not in said
    assert small_store.read_bytes() == before
    assert [file.name for file in small_store.parent.iterdir() if "read-" in file.name] == []


def test_after_all_that_the_box_still_answers(box):
    at = run(box, "SELECT count(*) AS n FROM tracks")
    assert not at.error
    assert result(at)["n"].tolist() == [120]


def test_a_refusal_is_shown_without_markup(box):
    at = run(box, 'SELECT "<img src=x onerror=alert(1)> **b** :red[r]"')
    assert at.error[0].value == literal(told(at).splitlines()[0])
