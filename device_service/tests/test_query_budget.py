"""No endpoint asks the database more often than its budget allows, however many rows there are.

The budgets are in query_budget.json; the begin and end of a transaction are not counted.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from devices import services
from devices.lifecycle import DeviceStatus
from tests.world import device_body, make_user

BUDGET: dict[str, int] = json.loads((Path(__file__).parent / "query_budget.json").read_text())

#: What is sent where something must be.
BODIES = {
    "POST /api/devices/": device_body(),
    "PUT /api/devices/{device}/": device_body(name="Other"),
    "PATCH /api/devices/{device}/": {"name": "Other"},
    "PUT /api/devices/{device}/status/": {"status": "reserved"},
    "PUT /api/devices/{device}/deploy/": {"location": "Flat 12"},
}


@pytest.fixture
def crowded(boss, alice, bob, make_device):
    """A dozen devices, each with users and a past; the first of them."""
    devices = [make_device(name=f"Meter {n}") for n in range(12)]
    for device in devices:
        for user in (alice, bob):
            services.assignment_create(actor=boss, device_id=device.id, user_id=user.id)
        for target in (DeviceStatus.DEPLOYED, DeviceStatus.MAINTENANCE, DeviceStatus.IN_STOCK):
            services.device_transition(
                actor=boss, device_id=device.id, target=target, location="Cellar"
            )
    return devices[0]


@pytest.mark.parametrize("request_line", BUDGET)
def test_every_endpoint_keeps_to_its_budget(api, admin, alice, crowded, request_line):
    method, path = request_line.split(" ", 1)
    path = path.format(device=crowded.id, alice=alice.id)
    if "import" in path:
        body = "name,device_type,serial_number\n"
        body += "\n".join(f"N,sensor,BUDGET-{n}" for n in range(50))
        options = {"data": body, "content_type": "text/csv"}
    else:
        data = BODIES.get(request_line)
        if request_line == "POST /api/devices/{device}/assignments/":
            data = {"user_id": str(make_user().id)}
        options = {"data": data, "format": "json"} if data is not None else {}

    with CaptureQueriesContext(connection) as queries:
        answer = getattr(api(admin), method.lower())(path, **options)
        if answer.streaming:
            b"".join(answer.streaming_content)

    assert answer.status_code < 300
    asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= BUDGET[request_line], "\n".join(asked)


def test_no_route_is_without_a_budget():
    routes = {
        str(one.pattern)
        .replace("<uuid:device_id>", "{device}")
        .replace("<uuid:user_id>", "{alice}")
        for included in get_resolver().url_patterns
        if str(included.pattern) == "api/devices/"
        for one in included.url_patterns
    }
    budgeted = {
        line.split(" ", 1)[1].split("?")[0].removeprefix("/api/devices/") for line in BUDGET
    }

    # The other transitions are the same view as deploy/.
    assert {one for one in routes - budgeted if not one.startswith("{device}/re")} == {
        "{device}/maintenance/"
    }
