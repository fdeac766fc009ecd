"""Failpoints: places where a test can kill this process, to prove that nothing is lost."""

from __future__ import annotations

import os
import signal

#: Name of the place at which to die; unset in every installation.
_CHOSEN = os.environ.get("EMS_FAILPOINT", "")


def failpoint(name: str) -> None:
    """Die as by `kill -9` if the process was started with `EMS_FAILPOINT=name`."""
    if name == _CHOSEN:
        os.kill(os.getpid(), signal.SIGKILL)
