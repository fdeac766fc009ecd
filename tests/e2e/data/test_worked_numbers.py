"""The worked cases from the broker to the API, in many orders of arrival and after a rebuild."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import permutations
from random import Random
from uuid import uuid4

import pytest

from service_kit.testing.waiting import wait_until
from tests.support.installation import Installation, World, parse

from .worked_numbers import CASES, Case, Points, energy, instant


@dataclass(frozen=True)
class Sent:
    """A device that has received the readings of a case in one order."""

    case: Case
    device_id: str


def orders(case: Case, device_id: str) -> list[list[dict[str, object]]]:
    """Return all orders of at most three readings, and six of more."""
    messages = case.messages(device_id)
    if len(messages) <= 3:
        return [list(order) for order in permutations(messages)]
    shuffled = [Random(seed).sample(messages, len(messages)) for seed in range(4)]
    return [messages, messages[::-1], *shuffled]


@pytest.fixture(scope="module")
def sent(installation: Installation, world: World) -> list[Sent]:
    """One device for each case and order, all readings stored."""
    before = world.ledger()
    devices, count = [], 0
    for case in CASES:
        for number in range(len(orders(case, ""))):
            device_id = register(world, case)
            messages = orders(case, device_id)[number]
            installation.publish(*messages)
            devices.append(Sent(case, device_id))
            configure(world, devices[-1])
            count += len(messages)
    world.await_received(before, count)
    # Readings may come before their device; its configuration derives the hours again.
    wait_until(lambda: all(answer(world, device, "stats").status_code == 200 for device in devices))
    return devices


def register(world: World, case: Case) -> str:
    body = {
        "name": case.name,
        "device_type": "smart_meter",
        "serial_number": uuid4().hex,
        "timezone": "UTC",
        **case.device,
    }
    created = world.admin.post("/api/devices/", body)
    assert created.status_code == 201, created.text
    return str(created.json()["id"])


def configure(world: World, device: Sent) -> None:
    """Make the changes of the case after its readings were sent."""
    path, case = f"/api/devices/{device.device_id}", device.case
    if case.channel:
        changed = world.admin.request("PATCH", f"{path}/channels/main/", json=dict(case.channel))
        assert changed.status_code == 200, changed.text
    if case.meter:
        body = {"serial_number": uuid4().hex, **case.meter}
        replaced = world.admin.post(f"{path}/meters/", body)
        assert replaced.status_code == 201, replaced.text


def answer(world: World, device: Sent, route: str, **query: str):
    begin, end = device.case.instants
    return world.admin.get(
        f"/api/monitoring/{route}/",
        device_id=device.device_id,
        start=begin.isoformat(),
        end=end.isoformat(),
        **query,
    )


def points(world: World, device: Sent, resolution: str) -> Points:
    series = answer(world, device, "series", resolution=resolution)
    assert series.status_code == 200, series.text
    return {
        datetime.fromisoformat(point["start"]): energy(
            f"{point['total_consumption']} ~{point['estimated'] or 0}"
        )
        for point in parse(series)["points"]
        if point["total_consumption"] is not None
    }


def alerts(world: World, device: Sent) -> list[datetime]:
    listed = world.admin.get(
        "/api/monitoring/alerts/", device_id=device.device_id, withdrawn="false"
    )
    assert listed.status_code == 200, listed.text
    return sorted(datetime.fromisoformat(alert["start"]) for alert in listed.json()["results"])


def check(world: World, device: Sent) -> None:
    case = device.case
    for resolution in case.points:
        assert points(world, device, resolution) == case.expected(resolution), resolution
    peak = parse(answer(world, device, "stats"))["peak_hour"]
    known = None if case.peak_hour is None else instant(case.peak_hour)
    assert (None if peak is None else datetime.fromisoformat(peak["start"])) == known
    assert alerts(world, device) == [instant(at) for at in case.alerts]


def of(sent: list[Sent], case: Case) -> list[Sent]:
    return [device for device in sent if device.case is case]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_worked_case_has_its_numbers_in_any_order_of_arrival(case, sent, world: World):
    for device in of(sent, case):
        check(world, device)


def test_the_worked_cases_have_their_numbers_after_a_rebuild(
    sent, installation: Installation, world: World
):
    installation.ems("manage", "monitoring_service", "rebuild_aggregates")

    for device in sent:
        check(world, device)
    installation.ems("manage", "monitoring_service", "verify_aggregates")
