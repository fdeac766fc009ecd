"""Installations of the tests' own: real processes, in a temporary folder, on free ports."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ems_tool import control, settings, stack
from ems_tool.ephemeral import free_port
from ems_tool.home import Home
from ems_tool.identity import Identity
from ems_tool.spec import Spec

# Also where the tests run without `./ems test`: never the operator's settings.
settings.isolate()


@pytest.fixture
def eventually() -> Callable[..., None]:
    def wait(condition: Callable[[], object], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "did not come true in time"
            time.sleep(0.02)

    return wait


@pytest.fixture(scope="session")
def identity() -> Identity:
    return Identity.current()


@pytest.fixture
def home(tmp_path: Path, identity: Identity) -> Iterator[Home]:
    found = Home(tmp_path / "home", free_port())
    stack.settle(found, identity)
    yield found
    stack.stop(found)


@pytest.fixture
def supervised(home: Home, identity: Identity) -> Home:
    """An installation whose supervisor runs, with nothing in it yet."""
    stack.ensure_supervisor(home)
    return home


@pytest.fixture
def python() -> Callable[..., Spec]:
    """A process that runs a line of Python."""

    def make(name: str, code: str = "import time; time.sleep(600)", **more: object) -> Spec:
        return Spec(name, [sys.executable, "-c", code], cwd="/", **more)

    return make


@pytest.fixture
def state(home: Home) -> Callable[[str], dict]:
    def of(name: str) -> dict:
        return control.processes(home.run).get(name, {"state": "unknown"})

    return of
