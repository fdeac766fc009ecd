"""The programs that count as installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ems_tool.console import EmsError
from ems_tool.install import packages


def place(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_first_of_several_installed_programs_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    packages_of_test = {"browser": "first-one second-one"}
    assert packages.missing(packages_of_test) == ["browser"]
    with pytest.raises(EmsError, match="first-one or second-one is not installed"):
        packages.program("first-one", "second-one")

    second = place(tmp_path, "second-one")
    assert packages.missing(packages_of_test) == []
    assert packages.program("first-one", "second-one") == str(second)
    first = place(tmp_path, "first-one")
    assert packages.program("first-one", "second-one") == str(first)


def test_programs_of_snaps_do_not_count(tmp_path, monkeypatch):
    snaps = tmp_path / "bin"
    place(snaps, "some-browser")
    monkeypatch.setattr(packages, "SNAPS", str(snaps))
    monkeypatch.setenv("PATH", str(snaps))
    assert packages.missing({"browser": "some-browser"}) == ["browser"]
