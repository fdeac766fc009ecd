"""SIGTERM and Ctrl-C as a flag: a worker finishes what it holds, then exits 0."""

from __future__ import annotations

import signal
import threading
from types import FrameType


class StopFlag(threading.Event):
    """Set by the first SIGTERM or SIGINT; `wait(seconds)` doubles as an interruptible pause."""

    @classmethod
    def on_signals(cls) -> StopFlag:
        """A flag wired to this process's signals; call it in the main thread."""
        flag = cls()

        def stop(signum: int, frame: FrameType | None) -> None:
            flag.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        return flag
