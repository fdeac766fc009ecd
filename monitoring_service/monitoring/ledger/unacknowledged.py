"""Count the messages that ingest processes hold: taken from the queue, and not stored yet.

The broker counts as ready only what no consumer has taken, so a queue of 0 may hide 30,000 readings
behind one stuck transaction. Each ingest process writes its number to Redis, where it expires.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from uuid import uuid4

import redis
from django.conf import settings

from service_kit.best_effort_redis import BestEffortRedis

#: Sorted set of `process:messages`; the score is the Unix time at which the member expires.
_KEY = "ingest:unacknowledged"

REPORT_SECONDS = 2.0
#: Outlives some reports that Redis missed, and not for long a process that was killed.
EXPIRY_SECONDS = 15


@cache
def _redis() -> BestEffortRedis:
    missing = "the number of messages in ingest is not known"
    return BestEffortRedis(settings.REDIS_URL, missing=missing)


def report(count: Callable[[], int]) -> None:
    """Write the number of this process every two seconds; does not return."""
    name, previous = uuid4().hex, ""
    while True:
        previous = _write(f"{name}:{count()}", previous)
        time.sleep(REPORT_SECONDS)


def _write(member: str, previous: str) -> str:
    """Replace the process's previous member; return the new one."""
    now = time.time()

    def work(client: redis.Redis) -> None:
        with client.pipeline(transaction=True) as steps:
            steps.zremrangebyscore(_KEY, "-inf", now)
            steps.zrem(_KEY, previous)
            steps.zadd(_KEY, {member: now + EXPIRY_SECONDS})
            steps.expire(_KEY, EXPIRY_SECONDS)
            steps.execute()

    _redis().attempt(work)
    return member


def unacknowledged_messages() -> int | None:
    """Return how many messages all ingest processes hold, None if none of them reports."""

    def work(client: redis.Redis) -> list[bytes]:
        return client.zrangebyscore(_KEY, time.time(), "+inf")  # type: ignore[return-value]

    counts = [member.rpartition(b":")[2] for member in _redis().attempt(work) or ()]
    return sum(int(count) for count in counts if count.isdigit()) if counts else None
