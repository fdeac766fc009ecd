"""A Redis client for caches and counters: while Redis is unavailable it acts as an empty Redis."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

#: Seconds a request waits for Redis: longer than it ever takes, shorter than a reader notices.
TIMEOUT_SECONDS = 0.1

#: Seconds in which Redis is left alone after it failed: one request in that time pays the timeout.
REST_SECONDS = 5.0


class BestEffortRedis:
    """A connection for one use; `missing` names the lost effect in the log."""

    def __init__(self, url: str, *, missing: str) -> None:
        """Connect at the first use."""
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._missing = missing
        self._resting_until = 0.0
        self._outage_logged = False

    @property
    def is_resting(self) -> bool:
        """Return whether Redis failed in the last REST_SECONDS and is therefore not used."""
        return time.monotonic() < self._resting_until

    def get(self, name: str) -> bytes | None:
        """Return the value of `name`, or None."""
        value = self._try(lambda: self._redis.get(name))
        return value if isinstance(value, bytes) else None

    def put(self, name: str, value: bytes, seconds: int) -> None:
        """Store `value` for a while, if possible."""
        self._try(lambda: self._redis.set(name, value, ex=seconds))

    def count(self, name: str, seconds: int) -> tuple[int, int] | None:
        """Add one to a counter that all processes share; return None while Redis is unavailable.

        Returns the count since the first one, and the seconds until the count begins again, which
        is `seconds` after the first.
        """

        def work() -> list[int]:
            # One transaction: a counter without an expiry would reject a user permanently.
            with self._redis.pipeline(transaction=True) as steps:
                steps.set(name, 0, ex=seconds, nx=True)
                steps.incr(name)
                steps.ttl(name)
                return list(steps.execute())

        results = self._try(work)
        return (results[1], results[2]) if isinstance(results, list) else None

    def attempt(self, work: Callable[[redis.Redis], Result]) -> Result | None:
        """Return what `work` does with the client, None while Redis is unavailable."""
        return self._try(lambda: work(self._redis))

    def _try(self, work: Callable[[], Result]) -> Result | None:
        if self.is_resting:
            return None
        try:
            result = work()
        except (redis.RedisError, OSError) as error:
            self._resting_until = time.monotonic() + REST_SECONDS
            if not self._outage_logged:
                logger.warning("Redis is unavailable, %s: %s", self._missing, error)
            self._outage_logged = True
            return None
        if self._outage_logged:
            logger.info("Redis is back, no more: %s", self._missing)
            self._outage_logged = False
        return result
