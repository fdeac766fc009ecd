"""Pages of device lists, remembered in Redis and never older than a write that was answered.

The database counts the commits that change a list (migration 0003). A page is kept under the count
that was read *before* its rows, so what a later commit changed is looked for under another name:
nothing has to be deleted, and no failure of Redis can leave an old page behind. A user event
changes the version of the asker's account, which is part of the name as well. Redis lost or emptied
is a page read anew; Redis away is not asked again for a while.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256

from django.conf import settings
from django.db import connection

from service_kit.best_effort_redis import BestEffortRedis
from service_kit.identity.models import KnownUser

#: Bytes of the largest page that is kept: a page of 50. Redis is shared with the live sockets and
#: refuses writes when it is full.
MAX_BYTES = 1 << 16


@cache
def store() -> BestEffortRedis:
    """The store of this process."""
    return BestEffortRedis(settings.REDIS_URL, missing="device lists are not cached")


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
