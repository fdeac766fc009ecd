"""Waiting times between attempts, in one place for broker and database."""

from __future__ import annotations

import random
from collections.abc import Iterator

#: Seconds of the first and of the longest wait.
FIRST_SECONDS = 0.25
LONGEST_SECONDS = 5.0


def backoff_seconds() -> Iterator[float]:
    """Yield waits in seconds without end: they double up to LONGEST_SECONDS, with jitter.

    Without jitter all workers, which lose the same server at the same moment, would come back
    together. The longest wait is short, because minutes of idling after an outage would delay
    readings.
    """
    ceiling = FIRST_SECONDS
    while True:
        yield random.uniform(ceiling / 2, ceiling)
        ceiling = min(ceiling * 2, LONGEST_SECONDS)
