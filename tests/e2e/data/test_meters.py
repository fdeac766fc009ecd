"""A replaced meter, from the device's page to the hours: device_service, broker, monitoring."""

from __future__ import annotations

from decimal import Decimal

from service_kit.testing.waiting import wait_until
from tests.support.installation import Installation, World, parse

from .worked_numbers import DAY, REGISTERS, message

#: Two registers of the old meter, two of the new one; the second of these names it.
READINGS = "10:00 17077.2, 10:15 17077.35, 10:30 0.25, 10:45 0.45"
WITHOUT_REPLACEMENT = {"10:00": Decimal("0.15"), "10:30": Decimal("0.2")}
REPLACED = {"10:00": Decimal("0.15"), "10:15": Decimal("0.15"), "10:30": Decimal("0.1")}


def test_a_replacement_changes_the_hours_and_its_undoing_restores_them(
    installation: Installation, world: World
):
    _, client_id = world.client("replaced")
    device = world.device(client_id, timezone="UTC", **REGISTERS)
    serial = world.admin.get(f"/api/devices/{device}/").json()["serial_number"]
    before = world.ledger()
    readings = [message(device, *text.split()) for text in READINGS.split(", ")]
    installation.publish(*readings)
    world.await_received(before, len(readings))
    wait_until(lambda: quarters(world, device) == WITHOUT_REPLACEMENT)

    replaced = world.admin.post(
        f"/api/devices/{device}/meters/",
        {
            "replaced_at": f"{DAY}T10:20:00Z",
            "serial_number": f"{serial}-2",
            "closing": {"main": 17077.4},
            "opening": {"main": 0.05},
            "multiplier": 0.5,
        },
    )
    assert replaced.status_code == 201, replaced.text
    wait_until(lambda: quarters(world, device) == REPLACED)

    late = message(device, "10:40", "17077.39") | {"meter": serial}
    installation.publish(late)
    world.await_received(before, len(readings) + 1)
    assert world.received_since(before)["rejected"] == 0
    assert quarters(world, device) == REPLACED, "the old meter was not mounted at that time"

    meter_id = replaced.json()["id"]
    undone = world.admin.request("DELETE", f"/api/devices/{device}/meters/{meter_id}/")
    assert undone.status_code == 204, undone.text
    # The register that names the old meter is a glitch among those of the new one.
    wait_until(lambda: quarters(world, device) != REPLACED)
    installation.ems("manage", "monitoring_service", "verify_aggregates")


def quarters(world: World, device: str) -> dict[str, Decimal]:
    """Return the known energies by the time of day at which their quarter begins."""
    series = world.admin.get(
        "/api/monitoring/series/",
        device_id=device,
        start=f"{DAY}T10:00:00Z",
        end=f"{DAY}T11:00:00Z",
        resolution="quarter",
    )
    if series.status_code != 200:
        # The event of the device is on its way.
        return {}
    return {
        point["start"][11:16]: point["total_consumption"]
        for point in parse(series)["points"]
        if point["total_consumption"] is not None
    }
