"""Alerts, and many sockets on one process: no socket slows another or costs a query."""

from __future__ import annotations

import json
import os
import socket
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from energy_contracts.events import AssignmentData, encode_event, new_event
from monitoring.alerts.services import ChangedAlert
from monitoring.devices.visibility import access_snapshot
from monitoring.ingest.results import ChangedHour
from monitoring.live.hub import Hub
from monitoring.live.publisher import LiveUpdatePublisher
from monitoring.live.pushes import AccessPush
from monitoring.live.rate_limiter import RateLimiter
from monitoring.sync.handlers import HANDLERS
from monitoring.sync.services import assignment_apply, device_apply
from service_kit.testing.deliveries import handle_bodies
from service_kit.testing.waiting import wait_until

from ..conftest import NOON, device_data, make_user
from .pushes import channel_of, send_hour, send_push
from .sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)


def changed(device_id, hours: int = 0, milliwh: int = 217_000) -> ChangedHour:
    start = NOON + timedelta(hours=hours)
    return ChangedHour(
        channel_of(device_id), start, milliwh, 3, 1, start + timedelta(minutes=20), 50_000
    )


def alert(device_id, *, withdrawn: bool = False, alert_id: int = 7) -> ChangedAlert:
    return ChangedAlert(alert_id, device_id, NOON, 500_000, 612_000, withdrawn)


def quiet(listener: Socket) -> bool:
    """Return whether no frame arrives within a second."""
    try:
        listener.hear(timeout=1)
    except TimeoutError:
        return True
    return False


def test_an_alert_reaches_the_subscribers_of_its_device(url, issuer, alice, meter):
    with Socket(url) as listener:
        listener.listen(issuer.token(alice), meter)
        LiveUpdatePublisher().push_alerts([alert(meter)])

        assert listener.hear() == {
            "type": "alert",
            "id": 7,
            "device_id": str(meter),
            "device_name": "Flat 12",
            "timezone": "UTC",
            "start": "2026-03-10T12:00:00Z",
            "limit": 0.5,
            "total_consumption": 0.612,
            "withdrawn": False,
            "channel": "main",
            "unit": "kWh",
        }


def test_a_subscriber_to_alerts_receives_those_of_all_visible_devices_once(
    url, issuer, alice, meter
):
    other = uuid4()
    device_apply(data=device_data(other, name="Roof"), version=1, occurred_at=NOON)
    assignment_apply(device_id=other, user_id=alice.id, active=True, version=1)
    with Socket(url) as listener:
        subscribed = listener.listen(issuer.token(alice), meter, alerts=True)
        LiveUpdatePublisher().push_alerts([alert(meter), alert(other, withdrawn=True, alert_id=8)])

        assert subscribed == {"type": "subscribed", "device_ids": [str(meter)], "alerts": True}
        alerts = [listener.hear(), listener.hear()]
        assert {(sent["id"], sent["device_name"], sent["withdrawn"]) for sent in alerts} == {
            (7, "Flat 12", False),
            (8, "Roof", True),
        }
        assert quiet(listener)


def test_an_administrator_who_subscribes_to_alerts_alone_receives_all(url, issuer, admin, meter):
    with Socket(url) as listener:
        listener.say(type="authenticate", token=issuer.token(admin))
        listener.hear()
        listener.say(type="subscribe", alerts=True)
        listener.hear()
        LiveUpdatePublisher().push_alerts([alert(meter)])

        assert listener.hear()["type"] == "alert"


def test_bob_receives_no_alert_of_alices_meter(url, issuer, bob, meter):
    with Socket(url) as listener:
        listener.listen(issuer.token(bob), meter, alerts=True)
        LiveUpdatePublisher().push_alerts([alert(meter), alert(uuid4())])

        assert quiet(listener)


def test_alerts_of_a_device_that_the_user_lost_are_not_sent(url, issuer, alice, meter):
    with Socket(url) as listener:
        listener.listen(issuer.token(alice), meter, alerts=True)
        pair = AssignmentData(device_id=meter, user_id=alice.id)
        gone = new_event("device_unassigned", version=2, source="test", data=pair)
        assert handle_bodies([encode_event(gone)], HANDLERS) == []
        assert listener.hear()["device_ids"] == []
        LiveUpdatePublisher().push_alerts([alert(meter)])

        assert quiet(listener)


def test_a_device_is_pushed_at_most_twice_a_second_and_its_latest_state_wins(
    url, issuer, alice, meter
):
    publisher = LiveUpdatePublisher()
    with Socket(url) as listener:
        listener.listen(issuer.token(alice), meter)
        hour = changed(meter)
        for milliwh in range(1_000, 201_000, 1_000):
            publisher.push_hours([replace(hour, energy_milliwh=milliwh)])

        heard = [listener.hear()["total_consumption"]]
        while heard[-1] != 0.2:
            heard.append(listener.hear()["total_consumption"])

    assert len(heard) <= 3
    assert heard == sorted(heard)


