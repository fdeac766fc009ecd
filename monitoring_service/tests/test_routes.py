"""Every route of this service, by `route_contract`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitoring.models import Alert, Device, HeldJump
from service_kit.testing.route_contract import RouteContract

from .conftest import NOON


class TestRoutes(RouteContract):
    """All tests of the contract."""

    @pytest.fixture
    def client(self, api, admin):
        return api(admin)

    @pytest.fixture
    def known(self, meter):
        key = Device.objects.get(device_id=meter).key
        alert = Alert.objects.create(device_key=key, start=NOON, limit_milliwh=1, energy_milliwh=2)
        jump = HeldJump.objects.create(
            device_key=key,
            begins_at=NOON,
            ends_at=NOON + timedelta(minutes=10),
            before_milliwh=0,
            after_milliwh=500_000_000,
        )
        return {
            "jump_id": str(jump.pk),
            "device_id": str(meter),
            "alert_id": str(alert.pk),
            "date": "2026-03-10",
            "start": NOON.isoformat(),
            "end": (NOON + timedelta(days=1)).isoformat(),
            "resolution": "hour",
        }


def test_every_operation_on_one_device_declares_a_problem_for_an_unknown_device(api, admin):
    schema = api(admin).get("/api/schema/monitoring/").json()
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    on_one_device = [
        operation
        for operation in operations
        if any(
            p["name"] == "device_id" and p.get("required") for p in operation.get("parameters", [])
        )
    ]

    assert len(on_one_device) >= 6
    for operation in on_one_device:
        assert "application/problem+json" in operation["responses"]["404"]["content"], operation
