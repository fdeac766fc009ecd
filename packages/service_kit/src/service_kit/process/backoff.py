"""Waiting times between attempts, in one place for broker and database."""

from __future__ import annotations

import random
from collections.abc import Iterator

#: Seconds of the first and of the longest wait.
FIRST_SECONDS = 0.25
LONGEST_SECONDS = 5.0


def backoff_seconds() -> Iterator[float]:
    """Endless waits, doubling with full jitter.

    Jitter, because all workers lose the same server at the same moment and must not come back as
    one; the cap is low, because everything here is on one site and minutes of idling after an
    outage would be late readings.
    """
    ceiling = FIRST_SECONDS
    while True:
        yield random.uniform(ceiling / 2, ceiling)
        ceiling = min(ceiling * 2, LONGEST_SECONDS)
