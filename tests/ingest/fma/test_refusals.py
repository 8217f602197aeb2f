"""What of the Free Music Archive's dataset is rejected, and what is refused as a whole."""

import shutil
from pathlib import Path

import pytest

from tests.ingest.conftest import digest
from tests.ingest.fma.dataset import genres

AUDIO = ("echonest", "audio_features")


def test_bad_rows_are_rejected_with_where_they_stand_and_why(run, ask, tmp_path, few):
    few.files["tracks.csv"].loc[15502, ("track", "duration")] = -3
    few.files["features.csv"].loc[2, ("chroma_stft", "mean", "03")] = 1.5
    few.files["features.csv"].loc[31002, ("mfcc", "std", "04")] = "abc"
    few.files["echonest.csv"].loc[2, (*AUDIO, "energy")] = -0.25
    folder = few.write(tmp_path / "fma")
    with (folder / "tracks.csv").open("a") as file:
        file.write("x7," + "," * 51 + "\n" + "999999,short\n")
    with (folder / "features.csv").open("a") as file:
        file.write("77" + "," * 518 + "\n")
    few.files["genres.csv"].loc[25, "top_level"] = 4711
    few.files["genres.csv"].to_csv(folder / "genres.csv")
    lines = (folder / "tracks.csv").read_text().split("\n")
    line = {number: 1 + next(i for i, cell in enumerate(lines) if cell.startswith(f"{number},"))
            for number in ("15502", "x7", "999999")}  # fmt: skip
    done = run("fma", folder)
    assert done.code == 3
    assert ask("SELECT locator, reason FROM rejects ORDER BY ALL") == sorted(
        [
            (f"tracks.csv row {line['15502']}",
             "duration_ms=-3; expected 1000 to 86400000 ms, given in seconds"),
            (f"tracks.csv row {line['x7']}", "track_id=x7; expected a whole number"),
            (f"tracks.csv row {line['999999']}", "2 cells where the header has 53"),
            ("features.csv row 5", "chroma_03_mean=1.5; expected 0 to 1"),
            ("features.csv row 7", "mfcc_04_std=abc; expected 0 or more"),
            ("features.csv row 15", "track_id=77 is not in tracks.csv"),
            ("echonest.csv row 5", "energy=-0.25; expected 0 to 1"),
            ("genres.csv row 17", "genre_id=25, title=Punk, top_level=4711; expected a number, a "
             "title, and the number of a genre in this file"),
        ]
    )  # fmt: skip
    # What is not rejected is there: the tracks whose features were, and no other.
    assert done.out.startswith("fma: 17 read, 9 added, 0 updated, 0 unchanged, 8 rejected; ")
    assert ask("SELECT n_read, n_rejected FROM ingests") == [(17, 8)]
    assert ask("SELECT count(*) FROM librosa_features") == [(7,)]
    assert ask("SELECT count(*) FROM spotify_features") == [(1,)]
    assert ask("SELECT count(*) FROM features WHERE track_id = 'fma:15502'") == [(0,)]


def test_a_subset_that_nobody_knows_is_rejected_only_where_it_matters(run, ask, tmp_path, few):
    few.files["tracks.csv"].loc[2, ("set", "subset")] = "tiny"
    folder = few.write(tmp_path / "fma")
    assert run("fma", folder, "--subset", "large").code == 3
    reasons = ask("SELECT reason FROM rejects")
    assert reasons == [("subset=tiny; expected small, medium, large",)]
    assert run("fma", folder).code == 0
    assert ask("SELECT count(*) FROM tracks") == [(10,)]


def test_there_is_no_other_subset(run, tmp_path, few, store):
    assert run("fma", few.write(tmp_path / "fma"), "--subset", "full").code == 2
    assert not store.exists()


def flat_tracks(folder: Path) -> None:
    (folder / "tracks.csv").write_text("track_id,title\n2,Food\n")


def flat_features(folder: Path) -> None:
    text = (folder / "features.csv").read_text()
    (folder / "features.csv").write_text(text.replace("chroma_stft", "chroma"))


def rescaled_features(folder: Path) -> None:
    lines = (folder / "features.csv").read_text().splitlines(keepends=True)
    rows = [line.replace(",0.", ",17.") for line in lines[4:]]
    (folder / "features.csv").write_text("".join(lines[:4] + rows))


def no_rows(folder: Path) -> None:
    lines = (folder / "tracks.csv").read_text().splitlines(keepends=True)
    (folder / "tracks.csv").write_text("".join(lines[:3]))


def no_tracks(folder: Path) -> None:
    (folder / "tracks.csv").unlink()


def a_zip(folder: Path) -> None:
    (folder / "tracks.csv").write_bytes(b"PK\x03\x04" + bytes(range(256)))


def other_genres(folder: Path) -> None:
    genres().drop(columns="top_level").to_csv(folder / "genres.csv")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (no_tracks, "no tracks.csv in {folder} or in {folder}/fma_metadata; name the folder that "
         "fma_metadata.zip was unpacked in"),
        (shutil.rmtree, "no tracks.csv in {folder} or in {folder}/fma_metadata; name the folder "),
        (flat_tracks, "{folder}/tracks.csv is not the dataset's tracks.csv: its header, 2 rows, "
         "lacks track/title, artist/name, "),
        (flat_features, "{folder}/features.csv is not the dataset's features.csv: its header, 3 "
         "rows, lacks chroma_stft/"),
        (other_genres, "{folder}/genres.csv is not the dataset's genres.csv: its header, 1 rows, "
         "lacks top_level; "),
        (rescaled_features, "features.csv: over half of the values of chroma_01_mean are "
         "impossible, e.g. chroma_01_mean=17."),
        (no_rows, "{folder}/tracks.csv has no tracks to import; unpack fma_metadata.zip again"),
        (a_zip, "tracks.csv"),
    ],
)  # fmt: skip
def test_what_is_not_the_dataset_is_refused_in_one_line_and_changes_nothing(
    run, tmp_path, few, filled, store, spoil, said
):
    folder = few.write(tmp_path / "fma")
    spoil(folder)
    done = run("fma", folder)
    assert done.code == 1
    assert done.error.startswith(f"error: {said.format(folder=folder)}")
    assert digest(store) == filled
