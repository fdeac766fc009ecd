"""One table decides which status may follow which, on every route."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier

import pytest
from django.db import connection

from devices.inventory.lifecycle import TRANSITIONS
from devices.models import Device, DeviceStatus, LogEntry
from service_kit.outbox.models import OutboxEvent

from ..world import events_of

#: The table of the specification, independent of the one in the code.
SPECIFIED = {
    "in_stock": {"reserved", "deployed", "maintenance", "retired"},
    "reserved": {"deployed", "in_stock"},
    "deployed": {"in_stock", "maintenance"},
    "maintenance": {"in_stock", "deployed", "retired"},
    "retired": set(),
}
ROUTE_TO = {
    "deploy": "deployed",
    "recall": "in_stock",
    "maintenance": "maintenance",
    "reserve": "reserved",
    "retire": "retired",
}


def put(client, device: Device, route: str, **body):
    return client.put(f"/api/devices/{device.id}/{route}/", body, format="json")


def test_the_table_of_transitions_matches_the_specification():
    assert {source: set(targets) for source, targets in TRANSITIONS.items()} == SPECIFIED


@pytest.mark.parametrize("source", DeviceStatus.values)
@pytest.mark.parametrize("route", ROUTE_TO)
@pytest.mark.parametrize("by_status_route", [False, True])
def test_every_route_allows_only_the_transitions_of_the_table(
    api, admin, make_device, source, route, by_status_route
):
    device = make_device(status=source, location="Flat 12")
    target = ROUTE_TO[route]

    if by_status_route:
        answer = put(api(admin), device, "status", status=target)
    else:
        answer = put(api(admin), device, route)

    device.refresh_from_db()
    if target in SPECIFIED[source]:
        assert (answer.status_code, answer.json()["status"]) == (200, target)
        assert (device.status, device.version) == (target, 2)
        assert events_of(device.id) == [("device_created", 1), ("device_updated", 2)]
    else:
        assert answer.status_code == 409
        problem = answer.json()
        assert problem["code"] == "transition_not_allowed"
        assert set(problem["allowed"]) == SPECIFIED[source]
        assert all(name in problem["detail"] for name in SPECIFIED[source])
        assert (device.status, device.version) == (source, 1)
        assert events_of(device.id) == [("device_created", 1)]


def test_an_unknown_status_is_rejected_by_field(api, admin, make_device):
    answer = put(api(admin), make_device(), "status", status="lost")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["status"]


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", ""]
)
@pytest.mark.parametrize("route", ROUTE_TO)
def test_a_transition_needs_no_body(api, admin, make_device, route, content_type):
    target = ROUTE_TO[route]
    source = next(status for status, targets in SPECIFIED.items() if target in targets)
    device = make_device(status=source)

    answer = api(admin).put(f"/api/devices/{device.id}/{route}/", content_type=content_type)

    assert answer.status_code == 200, answer.content
    assert (answer.json()["status"], answer.json()["location"]) == (target, "")


def test_a_device_deployed_without_a_location_keeps_its_location(api, admin, make_device):
    unplaced, placed = make_device(), make_device(location="Flat 12")

    first, second = put(api(admin), unplaced, "deploy"), put(api(admin), placed, "deploy")
    moved = put(api(admin), make_device(), "deploy", location="Cellar")

    assert [answer.json()["location"] for answer in (first, second, moved)] == [
        "",
        "Flat 12",
        "Cellar",
    ]
    assert first.json()["deploy_date"] is not None


def test_a_device_deployed_without_a_location_is_listed_exported_and_changed(
    api, admin, make_device
):
    client, device = api(admin), make_device()
    put(client, device, "deploy")

    listed = client.get("/api/devices/deployed/", {"ordering": "-location"}).json()
    file = b"".join(client.get("/api/devices/export/").streaming_content).decode("utf-8-sig")
    changed = client.patch(f"/api/devices/{device.id}/", {"location": "Attic"}, format="json")

    assert [row["location"] for row in listed["results"]] == [""]
    assert [row["location"] for row in csv.DictReader(StringIO(file))] == [""]
    assert changed.json()["location"] == "Attic"


def test_a_recalled_device_loses_its_location(api, admin, make_device):
    device = make_device(status="deployed", location="Flat 12")

    assert put(api(admin), device, "recall").json()["location"] == ""


def test_maintenance_sets_the_date_of_the_last_maintenance(api, admin, make_device):
    device = make_device()

    assert put(api(admin), device, "maintenance").json()["last_maintenance_date"] is not None


def test_exactly_one_of_twenty_concurrent_transitions_succeeds(
    transactional_db, api, admin, make_device
):
    device = make_device()
    start = Barrier(20)

    def reserve(_: int) -> int:
        client = api(admin)
        start.wait()
        try:
            return put(client, device, "reserve").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(pool.map(reserve, range(20)))

    assert statuses == [200] + [409] * 19
    device.refresh_from_db()
    assert (device.status, device.version) == ("reserved", 2)
    assert LogEntry.objects.filter(action="status_changed").count() == 1
    assert OutboxEvent.objects.filter(event_type="device_updated").count() == 1
