"""A reading that turns out to be wrong while its day is on the screen."""

from __future__ import annotations

from decimal import Decimal

from playwright.sync_api import expect

from ....support.browser import bars, expect_total
from ....support.installation import Installation, World


def test_a_spike_that_is_corrected_leaves_the_open_page_and_its_alert_is_withdrawn(
    installation: Installation, world: World, open_page
):
    client, client_id = world.client("spike")
    meter = world.device(client_id, name="Boiler", timezone="UTC", max_consumption=5.5)
    page = open_page(client, f"/energy?device={meter}&date=2026-11-10")
    expect(page.get_by_test_id("live-status")).to_have_attribute("data-status", "live")
    page.evaluate("window.notReloaded = true")
    before = world.ledger()

    def send(hour: int, kwh: float, revision: int = 0) -> None:
        installation.publish(
            {
                "device_id": meter,
                "timestamp": f"2026-11-10T{hour}:00:00Z",
                "measurement_value": kwh,
                "revision": revision,
            }
        )

    send(10, 84.0)
    send(11, 0.4)
    expect_total(page, Decimal("84.4"))
    expect(page.get_by_test_id("alert-notice")).to_contain_text("Boiler")

    send(10, 0.6, revision=1)
    expect_total(page, Decimal("1"))
    expect(page.get_by_test_id("alert-notice")).to_have_count(0)
    # None of these changes anything: repetitions, and another value of the same revision.
    send(10, 84.0)
    send(10, 0.6, revision=1)
    send(10, 0.7, revision=1)
    world.await_received(before, 6)

    growth = world.received_since(before)
    assert growth == {"received": 6, "stored": 2, "corrected": 1, "duplicates": 2, "rejected": 1}
    assert bars(page) == {"2026-11-10T10:00:00Z": 0.6, "2026-11-10T11:00:00Z": 0.4}
    for period in ("Month", "Year"):
        page.get_by_test_id("period-tabs").get_by_text(period).click()
        expect_total(page, Decimal("1"))
    assert page.evaluate("window.notReloaded")
    [alert] = client.get("/api/monitoring/alerts/", device_id=meter).json()["results"]
    assert alert["withdrawn"] is True
    reasons = [reason for reason, body in installation.take_dead_letters() if meter in str(body)]
    assert reasons == ["conflict"]
