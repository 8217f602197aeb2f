"""The recipes of CONTRIBUTING.md, followed to the letter in a copy of the project."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
_BLOCK = re.compile(
    r"(?:^\*\*`(?P<file>[^`\n]+)`\*\*\n\n)?^```(?P<kind>python|diff)\n(?P<text>.*?)^```",
    re.MULTILINE | re.DOTALL,
)
# Half-written caches come and go while other tests run.
_NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", ".hypothesis", ".*_cache", "*.duckdb*", "*.pyc*", "*.tmp.*"
)


def blocks() -> list[tuple[str, str, str]]:
    """Return file, kind and text of each block; one without a file goes to the one before."""
    found, file = [], None
    for block in _BLOCK.finditer(GUIDE):
        file = block["file"] or file
        found.append((file, block["kind"], block["text"]))
    return found


def changed(text: str, diff: str) -> str:
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    assert text.count(before) == 1, f"the guide's lines are not in the file, once:\n{before}"
    return text.replace(before, after)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """Return a copy of the project in which every recipe was followed."""
    copy = tmp_path_factory.mktemp("guide") / "project"
    shutil.copytree(ROOT, copy, ignore=_NOT_COPIED)
    for file, kind, text in blocks():
        path = copy / file
        if kind == "diff":
            text = changed(path.read_text(encoding="utf-8"), text)
        else:
            assert not path.exists(), f"{file} is there already"
        path.write_text(text, encoding="utf-8")
    return copy


def run(project: Path, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_new_format_is_imported(project, tmp_path):
    songs = pd.DataFrame({"title": ["Halo", "Idle"], "artist": "Ann", "energy": [0.25, 0.5]})
    songs.to_feather(tmp_path / "songs.feather")
    store, out = tmp_path / "music.duckdb", tmp_path / "out"
    said = run(project, "ingest", "table", tmp_path / "songs.feather", "--store", store)
    assert said == "table:songs.feather: 2 read, 2 added, 0 updated, 0 unchanged, 0 rejected\n"
    run(project, "ingest", "export", out, "--store", store)
    assert sorted(pd.read_parquet(out / "spotify_features.parquet")["energy"]) == [0.25, 0.5]


def test_the_new_page_opens_and_shows_a_figure(project):
    chosen = "keys or in_the_menu"
    said = run(project, "pytest", "tests/pages/test_pages.py", "-v", "-k", chosen)
    assert "test_a_page_shows_a_filled_store_without_an_error[demo_store-keys] PASSED" in said
    assert "test_every_page_is_in_the_menu PASSED" in said


def test_the_new_feature_is_extracted(project, tmp_path):
    tone = np.sin(2 * np.pi * np.arange(22_050) / 36)  # a sample at every peak
    (tmp_path / "music").mkdir()
    soundfile.write(tmp_path / "music" / "tone.wav", tone, 22_050)
    store, out = tmp_path / "music.duckdb", tmp_path / "out"
    run(project, "ingest", "audio", tmp_path / "music", "--jobs", 1, "--store", store)
    run(project, "ingest", "export", out, "--store", store)
    found = pd.read_parquet(out / "librosa_features.parquet")["crest_factor"]
    assert found.to_list() == pytest.approx([np.sqrt(2)], rel=1e-3)


def test_the_recipes_keep_the_rooms_and_the_style(project):
    run(project, "pytest", "-q", "tests/test_structure.py")
    files = {file for file, *_ in blocks() if file.endswith(".py")}
    run(project, "ruff", "check", *sorted(files))
    run(project, "ruff", "format", "--check", *sorted(files))


def test_the_recipes_are_as_short_as_the_guide_says():
    heads = re.findall(r"^### .*?: (\d+) lines in", GUIDE, re.MULTILINE)
    written = [len(text.splitlines()) for _, kind, text in blocks() if kind == "python"]
    added = [
        sum(line.startswith("+") for line in text.splitlines())
        for file, kind, text in blocks()
        if kind == "diff" and not file.endswith("menu.py")
    ]
    assert [int(head) for head in heads] == [*written, sum(added)]
