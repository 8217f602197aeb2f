"""The study's published table, imported through the command line."""

import csv

import pytest

from ingest.sources.study import STUDY_ADDRESS
from music_explorer.store import queries
from music_explorer.store.reader import data_version, open_store

FEATURES = (
    "acousticness danceability energy key loudness mode speechiness instrumentalness liveness "
    "valence tempo duration_ms time_signature"
).split()
LIBROSA = {f"MFCC{n}": f"mfcc_{n:02d}_mean" for n in range(1, 21)} | {
    f"Spectral Contrast Freq Band{n}": f"spectral_contrast_{n}_mean" for n in range(1, 8)
}


def test_the_study_has_its_tracks_pairs_and_genres(study_store):
    with open_store(study_store) as con:
        counts = queries.counts(con)
    assert counts == counts | {
        "tracks": 2994,
        "track_genre_pairs": 3081,
        "genres": 11,
        "with_spotify_features": 2994,
        "with_librosa_features": 2994,
        "rejects": 0,
    }


def test_all_forty_features_are_there_for_every_track(study_store):
    names = [*FEATURES, *LIBROSA.values()]
    assert len(names) == 40
    with open_store(study_store) as con:
        coverage = queries.coverage(con)
    assert {name: coverage[name] for name in names} == dict.fromkeys(names, 1.0)


@pytest.mark.parametrize(
    "uri", ["spotify:track:5uvosCdMlFdTXhoazkTI5R", "spotify:track:70YvYr2hGlS01bKRIho1HM"]
)
def test_a_track_has_the_values_of_its_row(study_store, study_csv, uri):
    with study_csv.open(encoding="utf-8", newline="") as file:
        row = [row for row in csv.DictReader(file) if row["track_uri"] == uri][-1]
    track_id = uri.replace(":track", "")
    with open_store(study_store) as con:
        con.execute("SELECT * FROM features WHERE track_id = ?", [track_id])
        track = dict(zip([d[0] for d in con.description], con.fetchone(), strict=True))
        genres = con.execute(
            "SELECT genre_as_given FROM track_genres WHERE track_id = ?", [track_id]
        ).fetchall()
    assert track["title"] == row["track_name"]
    assert track["artist"] == row["artist_name"]
    assert track["album"] == row["album_name"]
    assert track["cover_url"] == row["album_image"]
    assert track["preview_url"] == row["track_preview"].split("?")[0]
    assert row["genre"] in {given for (given,) in genres}
    for header, name in {**{n: n for n in FEATURES}, **LIBROSA}.items():
        assert track[name] == float(row[header]), name


def test_no_preview_address_keeps_its_query(study_store):
    with open_store(study_store) as con:
        n = con.execute("SELECT count(*) FROM tracks WHERE contains(preview_url, '?')").fetchone()
    assert n == (0,)


def test_a_second_import_changes_nothing(run, store, study_store, study_csv):
    store.parent.mkdir()
    store.write_bytes(study_store.read_bytes())
    done = run("study", "--from", study_csv)
    assert done.code == 0
    assert "3,081 read, 0 added, 0 updated, 2,994 unchanged, 0 rejected" in done.out
    assert data_version(store) == data_version(study_store)


def test_demo_and_study_share_one_spelling_of_hip_hop(run, ask, store, demo_store, study_csv):
    store.parent.mkdir()
    store.write_bytes(demo_store.read_bytes())
    assert run("study", "--from", study_csv).code == 0
    spellings = ask("SELECT DISTINCT source, genre, genre_as_given FROM track_genres")
    hip_hop = sorted(row for row in spellings if row[2].casefold().startswith("hip"))
    assert [row[1] for row in hip_hop] == ["Hip Hop", "Hip Hop"]
    assert {row[0] for row in hip_hop} == {"demo", "study"}
    assert len({row[2] for row in hip_hop}) == 2, "both sources spell it alike; nothing was joined"
    both = ask("SELECT count(*) FROM track_sources")[0][0]
    assert both == 5849 + 101 + 2994
    tracks = ask("SELECT count(*) FROM tracks")[0][0]
    assert tracks == ask("SELECT count(DISTINCT track_id) FROM track_sources")[0][0] < both


def test_the_address_is_that_of_the_public_table():
    assert STUDY_ADDRESS.startswith("https://raw.githubusercontent.com/")
    assert STUDY_ADDRESS.endswith("/all_genres_w_added_features.csv")
