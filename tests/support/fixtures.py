"""Fixtures of all tests that use a whole platform; each conftest imports those that it needs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .installation import ROOT, Installation, World
from .secrets_used import remembering


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "last: looks back on all other tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that look back on all others last."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture(scope="session", autouse=True)
def secrets_remembered() -> Iterator[None]:
    with remembering():
        yield


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """One installation for all tests of a run, brought up from an empty home by `./ems`."""
    home = Path(os.environ["EMS_TEST_HOME"])
    shutil.rmtree(home, ignore_errors=True)
    installation = Installation(home, int(os.environ["EMS_PORT"]))
    installation.ems("up", "--detach", "--no-demo")
    yield installation
    installation.ems("down")


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
