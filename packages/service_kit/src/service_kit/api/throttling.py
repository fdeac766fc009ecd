"""The limit of requests a minute of one user, counted for all services and processes together."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from service_kit.best_effort_redis import BestEffortRedis
from service_kit.http.client_address import client_network

if TYPE_CHECKING:
    # DRF's views import this module through the settings: at run time it would be a circle.
    from rest_framework.views import APIView

    from service_kit.access.authentication import Principal

PERIOD_SECONDS = 60


@cache
def counters() -> BestEffortRedis:
    """Return the client of the counters in this process."""
    return BestEffortRedis(settings.REDIS_URL, missing="requests a minute are not limited")


class RequestsPerMinute(BaseThrottle):
    """Answer 429 beyond `settings.REQUESTS_PER_MINUTE` of a user, or of an address without a user.

    Counted in Redis for all processes and services together. While Redis is unavailable nobody is
    rejected: the limit stops a runaway program, it protects no secret.
    """

    _wait_seconds = 0

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the request; return whether it is within the limit."""
        user = cast("Principal | None", request.user)
        who = client_network() if user is None else str(user.id)
        counted = counters().count(f"requests:{who}", PERIOD_SECONDS)
        if counted is None:
            return True
        count, self._wait_seconds = counted
        return bool(count <= settings.REQUESTS_PER_MINUTE)

    def wait(self) -> float:
        """Return the seconds for Retry-After; never 0, which would mean "at once"."""
        return max(1, self._wait_seconds)
