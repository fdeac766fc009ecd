"""Functions that cause faults in the servers of an installation, as operators and accidents do."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .installation import ROOT, Installation


def broker_control(installation: Installation, *arguments: str) -> str:
    """Run rabbitmqctl in the environment of the broker itself; return its output."""
    pid = installation.process("rabbitmq")["pid"]
    settings = Path(f"/proc/{pid}/environ").read_text().rstrip("\0").split("\0")
    done = subprocess.run(
        ["/usr/lib/rabbitmq/bin/rabbitmqctl", *arguments],
        env=dict(setting.split("=", 1) for setting in settings),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@contextmanager
def down(installation: Installation, name: str) -> Iterator[None]:
    """Stop a process, and start it again at the end of the block."""
    installation.ems("stop", name)
    try:
        yield
    finally:
        installation.ems("start", name)


@contextmanager
def standing_still(installation: Installation, name: str) -> Iterator[None]:
    """Pause a process until the end of the block: it neither ends nor answers."""
    installation.ems("kill", name, "STOP")
    try:
        yield
    finally:
        installation.ems("kill", name, "CONT")


@contextmanager
def started(
    installation: Installation, service: str, command: str, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run one more worker beside the supervised ones."""
    process = subprocess.Popen(
        [str(ROOT / "ems"), "manage", service, command],
        env={**installation.environment, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
