"""Servers that live as long as a command: a folder to itself, free ports, an end on a signal."""

from __future__ import annotations

import contextlib
import fcntl
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from ems_tool.configuration.home import ROOT
from ems_tool.configuration.processes import PORT_OFFSETS
from ems_tool.console import EmsError

#: Ports between those of two installations of one run.
APART = 20
#: Installations of one run: servers alone, a whole platform, and one that a backup is restored to.
TOGETHER = 3
#: Gateways' ports. The others follow 10,000 higher, and must end below 32,768: from there on Linux
#: hands ports to outgoing connections, one of which would hold a process's port now and then.
_GATEWAYS = range(12_000, 22_000, TOGETHER * APART)


@contextlib.contextmanager
def alone(folder: Path, command: str) -> Iterator[None]:
    """Hold the folder for one run; SIGTERM ends it as Ctrl-C does.

    Raises `EmsError` when another run of the command holds it.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    folder.mkdir(exist_ok=True)
    # Passed through by the servers' user, who owns what is below.
    folder.chmod(0o755)
    with open(folder / "lock", "w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmsError(f"Another `{command}` is running in this checkout.") from None
        yield


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


def ensure_development() -> None:
    """Install the Python packages that tests and benchmarks need beside the platform's."""
    argv = [sys.executable, str(ROOT / "tools" / "ems" / "environment.py"), "development"]
    subprocess.run(argv, check=True)


def free_port() -> int:
    """Return a gateway's port for `TOGETHER` installations `APART`, all free."""
    # At random, so that two checkouts at once do not reach for the same.
    for _ in range(200):
        first = random.choice(_GATEWAYS)
        gateways = range(first, first + TOGETHER * APART, APART)
        internal = [port + 10_000 + n for port in gateways for n in PORT_OFFSETS.values()]
        if all(_is_free(one) for one in [*gateways, *internal]):
            return first
    raise EmsError(
        f"Between {_GATEWAYS[0]} and 32,768 there is no free range of ports; end what uses them."
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False
