"""Installations for the time of a command: a locked folder, free ports, an end on a signal."""

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

#: Distance between the gateways' ports of two installations of one run.
APART = 20
#: Installations of one run: servers alone, a whole platform, and a restored backup.
TOGETHER = 3
#: Gateways' ports. The others follow 10,000 higher and must stay below 32,768: above that Linux
#: gives ports to outgoing connections, one of which could hold a process's port.
_GATEWAYS = range(12_000, 22_000, TOGETHER * APART)


@contextlib.contextmanager
def alone(folder: Path, command: str) -> Iterator[None]:
    """Lock the folder for one run, and let SIGTERM end the run as Ctrl-C does.

    Raises `EmsError` when another run of the command holds it.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    folder.mkdir(exist_ok=True)
    # The servers' user, who owns the folders below, must be able to enter.
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
    """Install the Python packages that tests and benchmarks need in addition."""
    argv = [sys.executable, str(ROOT / "tools" / "ems" / "environment.py"), "development"]
    subprocess.run(argv, check=True)


def free_port() -> int:
    """Return a gateway's port from which `TOGETHER` installations, `APART`, find free ports."""
    # At random, so that two checkouts at the same time choose different ones.
    for _ in range(200):
        first = random.choice(_GATEWAYS)
        gateways = range(first, first + TOGETHER * APART, APART)
        internal = [port + 10_000 + n for port in gateways for n in PORT_OFFSETS.values()]
        if all(_is_free(port) for port in [*gateways, *internal]):
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
