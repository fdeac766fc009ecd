"""Waiting for a condition, in tests of processes and threads."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def wait_until(condition: Callable[[], Result], seconds: float = 30, problem: str = "") -> Result:
    """Return the first true result of `condition`. Raises AssertionError after `seconds`.

    `problem` is the text of that error, for a condition that does not explain itself.
    """
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, problem or f"not within {seconds} s: {condition}"
        time.sleep(0.02)
    return result
