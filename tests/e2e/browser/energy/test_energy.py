"""A client's story in a real browser: from a year down to a reading, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ....support.browser import (
    bars,
    click_bar,
    compare_with,
    expect_total,
    figure,
    level,
    rows,
    settle,
    slot,
    stamp,
)
from ....support.household import LONG_DAY, MARCH, Household, day_hours
from ....support.installation import Installation, World


def test_clicks_on_bars_lead_from_a_year_to_a_reading_and_back(
    household: Household, at, artifacts: Path
):
    page = at("date=2026-03-15&period=year")
    flat = household.flat
    expect(level(page)).to_have_text("2026")
    expect(page.get_by_test_id("slot-bar")).to_have_count(3)
    expect_total(page, household.total(flat, date(2026, 1, 1), date(2026, 12, 31)))

    click_bar(slot(page, MARCH[0]))
    expect(level(page)).to_have_text("March 2026")
    expect_total(page, household.total(flat, *MARCH))
    # Every day has its slot, the silent one no bar.
    expect(page.get_by_test_id("slot-bar")).to_have_count(30)
    assert len(rows(page, "slot-table")) == 31

    click_bar(slot(page, date(2026, 3, 20)))
    expect(level(page)).to_have_text("Fri 20 Mar 2026")
    expect(page.get_by_test_id("hour-bar")).to_have_count(24)
    assert bars(page) == household.bars_of(flat, date(2026, 3, 20))

    opened = day_hours(date(2026, 3, 20))[18]
    click_bar(page.locator(f'[data-testid=hour-bar][data-start="{stamp(opened)}"]'))
    readings = page.get_by_test_id("hour-readings")
    expect(readings.get_by_test_id("reading")).to_have_count(1)
    expect(readings.get_by_test_id("reading")).to_contain_text("18:00:00")
    kwh = household.readings(flat)[opened]
    expect(readings.get_by_test_id("reading")).to_contain_text(f"{kwh:.3f}")
    expect(level(page)).to_have_text("18:00")
    page.screenshot(path=artifacts / "desk-hour.png", full_page=True)

    for title in ("Fri 20 Mar 2026", "March 2026", "2026"):
        page.go_back()
        expect(level(page)).to_have_text(title)
    page.go_forward()
    expect(level(page)).to_have_text("March 2026")
    expect_total(page, household.total(flat, *MARCH))


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_the_tooltip_names_the_hour_under_the_pointer_and_hides_no_bar(
    width: int, household: Household, at, artifacts: Path
):
    page = at("date=2026-03-19&compare=previous")
    page.set_viewport_size({"width": width, "height": 900})
    hours = page.get_by_test_id("hour-bar")
    expect(hours).to_have_count(24)
    chart = page.get_by_test_id("hourly-chart")
    chart.evaluate("one => one.scrollIntoView({block: 'center'})")
    frame = chart.bounding_box()
    boxes = [bar.bounding_box() for bar in hours.all()]
    assert frame is not None

    for index in (0, 12, 23):
        box = boxes[index]
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        tooltip = chart.get_by_test_id("tooltip")
        expect(tooltip).to_contain_text(f"{index:02}:00 – {(index + 1) % 24:02}:00")
        kwh = household.readings(household.flat)[day_hours(date(2026, 3, 19))[index]]
        expect(tooltip).to_contain_text(f"{figure(kwh)} kWh")
        expect(tooltip).to_contain_text("1 reading")
        tooltip_box = tooltip.bounding_box()
        assert tooltip_box is not None
        assert tooltip_box["y"] + tooltip_box["height"] <= min(box["y"] for box in boxes)
        assert frame["x"] <= tooltip_box["x"] <= box["x"] + box["width"]
        assert box["x"] <= tooltip_box["x"] + tooltip_box["width"] <= frame["x"] + frame["width"]
        page.screenshot(path=artifacts / f"tooltip-{width}-{index}.png")

    page.mouse.move(1, 1)
    expect(page.get_by_test_id("tooltip")).to_have_count(0)


def test_an_alert_arrives_while_the_page_is_open_and_is_acknowledged(
    installation: Installation, world: World, open_page, artifacts: Path
):
    client, client_id = world.client("alarmed")
    meter = world.device(client_id, name="Boiler", max_consumption=0.5)
    page = open_page(client)
    expect(page.get_by_test_id("live-status")).to_have_attribute("data-status", "live")
    bell = page.get_by_test_id("alert-bell")
    expect(bell).to_have_attribute("data-new", "0")

    now = datetime.now(UTC).isoformat()
    installation.publish({"device_id": meter, "timestamp": now, "measurement_value": 0.8})

    notice = page.get_by_test_id("alert-notice")
    expect(notice).to_contain_text("Boiler exceeded its limit")
    expect(notice).to_contain_text("0.8 kWh in an hour, limit 0.5 kWh")
    expect(bell).to_have_attribute("data-new", "1")
    page.screenshot(path=artifacts / "desk-alert.png")
    notice.get_by_role("button", name="Dismiss").click()
    bell.click()
    page.get_by_test_id("acknowledge").click()
    expect(page.get_by_test_id("alert")).to_contain_text("Acknowledged")
    expect(bell).to_have_attribute("data-new", "0")
    page.screenshot(path=artifacts / "desk-alerts.png")
    [alert] = client.get("/api/monitoring/alerts/").json()["results"]
    assert alert["acknowledged_at"] is not None


def test_the_address_of_a_view_restores_it(household: Household, at, open_page):
    page = at("date=2026-03-18")
    page.get_by_test_id("period-tabs").get_by_text("Month").click()
    page.get_by_test_id("device-selector").click()
    page.get_by_role("option", name="All my devices").click()
    page.get_by_test_id("compare-switch").click()
    compare_with(page, "Same month, previous year")
    page.get_by_test_id("device-chip").filter(has_text="Workshop").click()
    page.get_by_test_id("heat-map").get_by_text("Weekdays").click()
    expect_total(page, household.total(household.flat, *MARCH))

    def content_of(view: Page) -> dict[str, object]:
        expect_total(view, household.total(household.flat, *MARCH))
        expect(view.get_by_test_id("compare-with")).to_have_value("Same month, previous year")
        expect(view.get_by_test_id("heat-map").locator("td")).to_have_count(24 * 7)
        expect(view.get_by_test_id("device-chip").last).to_have_attribute("aria-pressed", "false")
        return {
            "level": level(view).inner_text(),
            "bars": bars(view, "slot-bar"),
            "table": rows(view, "slot-table"),
            "device": view.get_by_test_id("device-selector").input_value(),
        }

    before = content_of(page)
    page.reload()
    assert content_of(page) == before
    shared = open_page(household.session, page.url.removeprefix(page.url.split("/energy")[0]))
    assert content_of(shared) == before

    shared.get_by_text("Table", exact=True).click()
    shared.reload()
    expect(shared.get_by_test_id("slot-table")).to_be_visible()
    expect(shared.get_by_test_id("period-chart")).to_have_count(0)
    shared.go_back()
    expect(shared.get_by_test_id("period-chart")).to_be_visible()


def test_back_and_forward_restore_numbers_and_bars_down_to_a_day_of_25_hours(
    household: Household, at
):
    page = at("date=2025-10-15&period=year")
    flat = household.flat
    october = household.total(flat, date(2025, 10, 1), date(2025, 10, 31))

    def shows(title: str, kwh: Decimal, test_id: str, number: int, compared: bool) -> None:
        expect(level(page)).to_have_text(title)
        expect_total(page, kwh)
        expect(page.get_by_test_id(test_id)).to_have_count(number)
        switch = page.get_by_test_id("compare-switch")
        expect(switch).to_be_checked() if compared else expect(switch).not_to_be_checked()

    long_day = (household.total(flat, LONG_DAY, LONG_DAY), "hour-bar", 25)
    views = [
        ("2025", october, "slot-bar", 1, False),
        ("October 2025", october, "slot-bar", 12, False),
        ("Sun 26 Oct 2025", *long_day, False),
        ("Sun 26 Oct 2025", *long_day, True),
    ]
    shows(*views[0])
    click_bar(slot(page, date(2025, 10, 1)))
    shows(*views[1])
    settle(page)
    click_bar(slot(page, LONG_DAY))
    shows(*views[2])
    page.get_by_test_id("compare-switch").click()
    shows(*views[3])

    for view in reversed(views[:3]):
        page.go_back()
        shows(*view)
    for view in views[1:]:
        page.go_forward()
        shows(*view)
