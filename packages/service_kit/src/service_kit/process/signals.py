"""SIGTERM and Ctrl-C as a flag: a worker finishes its batch, then exits with status 0."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType

#: Names a file that a worker touches while its loop runs, for health checks.
HEARTBEAT_VARIABLE = "EMS_HEARTBEAT_FILE"
HEARTBEAT_SECONDS = 5.0


class Stopped(Exception):
    """The process was asked to stop while it waited for a server."""


class StopFlag(threading.Event):
    """Set by the first SIGTERM or SIGINT; `wait(seconds)` doubles as an interruptible pause.

    Every loop of a worker reads the flag in each round, so reading it is the sign of life. A worker
    that waits for a broker or a database lives: a restart of the worker would bring neither back.
    """

    def __init__(self, *, heartbeat: bool = True) -> None:
        """Make a flag; with `heartbeat` its calls touch the file that HEARTBEAT_VARIABLE names.

        Requires: one flag with `heartbeat` in a process.
        """
        super().__init__()
        path = os.environ.get(HEARTBEAT_VARIABLE) if heartbeat else None
        self._heartbeat = Path(path) if path else None
        self._beaten_at = float("-inf")

    def is_set(self) -> bool:
        """Return whether the flag is set; each call is a sign of life."""
        self._beat()
        return super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Return whether the flag is set within `timeout` seconds; None waits without limit."""
        if self._heartbeat is None:
            return super().wait(timeout)
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            self._beat()
            left = HEARTBEAT_SECONDS if end is None else end - time.monotonic()
            if super().wait(min(max(left, 0), HEARTBEAT_SECONDS)):
                return True
            if end is not None and time.monotonic() >= end:
                return False

    def _beat(self) -> None:
        now = time.monotonic()
        if self._heartbeat is not None and now - self._beaten_at >= HEARTBEAT_SECONDS:
            self._heartbeat.touch()
            self._beaten_at = now

    @classmethod
    def on_signals(cls) -> StopFlag:
        """Return a flag that the signals of this process set.

        Requires: the main thread.
        """
        flag = cls()

        def stop(signum: int, frame: FrameType | None) -> None:
            flag.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        return flag
