"""One installation for all end-to-end tests, brought up from an empty home by `./ems`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .installation import ROOT, Installation, World

#: Pictures for people; not committed.
ARTIFACTS = ROOT / "artifacts"


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    home = Path(os.environ["EMS_TEST_HOME"])
    shutil.rmtree(home, ignore_errors=True)
    found = Installation(home, int(os.environ["EMS_PORT"]))
    found.ems("up", "--detach", "--no-demo")
    yield found
    found.ems("down")


@pytest.fixture(scope="session")
def world(installation: Installation) -> World:
    return World(installation)


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Real meter readings, which are not part of the project."""
    folder = Path(os.environ.get("REAL_READINGS_DIR", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        reason = f"no real readings at {folder} (REAL_READINGS_DIR)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def artifacts() -> Path:
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS
