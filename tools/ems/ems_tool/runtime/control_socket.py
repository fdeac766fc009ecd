"""The private socket between the command and the supervisor: one JSON line each way."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ems_tool.console import EmsError

_NAME = "control.sock"
_LIMIT = 1_000_000


@contextlib.contextmanager
def _short(folder: Path) -> Iterator[str]:
    # The path of a socket may have 107 bytes, and the path of an installation may be longer.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{_NAME}"
    finally:
        os.close(descriptor)


def listen(run: Path) -> socket.socket:
    """Return the supervisor's socket. Raises `BlockingIOError` if another supervisor runs."""
    # Never closed: the kernel releases the lock when the process ends, however it ends.
    descriptor = os.open(run / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    listener = socket.socket(socket.AF_UNIX)
    with _short(run) as path:
        Path(path).unlink(missing_ok=True)
        listener.bind(path)
    listener.listen(16)
    return listener


def read_line(connection: socket.socket) -> bytes:
    """Return one line. Raises `OSError` when the other side closes or sends too much."""
    line = bytearray()
    while not line.endswith(b"\n"):
        chunk = connection.recv(65536)
        if not chunk or len(line) > _LIMIT:
            raise OSError("the other side closed the connection")
        line += chunk
    return bytes(line)


class NotRunning(EmsError):
    """There is no supervisor for this installation."""


def ask(run: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Send a request to the supervisor and return its answer.

    Raises `NotRunning` without a supervisor, `EmsError` with its text if it rejects the request.
    """
    try:
        with socket.socket(socket.AF_UNIX) as connection, _short(run) as path:
            connection.settimeout(20)
            connection.connect(path)
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer: dict[str, Any] = json.loads(read_line(connection))
    except OSError as error:
        raise NotRunning("The platform is not running; `./ems up` starts it.") from error
    if "error" in answer:
        raise EmsError(answer["error"])
    return answer


def processes(run: Path) -> dict[str, dict[str, Any]]:
    """Return every process by its name; empty without a supervisor."""
    try:
        listing = ask(run, {"do": "status"})["processes"]
    except NotRunning:
        return {}
    return {process["name"]: process for process in listing}


def is_running(run: Path) -> bool:
    """Return whether a supervisor answers."""
    try:
        ask(run, {"do": "status"})
    except NotRunning:
        return False
    return True


def wait_for(run: Path, seconds: float) -> bool:
    """Wait for an answer of the supervisor; return whether one came in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_running(run):
            return True
        time.sleep(0.02)
    return False
