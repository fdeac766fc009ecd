"""The websocket: its frames, and the devices that a user may subscribe to."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from websockets.exceptions import InvalidStatus

from energy_contracts.events import AssignmentData, DeletedData, UserData, encode_event, new_event
from monitoring.ingest.results import ChangedHour, ChangedPeriod
from monitoring.live.publisher import LiveUpdatePublisher
from monitoring.live.socket import MonitoringSocket
from monitoring.sync.handlers import HANDLERS
from monitoring.sync.services import device_apply
from service_kit.testing.deliveries import handle_bodies

from ..conftest import NOON, device_data
from .pushes import channel_of
from .sockets import Socket

pytestmark = pytest.mark.django_db(transaction=True)


def happen(*events: object) -> None:
    bodies = [encode_event(event) for event in events]
    assert handle_bodies(bodies, HANDLERS) == []


def changed(device_id) -> ChangedHour:
    return ChangedHour(
        channel_of(device_id), NOON, 217_000, 3, 0b11, NOON + timedelta(minutes=20), 50_000
    )


def test_a_committed_hour_reaches_the_socket_that_listens_to_its_device(url, issuer, alice, meter):
    with Socket(url) as socket:
        subscribed = socket.listen(issuer.token(alice), meter)
        LiveUpdatePublisher().push_hours([changed(uuid4()), changed(meter)])

        assert subscribed == {"type": "subscribed", "device_ids": [str(meter)]}
        assert socket.hear() == {
            "type": "hourly_updated",
            "device_id": str(meter),
            "start": "2026-03-10T12:00:00Z",
            "total_consumption": 0.217,
            "measurement_count": 3,
            "covers_hours": 1,
            "last_reading_at": "2026-03-10T12:20:00Z",
            "last_reading_value": 0.05,
            "estimated": 0.0,
            "quality": {"measured": 2, "estimated": 0, "missing": 2},
            "channel": "main",
        }


def test_a_changed_period_reaches_the_socket_beside_the_hours(url, issuer, alice, meter):
    period = ChangedPeriod(channel_of(meter), NOON, NOON + timedelta(days=31), NOON, 1_310_000_000)
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)
        LiveUpdatePublisher().push_hours([changed(meter), period])

        frames = {frame["type"]: frame for frame in (socket.hear(), socket.hear())}
        assert set(frames) == {"hourly_updated", "period_updated"}
        assert frames["period_updated"] == {
            "type": "period_updated",
            "device_id": str(meter),
            "start": "2026-03-10T12:00:00Z",
            "end": "2026-04-10T12:00:00Z",
            "last_reading_at": "2026-03-10T12:00:00Z",
            "last_reading_value": 1310.0,
            "channel": "main",
        }


def test_a_user_of_an_unknown_role_subscribes_to_the_assigned_devices_only(
    url, issuer, alice, meter
):
    alice.role = "auditor"
    alice.save()
    foreign = uuid4()
    device_apply(data=device_data(foreign), version=1, occurred_at=NOON)

    with Socket(url) as socket:
        subscribed = socket.listen(issuer.token(alice), meter, foreign)

    assert subscribed == {"type": "subscribed", "device_ids": [str(meter)]}


def test_bob_cannot_subscribe_to_alices_meter(url, issuer, bob, meter):
    with Socket(url) as socket:
        assert socket.listen(issuer.token(bob), meter, uuid4()) == {
            "type": "subscribed",
            "device_ids": [],
        }
        LiveUpdatePublisher().push_hours([changed(meter)])

        with pytest.raises(TimeoutError):
            socket.hear(timeout=1)


def test_a_foreign_page_cannot_open_a_socket(url, issuer):
    with pytest.raises(InvalidStatus) as rejected, Socket(url, "https://elsewhere.example"):
        pass

    assert rejected.value.response.status_code == 403


def test_a_socket_that_does_not_authenticate_is_closed(url):
    with Socket(url) as socket:
        assert socket.closed_with() == 4401


def test_a_socket_with_a_bad_token_is_closed(url):
    with Socket(url) as socket:
        socket.say(type="authenticate", token="x.y.z")

        assert (socket.hear())["code"] == "not_authenticated"
        assert socket.closed_with() == 4401


def test_a_socket_is_closed_when_its_token_expires(url, issuer, alice, meter):
    with Socket(url) as socket:
        socket.listen(issuer.token(alice, lifetime=timedelta(seconds=2)), meter)

        assert socket.closed_with() == 4401


def test_a_new_token_keeps_the_socket_open(url, issuer, alice, meter):
    with Socket(url) as socket:
        socket.listen(issuer.token(alice, lifetime=timedelta(seconds=2)), meter)
        socket.say(type="authenticate", token=issuer.token(alice))

        assert (socket.hear())["type"] == "authenticated"
        with pytest.raises(TimeoutError):  # the first token's expiry passes and nothing comes
            socket.hear(timeout=2.5)
        socket.say(type="ping")
        assert socket.hear() == {"type": "pong"}


@pytest.mark.parametrize("end", ["disabled", "deleted"])
def test_the_socket_of_a_user_who_is_gone_is_closed(url, end, issuer, alice, meter):
    disabled = UserData(
        id=alice.id, username=alice.username, role="client", is_active=False, token_version=2
    )
    events = {
        "disabled": new_event("user_updated", version=2, source="test", data=disabled),
        "deleted": new_event(
            "user_deleted", version=2, source="test", data=DeletedData(id=alice.id)
        ),
    }
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)
        happen(events[end])

        assert socket.closed_with() == 4403


@pytest.mark.parametrize("end", ["unassigned", "device deleted"])
def test_a_socket_is_unsubscribed_from_a_meter_that_its_user_lost(url, end, issuer, alice, meter):
    pair = AssignmentData(device_id=meter, user_id=alice.id)
    events = {
        "unassigned": new_event("device_unassigned", version=2, source="test", data=pair),
        "device deleted": new_event(
            "device_deleted", version=2, source="test", data=DeletedData(id=meter)
        ),
    }
    with Socket(url) as socket:
        socket.listen(issuer.token(alice), meter)
        happen(events[end])

        assert socket.hear() == {"type": "subscribed", "device_ids": []}


@pytest.mark.parametrize("text", ["nonsense", "[]", "{}", "null", '{"type": 7}'])
def test_a_malformed_frame_is_answered_with_an_error(url, text):
    with Socket(url) as socket:
        socket.connection.send(text)

        assert (socket.hear())["type"] == "error"


def test_a_frame_too_large_ends_the_socket(url):
    with Socket(url) as socket:
        socket.connection.send("x" * 70_000)

        assert socket.closed_with() == 1009


def test_a_socket_whose_task_fails_is_closed_and_the_traceback_is_logged(
    url, issuer, alice, meter, monkeypatch, caplog
):
    async def fail(socket: MonitoringSocket, text: str) -> None:
        raise RuntimeError("broken on purpose")

    with Socket(url) as listener:
        listener.listen(issuer.token(alice), meter)
        monkeypatch.setattr(MonitoringSocket, "_send_text", fail)
        LiveUpdatePublisher().push_hours([changed(meter)])

        assert listener.closed_with() == 1006
    assert "Traceback" in caplog.text
    assert "broken on purpose" in caplog.text


def test_a_subscription_before_authentication_is_rejected(url, meter):
    with Socket(url) as socket:
        socket.say(type="subscribe", device_ids=[str(meter)])

        assert (socket.hear())["code"] == "not_authenticated"
