"""The requirements files agree with the pyproject files and with each other."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from packaging.requirements import Requirement

from ems_tool.configuration.home import ROOT
from ems_tool.development import lock

FILES = ("development", "platform", *lock.DEPLOYABLES)
INPUTS = lock.Workspace(ROOT).inputs()


def text_of(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def pins(name: str) -> dict[str, str]:
    """Return each pinned distribution with its version, and its platform if it differs by that."""
    versions = {}
    for line in text_of(name).splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", line)
        if match:
            versions[lock.normalise(match[1])] = match[2]
    return versions


@pytest.mark.parametrize("name", FILES)
def test_the_file_was_resolved_from_what_the_projects_ask_for_today(name):
    assert f"# inputs: {lock.digest(INPUTS[name])}" in text_of(name), "run `./ems lock`"


@pytest.mark.parametrize("name", FILES)
def test_every_direct_requirement_is_pinned_to_a_version_that_fits(name):
    pinned = pins(name)

    for line in INPUTS[name]:
        requirement = Requirement(line)
        version = pinned.get(lock.normalise(requirement.name))
        if requirement.marker is None:
            assert version is not None, requirement
        if version is not None:
            assert requirement.specifier.contains(version, prereleases=True), requirement


@pytest.mark.parametrize("name", FILES[1:])
def test_shipped_versions_are_the_tested_ones(name):
    tested = pins("development")

    assert {each: version for each, version in pins(name).items() if tested[each] != version} == {}


@pytest.mark.parametrize("name", FILES)
def test_every_pin_has_hashes(name):
    for block in re.split(r"\n(?=\S)", text_of(name)):
        if "==" in block and not block.startswith("#"):
            assert "--hash=sha256:" in block, block


@pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(),
    reason="git alone knows which files are committed",
)
def test_no_committed_file_names_a_package_registry():
    # In pieces, so that this file does not name them either.
    hosts = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "yarnpkg" + ".com"]
    hosts += ["deb.debian" + ".org", "npmmirror" + ".com"]
    pattern = [argument for host in hosts for argument in ("-e", host)]

    search = subprocess.run(
        ["git", "grep", "--cached", "-I", "-l", "-F", *pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    # One that finds nothing says so by its status; nothing is also what one that fails writes.
    assert search.returncode == 1, search.stdout + search.stderr


@pytest.mark.parametrize("folder", ["frontend", "tests/e2e"])
def test_a_lock_of_npm_names_no_address(folder):
    path = ROOT / folder / "package-lock.json"

    assert '"resolved"' not in path.read_text()
