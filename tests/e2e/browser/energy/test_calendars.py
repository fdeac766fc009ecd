"""Days of other zones, days without midnight, and a page that stays open over midnight."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from ....support.browser import bars, expect_total, rows
from ....support.household import steady_meter
from ....support.installation import Installation, World

#: In Chile the clock skips the hour after 24:00 on 5 September 2026, and goes from 24:00 back to
#: 23:00 on 4 April.
SANTIAGO = ZoneInfo("America/Santiago")
LONDON = ZoneInfo("Europe/London")


def shows_day(page: Page, day: date, hours: int) -> None:
    """Expect the page of a day with 1 kWh in each of so many hours."""
    expect(page).to_have_url(re.compile(f"date={day}"))
    expect_total(page, Decimal(hours))
    expect(page.get_by_test_id("hour-bar")).to_have_count(hours)


@pytest.mark.parametrize(
    ("days", "hours", "begin"),
    [
        ((date(2026, 9, 5), date(2026, 9, 6), date(2026, 9, 7)), (24, 23, 24), "2026-09-06T04:00"),
        ((date(2026, 4, 3), date(2026, 4, 4), date(2026, 4, 5)), (24, 25, 24), "2026-04-04T03:00"),
    ],
    ids=["midnight is skipped", "the last hour comes twice"],
)
def test_a_day_whose_midnight_moves_begins_at_its_first_instant_and_is_reached_from_both_sides(
    days: tuple[date, ...],
    hours: tuple[int, ...],
    begin: str,
    installation: Installation,
    world: World,
    open_page,
):
    client, meter = steady_meter(installation, world, SANTIAGO, days[0], days[-1])
    page = open_page(client, f"/energy?device={meter}&date={days[0]}")
    shows_day(page, days[0], hours[0])

    for number in (1, 2):
        page.get_by_test_id("date-next").click()
        shows_day(page, days[number], hours[number])
    page.get_by_test_id("date-prev").click()
    shows_day(page, days[1], hours[1])

    assert min(bars(page)).startswith(begin)
    expect(page.get_by_test_id("day-length")).to_contain_text(f"{hours[1]}-hour day")


@pytest.mark.parametrize("browser_zone", ["America/New_York", "Asia/Tokyo"])
def test_steps_over_a_clock_change_lead_from_day_to_day_wherever_the_browser_is(
    browser_zone: str, installation: Installation, world: World, open_page
):
    days = [date(2026, 3, number) for number in (30, 29, 28, 27)]
    client, meter = steady_meter(installation, world, LONDON, days[-1], days[0])
    page = open_page(client, f"/energy?device={meter}&date={days[0]}", timezone_id=browser_zone)

    for day, hours in zip(days, (24, 23, 24, 24), strict=True):
        shows_day(page, day, hours)
        page.reload()
        shows_day(page, day, hours)
        if day == date(2026, 3, 29):
            assert "2026-03-29T00:00:00Z" in bars(page)
            names = [row[0] for row in rows(page, "hour-table")]
            assert not [name for name in names if name.startswith("01:00")]
        page.get_by_test_id("date-prev").click()


def test_a_page_that_stays_open_over_midnight_follows_it_and_a_past_day_stays(
    installation: Installation, world: World, open_page
):
    """The clock of the browser is moved: to the evening before, then over midnight."""
    today = datetime.now(UTC).date()
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
    yesterday = today - timedelta(days=1)
    client, client_id = world.client("night")
    meter = world.device(client_id, timezone="UTC", interval_seconds=3600)

    def send(at: datetime, kwh: float) -> None:
        installation.publish(
            {"device_id": meter, "timestamp": at.isoformat(), "measurement_value": kwh}
        )

    before = world.ledger()
    send(midnight - timedelta(hours=2), 2)
    send(midnight, 0.5)
    world.await_received(before, 2)
    pages = []
    for day in (yesterday, yesterday - timedelta(days=1)):
        # Days of other zones than the browser's are wrong under a moved clock, whose Date cannot be
        # extended.
        page = open_page(client, timezone_id="UTC")
        page.clock.install(time=midnight - timedelta(seconds=40))
        page.goto(f"/energy?device={meter}&date={day}")
        expect(page.get_by_test_id("live-status")).to_have_attribute("data-status", "live")
        pages.append(page)
    page, past = pages
    summary = page.get_by_test_id("summary-total")
    expect(summary).to_contain_text("Today")
    expect_total(page, Decimal(2))

    for each in pages:
        each.clock.set_system_time(midnight + timedelta(seconds=5))

    # The page looks at the clock every 15 seconds.
    expect(page).to_have_url(re.compile(f"date={today}"), timeout=60_000)
    expect_total(page, Decimal("0.5"))
    expect(summary).to_contain_text("Today")
    send(midnight + timedelta(minutes=5), 0.25)
    expect_total(page, Decimal("0.75"))
    page.get_by_test_id("date-prev").click()
    expect_total(page, Decimal(2))
    expect(summary).not_to_contain_text("Today")
    expect(past).to_have_url(re.compile(f"date={yesterday - timedelta(days=1)}"))
