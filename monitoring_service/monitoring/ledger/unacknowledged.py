"""Count the messages that ingest processes hold: taken from the queue, and not stored yet.

The broker counts as ready only what no consumer has taken, so a queue of 0 may hide 30,000 readings
behind one stuck transaction. Each ingest process writes its number, and the time at which the
oldest of these messages was sent, to Redis, where both expire.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from uuid import uuid4

import redis
from django.conf import settings

from service_kit.best_effort_redis import BestEffortRedis
from service_kit.broker import BatchConsumer

#: Sorted set of `process:sent at:messages`, the middle empty if unknown; the score is the Unix time
#: at which the member expires.
_KEY = "ingest:unacknowledged"

#: Seconds between two reports of a process.
REPORT_SECONDS = 2.0

#: Seconds after which a report expires: a few reports may fail while Redis is unavailable, and the
#: last report of a killed process must not be counted for long.
EXPIRY_SECONDS = 15


@cache
def _redis() -> BestEffortRedis:
    missing = "the number of messages in ingest is not known"
    return BestEffortRedis(settings.REDIS_URL, missing=missing)


@dataclass(frozen=True, slots=True)
class Held:
    """Messages that all ingest processes hold, and when the oldest was sent (Unix seconds)."""

    messages: int
    oldest_sent_at: int | None


def report(consumer: BatchConsumer) -> None:
    """Report every two seconds the messages that this process holds; never return."""
    name, previous = uuid4().hex, ""
    while True:
        previous = _write(_member(name, consumer), previous)
        time.sleep(REPORT_SECONDS)


def _member(name: str, consumer: BatchConsumer) -> str:
    sent_at = consumer.oldest_timestamp
    return f"{name}:{'' if sent_at is None else sent_at}:{consumer.unacknowledged}"


def _write(member: str, previous: str) -> str:
    """Replace the process's previous report in Redis; return the new report."""
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


def messages_held() -> Held | None:
    """Return the messages that all ingest processes hold, None if no process reports."""

    def work(client: redis.Redis) -> list[bytes]:
        return client.zrangebyscore(_KEY, time.time(), "+inf")  # type: ignore[return-value]

    reports = [member.split(b":") for member in _redis().attempt(work) or ()]
    if not reports:
        return None
    return Held(
        sum(int(parts[-1]) for parts in reports if parts[-1].isdigit()),
        # A process of an older release reports no time.
        min((int(parts[1]) for parts in reports if len(parts) == 3 and parts[1]), default=None),
    )
