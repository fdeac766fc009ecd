"""One installation of containers for all tests that need an engine."""

from __future__ import annotations

import os
import random
import socket
import subprocess
from collections.abc import Callable, Iterator

import pytest

from ..support.fixtures import recordings, world
from .composed import ENGINE, Composed

__all__ = ["recordings", "world"]


def _free_ports(count: int) -> tuple[int, ...]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = tuple(each.getsockname()[1] for each in sockets)
    for each in sockets:
        each.close()
    return ports


def _why_not() -> str | None:
    """Return the reason why no containers can be started here; None if they can."""
    version = [*ENGINE, "version"]
    # A client without its engine answers too, but not what runs.
    running = ["docker", "info"] if ENGINE[:1] == ["docker"] else version
    for argv in (version, running):
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
        except OSError as error:
            return str(error)
        if done.returncode != 0:
            lines = (done.stderr or done.stdout).strip().splitlines()
            return lines[0] if lines else f"status {done.returncode}"
    return None


@pytest.fixture(scope="session")
def new() -> Callable[[], Composed]:
    """A function that makes installations of containers, not started, with built images."""
    reason = _why_not()
    if reason is not None:
        pytest.skip(f"no `{' '.join(ENGINE)}` (EMS_COMPOSE): {reason}")

    def composed() -> Composed:
        return Composed(f"ems-test-{random.randrange(10**6)}", _free_ports(4))

    # Each image once; services that share one would build it side by side.
    images = ("setup", "auth-web", "device-web", "monitoring-web", "frontend")
    if os.environ.get("EMS_CONTAINERS_BUILT") != "true":
        composed().compose("build", *images)
    return composed


@pytest.fixture(scope="session")
def installation(new: Callable[[], Composed]) -> Iterator[Composed]:
    """One installation for all tests."""
    installation = new()
    try:
        installation.compose("up", "-d", "--no-build")
        yield installation
    finally:
        installation.compose("down", "-v", check=False)
