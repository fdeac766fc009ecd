"""Django's admin: opened by an administrator's token, checked against the copy of the users."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from energy_contracts.events import MountedMeter
from monitoring.models import Meter
from monitoring.sync.services import device_apply
from service_kit.testing.admin_contract import AdminContract

from .conftest import NOON, device_data


class TestAdmin(AdminContract):
    """All tests of the contract."""

    @pytest.mark.parametrize(
        ("mounted", "listed"), [("yes", {"A"}), ("no", {"X-4711"}), ("", {"A", "X-4711"})]
    )
    def test_the_meters_list_those_that_only_readings_name(self, mounted, listed, issuer, admin):
        device_id = uuid4()
        meters = (MountedMeter(id=device_id, serial_number="A"),)
        device_apply(data=device_data(device_id, meters=meters), version=1, occurred_at=NOON)
        Meter.objects.create(device_id=device_id, serial_number="X-4711")
        inside, _ = self.enter(issuer, admin)

        page = inside.get(reverse("admin:monitoring_meter_changelist"), {"mounted": mounted})

        assert {meter.serial_number for meter in page.context["cl"].result_list} == listed
