"""What is no table of tracks in the units it claims: refused with one line, and nothing written."""

import gzip
import io
import random
import re
import zipfile

import pytest

from tests.ingest.conftest import digest

UNIT = "danceability energy speechiness acousticness instrumentalness liveness valence".split()
HEADER = ["track_name", "artists", *UNIT, "loudness", "tempo", "duration_ms"]


def values(n=30):
    """Return rows of usual values: seven features, loudness, tempo, length."""
    rng = random.Random(1)
    return [
        [round(rng.uniform(0.1, 0.9), 3) for _ in UNIT]
        + [round(rng.uniform(-15, -3), 3), round(rng.uniform(70, 180), 3), 180000 + i]
        for i in range(n)
    ]


def csv_of(rows, header=HEADER):
    lines = [[f"Song {i}", "Ann", *row] for i, row in enumerate(rows)]
    return "".join(",".join(map(str, row)) + "\n" for row in [header, *lines]).encode()


def changed(column, function):
    """Return the usual rows with a function of one column."""
    at = HEADER.index(column) - 2
    return csv_of([[*row[:at], function(row[at]), *row[at + 1 :]] for row in values()])


def scaled(columns):
    """Return the usual rows with some columns scaled to 0 to 1, as notebooks do."""
    rows = values()
    for at in (HEADER.index(column) - 2 for column in columns):
        low, high = min(row[at] for row in rows), max(row[at] for row in rows)
        for row in rows:
            row[at] = (row[at] - low) / (high - low)
    return csv_of(rows)


def standardised(column):
    at = HEADER.index(column) - 2
    rows = values()
    mean = sum(row[at] for row in rows) / len(rows)
    return changed(column, lambda value: round((value - mean) / 3, 4))


def destroyed(value):
    return int(str(value).replace(".", ""))


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<xml/>")
    return out.getvalue()


REFUSED = {
    "empty": (b"", "songs.csv is empty"),
    "blank": (b" \n\n\t\n", "songs.csv is empty"),
    "header only": (b"title,tempo\n", "songs.csv has no rows"),
    "binary": (bytes(range(256)) * 40, "songs.csv is a binary file"),
    "zero byte": (b"title,tempo\nHa\0lo,100\n", "no text has zero bytes"),
    "HTML": (b"\n<!DOCTYPE html><html><body>Sign in</body>", "is a web page, not a table"),
    "xlsx": (zipped(), "is a zip archive or a spreadsheet; unpack it, or save it as CSV"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "zip archive or a spreadsheet"),
    "gzip, truncated": (
        gzip.compress(csv_of(values(300)))[:-900],
        "is a damaged gzip file; download it again",
    ),
    "gzip, damaged": (b"\x1f\x8b" + b"nothing", "is a damaged gzip file"),
    "Parquet, damaged": (b"PAR1" + bytes(100) + b"PAR1", "is a damaged Parquet file"),
    "prose": (b"Dear Sir\nplease find\n", "no comma, semicolon, tab or pipe divides its first"),
    "not music": (
        b"sepal_length,sepal_width,species\n5.1,3.5,setosa\n",
        "no column for a track id or a title; its columns are: 'sepal_length', 'sepal_width'",
    ),
    "artists, not tracks": (
        b"id,followers,genres,name,popularity\n2wrJq5XKLnmhRXHIAf9xBa,5,[],Ann,3\n",
        "no column for a track id or a title; its columns are: 'id', 'followers'",
    ),
    "JSON": (
        b'[{"title": "Halo", "tempo": 100},\n{"title": "One"}]',
        "no comma, semicolon, tab or pipe",
    ),
    "odd lines": (b"title,tempo\nOne,1,2\nTwo,3,4\nThree,5\n", "over half of its lines cannot be"),
    "odd quotes": (b'title,artist\n"a"b,c\n"d" e,f\n', "over half of its lines cannot be divided"),
    "sep=x": (b"sep=x\ntitlextempo\n", "says that 'x' divides its cells; expected one of comma"),
    "min-max, all": (
        scaled([*UNIT, "loudness", "tempo"]),
        "all values of loudness lie between 0 and 1, so the features were rescaled",
    ),
    "min-max, tempo": (scaled(["tempo"]), "all values of tempo lie between 0 and 1"),
    "tempo 0 to 1, one row": (b"title,tempo\nOne,0.4\n", "all values of tempo lie between"),
    "standardised tempo": (standardised("tempo"), "values of tempo are under 20 BPM"),
    "standardised loudness": (standardised("loudness"), "values of loudness are above 0"),
    "loudness 0 to 100": (
        changed("loudness", lambda v: 60 - v),
        "over half of the values of loudness are impossible, e.g. loudness=",
    ),
    "loudness without its sign": (
        changed("loudness", lambda v: -v / 2),
        "30 of 30 values of loudness are above 0, so they are not in dB",
    ),
    "decimals destroyed": (
        csv_of([list(map(destroyed, row)) for row in values()]),
        "holds numbers such as .*, neither 0 to 1 nor 0 to 100; if a spreadsheet lost the decimal",
    ),
    "tempo without its point": (
        changed("tempo", destroyed),
        r"over half of the values of tempo are impossible, e.g. tempo=\d{5,6}; expected 0 to 300",
    ),
    "loudness without its point": (
        changed("loudness", destroyed),
        r"over half of the values of loudness are impossible, e.g. loudness=-\d{4,5}; expected",
    ),
    "one feature without its point": (
        changed("energy", destroyed),
        "energy holds numbers such as .*, neither 0 to 1 nor 0 to 100",
    ),
    "a scale of 0 to 10": (
        csv_of([[round(v * 10) for v in row[:7]] + row[7:] for row in values()]),
        "goes up to 9 .* which is neither 0 to 1 nor 0 to 100",
    ),
    "percent that is none": (
        csv_of(values(), ["track_name", "artists", *(f"{u}_%" for u in UNIT), *HEADER[-3:]]),
        "the columns in percent hold values such as .*, none over 1",
    ),
    "duration_ms in seconds": (
        changed("duration_ms", lambda v: v / 1000),
        "duration_ms holds lengths such as 180.* 0.18.* s; say .* --map 'duration_ms'=duration_s",
    ),
    "duration_s in milliseconds": (
        changed("duration_ms", str).replace(b"duration_ms", b"duration_s"),
        "duration_s holds lengths such as 180014, which would be .* --map 'duration_s'=duration_ms",
    ),
    "duration 3.45": (
        b"title,duration\nOne,3.45\nTwo,4.12\n",
        "duration holds lengths such as 3.45, 4.12, which may be minutes or minutes and seconds",
    ),
    "a column of words": (changed("energy", lambda v: "high"), "e.g. energy=high; expected 0 to 1"),
    "another header": (
        b"title,artist\nOne,Ann\nartist,title\nBob,Two\n",
        "line 3 is the header again, in another order",
    ),
    "zero character": ("title,artist\nO\0ne,Ann\n".encode("utf-16"), "line 2 holds a zero char"),
    "both notations": (
        changed("tempo", lambda v: f'"{v}"'.replace(".", ",")),
        r"over half of the values of tempo are impossible, e.g. tempo=\d+,\d+; expected 0 to 300",
    ),
}


