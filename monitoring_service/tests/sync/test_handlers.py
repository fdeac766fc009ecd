"""Sync events that are repeated, reversed or late lead to the same state."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from energy_contracts.events import (
    AssignmentData,
    DeletedData,
    EventType,
    SyncEvent,
    UserData,
    encode_event,
    new_event,
)
from monitoring.aggregates.verify import hours_that_differ
from monitoring.ingest.pipeline import store_messages
from monitoring.models import Assignment, Device, Hour
from monitoring.sync.handlers import HANDLERS
from service_kit.identity.models import KnownUser
from service_kit.testing.deliveries import handle_bodies

from ..conftest import device_data

pytestmark = pytest.mark.django_db

USER, DEVICE = uuid4(), uuid4()


def event(event_type: EventType, version: int, data) -> SyncEvent:
    return new_event(event_type, version=version, source="test", data=data)


def user_data(username: str, **changes: object) -> UserData:
    return UserData(
        **{
            "id": USER,
            "username": username,
            "role": "client",
            "is_active": True,
            "token_version": 1,
            "created_at": datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
            **changes,
        }
    )


STORIES = {
    "a user renamed and deleted": [
        event("user_created", 1, user_data("ann")),
        event("user_updated", 2, user_data("anna")),
        event("user_deleted", 3, DeletedData(id=USER)),
    ],
    "a user of a sender that does not know when they were created": [
        event("user_created", 1, user_data("ann")),
        event("user_updated", 2, user_data("anna", created_at=None)),
    ],
    "a device renamed and moved": [
        event("device_created", 1, device_data(DEVICE, name="a")),
        event("device_updated", 2, device_data(DEVICE, name="b")),
        event("device_updated", 3, device_data(DEVICE, name="c", timezone="Asia/Kolkata")),
    ],
    "a device deleted": [
        event("device_created", 1, device_data(DEVICE)),
        event("device_updated", 2, device_data(DEVICE, name="b")),
        event("device_deleted", 3, DeletedData(id=DEVICE)),
    ],
    "a device given, taken and given again": [
        event("device_assigned", 1, AssignmentData(device_id=DEVICE, user_id=USER)),
        event("device_unassigned", 2, AssignmentData(device_id=DEVICE, user_id=USER)),
        event("device_assigned", 3, AssignmentData(device_id=DEVICE, user_id=USER)),
    ],
}


def state() -> list[object]:
    """Return the copies of users, devices and assignments."""
    users = KnownUser.objects.order_by("id").values(
        "id", "username", "is_active", "version", "deleted", "created_at"
    )
    devices = Device.objects.order_by("device_id").values(
        "device_id", "name", "timezone", "registered", "deleted", "version"
    )
    # The name of a tombstone, which nobody sees, depends on the order of events.
    devices = [
        {**device, "name": "", "registered": None} if device["deleted"] else device
        for device in devices
    ]
    pairs = Assignment.objects.order_by("device_id", "user_id").values(
        "device_id", "user_id", "active", "version"
    )
    return [*users, *devices, *pairs]


def apply(events: list[SyncEvent]) -> list[object]:
    """Handle the events, return the state after them, and empty the tables."""
    assert handle_bodies([encode_event(event) for event in events], HANDLERS) == []
    state_after = state()
    for model in (KnownUser, Device, Assignment):
        model.objects.all().delete()
    return state_after


@pytest.mark.parametrize("story", STORIES)
def test_events_in_any_order_and_twice_end_in_the_same_state(story):
    events = STORIES[story]
    expected = apply(events)
    assert expected

    for order in itertools.permutations(events):
        assert apply([*order, *reversed(order)]) == expected


def test_a_deleted_device_leaves_a_tombstone():
    handle_bodies([encode_event(event) for event in STORIES["a device deleted"]], HANDLERS)

    assert Device.objects.get(device_id=DEVICE).deleted


def test_an_event_that_breaks_the_contract_is_rejected_and_the_others_are_applied():
    good = encode_event(event("user_created", 1, user_data("ann")))

    (rejected,) = handle_bodies([b"{", good], HANDLERS)

    assert rejected.reason == "not_json"
    assert KnownUser.objects.get(id=USER).username == "ann"


def test_readings_of_an_unknown_kind_are_dead_letters_until_the_kind_is_known(cache):
    """They are not counted as if they were of a known kind, and none is lost."""
    known = {"device_id": str(DEVICE), "timestamp": "2026-03-10T12:00:00Z", "measurement_value": 1}
    later = {**known, "timestamp": "2026-03-10T12:10:00Z"}

    def store(*messages: dict) -> list[str]:
        result = store_messages([json.dumps(each).encode() for each in messages], cache)
        return [str(each.error.reason) for each in result.tally.rejected]

    def newer(version: int, kind: str) -> bytes:
        body = json.loads(encode_event(event("device_updated", version, device_data(DEVICE))))
        body["data"]["reading_kind"] = kind
        return json.dumps(body).encode()

    handle_bodies([encode_event(event("device_created", 1, device_data(DEVICE)))], HANDLERS)
    assert store(known) == []

    assert handle_bodies([newer(2, "delta_since_the_meter_was_reset")], HANDLERS) == []

    assert store(later) == ["unknown_reading_kind"]
    assert hours_that_differ() == []
    assert Hour.objects.get().energy_milliwh == 1_000_000

    handle_bodies([newer(3, "interval")], HANDLERS)
    assert store(later) == []
    assert Hour.objects.get().energy_milliwh == 2_000_000


def test_every_event_type_has_a_handler():
    from energy_contracts.events import EVENT_DATA

    assert set(HANDLERS) == set(EVENT_DATA)
