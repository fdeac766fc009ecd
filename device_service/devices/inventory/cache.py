"""The cache of device lists in Redis; used by the views of device lists only.

PostgreSQL counts the transactions that changed a device or an assignment (migration 0006). That
count, the list version, is part of a page's key and is read *before* the page's rows. A slow reader
therefore stores an old page under an old version, which no later request reads. Nothing is deleted
at a write, so a failure of Redis cannot keep an old page valid.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from service_kit.api.keyset import KeysetPagination
from service_kit.best_effort_redis import BestEffortRedis
from service_kit.identity.models import KnownUser

#: Bytes of the largest page that is stored; a page of 50 devices fits. Redis is shared with the
#: live sockets and rejects writes when it is full.
MAX_PAGE_BYTES = 1 << 16


@cache
def redis_client() -> BestEffortRedis:
    """Return the Redis client of this process."""
    return BestEffortRedis(settings.REDIS_URL, missing="device lists are not cached")


class DeviceListCache:
    """The device lists of one user at one list version.

    Create one for each request, before reading rows.
    """

    def __init__(self, user: KnownUser) -> None:
        """Read the list version, unless lists are not cached."""
        self._seconds: int = settings.DEVICE_LIST_CACHE_SECONDS
        # Rows that are read inside a transaction may be its own, and rolled back later.
        is_usable = not connection.in_atomic_block and not redis_client().is_resting
        self._is_on = self._seconds > 0 and is_usable
        if self._is_on:
            # A change of the user's role raises the version of their account.
            self._scope = f"{_list_version()}:{user.id}:{user.version}"

    def get_or_make(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return the value stored as `name`; if there is none, make it and store it."""
        if not self._is_on:
            return make()
        key = "devices:" + sha256(f"{self._scope}\n{name}".encode()).hexdigest()
        value = redis_client().get(key)
        if value is None:
            value = make()
            if len(value) <= MAX_PAGE_BYTES:
                redis_client().put(key, value, self._seconds)
        return value


class DeviceListPagination(KeysetPagination):
    """Pages of one device list; all of them share a cached count."""

    def __init__(self, lists: DeviceListCache, list_name: str) -> None:
        """Make pages of a list; `list_name` distinguishes it from other lists of the user."""
        self._lists = lists
        self._count_name = f"count {list_name}"

    def get_count(self, queryset: QuerySet[Any]) -> int:
        """Return the number of rows of the list."""
        return int(self._lists.get_or_make(self._count_name, lambda: b"%d" % queryset.count()))


def _list_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(version) FROM device_list_version")
        (version,) = cursor.fetchone()
    return int(version)
