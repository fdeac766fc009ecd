"""Other services are told of every change, in its transaction, with rising versions."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.timezone import now

from devices import services
from devices.lifecycle import DeviceStatus
from devices.models import Assignment, Device, LogEntry
from service_kit.outbox.models import OutboxEvent
from tests.world import outbox, told, told_of_pair


def test_the_event_carries_the_devices_whole_state(make_device):
    device = make_device(
        max_consumption=Decimal("2.000001"),
        max_power_kw=Decimal("17.3"),
        reading_kind="cumulative",
        register_digits=6,
        timezone="Asia/Kathmandu",
    )

    (event,) = outbox()

    assert (event.event_type, event.source) == ("device_created", "device_service")
    assert event.data.id == device.id
    assert (event.data.max_consumption, event.data.max_power_kw) == (2.000001, 17.3)
    assert (event.data.reading_kind, event.data.register_digits) == ("cumulative", 6)
    assert (event.data.timezone, event.data.interval_seconds) == ("Asia/Kathmandu", 600)
    assert event.data.status == "in_stock"


def test_the_event_of_a_retired_device_says_when_it_was_retired(api, admin, make_device):
    device = make_device()
    at = f"/api/devices/{device.id}/"
    before = now()

    api(admin).put(f"{at}retire/", {}, format="json")
    api(admin).patch(at, {"name": "In the records"}, format="json")

    created, retired, renamed = (event.data for event in outbox())
    assert created.retired_at is None
    assert retired.status == renamed.status == "retired"
    assert before <= retired.retired_at <= now()
    assert renamed.retired_at == retired.retired_at, "a later change is no later retirement"


def test_devices_retired_before_the_field_existed_take_the_instant_from_the_log(boss, make_device):
    device = make_device()
    services.device_transition(actor=boss, device_id=device.id, target=DeviceStatus.RETIRED)
    services.device_update(actor=boss, device_id=device.id, values={"name": "In the records"})
    Device.objects.update(retired_at=None)

    with connection.cursor() as cursor:
        cursor.execute(import_module("devices.migrations.0005_retired_at").FROM_THE_LOG)

    device.refresh_from_db()
    assert device.retired_at == LogEntry.objects.get(action="status_changed").occurred_at


def test_versions_rise_with_changes_and_only_with_changes(api, admin, make_device):
    client, device = api(admin), make_device(max_consumption=Decimal("2.5"))
    at = f"/api/devices/{device.id}/"

    client.patch(at, {"name": "New"}, format="json")
    client.patch(at, {"name": "New", "max_consumption": 2.5}, format="json")
    client.patch(at, {}, format="json")
    client.put(f"{at}reserve/", {}, format="json")
    client.delete(at)

    assert told(device.id) == [
        ("device_created", 1),
        ("device_updated", 2),
        ("device_updated", 3),
        ("device_deleted", 4),
    ]


def test_what_is_rolled_back_is_neither_told_nor_written_down(boss, alice, meter):
    before = outbox(), LogEntry.objects.count()

    @transaction.atomic
    def dies_before_the_commit():
        services.device_update(actor=boss, device_id=meter.id, values={"name": "New"})
        services.assignment_end(actor=boss, device_id=meter.id, user_id=alice.id)
        assert len(outbox()) == len(before[0]) + 2
        raise RuntimeError

    with pytest.raises(RuntimeError):
        dies_before_the_commit()

    assert (outbox(), LogEntry.objects.count()) == before
    assert Device.objects.get(id=meter.id).version == 1
    assert Assignment.objects.get().ended_at is None


def test_snapshot_tells_the_present_state_with_the_versions_it_has(
    boss, alice, bob, meter, make_device
):
    gone = make_device()
    services.device_update(actor=boss, device_id=meter.id, values={"name": "New"})
    services.assignment_create(actor=boss, device_id=meter.id, user_id=bob.id)
    services.assignment_end(actor=boss, device_id=meter.id, user_id=bob.id)
    services.assignment_create(actor=boss, device_id=gone.id, user_id=alice.id)
    services.device_delete(actor=boss, device_id=gone.id)
    OutboxEvent.objects.all().delete()

    call_command("publish_snapshot", verbosity=0)

    assert told(meter.id) == [("device_updated", 2)]
    assert told(gone.id) == [("device_deleted", 2)]
    assert told_of_pair(meter.id, alice.id) == [("device_assigned", 1)]
    assert told_of_pair(meter.id, bob.id) == [("device_unassigned", 2)]
    assert told_of_pair(gone.id, alice.id) == [("device_unassigned", 2)]
    assert len(outbox()) == 6
    assert next(e.data.name for e in outbox() if e.event_type == "device_updated") == "New"
