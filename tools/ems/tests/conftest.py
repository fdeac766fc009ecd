"""Installations of the tests' own: real processes, in a temporary folder, on free ports."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ems_tool.configuration import settings
from ems_tool.configuration.home import Home
from ems_tool.configuration.os_user import OsUser
from ems_tool.development.ephemeral import free_port
from ems_tool.platform import lifecycle
from ems_tool.runtime import control_socket
from ems_tool.runtime.process_spec import ProcessSpec

# Also where the tests run without `./ems test`: never the operator's settings.
settings.isolate()


@pytest.fixture(scope="session")
def os_user() -> OsUser:
    return OsUser.ensure()


@pytest.fixture
def home(tmp_path: Path, os_user: OsUser) -> Iterator[Home]:
    installation = Home(tmp_path / "home", free_port())
    lifecycle.settle(installation, os_user)
    yield installation
    lifecycle.stop(installation)


@pytest.fixture
def supervised(home: Home, os_user: OsUser) -> Home:
    """An installation whose supervisor runs, with nothing in it yet."""
    lifecycle.ensure_supervisor(home)
    return home


@pytest.fixture
def python() -> Callable[..., ProcessSpec]:
    """A process that runs a line of Python."""

    def make(name: str, code: str = "import time; time.sleep(600)", **more: object) -> ProcessSpec:
        return ProcessSpec(name, [sys.executable, "-c", code], cwd="/", **more)

    return make


@pytest.fixture
def state(home: Home) -> Callable[[str], dict]:
    def of(name: str) -> dict:
        return control_socket.processes(home.run).get(name, {"state": "unknown"})

    return of