def assert_untouched(store, before):
    assert digest(store) == before
    assert {p.name for p in store.parent.iterdir()} <= {".music.duckdb.lock", "music.duckdb"}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_file_gives_one_clear_line_and_changes_nothing(
    name, run, store, filled, tmp_path
):
    content, reason = REFUSED[name]
    path = tmp_path / "songs.csv"
    path.write_bytes(content)
    done = run("table", path)
    assert done.code == 1
    assert done.out == ""
    assert done.error.startswith("error: ")
    assert "songs.csv" in done.error
    assert re.search(reason, done.error), done.error
    assert_untouched(store, filled)


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        (["--map", "nope=title"], 1, "no column 'nope' for --map; the table has 'title', 'tempo'"),
        (["--map", "tempo=bpm"], 1, "'tempo=bpm' maps to no column; expected their_name=our_name"),
        (["--map", "tempo"], 1, "'tempo' maps to no column"),
        (["--map", "tempo=title", "--map", "title=title"], 1, "gives title to two columns"),
        (["--genre", "pop", "--genre-from", "file"], 2, "contradict each other; give one"),
        (["--genre", " "], 2, "--genre ' ' is no genre"),
        (["--genre-from", "folder"], 2, "'folder' is not one of 'file', 'column'"),
        (["--report", "/nowhere/report.json"], 1, "cannot write the report /nowhere/report.json"),
    ],
)
def test_a_wrong_option_changes_nothing(run, store, filled, table, options, code, reason):
    songs = table("songs.csv", "title tempo", ("One", "100"))
    done = run("table", songs, *options)
    assert done.code == code
    assert reason in done.err
    assert "Traceback" not in done.err
    assert_untouched(store, filled)


def test_what_is_not_there_is_refused(run, store, filled, tmp_path, server):
    for location, reason in {
        tmp_path / "no.csv": "no.csv; check the path",
        tmp_path: "is a folder; name the files in it",
        f"{server.address}/no.csv": "answered 404 Not Found; check the address",
    }.items():
        done = run("table", location)
        assert done.code == 1
        assert reason in done.error
    assert_untouched(store, filled)


