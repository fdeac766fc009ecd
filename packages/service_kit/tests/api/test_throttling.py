"""A minute's requests of one user: counted once for all processes, and never a reason for a 500."""

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
    """The answer of a view that only has what every view has: the kit's settings."""

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


def test_beyond_the_limit_the_answer_is_a_problem_that_says_when_to_come_back(limit):
    alice = someone()

    answers = [ask(alice) for _ in range(limit + 2)]

    assert [one.status_code for one in answers] == [200] * limit + [429] * 2
    assert answers[-1].headers["Content-Type"] == "application/problem+json"
    assert answers[-1].data["code"] == "throttled"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_one_users_requests_cost_another_nothing(limit):
    alice = someone()
    for _ in range(limit + 1):
        ask(alice)

    assert ask(someone()).status_code == 200


def test_when_the_minute_is_over_counting_begins_anew(limit):
    alice = someone()
    for _ in range(limit + 1):
        ask(alice)
    with redis.Redis.from_url(django_settings.REDIS_URL) as server:
        assert 0 < server.ttl(f"requests:{alice.id}") <= 60
        server.delete(f"requests:{alice.id}")

    assert ask(alice).status_code == 200


def test_every_view_is_limited_unless_it_says_otherwise():
    assert APIView.throttle_classes == [RequestsPerMinute]


def test_two_processes_count_together():
    processes = [BestEffortRedis(django_settings.REDIS_URL, missing="") for _ in range(2)]
    name = f"test:{uuid4()}"

    counted = [processes[n % 2].count(name, 60) for n in range(4)]

    assert [count for count, _ in counted] == [1, 2, 3, 4]


@pytest.mark.parametrize("failure", ["refuses", "hangs"])
def test_without_redis_nobody_is_refused_and_the_log_says_so_once(limit, settings, caplog, failure):
    alice = someone()
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        if failure == "refuses":
            server.close()
        with caplog.at_level(logging.INFO, logger="service_kit.best_effort_redis"):
            answers = [ask(alice) for _ in range(limit + 5)]

    assert {one.status_code for one in answers} == {200}
    assert len([one for one in caplog.records if "not limited" in one.message]) == 1
