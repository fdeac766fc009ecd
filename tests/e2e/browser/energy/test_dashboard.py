"""The dashboard in a real browser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service_kit.testing.waiting import wait_until

from ....support.browser import bars
from ....support.installation import Installation, Session, World

#: A day in the past with all its hours, rising from 0.1 to 2.4 kWh.
DATE = "2026-03-10"


@pytest.fixture(scope="module")
def alice(installation: Installation, world: World) -> tuple[Session, str]:
    """A client with a meter that has a day of readings, and its id."""
    client, client_id = world.client("alice")
    meter = world.device(client_id, name="Flat 12, main meter", max_consumption=2.2)
    before = world.ledger()
    installation.publish(
        [
            {
                "device_id": meter,
                "timestamp": f"{DATE}T{hour:02}:{half}0:00Z",
                "measurement_value": round((hour + 1) / 20, 6),
            }
            for hour in range(24)
            for half in (0, 3)
        ]
    )
    world.await_received(before, 48)
    return client, meter


def heights(page: Page) -> list[float]:
    """Return the height of each bar in pixels, from left to right."""
    boxes = [bar.bounding_box() for bar in page.get_by_test_id("hour-bar").all()]
    return [box["height"] for box in sorted((b for b in boxes if b), key=lambda box: box["x"])]


def test_a_client_logs_in_picks_meter_and_day_and_sees_the_hours(alice, open_page, artifacts: Path):
    client, _ = alice
    page = open_page(client)
    expect(page.get_by_test_id("device-selector")).to_be_visible()
    page.get_by_test_id("device-selector").click()
    page.get_by_role("option", name="Flat 12, main meter").click()
    page.goto(page.url.split("date=")[0] + f"date={DATE}")

    expect(page.get_by_test_id("hour-bar")).to_have_count(24)
    assert sorted(bars(page).values()) == [round(hour / 10, 6) for hour in range(1, 25)]
    drawn = heights(page)
    # Each bar is as high as its energy says, within a pixel.
    assert all(
        abs(height - drawn[-1] * (number + 1) / 24) <= 1 for number, height in enumerate(drawn)
    )
    expect(page.get_by_test_id("summary-total")).to_have_attribute("data-value", "30")
    expect(page.get_by_test_id("summary-peak")).to_have_attribute("data-value", "2.4")
    expect(page.get_by_test_id("summary-average")).to_have_attribute("data-value", "1.25")
    page.screenshot(path=artifacts / "desk-day.png", full_page=True)


def test_a_reading_published_now_moves_the_bar_within_two_seconds(
    installation: Installation, world: World, open_page, artifacts: Path
):
    client, client_id = world.client("live")
    meter = world.device(client_id, name="Live meter", interval_seconds=60)
    now = datetime.now(UTC)
    reading = {"device_id": meter, "timestamp": now.isoformat(), "measurement_value": 0.25}
    installation.publish(reading)
    today = f"/energy?device={meter}&date={now:%Y-%m-%d}"
    wait_until(lambda: world.day(client, meter, f"{now:%Y-%m-%d}")["hours_with_data"] == 1)
    page = open_page(client, today)
    expect(page.get_by_test_id("live-status")).to_have_attribute("data-status", "live")
    start = now.replace(minute=0, second=0, microsecond=0)
    bar = page.locator(f'[data-testid=hour-bar][data-start="{start:%Y-%m-%dT%H:%M:%SZ}"]')
    expect(bar).to_have_attribute("data-kwh", "0.25")
    power = page.get_by_test_id("summary-last-reading")
    expect(power).to_contain_text("15.0kW")
    page.evaluate("window.notReloaded = true")

    second = start + timedelta(seconds=(now.minute * 60 + now.second + 1) % 3600)
    installation.publish({**reading, "timestamp": second.isoformat(), "measurement_value": 0.5})

    expect(bar).to_have_attribute("data-kwh", "0.75", timeout=2_000)
    expect(page.get_by_test_id("summary-total")).to_have_attribute("data-value", "0.75")
    expect(power).to_contain_text("30.0kW")
    assert page.evaluate("window.notReloaded")
    page.screenshot(path=artifacts / "desk-live.png", full_page=True)


def test_markup_in_the_name_of_a_meter_is_shown_as_text(world: World, open_page):
    name = '<img src=x onerror="window.hacked = true">'
    client, client_id = world.client("xss")
    world.device(client_id, name=name, description=name)
    page = open_page(client)

    expect(page.get_by_test_id("device-selector")).to_have_value(name)
    page.get_by_test_id("device-selector").click()
    expect(page.get_by_role("option", name=name)).to_be_visible()
    assert page.evaluate("window.hacked") is None
