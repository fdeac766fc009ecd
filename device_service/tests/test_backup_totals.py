"""The totals that are compared between a saved and a restored database."""

from __future__ import annotations

import json

from django.core.management import call_command
from django.utils.timezone import now

from devices.models import Assignment, Channel, LogEntry, MeterReplacement


def test_the_totals_of_a_backup_count_devices_assignments_and_log_entries(
    api, admin, alice, make_device, capsys
):
    device = make_device()
    make_device()
    body = {"user_id": str(alice.id)}
    api(admin).post(f"/api/devices/{device.id}/assignments/", body, format="json")

    Channel.objects.create(device=device, code="export")
    MeterReplacement.objects.create(device=device, replaced_at=now())

    call_command("backup_totals")

    assert json.loads(capsys.readouterr().out) == {
        "devices": 2,
        "channels": 1,
        "meter_replacements": 1,
        "assignments": 1,
        "log_entries": LogEntry.objects.count(),
    }
    assert Assignment.objects.count() == 1
    assert LogEntry.objects.count() >= 1
