"""The limit of requests a minute: one count for all processes, and no 500 without Redis."""

from __future__ import annotations

import logging
import socket
from uuid import uuid4

import pytest
import redis
from django.conf import settings as django_settings
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from service_kit.api.throttling import RequestsPerMinute, counters
from service_kit.best_effort_redis import BestEffortRedis
from service_kit.identity.models import KnownUser


@pytest.fixture(autouse=True)
def limit(settings):
    settings.REQUESTS_PER_MINUTE = 3
    counters.cache_clear()
    yield 3
    counters.cache_clear()


def ask(user: KnownUser):
    """Return the answer of a view that has the kit's settings alone."""

    class View(APIView):
        authentication_classes = ()
        permission_classes = ()

        def get(self, request):
            return Response({})

        def perform_authentication(self, request):
            request.user = user

    return View.as_view()(APIRequestFactory().get("/")).render()


def someone() -> KnownUser:
    return KnownUser(id=uuid4(), username="alice", role="client", is_active=True)


def test_requests_beyond_the_limit_are_answered_with_the_seconds_to_wait(limit):
    alice = someone()

    answers = [ask(alice) for _ in range(limit + 2)]

    assert [answer.status_code for answer in answers] == [200] * limit + [429] * 2
    assert answers[-1].headers["Content-Type"] == "application/problem+json"
    assert answers[-1].data["code"] == "throttled"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_requests_of_one_user_do_not_count_for_another(limit):
    alice = someone()
    for _ in range(limit + 1):
        ask(alice)

    assert ask(someone()).status_code == 200


def test_counting_starts_again_when_the_minute_is_over(limit):
    alice = someone()
    for _ in range(limit + 1):
        ask(alice)
    with redis.Redis.from_url(django_settings.REDIS_URL) as server:
        assert 0 < server.ttl(f"requests:{alice.id}") <= 60
        server.delete(f"requests:{alice.id}")

    assert ask(alice).status_code == 200


def test_every_view_is_limited_by_default():
    assert APIView.throttle_classes == [RequestsPerMinute]


def test_two_processes_count_together():
    processes = [BestEffortRedis(django_settings.REDIS_URL, missing="") for _ in range(2)]
    name = f"test:{uuid4()}"

    counted = [processes[n % 2].count(name, 60) for n in range(4)]

    assert [count for count, _ in counted] == [1, 2, 3, 4]


@pytest.mark.parametrize("failure", ["closed", "hangs"])
def test_no_request_is_rejected_without_redis_and_the_outage_is_logged_once(
    limit, settings, caplog, failure
):
    alice = someone()
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        if failure == "closed":
            server.close()
        with caplog.at_level(logging.INFO, logger="service_kit.best_effort_redis"):
            answers = [ask(alice) for _ in range(limit + 5)]

    assert {answer.status_code for answer in answers} == {200}
    assert sum("not limited" in record.message for record in caplog.records) == 1
