"""Redis as something that may be away at any moment: then everything is simply not there."""

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
    """A connection for one use. `missing` is what is not so while Redis is away, for the log."""

    def __init__(self, url: str, *, missing: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._missing = missing
        self._resting_until = 0.0
        self._told = False

    @property
    def is_resting(self) -> bool:
        """Whether it failed a moment ago and is not asked."""
        return time.monotonic() < self._resting_until

    def get(self, name: str) -> bytes | None:
        """What was put under `name`, or None."""
        found = self._try(lambda: self._redis.get(name))
        return found if isinstance(found, bytes) else None

    def put(self, name: str, value: bytes, seconds: int) -> None:
        """Keep `value` for a while, if possible."""
        self._try(lambda: self._redis.set(name, value, ex=seconds))

    def count(self, name: str, seconds: int) -> tuple[int, int] | None:
        """Count one more, for all processes together; None while Redis is away.

        How many there were since the first one, and the seconds until counting begins anew,
        which it does `seconds` after the first.
        """

        def work() -> list[int]:
            # One transaction: a counter that got no end would refuse somebody for ever.
            with self._redis.pipeline(transaction=True) as steps:
                steps.set(name, 0, ex=seconds, nx=True)
                steps.incr(name)
                steps.ttl(name)
                return list(steps.execute())

        found = self._try(work)
        return (found[1], found[2]) if isinstance(found, list) else None

    def attempt(self, work: Callable[[redis.Redis], Result]) -> Result | None:
        """Return what `work` does with the client, None while Redis is unavailable."""
        return self._try(lambda: work(self._redis))

    def _try(self, work: Callable[[], Result]) -> Result | None:
        if self.is_resting:
            return None
        try:
            found = work()
        except (redis.RedisError, OSError) as error:
            self._resting_until = time.monotonic() + REST_SECONDS
            if not self._told:
                logger.warning("Redis is away, %s: %s", self._missing, error)
            self._told = True
            return None
        if self._told:
            logger.info("Redis is back, no more: %s", self._missing)
            self._told = False
        return found
