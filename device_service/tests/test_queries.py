"""The number of queries of every route of this service, by `query_contract`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devices.assignments.services import assignment_create
from devices.inventory.services import device_transition
from devices.models import Channel, Device, DeviceStatus, MeterReplacement
from service_kit.testing.query_contract import QueryContract

from .world import device_body, make_user


class TestQueries(QueryContract):
    """All tests of the contract."""

    COUNTS = Path(__file__).parent / "query_counts.json"
    #: Answered by the same view as deploy/.
    EQUIVALENT = frozenset(
        f"PUT /api/devices/{{device_id}}/{action}/"
        for action in ("recall", "maintenance", "reserve", "retire")
    )

    @pytest.fixture
    def client(self, api, admin):
        return api(admin)

    @pytest.fixture
    def known(self, boss, alice, bob, make_device):
        devices = [make_device(name=f"Meter {n}") for n in range(12)]
        for device in devices:
            for user in (alice, bob):
                assignment_create(actor=boss, device_id=device.id, user_id=user.id)
            for target in (DeviceStatus.DEPLOYED, DeviceStatus.MAINTENANCE, DeviceStatus.IN_STOCK):
                device_transition(actor=boss, device_id=device.id, target=target, location="Cellar")
        # Every list has rows.
        for device in devices[6:]:
            device_transition(actor=boss, device_id=device.id, target=DeviceStatus.DEPLOYED)
        for device in devices[9:]:
            device_transition(actor=boss, device_id=device.id, target=DeviceStatus.MAINTENANCE)
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        for device in devices:
            Channel.objects.bulk_create(Channel(device=device, code=f"c{n}") for n in range(3))
            replacements = [
                MeterReplacement(device=device, replaced_at=moment + timedelta(days=n))
                for n in range(3)
            ]
            MeterReplacement.objects.bulk_create(replacements)
        latest = devices[0].replacements.latest("replaced_at")
        MeterReplacement.objects.filter(id=latest.id).update(removed_serial_number="OLD")
        return {
            "device_id": str(devices[0].id),
            "user_id": str(alice.id),
            "code": "c0",
            "meter_id": str(latest.id),
        }

    @pytest.fixture
    def bodies(self, known, bob):
        file = "name,device_type,serial_number\n"
        file += "\n".join(f"N,sensor,COUNTED-{n}" for n in range(50))
        assigned = f"{file.replace('COUNTED', 'ASSIGNED')}".replace("\n", ",assigned_to\n", 1)
        assigned = re.sub(r"(ASSIGNED-\d+)", rf"\1,{bob.username}", assigned)
        ids = list(Device.objects.values_list("id", flat=True))
        return {
            "POST /api/devices/export/": {"ids": ids},
            "POST /api/devices/bulk/": {"ids": ids, "action": "deploy"},
            "POST /api/devices/bulk/?assign": {
                "ids": ids,
                "action": "assign",
                "user_id": make_user().id,
            },
            "POST /api/devices/import/?notes=assigned": assigned,
            "POST /api/devices/": device_body(),
            "POST /api/devices/import/": file,
            "POST /api/devices/import/?dry_run=true": file,
            "PUT /api/devices/{device_id}/": device_body(name="Other"),
            "PATCH /api/devices/{device_id}/": {"name": "Other"},
            "PUT /api/devices/{device_id}/status/": {"status": "reserved"},
            "PUT /api/devices/{device_id}/deploy/": {"location": "Flat 12"},
            "POST /api/devices/{device_id}/channels/": {"code": "export"},
            "PATCH /api/devices/{device_id}/channels/{code}/": {"name": "Other"},
            "POST /api/devices/{device_id}/meters/": {
                "replaced_at": "2026-01-04T00:00:00Z",
                "serial_number": "COUNTED-METER",
            },
            "POST /api/devices/{device_id}/assignments/": {"user_id": str(make_user().id)},
        }
