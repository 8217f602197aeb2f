"""The Free Music Archive's dataset through the command line: what becomes of it."""

import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from ingest.fma.features import LIBROSA, SPOTIFY
from music_explorer.store.reader import data_version
from music_explorer.store.schema import columns
from tests.conftest import run_ingest
from tests.ingest.fma.dataset import LICENSE, Dataset

N_TRACKS = 1000
AUDIO = ("echonest", "audio_features")


@pytest.fixture(scope="session")
def whole(tmp_path_factory) -> Path:
    """The dataset at a scale of 1 %."""
    return Dataset(N_TRACKS).write(tmp_path_factory.mktemp("fma") / "fma_metadata")


@pytest.fixture(scope="module")
def imported(whole, tmp_path_factory) -> tuple[CompletedProcess, Path]:
    """Import it once, for the tests that only look."""
    store = tmp_path_factory.mktemp("imported") / "music.duckdb"
    return run_ingest("fma", whole, "--store", store), store


def remark(out: str, start: str) -> str:
    """Return the one line below the summary that starts so."""
    found = [line.strip() for line in out.splitlines() if line.strip().startswith(start)]
    assert len(found) == 1, out
    return found[0]


def test_every_track_has_its_features_and_genres(imported, ask, whole):
    done, at = imported
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "fma: 1,000 read, 1,000 added, 0 updated, 0 unchanged, 0 rejected\n"
    )
    assert remark(done.stdout, "features.csv").startswith(
        "features.csv: 80 of 518 columns, for 1,000 tracks; the other 438 are "
    )
    assert remark(done.stdout, "echonest.csv").startswith(
        "echonest.csv: 8 of 249 columns, for 125 tracks; the other 241 are "
    )
    assert ask("SELECT count(*) FROM tracks", at=at) == [(1000,)]
    for kind, n in (("librosa", 1000), ("spotify", 125)):
        rows = ask(f"SELECT origin, source, count(*) FROM {kind}_features GROUP BY ALL", at=at)
        assert rows == [("fma", "fma", n)]
    # Every generated track has one genre of the tree.
    pairs = ask("SELECT count(*), count(DISTINCT track_id) FROM track_genres", at=at)
    assert pairs == [(1000, 1000)]
    log = ask("SELECT source, location, n_read, n_added FROM ingests", at=at)
    assert log == [("fma", str(whole), 1000, 1000)]


