"""Every change appends an event in its transaction, with a higher version."""

from __future__ import annotations

from decimal import Decimal
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.timezone import now

from devices.assignments.services import assignment_create, assignment_end
from devices.inventory.services import device_delete, device_transition, device_update
from devices.models import Assignment, Device, DeviceStatus, LogEntry
from service_kit.outbox.models import OutboxEvent

from ..world import events_of, events_of_pair, outbox


def test_an_event_holds_the_whole_state_of_the_device(make_device):
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


def test_the_event_of_a_retired_device_holds_the_time_of_retirement(api, admin, make_device):
    device = make_device()
    at = f"/api/devices/{device.id}/"
    before = now()

    api(admin).put(f"{at}retire/", {}, format="json")
    api(admin).patch(at, {"name": "In the records"}, format="json")

    created, retired, renamed = (event.data for event in outbox())
    assert created.retired_at is None
    assert retired.status == renamed.status == "retired"
    assert before <= retired.retired_at <= now()
    assert renamed.retired_at == retired.retired_at, "a later change must not move the retirement"


def test_migration_takes_the_time_of_retirement_from_the_log(boss, make_device):
    device = make_device()
    device_transition(actor=boss, device_id=device.id, target=DeviceStatus.RETIRED)
    device_update(actor=boss, device_id=device.id, values={"name": "In the records"})
    Device.objects.update(retired_at=None)

    with connection.cursor() as cursor:
        cursor.execute(import_module("devices.migrations.0005_retired_at").FROM_THE_LOG)

    device.refresh_from_db()
    assert device.retired_at == LogEntry.objects.get(action="status_changed").occurred_at


def test_versions_rise_with_each_change_and_only_then(api, admin, make_device):
    client, device = api(admin), make_device(max_consumption=Decimal("2.5"))
    at = f"/api/devices/{device.id}/"

    client.patch(at, {"name": "New"}, format="json")
    client.patch(at, {"name": "New", "max_consumption": 2.5}, format="json")
    client.patch(at, {}, format="json")
    client.put(f"{at}reserve/", {}, format="json")
    client.delete(at)

    assert events_of(device.id) == [
        ("device_created", 1),
        ("device_updated", 2),
        ("device_updated", 3),
        ("device_deleted", 4),
    ]


def test_a_rolled_back_change_leaves_no_event_and_no_log_entry(boss, alice, meter):
    before = outbox(), LogEntry.objects.count()

    @transaction.atomic
    def dies_before_the_commit():
        device_update(actor=boss, device_id=meter.id, values={"name": "New"})
        assignment_end(actor=boss, device_id=meter.id, user_id=alice.id)
        assert len(outbox()) == len(before[0]) + 2
        raise RuntimeError

    with pytest.raises(RuntimeError):
        dies_before_the_commit()

    assert (outbox(), LogEntry.objects.count()) == before
    assert Device.objects.get(id=meter.id).version == 1
    assert Assignment.objects.get().ended_at is None


def test_snapshot_holds_the_present_state_with_its_versions(boss, alice, bob, meter, make_device):
    gone = make_device()
    device_update(actor=boss, device_id=meter.id, values={"name": "New"})
    assignment_create(actor=boss, device_id=meter.id, user_id=bob.id)
    assignment_end(actor=boss, device_id=meter.id, user_id=bob.id)
    assignment_create(actor=boss, device_id=gone.id, user_id=alice.id)
    device_delete(actor=boss, device_id=gone.id)
    OutboxEvent.objects.all().delete()

    call_command("publish_snapshot", verbosity=0)

    assert events_of(meter.id) == [("device_updated", 2)]
    assert events_of(gone.id) == [("device_deleted", 2)]
    assert events_of_pair(meter.id, alice.id) == [("device_assigned", 1)]
    assert events_of_pair(meter.id, bob.id) == [("device_unassigned", 2)]
    assert events_of_pair(gone.id, alice.id) == [("device_unassigned", 2)]
    assert len(outbox()) == 6
    assert next(e.data.name for e in outbox() if e.event_type == "device_updated") == "New"