def test_a_quiet_device_does_not_wait_for_a_busy_one():
    limiter: RateLimiter[str] = RateLimiter()
    busy, quiet = uuid4(), uuid4()
    limiter.put(busy, 1, "first")
    assert limiter.take_due() == ["first"]

    limiter.put(busy, 1, "second")
    limiter.put(busy, 1, "third")
    limiter.put(quiet, 1, "at once")

    assert limiter.take_due() == ["at once"]
    assert 0 < limiter.seconds_left() <= 0.5


def test_a_socket_that_reads_nothing_is_disconnected_and_the_others_receive(
    url, issuer, alice, meter
):
    """The slow client has a small receive buffer and reads nothing, so its frames cannot leave."""
    address = url.removeprefix("ws://").partition("/")[0].partition(":")
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.connect((address[0], int(address[2])))
    with Socket(url, sock=narrow, max_queue=1) as slow, Socket(url) as quick:
        slow.listen(issuer.token(alice), meter)
        quick.listen(issuer.token(alice), meter)
        for number in range(200):
            # Random, because compressed zeros would fit into any buffer.
            padding = os.urandom(30_000).hex()
            send_hour(meter, str(number), json.dumps({"start": str(number), "padding": padding}))

        assert {quick.hear()["start"] for _ in range(200)} == {str(n) for n in range(200)}
        wait_until(lambda: len(Hub._of_process._subscribers) == 1)
        # The frames in its buffers arrive, then the end, without a close frame.
        assert slow.closed_with() == 1006


def test_many_sockets_share_one_connection_to_redis_and_a_few_queries(url, issuer, meter):
    users = [make_user("client") for _ in range(60)]
    for user in users:
        assignment_apply(device_id=meter, user_id=user.id, active=True, version=1)
    client = redis.Redis.from_url(settings.REDIS_URL)
    with ExitStack() as stack:
        listeners = [stack.enter_context(Socket(url)) for _ in users]
        listeners[0].listen(issuer.token(users[0]), meter)
        before = len(client.client_list())
        for listener, user in zip(listeners[1:], users[1:], strict=True):
            listener.listen(issuer.token(user), meter)

        # A few for registrations that happen at the same time.
        assert len(client.client_list()) < before + 5
        # The process's channel and the group: none for a socket. The channel of another test's
        # process stays until Redis has noticed its end.
        wait_until(lambda: len(client.pubsub_channels("live:*")) == 2)
        LiveUpdatePublisher().push_hours([changed(meter)])
        assert {listener.hear()["total_consumption"] for listener in listeners} == {0.217}
        with CaptureQueriesContext(connection) as queries:
            access = access_snapshot([user.id for user in users], [meter])
        assert len(queries) == 3
        assert all(access.visible(user, {meter, uuid4()}) == {meter} for user in users)
    client.close()


def test_a_subscription_during_a_check_of_access_keeps_its_devices(url, issuer, alice, meter):
    """The subscription waits for the database while a check of its former devices runs."""
    other = uuid4()
    device_apply(data=device_data(other), version=1, occurred_at=NOON)
    assignment_apply(device_id=other, user_id=alice.id, active=True, version=1)
    client = redis.Redis.from_url(settings.REDIS_URL)
    with Socket(url) as listener, Socket(url) as witness:
        witness.listen(issuer.token(alice), other)
        listener.listen(issuer.token(alice))
        with transaction.atomic():
            connection.cursor().execute("LOCK TABLE assignment IN ACCESS EXCLUSIVE MODE")
            listener.say(type="subscribe", device_ids=[str(meter)])
            listener.say(type="ping")
            send_push(AccessPush(user_ids=[alice.id]))
            send_hour(other, "2026", '{"sent": "after the check began"}')
            assert witness.hear() == {"sent": "after the check began"}

        assert listener.hear()["device_ids"] == [str(meter)]
        assert listener.hear() == {"type": "pong"}
        LiveUpdatePublisher().push_hours([changed(meter)])
        assert listener.hear()["type"] == "hourly_updated"
    client.close()


def test_sockets_are_closed_after_an_interruption_of_redis(url, issuer, alice, meter):
    with Socket(url) as listener:
        listener.listen(issuer.token(alice), meter)
        client = redis.Redis.from_url(settings.REDIS_URL)
        client.client_kill_filter(_type="pubsub")
        client.close()

        assert listener.closed_with() == 1012
    with Socket(url) as again:
        assert again.listen(issuer.token(alice), meter)["device_ids"] == [str(meter)]
        LiveUpdatePublisher().push_hours([changed(meter)])
        assert again.hear()["type"] == "hourly_updated"


@pytest.mark.parametrize(
    "frame", [{"alerts": "yes"}, {"device_ids": "abc"}, {"device_ids": 7}, {}, {"alerts": False}]
)
def test_a_malformed_subscription_is_answered_with_an_error(url, issuer, alice, frame):
    with Socket(url) as listener:
        listener.say(type="authenticate", token=issuer.token(alice))
        listener.hear()
        listener.say(type="subscribe", **frame)

        assert listener.hear()["code"] == "bad_frame"
