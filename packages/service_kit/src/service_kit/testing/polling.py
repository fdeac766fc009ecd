"""Wait in tests and benchmarks for a condition, never for a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

#: Seconds between two looks at a condition.
_PERIOD_SECONDS = 0.02


def eventually(condition: Callable[[], Value], seconds: float = 30, what: str = "") -> Value:
    """Return the first true value of `condition`.

    Raises:
        AssertionError: No value was true within `seconds`; its text is `what`.
    """
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise AssertionError(what or f"the condition did not come true within {seconds:g} s")
        time.sleep(_PERIOD_SECONDS)
