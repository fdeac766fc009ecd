"""The live path while Redis is restarted, and when malformed messages are written into it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
import redis

from monitoring.alerts.services import ChangedAlert
from monitoring.ingest.results import ChangedHour
from monitoring.live.hub import Hub
from monitoring.live.publisher import LiveUpdatePublisher
from monitoring.live.pushes import SUBSCRIBED_KEY
from monitoring.live.receiver import PushReceiver
from service_kit.testing.waiting import wait_until

from ..conftest import NOON
from .own_redis import OwnRedis
from .pushes import channel_of, send_bytes, send_hour
from .sockets import Socket, serving

pytestmark = pytest.mark.django_db(transaction=True)


def changed(device_id, milliwh: int) -> ChangedHour:
    return ChangedHour(
        channel_of(device_id), NOON, milliwh, 3, 1, NOON + timedelta(minutes=20), 50_000
    )


#: The background tasks of a live process.
TASKS = {"access checks", "hour updates", "pushes", "subscription"}


@pytest.fixture
def url(own_redis: OwnRedis) -> Iterator[str]:
    with serving() as address:
        yield address


def heard(socket: Socket, kwh: float) -> dict:
    """Return the first hour of this energy; fail if no frame arrives for 10 s."""
    while True:
        frame = socket.hear(timeout=10)
        if frame.get("total_consumption") == kwh:
            return frame


def test_the_first_push_after_a_restart_of_redis_reaches_a_socket_that_reconnected(
    url, own_redis, issuer, alice, meter
):
    publisher = LiveUpdatePublisher()
    for round_number in range(1, 4):
        with Socket(url) as before:
            before.listen(issuer.token(alice), meter)
            publisher.push_hours([changed(meter, round_number * 1_000)])
            heard(before, round_number / 1_000)
            own_redis.kill()
            publisher.push_hours([changed(meter, round_number * 100_000)])
            own_redis.start()

            assert before.closed_with() == 1012
        with Socket(url) as again:
            again.listen(issuer.token(alice), meter)
            publisher.push_hours([changed(meter, round_number * 1_000_000)])

            heard(again, round_number)


def subscribe(socket: Socket, token: str, device_id: object) -> None:
    """Subscribe without waiting for the answer."""
    socket.say(type="authenticate", token=token)
    assert socket.hear()["type"] == "authenticated"
    socket.say(type="subscribe", device_ids=[str(device_id)])


def test_a_subscription_is_confirmed_once_its_devices_are_registered(
    url, own_redis, issuer, alice, meter
):
    """Ingest pushes nothing for its devices before their registration."""
    own_redis.client().acl_setuser("default", enabled=True, commands=["-zadd"])
    with Socket(url) as socket:
        subscribe(socket, issuer.token(alice), meter)
        with pytest.raises(TimeoutError):
            socket.hear(timeout=3)
        own_redis.client().acl_setuser("default", enabled=True, commands=["+zadd"])

        assert socket.hear()["type"] == "subscribed"
    assert own_redis.client().zscore(SUBSCRIBED_KEY, str(meter)) is not None


def test_sockets_are_closed_while_redis_is_unavailable_and_confirmed_when_it_is_back(
    url, own_redis, issuer, alice, meter
):
    """No client may believe to be up to date while nothing can arrive."""
    publisher = LiveUpdatePublisher()
    with Socket(url) as before:
        before.listen(issuer.token(alice), meter)
        own_redis.kill()

        assert before.closed_with() == 1012
    with Socket(url) as again:
        subscribe(again, issuer.token(alice), meter)
        with pytest.raises(TimeoutError):
            again.hear(timeout=3)
        again.say(type="ping")
        assert again.hear()["type"] == "pong"
        own_redis.start()

        assert again.hear()["type"] == "subscribed"
        publisher.push_hours([changed(meter, 1_000)])
        heard(again, 0.001)


def test_each_task_of_a_live_process_ends_when_it_is_cancelled_while_redis_is_unavailable(
    own_redis, issuer, alice, meter
):
    """A loop that ends cancels each task once: one that goes on holds its process."""
    with serving() as address:
        with Socket(address) as socket:
            socket.listen(issuer.token(alice), meter)
            own_redis.kill()
        loop = Hub._of_process._loop
        tasks = [task for task in asyncio.all_tasks(loop) if task.get_name() in TASKS]
        assert {task.get_name() for task in tasks} == TASKS
        for task in sorted(tasks, key=asyncio.Task.get_name):
            loop.call_soon_threadsafe(task.cancel)
            wait_until(task.done)


def test_a_cancelled_receiver_ends_although_its_connections_cannot_be_closed(
    own_redis, monkeypatch
):
    async def subscribe_and_cancel() -> None:
        receiver = PushReceiver(on_push=lambda push: None, on_interruption=lambda: None)
        flush = receiver._layer.flush

        async def flush_and_fail() -> None:
            await flush()
            raise redis.ConnectionError("the connection was lost while it was closed")

        monkeypatch.setattr(receiver._layer, "flush", flush_and_fail)
        task = asyncio.create_task(receiver.run())
        async with asyncio.timeout(10):
            await receiver.receiving.wait()
            task.cancel()
            await asyncio.wait([task])
        assert task.cancelled()

    asyncio.run(subscribe_and_cancel())


def test_a_push_that_failed_is_sent_when_redis_takes_it_again(url, own_redis, issuer, alice, meter):
    """Only publishing fails: no socket is closed, so no client reads the hour again."""
    publisher = LiveUpdatePublisher()
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)
        own_redis.client().acl_setuser("default", enabled=True, commands=["-publish"])
        publisher.push_hours([changed(meter, 1_000)])
        publisher.push_alerts([ChangedAlert(7, meter, NOON, 500_000, 612_000, False)])
        with pytest.raises(TimeoutError):
            socket.hear(timeout=1)
        own_redis.client().acl_setuser("default", enabled=True, commands=["+publish"])

        assert {socket.hear()["type"], socket.hear()["type"]} == {"hourly_updated", "alert"}


#: Bytes that no live process sends; DEVICE is replaced by the id of a subscribed device.
MALFORMED = [
    b"",
    b"\xc1",
    b"not msgpack",
    b'{"type": "hours"}',
    b"\xdf\xff\xff\xff\xff",
    b"\x91" * 100_000,
    msgspec.msgpack.encode(None),
    msgspec.msgpack.encode(5),
    msgspec.msgpack.encode([]),
    msgspec.msgpack.encode({}),
    msgspec.msgpack.encode({5: 5}),
    msgspec.msgpack.encode({"type": 5}),
    msgspec.msgpack.encode({"type": "of another version"}),
    msgspec.msgpack.encode({"type": "hours", "updates": 5}),
    msgspec.msgpack.encode({"type": "hours", "updates": [7]}),
    msgspec.msgpack.encode({"type": "hours", "updates": [["DEVICE"]]}),
    msgspec.msgpack.encode({"type": "hours", "updates": [["DEVICE", [], "{}"]]}),
    msgspec.msgpack.encode({"type": "hours", "updates": [["no id", "2026", "{}"]]}),
    msgspec.msgpack.encode({"type": "alerts", "updates": [["DEVICE", [], "{}", []]]}),
    msgspec.msgpack.encode({"type": "alerts", "updates": [["DEVICE", 1, "{}", 5]]}),
    msgspec.msgpack.encode({"type": "access", "user_ids": 5}),
    msgspec.msgpack.encode({"type": "access", "user_ids": ["no id"]}),
    msgspec.msgpack.encode({"type": "heartbeat", "channel": 5, "number": "x"}),
]


@pytest.mark.parametrize("push", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_push_is_logged_and_the_next_one_arrives(
    push, url, own_redis, issuer, alice, meter, caplog
):
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)
        # A string of 6 bytes becomes one of 36.
        send_bytes(push.replace(b"\xa6DEVICE", b"\xd9\x24" + str(meter).encode()))
        send_hour(meter, "2026-03-10T12:00:00Z", '{"good": true}')

        assert socket.hear() == {"good": True}
    assert "skipped" in caplog.text


def test_a_malformed_member_of_the_subscribed_devices_is_logged_once_and_skipped(
    url, own_redis, issuer, alice, meter, caplog
):
    publisher = LiveUpdatePublisher()
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)
        own_redis.client().zadd(SUBSCRIBED_KEY, {"not-a-uuid": 9e12, b"\xff": 9e12})
        for milliwh in (1_000, 2_000):
            publisher.push_hours([changed(meter, milliwh)])
            heard(socket, milliwh / 1_000_000)
    assert caplog.text.count("not-a-uuid") == 1