REJECTED = {
    "a shifted line": ("x,Two,0.5,100,Ann,0.5", "6 cells where the header has 5"),
    "a short line": ("Two,Ann,0.5", "3 cells where the header has 5"),
    "a lone quote": ('"Two"s,Ann,0.5,100,1', "the quotes of this line do not match"),
    "0 to 100 among 0 to 1": ("Two,Ann,50,100,1", "energy=50; expected 0 to 1"),
    "no decimal point": ("Two,Ann,0.5,95977,1", "tempo=95977; expected 0 to 300 BPM"),
    "a word": ("Two,Ann,loud,100,1", "energy=loud; expected 0 to 1"),
    "no such key": ("Two,Ann,0.5,100,H#", "key=H#; expected 0 to 11"),
    "a decimal comma": ('Two,Ann,"0,5",100,1', "energy=0,5; expected 0 to 1"),
    "a doubtful comma": ('Two,Ann,0.5,"1,234",1', "tempo=1,234; expected 0 to 300 BPM"),
    "infinity": ("Two,Ann,0.5,inf,1", "tempo=inf; expected 0 to 300 BPM"),
    "no title": (",Ann,0.5,100,1", "no title"),
}


def test_bad_lines_are_rejected_each_with_its_number_and_reason(run, ask, tmp_path):
    good = [f"Song {i},Ann,0.{i},10{i},C#" for i in range(1, 10)]
    lines = [
        "title,artist,energy,tempo,key",
        *good,
        *(line for line, _ in REJECTED.values()),
        *good,
    ]
    (tmp_path / "songs.csv").write_text("\n".join(lines), encoding="utf-8")
    done = run("table", tmp_path / "songs.csv")
    assert done.code == 3
    assert f"{18 + len(REJECTED)} read, 9 added" in done.out
    rejects = {
        int(where.split()[-1]): why for where, why in ask("SELECT locator, reason FROM rejects")
    }
    expected = {line: reason for line, (_, reason) in enumerate(REJECTED.values(), 11)}
    assert {line: why[: len(expected[line])] for line, why in rejects.items()} == expected
    assert ask("SELECT DISTINCT key FROM features") == [(1,)]


def test_a_quote_that_is_never_closed_costs_its_own_line_alone(run, ask, tmp_path):
    lines = ["title,artist", "One,Ann", '"Two,Ann', "Three,Ann", 'Four "4",Ann', "Five,Ann"]
    (tmp_path / "songs.csv").write_text("\n".join(lines), encoding="utf-8")
    assert run("table", tmp_path / "songs.csv").code == 3
    assert ask("SELECT title FROM tracks ORDER BY 1") == [
        ("Five",),
        ('Four "4"',),
        ("One",),
        ("Three",),
    ]
    assert ask("SELECT locator FROM rejects") == [("songs.csv row 3",)]


def test_a_huge_cell_is_echoed_in_short(run, ask, tmp_path):
    content = "title,tempo\nOne,100\nTwo,100\nThree," + "9" * 100_000 + "\n"
    (tmp_path / "songs.csv").write_text(content, encoding="utf-8")
    assert run("table", tmp_path / "songs.csv").code == 3
    assert len(ask("SELECT reason FROM rejects")[0][0]) < 120


def test_an_id_that_is_no_tracks_is_never_stored_as_one(run, ask, tmp_path):
    ids = [
        "spotify:local:Ann:A:One:1",
        "2.5E+21",
        "123456",
        "spotify:episode:2wrJq5XKLnmhRXHIAf9xBa",
    ]
    rows = [f"{track_id},Song {i},Ann" for i, track_id in enumerate(ids)]
    rows.append(" 2wrJq5XKLnmhRXHIAf9xBa ,Halo,Ann")
    (tmp_path / "songs.csv").write_text("id,name,artist\n" + "\n".join(rows), encoding="utf-8")
    run("table", tmp_path / "songs.csv")
    known = dict(ask("SELECT title, track_id FROM tracks"))
    assert known["Halo"] == "spotify:2wrJq5XKLnmhRXHIAf9xBa"
    assert [title for title, track in known.items() if track.startswith("spotify:")] == ["Halo"]


def test_an_unreadable_date_leaves_that_value_empty_with_a_remark(run, ask, table):
    songs = table("songs.csv", "title released", ("One", "31/12/1999"), ("Two", "2020-02-30"))
    done = run("table", songs)
    assert done.code == 0
    assert "release_date: 2 values not understood and left empty, e.g. '31/12/1999'" in done.out
    assert ask("SELECT release_date FROM tracks") == [(None,), (None,)]