def test_every_column_that_is_taken_is_filled_for_every_track(imported, ask):
    for kind, n in ((LIBROSA, N_TRACKS), (SPOTIFY, N_TRACKS // 8)):
        counted = ", ".join(f"count({column})" for column in kind.wanted)
        assert ask(f"SELECT {counted} FROM features", at=imported[1]) == [(n,) * len(kind.wanted)]


def test_what_the_dataset_defines_otherwise_or_does_not_say_stays_out(imported, ask):
    left = (
        set(columns("librosa_features")) - set(LIBROSA.columns) - {"track_id", "origin", "source"}
    )
    assert left >= {"rms_mean", "tonnetz_1_std", "spectral_centroid_mean", "spectral_bandwidth_std",
                    "spectral_rolloff_mean", "spectral_flatness_mean", "sample_rate"}  # fmt: skip
    counted = ", ".join(f"count({column})" for column in sorted(left))
    assert ask(f"SELECT {counted} FROM librosa_features", at=imported[1]) == [(0,) * len(left)]


def test_every_row_says_that_its_sample_rate_is_the_files_own(imported, ask):
    done, at = imported
    said = remark(done.stdout, "these Librosa features")
    assert "not with audio analysed here at 22,050 Hz" in said
    versions = ask("SELECT DISTINCT extractor_version FROM librosa_features", at=at)
    assert [("at the file's own sample rate" in version) for (version,) in versions] == [True]


def test_a_tracks_own_words_and_numbers(run, ask, tmp_path, few):
    tracks = few.files["tracks.csv"]
    tracks.loc[2, ("track", "title")] = ' Food,\n with "love" '
    tracks.loc[2, ("artist", "name")] = "AWOL"
    tracks.loc[2, ("artist", "website")] = "http://www.AzillionRecords.blogspot.com"
    tracks.loc[2, ("album", "title")] = "AWOL - A Way Of Life"
    tracks.loc[2, ("album", "date_released")] = "2009-01-05 00:00:00"
    tracks.loc[2, ("track", "duration")] = 168
    assert run("fma", few.write(tmp_path / "fma")).code == 0
    names = "title, artist, album, release_date, duration_ms, license, artist_url, audio_path"
    assert ask(f"SELECT {names} FROM tracks WHERE track_id = 'fma:2'") == [
        (
            'Food, with "love"', "AWOL", "AWOL - A Way Of Life", "2009-01-05", 168_000, LICENSE,
            "http://www.AzillionRecords.blogspot.com", None,
        )
    ]  # fmt: skip


def test_what_is_not_known_is_null(run, ask, tmp_path, few):
    tracks = few.files["tracks.csv"]
    for column in (
        ("track", "title"), ("album", "title"), ("album", "date_released"), ("artist", "website"),
        ("track", "license"), ("track", "genre_top"),
    ):  # fmt: skip
        tracks.loc[2, column] = ""
    tracks.loc[2, ("track", "genres")] = "[]"
    tracks.loc[2, ("track", "duration")] = 0
    few.files["features.csv"].loc[2] = ""
    few.files["echonest.csv"].loc[2, (*AUDIO, "tempo")] = "0.0"
    done = run("fma", few.write(tmp_path / "fma"))
    assert done.code == 0, done.out
    assert "for 9 tracks" in remark(done.out, "features.csv")
    names = "title, album, release_date, artist_url, license, duration_ms, tempo, extractor_version"
    assert ask(f"SELECT {names} FROM features WHERE track_id = 'fma:2'") == [(None,) * 8]
    assert ask("SELECT * FROM track_genres WHERE track_id = 'fma:2'") == []
    assert ask("SELECT count(*) FROM librosa_features") == [(9,)]


def test_names_that_look_like_nothing_are_names(run, ask, tmp_path, few):
    few.files["tracks.csv"].loc[2, ("track", "title")] = "None"
    few.files["tracks.csv"].loc[2, ("artist", "name")] = "NA"
    run("fma", few.write(tmp_path / "fma"))
    assert ask("SELECT title, artist FROM tracks WHERE track_id = 'fma:2'") == [("None", "NA")]


def test_each_feature_comes_from_its_own_column(run, ask, tmp_path, few):
    given = {
        ("mfcc", "mean", "01"): ("mfcc_01_mean", -163.77244567),
        ("mfcc", "std", "20"): ("mfcc_20_std", 4.5),
        ("spectral_contrast", "mean", "01"): ("spectral_contrast_1_mean", 18.25),
        ("spectral_contrast", "std", "07"): ("spectral_contrast_7_std", 2.125),
        ("chroma_stft", "mean", "12"): ("chroma_12_mean", 0.375),
        ("chroma_stft", "std", "01"): ("chroma_01_std", 0.0625),
        ("zcr", "mean", "01"): ("zero_crossing_rate_mean", 0.03125),
        ("zcr", "std", "01"): ("zero_crossing_rate_std", 0.015625),
    }
    for header, (_, value) in given.items():
        few.files["features.csv"].loc[2, header] = f"{value:.10e}"
    spotify = {"acousticness": 0.4166752327, "tempo": 165.922, "valence": 0.576661}
    for name, value in spotify.items():
        few.files["echonest.csv"].loc[2, (*AUDIO, name)] = value
    assert run("fma", few.write(tmp_path / "fma")).code == 0
    expected = dict(given.values()) | spotify
    row = ask(f"SELECT {', '.join(expected)} FROM features WHERE track_id = 'fma:2'")
    assert row == [tuple(expected.values())]


GIVEN_GENRES = [
    ("[21]", "Hip-Hop", [("Hip Hop", None, "Hip-Hop")]),
    ("[181]", "Electronic", [("Electronic", "Techno", "Electronic")]),
    ("[89]", "Rock", [("Rock", "Post-Punk", "Rock")]),  # two levels below
    ("[1, 12, 25]", "", [("Experimental", "Avant-Garde", "Experimental"), ("Rock", "Punk", "Rock"),
                         ("Rock", None, "Rock")]),
    ("[25, 25]", "Rock", [("Rock", "Punk", "Rock")]),
    ("[]", "Folk", [("Folk", None, "Folk")]),
    ("[25]", "Folk", [("Folk", None, "Folk"), ("Rock", "Punk", "Rock")]),
    ("[]", "", []),
]  # fmt: skip


def test_the_genre_is_at_the_top_of_the_tree_and_the_subgenre_below(run, ask, tmp_path, few):
    given = dict(zip(few.ids, GIVEN_GENRES, strict=False))
    for number, (listed, top, _) in given.items():
        few.files["tracks.csv"].loc[number, ("track", "genres")] = listed
        few.files["tracks.csv"].loc[number, ("track", "genre_top")] = top
    assert run("fma", few.write(tmp_path / "fma")).code == 0
    found = "SELECT genre, subgenre, genre_as_given FROM track_genres WHERE track_id = ?"
    for number, (listed, top, expected) in given.items():
        assert ask(f"{found} ORDER BY ALL", f"fma:{number}") == expected, (listed, top)
    assert ask("SELECT DISTINCT origin FROM track_genres") == [("column",)]


def test_genres_that_cannot_be_read_are_counted(run, ask, tmp_path, few):
    tracks = few.files["tracks.csv"]
    # genre_top is there besides.
    tracks["track", "genre_top"] = "Jazz"
    tracks.loc[2, ("track", "genres")] = "Rock"
    tracks.loc[15502, ("track", "genres")] = "[21, 9999, 9998]"
    done = run("fma", few.write(tmp_path / "fma"))
    assert done.code == 0
    assert "  genres: 1 lists not understood and left empty\n" in done.out
    assert "  genres: 2 numbers are not in genres.csv\n" in done.out
    found = "SELECT genre_as_given FROM track_genres WHERE track_id = ? ORDER BY 1"
    assert ask(found, "fma:2") == [("Jazz",)]
    assert ask(found, "fma:15502") == [("Hip-Hop",), ("Jazz",)]


def test_an_artists_page_that_is_no_address_is_left_empty_and_counted(run, ask, tmp_path, few):
    few.files["tracks.csv"].loc[2, ("artist", "website")] = "javascript:alert(1)"
    done = run("fma", few.write(tmp_path / "fma"))
    assert remark(done.out, "artist_url") == (
        "artist_url: 1 values not understood and left empty, e.g. 'javascript:alert(1)'"
    )
    assert ask("SELECT artist_url FROM tracks WHERE track_id = 'fma:2'") == [(None,)]


def test_a_subset_holds_the_smaller_ones(run, ask, tmp_path):
    folder, before = Dataset(100).write(tmp_path / "fma"), 0
    for subset, n in (("small", 8), ("medium", 25), ("large", 100)):
        done = run("fma", folder, "--subset", subset)
        assert done.out.startswith(
            f"fma: {n} read, {n - before} added, 0 updated, {before} unchanged, 0 rejected\n"
        )
        said = f"  {100 - n} tracks that are not in the subset were left out\n"
        assert (said in done.out) == (n < 100)
        for table in ("tracks", "librosa_features", "track_genres"):
            assert ask(f"SELECT count(*) FROM {table}") == [(n,)]
        before = n


def test_tracks_alone_are_imported_and_what_lacks_is_said(run, ask, tmp_path, few):
    folder = few.write(tmp_path / "fma")
    for name in ("genres.csv", "features.csv", "echonest.csv"):
        (folder / name).unlink()
    done = run("fma", folder)
    assert done.code == 0
    assert done.out.splitlines()[1:] == [
        "  no features.csv, so the tracks have no Librosa features from it",
        "  no echonest.csv, so the tracks have no Spotify-style features from it",
        "  no genres.csv, so tracks have their top genre alone, and no subgenres",
        "  no folder of audio (fma_small, …), so the tracks cannot be listened to",
    ]
    assert ask("SELECT count(*), count(subgenre) FROM track_genres") == [(10, 0)]
    assert ask("SELECT count(*) FROM librosa_features") == [(0,)]


def test_a_file_that_is_absent_later_takes_nothing_away(run, tmp_path, few, stored):
    folder = few.write(tmp_path / "fma")
    run("fma", folder)
    before = stored()
    (folder / "features.csv").unlink()
    assert "10 unchanged" in run("fma", folder).out
    assert stored() == before


def test_audio_in_the_folder_is_linked_the_whole_recording_first(run, ask, tmp_path, few):
    few.write(tmp_path / "fma" / "fma_metadata")
    for place in ("fma_small/000/000002.mp3", "fma_full/000/000002.mp3", "fma_small/015/015502.mp3",
                  "fma_small/031/031002.wav"):  # fmt: skip
        (tmp_path / "fma" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "fma" / place).touch()
    done = run("fma", tmp_path / "fma")
    assert remark(done.out, "audio") == "audio: 2 tracks have a file in fma_full, fma_small"
    paths = "SELECT track_id, audio_path FROM tracks WHERE audio_path IS NOT NULL ORDER BY ALL"
    assert ask(paths) == [
        ("fma:15502", str(tmp_path / "fma" / "fma_small/015/015502.mp3")),
        ("fma:2", str(tmp_path / "fma" / "fma_full/000/000002.mp3")),
    ]


def test_a_second_run_changes_nothing(run, whole, store, imported):
    store.parent.mkdir()
    shutil.copy(imported[1], store)
    done = run("fma", whole)
    assert done.code == 0
    assert done.out.startswith(
        "fma: 1,000 read, 0 added, 0 updated, 1,000 unchanged, 0 rejected (nothing changed)\n"
    )
    assert data_version(store) == data_version(imported[1])


def test_a_run_after_a_change_updates_the_track_that_changed(run, ask, tmp_path, few):
    few.files["tracks.csv"].loc[2, ("track", "genres")] = "[25]"
    run("fma", few.write(tmp_path / "fma"))
    few.files["features.csv"].loc[15502, ("zcr", "mean", "01")] = 0.5
    few.files["tracks.csv"].loc[2, ("track", "genres")] = "[89]"
    done = run("fma", few.write(tmp_path / "fma"))
    assert done.out.startswith("fma: 10 read, 0 added, 2 updated, 8 unchanged, 0 rejected\n")
    zcr = "SELECT zero_crossing_rate_mean FROM features WHERE track_id = 'fma:15502'"
    assert ask(zcr) == [(0.5,)]
    subgenres = ask("SELECT subgenre FROM track_genres WHERE track_id = 'fma:2'")
    assert ("Post-Punk",) in subgenres
    assert ("Punk",) not in subgenres


def test_the_source_can_be_removed(run, ask, tmp_path, few):
    run("fma", few.write(tmp_path / "fma"))
    assert run("remove", "fma").code == 0
    assert ask("SELECT count(*) FROM tracks") == [(0,)]
    assert ask("SELECT count(*) FROM librosa_features") == [(0,)]
