"""A real browser for tests of screens."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from playwright.sync_api import Locator, Page, expect

from ems_tool.install import packages

from .installation import Session

#: The background services of a browser look for hosts that a closed network does not have.
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: A busy machine draws late; an element that never appears still fails the test.
expect.set_options(timeout=20_000)

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
#: The smallest screen that the pages must fit.
NARROW = {"width": 360, "height": 740}


def chromium() -> str:
    """Return the path of the browser."""
    return packages.program(*packages.BROWSERS)


def sign_in(page: Page, session: Session) -> None:
    """Fill in the login page that is open."""
    page.get_by_test_id("login-username").fill(session.username)
    page.get_by_test_id("login-password").fill(session.password)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("user-menu")).to_be_visible(timeout=15_000)


def settle(page: Page) -> None:
    """Wait until everything that the page requested has arrived and is drawn."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[aria-busy=true], .mantine-Skeleton-root")).to_have_count(0)
    page.evaluate("document.fonts.ready")


def click_bar(bar: Locator) -> None:
    """Click as a mouse does: at the place of the bar, even if something covers it."""
    expect(bar).to_be_visible()
    box = bar.bounding_box()
    assert box is not None
    bar.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def compare_with(page: Page, name: str) -> None:
    """Choose another time or device, where a comparison is switched on."""
    page.get_by_test_id("compare-with").click()
    page.get_by_role("option", name=name, exact=True).click()


def bars(page: Page, test_id: str = "hour-bar") -> dict[str, float]:
    """Return the kWh of each bar by the start of its slot, once there is one."""
    # The figures above may be there before the first frame of the chart.
    page.get_by_test_id(test_id).first.wait_for(state="attached")
    return page.get_by_test_id(test_id).evaluate_all(
        "all => Object.fromEntries(all.map(({dataset: d}) => [d.start, Number(d.kwh)]))"
    )


def figure(kwh: Decimal) -> str:
    """Return a number as screens show it: one decimal below 100, none above, more below 1."""
    decimals = next(
        (n for n, at in enumerate(("99.95", "0.995", "0.0995")) if abs(kwh) >= Decimal(at)), 3
    )
    return f"{kwh:,.{decimals}f}"


def stamp(instant: datetime) -> str:
    """Return an instant as the bars write the beginning of their slot."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def slot(page: Page, day: date) -> Locator:
    """Return the bar of a day or month, by the day on which it begins."""
    return page.locator(f'[data-testid=slot-bar][data-day="{day}"]')


def expect_total(page: Page, kwh: Decimal) -> None:
    """Expect this total of the period, to the last digit."""
    exactly = re.compile(f"^{re.escape(f'{kwh.normalize():f}')}$")
    expect(page.get_by_test_id("summary-total")).to_have_attribute("data-value", exactly)


def level(page: Page) -> Locator:
    """Return the present page at the end of the breadcrumb."""
    return page.get_by_test_id("breadcrumb").get_by_role("heading", level=1)


def rows(page: Page, test_id: str) -> list[list[str]]:
    """Return the texts of a table's body, also of a table for screen readers alone."""
    return page.get_by_test_id(test_id).evaluate(
        "table => [...table.tBodies[0].rows].map(row => [...row.cells].map(c => c.textContent))"
    )
