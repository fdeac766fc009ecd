"""Pages of device lists, remembered in Redis and never older than a write that was answered.

The database counts the commits that change a list (migration 0003). A page is kept under the count
that was read *before* its rows, so what a later commit changed is looked for under another name:
nothing has to be deleted, and no failure of Redis can leave an old page behind. A user event
changes the version of the asker's account, which is part of the name as well. Redis lost or emptied
is a page read anew; Redis away is not asked again for a while.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cache
from hashlib import sha256

import redis
from django.conf import settings
from django.db import connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from service_kit.identity.models import KnownUser

logger = logging.getLogger(__name__)

#: Seconds a request waits for Redis: longer than it ever takes, shorter than a reader notices.
TIMEOUT_SECONDS = 0.1

#: Seconds in which Redis is left alone after it failed: one request in that time pays the timeout.
REST_SECONDS = 5.0

#: Bytes of the largest page that is kept: a page of 50. Redis is shared with the live sockets and
#: refuses writes when it is full.
MAX_BYTES = 1 << 16


class BestEffortStore:
    """Redis as something that may be away at any moment: then everything is simply not there."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
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

    def _try(self, work: Callable[[], object]) -> object:
        if self.is_resting:
            return None
        try:
            found = work()
        except (redis.RedisError, OSError) as error:
            self._resting_until = time.monotonic() + REST_SECONDS
            if not self._told:
                logger.warning("device lists are not cached, Redis is away: %s", error)
            self._told = True
            return None
        if self._told:
            logger.info("device lists are cached again")
            self._told = False
        return found


@cache
def store() -> BestEffortStore:
    """The store of this process."""
    return BestEffortStore(settings.REDIS_URL)


class ListCache:
    """One user's lists as they are when this is made; make one a request, before reading."""

    def __init__(self, user: KnownUser) -> None:
        self._seconds: int = settings.DEVICE_LIST_CACHE_SECONDS
        self._is_on = self._seconds > 0 and not store().is_resting
        if self._is_on:
            self._state = f"{_list_version()}:{user.id}:{user.version}:{user.role}"

    def remembered(self, what: str, make: Callable[[], bytes]) -> bytes:
        """What `make` returned when it was last asked in this state for `what`."""
        if not self._is_on:
            return make()
        name = "devices:" + sha256(f"{self._state}\n{what}".encode()).hexdigest()
        found = store().get(name)
        if found is None:
            found = make()
            if len(found) <= MAX_BYTES:
                store().put(name, found, self._seconds)
        return found


def _list_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(version) FROM device_list_version")
        (version,) = cursor.fetchone()
    return int(version)
