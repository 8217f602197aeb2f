"""The lock and the licences of what is required."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from docs import licences

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements-lock.txt").read_text(encoding="utf-8")
REQUIRED = [Requirement(line) for line in (ROOT / "requirements.txt").read_text().splitlines()]
PINS = [
    Requirement(line.removesuffix("\\").strip())
    for line in LOCK.splitlines()
    if not line.startswith(" ")
]
LISTED = dict(
    re.findall(r"^\| ([a-z0-9-]+) \|.*\| ([a-z ]+) \|$", licences.FILE.read_text(), re.MULTILINE)
)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("required", REQUIRED, ids=str)
def test_the_lock_has_one_version_of_a_requirement_and_it_satisfies(required, python):
    here = {"python_version": python, "python_full_version": f"{python}.9", "sys_platform": "linux"}
    found = [
        pin
        for pin in PINS
        if canonicalize_name(pin.name) == canonicalize_name(required.name)
        and (pin.marker is None or pin.marker.evaluate(here))
    ]
    assert len(found) == 1
    (version,) = found[0].specifier
    assert version.operator == "=="
    assert version.version in required.specifier


def test_every_line_of_the_lock_is_one_version_with_its_hashes():
    for part in re.split(r"\n(?! )", LOCK.strip()):
        head, *hashes = part.replace("\\\n", "\n").splitlines()
        assert re.fullmatch(r"[a-z0-9-]+==[^ ]+( ; .+)?", head.strip())
        assert hashes
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64} *", line) for line in hashes)


def test_the_lock_names_no_index():
    assert not re.search(r"http|index-url|find-links", LOCK)


def test_every_package_of_the_lock_has_its_licence_listed():
    always = {canonicalize_name(pin.name) for pin in PINS if pin.marker is None}
    assert always <= LISTED.keys()


def test_the_licences_are_those_of_the_installed_packages():
    for package in licences.installed():
        name, kind = canonicalize_name(package.name), licences.kind(licences.licence(package))
        assert kind in licences.KINDS, f"{name}: {licences.licence(package)}"
        assert LISTED.get(name, kind) == kind


def test_no_package_but_the_one_that_is_told_of_is_strong_copyleft():
    installed = {package.name: licences.licence(package) for package in licences.installed()}
    strong = {
        name for name, words in installed.items() if licences.kind(words) == "strong copyleft"
    }
    assert strong == {"mutagen"}


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("MIT", "permissive"),
        ("BSD-2-clause OR GPL-2.0-or-later", "permissive"),
        ("MPL-2.0 AND MIT", "weak copyleft"),
        ("LGPL-2.1-or-later", "weak copyleft"),
        ("GPL-2.0-or-later", "strong copyleft"),
        ("AGPL-3.0", "strong copyleft"),
        ("Proprietary", "unknown"),
    ],
)
def test_a_licence_is_of_its_kind(words, kind):
    assert licences.kind(words) == kind
