"""Every route of this service, by `route_contract`."""

from __future__ import annotations

import pytest
from django.utils.timezone import now

from devices.models import Channel, Device, MeterReplacement
from service_kit.testing.route_contract import RouteContract


class TestRoutes(RouteContract):
    """Everything that the contract says."""

    @pytest.fixture
    def client(self, api, admin):
        return api(admin)

    @pytest.fixture
    def known(self, meter, alice):
        Device.objects.filter(id=meter.id).update(status="maintenance")
        Channel.objects.create(device=meter, code="export")
        replacement = MeterReplacement.objects.create(device=meter, replaced_at=now())
        return {
            "device_id": str(meter.id),
            "user_id": str(alice.id),
            "code": "export",
            "meter_id": str(replacement.id),
        }


def test_a_body_arrives_without_the_final_slash(api, admin, meter):
    client, path = api(admin), f"/api/devices/{meter.id}"

    moved = client.put(f"{path}/status", {"status": "reserved"}, format="json")
    changed = client.patch(path, {"name": "Attic"}, format="json")
    made = client.post(
        "/api/devices",
        {"name": "New", "device_type": "sensor", "serial_number": "N-1"},
        format="json",
    )

    assert (moved.status_code, moved.json()["status"]) == (200, "reserved")
    assert (changed.status_code, changed.json()["name"]) == (200, "Attic")
    assert (made.status_code, made.json()["name"]) == (201, "New")


def test_links_of_a_list_have_the_slash_that_the_documents_show(api, admin, make_device, settings):
    make_device(), make_device()

    link = api(admin).get("/api/devices?page_size=1").json()["next"]

    assert link.startswith(f"{settings.PUBLIC_ORIGINS[0]}/api/devices/?")
