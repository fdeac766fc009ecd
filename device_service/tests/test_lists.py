"""Every list of this service, in every order, by `list_contract`."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest

from devices.assignments.services import assignment_create
from devices.inventory.serializers import ORDERINGS
from devices.models import Channel, Device, MeterReplacement
from service_kit.api.ordering import both_ways
from service_kit.testing.admin_contract import AdminContract
from service_kit.testing.list_contract import ROWS, ListContract

from .world import make_user


@pytest.fixture
def crowd(make_device, boss):
    """Devices of every status that share names, places and times; the first has many users."""
    devices = [
        make_device(
            name=("Alpha", "beta")[number % 2],
            location=("", "Cellar")[number % 2],
            device_type=("sensor", "gateway")[number % 2],
        )
        for number in range(4 * ROWS)
    ]
    for number, device in enumerate(devices):
        moment = datetime(2026, 1, 1 + number % 3, tzinfo=UTC)
        status = ("in_stock", "deployed", "maintenance", "reserved")[number % 4]
        Device.objects.filter(id=device.id).update(
            created_at=moment, updated_at=moment, status=status
        )
    for _ in range(ROWS):
        user = make_user()
        assignment_create(actor=boss, device_id=devices[0].id, user_id=user.id)
    # Equal in the columns that the admin sorts by.
    Channel.objects.bulk_create(Channel(device=devices[0], code=f"c{n}") for n in range(ROWS))
    MeterReplacement.objects.bulk_create(
        MeterReplacement(device=device, replaced_at=datetime(2026, 1, 1, tzinfo=UTC))
        for device in devices[:ROWS]
    )
    devices[0].assignments.update(assigned_at=datetime(2026, 1, 1, tzinfo=UTC))
    return {"device_id": str(devices[0].id)}


class TestLists(ListContract):
    """Everything that the contract says."""

    UNIQUE = frozenset({"serial_number"})

    @pytest.fixture
    def client(self, api, admin):
        return api(admin)

    @pytest.fixture
    def inside(self, issuer, admin):
        return AdminContract.enter(issuer, admin)[0]


@pytest.mark.parametrize("ordering", both_ways(ORDERINGS))
def test_the_export_has_the_rows_of_the_list_in_its_order(api, admin, crowd, ordering):
    client, query = api(admin), {"ordering": ordering}

    file = b"".join(client.get("/api/devices/export/", query).streaming_content).decode("utf-8-sig")
    listed = client.get("/api/devices/", {**query, "page_size": 200}).json()["results"]

    assert [row["id"] for row in csv.DictReader(StringIO(file))] == [row["id"] for row in listed]
