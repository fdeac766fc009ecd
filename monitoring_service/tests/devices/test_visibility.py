"""The rule of visibility, as a query and as the snapshot that sockets use."""

from __future__ import annotations

from itertools import product
from uuid import uuid4

import pytest

from monitoring.devices.visibility import (
    access_snapshot,
    alert_recipients,
    devices_visible,
    visible_device_ids,
)
from monitoring.models import Assignment, Device

pytestmark = pytest.mark.django_db


@pytest.fixture
def devices(alice) -> dict[tuple[str, str], Device]:
    """Return a device in each state with each kind of assignment to Alice, by both names."""
    states = {
        "registered": {"registered": True},
        "unregistered": {"registered": False},
        "deleted": {"registered": True, "deleted": True},
    }
    devices = {}
    for state, assignment in product(states, ("assigned", "ended", "none")):
        device = Device.objects.create(device_id=uuid4(), timezone="UTC", **states[state])
        if assignment != "none":
            Assignment.objects.create(
                device_id=device.device_id,
                user_id=alice.id,
                version=1,
                active=assignment == "assigned",
            )
        devices[state, assignment] = device
    return devices


def names(devices, device_ids) -> set[tuple[str, str]]:
    return {name for name, device in devices.items() if device.device_id in device_ids}


def test_a_client_sees_registered_devices_that_are_assigned_to_them(devices, alice, bob):
    everything = [device.device_id for device in devices.values()]

    assert names(devices, visible_device_ids(alice, everything)) == {("registered", "assigned")}
    assert visible_device_ids(bob, everything) == set()


def test_an_administrator_sees_every_registered_device(devices, admin):
    visible = devices_visible(admin).values_list("device_id", flat=True)

    assert names(devices, set(visible)) == {
        ("registered", assignment) for assignment in ("assigned", "ended", "none")
    }


def test_a_user_of_an_unknown_role_sees_assigned_devices_alone(devices, alice):
    alice.role = "auditor"
    alice.save()
    everything = [device.device_id for device in devices.values()]

    assert names(devices, visible_device_ids(alice, everything)) == {("registered", "assigned")}


def test_a_user_of_an_unknown_role_reads_the_assigned_devices_and_operates_nothing(
    api, devices, alice
):
    alice.role = "auditor"
    alice.save()

    listed = api(alice).get("/api/monitoring/devices/").json()["results"]

    assert [device["device_id"] for device in listed] == [
        str(devices["registered", "assigned"].device_id)
    ]
    assert api(alice).get("/api/monitoring/ingestion/").status_code == 403


def test_a_snapshot_of_rights_agrees_with_the_query(devices, alice, bob, admin):
    everything = [device.device_id for device in devices.values()]
    users = (alice, bob, admin)

    snapshot = access_snapshot([user.id for user in users], everything)

    assert snapshot.users.keys() == {user.id for user in users}
    for user in users:
        assert snapshot.visible(user, everything) == visible_device_ids(user, everything)


def test_alerts_of_a_device_reach_the_users_who_see_it_by_assignment(devices, alice):
    recipients = alert_recipients(device.device_id for device in devices.values())

    assert names(devices, recipients) == {
        ("registered", assignment) for assignment in ("assigned", "ended", "none")
    }
    assert recipients[devices["registered", "assigned"].device_id].user_ids == [alice.id]
    assert recipients[devices["registered", "ended"].device_id].user_ids == []
