"""The live path while Redis is restarted, and when somebody writes nonsense into it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from monitoring.alerts.services import ChangedAlert
from monitoring.ingest.results import ChangedHour
from monitoring.live.publisher import LISTENED_KEY, PUSH_CHANNEL, HourPusher

from ..conftest import NOON
from .own_redis import OwnRedis
from .sockets import Socket, serving

pytestmark = pytest.mark.django_db(transaction=True)


def changed(device_id, milliwh: int) -> ChangedHour:
    return ChangedHour(device_id, NOON, milliwh, 3, 1, NOON + timedelta(minutes=20), 50_000)


@pytest.fixture
def url(own_redis: OwnRedis) -> Iterator[str]:
    with serving() as address:
        yield address


def heard(socket: Socket, kwh: float) -> dict:
    """The first hour of this energy; fails when there is none within 10 s."""
    while True:
        frame = socket.hear(timeout=10)
        if frame.get("total_consumption") == kwh:
            return frame


def test_the_first_push_after_a_restart_of_redis_reaches_a_socket_that_came_back(
    url, own_redis, issuer, alice, meter
):
    pusher = HourPusher()
    for round_number in range(1, 4):
        with Socket(url) as before:
            before.listen(issuer.token(alice), meter)
            pusher.push([changed(meter, round_number * 1_000)])
            heard(before, round_number / 1_000)
            own_redis.kill()
            pusher.push([changed(meter, round_number * 100_000)])
            own_redis.start()

            assert before.closed_with() == 1012
        with Socket(url) as again:
            again.listen(issuer.token(alice), meter)
            pusher.push([changed(meter, round_number * 1_000_000)])

            heard(again, round_number)


def test_a_socket_whose_devices_were_registered_late_reads_again(
    url, own_redis, issuer, alice, meter
):
    """What ingest pushed before the registration was lost to it."""
    own_redis.client().acl_setuser("default", enabled=True, commands=["-zadd"])
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)
        own_redis.client().acl_setuser("default", enabled=True, commands=["+zadd"])

        assert socket.closed_with() == 1012
    assert own_redis.client().zscore(LISTENED_KEY, str(meter)) is not None


def test_a_push_that_failed_is_sent_when_redis_takes_it_again(url, own_redis, issuer, alice, meter):
    """Only publishing fails: no socket is closed, so nobody reads the hour again."""
    pusher = HourPusher()
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)
        own_redis.client().acl_setuser("default", enabled=True, commands=["-publish"])
        pusher.push([changed(meter, 1_000)])
        pusher.push_alerts([ChangedAlert(7, meter, NOON, 500_000, 612_000, False)])
        with pytest.raises(TimeoutError):
            socket.hear(timeout=1)
        own_redis.client().acl_setuser("default", enabled=True, commands=["+publish"])

        assert {socket.hear()["type"], socket.hear()["type"]} == {"hourly_updated", "alert"}


NONSENSE = [
    b"\xff{bad",
    b"not json",
    b"[]",
    b"5",
    b"null",
    b'{"hours": 5}',
    b'{"hours": [7]}',
    b'{"hours": [{}]}',
    b'{"hours": [{"device_id": "DEVICE"}]}',
    b'{"hours": [{"device_id": "DEVICE", "start": []}]}',
    b'{"hours": [{"device_id": ["DEVICE"], "start": "x"}]}',
    b'{"alerts": [{}]}',
    b'{"alerts": [{"frame": {}, "user_ids": []}]}',
    b'{"alerts": [{"frame": {"device_id": "DEVICE", "id": []}, "user_ids": []}]}',
    b'{"alerts": [{"frame": {"device_id": "DEVICE", "id": 1}, "user_ids": 5}]}',
    b'{"access": 5}',
    b'{"access": null}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("push", NONSENSE, ids=range(len(NONSENSE)))
def test_a_malformed_push_is_logged_and_the_next_one_arrives(
    push, url, own_redis, issuer, alice, meter, caplog
):
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)
        own_redis.client().publish(PUSH_CHANNEL, push.replace(b"DEVICE", str(meter).encode()))
        frame = {"device_id": str(meter), "start": "2026-03-10T12:00:00Z", "good": True}
        own_redis.client().publish(PUSH_CHANNEL, json.dumps({"hours": [frame]}))

        assert socket.hear() == frame
    assert "skipped" in caplog.text


def test_a_malformed_member_of_the_listened_devices_is_logged_once_and_skipped(
    url, own_redis, issuer, alice, meter, caplog
):
    pusher = HourPusher()
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)
        own_redis.client().zadd(LISTENED_KEY, {"not-a-uuid": 9e12, b"\xff": 9e12})
        for milliwh in (1_000, 2_000):
            pusher.push([changed(meter, milliwh)])
            heard(socket, milliwh / 1_000_000)
    assert caplog.text.count("not-a-uuid") == 1
