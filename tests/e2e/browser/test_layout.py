"""Every page in every size, in both languages, with the text at its own and at twice its size."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from ...support.browser import DESK, PHONE, settle
from ...support.household import LONG_DAY, Household
from ...support.installation import Installation, World
from ...support.layout import double_text, faults_of

#: Phones upright and on their side, tablets, halves and the whole of a desk's screen.
SIZES = [
    (320, 568),
    (390, 844),
    (568, 320),
    (600, 900),
    (701, 900),
    (720, 1000),
    (768, 1024),
    (900, 700),
    (1100, 800),
    (1440, 900),
    (1920, 1080),
]
SMALL = SIZES[0]
ON_ITS_SIDE = SIZES[2]
#: Sizes of which pictures are saved; those of the audits are dark and with forced colours.
PICTURED = {SIZES[0], SIZES[1], SIZES[2], SIZES[6], SIZES[9]}
LANGUAGES = ["en-GB", "ro-RO"]

ENERGY = [
    f"date={LONG_DAY}&compare=previous",
    "date=2025-12-31&period=week",
    "date=2026-03-15&period=month&compare=previous",
    "date=2026-03-15&period=month&view=table&compare=previous",
    "date=2026-03-15&period=year",
    "device=all&date=2026-03-15&period=month",
    "date=2025-06-01",
    "date=2026-03-20&hour=2026-03-20T10:00:00Z",
    f"device={UUID(int=1)}",
]
#: Buttons that a second click must find where the first one did.
STILL = ("date-prev", "date-next", "period-tabs", "date-today")
MANAGE = ["users", "devices", "devices/{flat}", "ingestion", "security"]


def sweep(page: Page, name: str, folder: Path) -> list[str]:
    """Return the faults of the open page in every size, and save its pictures for people."""
    language = page.locator("html").get_attribute("lang")
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    problems = []
    for double in (False, True):
        if double:
            double_text(page)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            settle(page)
            size = f"{name}, {width} × {height}{', text at 200 %' if double else ''}"
            problems += [f"{size}: {fault}" for fault in faults_of(page)]
            if not double and (width, height) in PICTURED:
                picture = folder / f"layout-{language}-{stem}-{width}.png"
                page.screenshot(path=picture, full_page=True)
    page.set_viewport_size(DESK)
    return problems


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_a_client_scrolls_sideways_or_cuts_a_control(
    language: str, household: Household, open_page: Callable[..., Page], artifacts: Path
):
    page = open_page(household.session, "/energy", locale=language)
    problems = []
    for query in ENERGY:
        device = "" if "device=" in query else f"device={household.flat}&"
        page.goto(f"/energy?{device}{query}")
        settle(page)
        problems += sweep(page, query, artifacts)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_an_administrator_scrolls_sideways_or_cuts_a_control(
    language: str,
    household: Household,
    world: World,
    open_page: Callable[..., Page],
    artifacts: Path,
):
    page = open_page(world.admin, "/energy", locale=language)
    problems = []
    for path in MANAGE:
        page.goto(f"/manage/{path.format(flat=household.flat)}")
        settle(page)
        problems += sweep(page, path.format(flat="device"), artifacts)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_login_page_does_not_scroll_sideways(
    language: str, installation: Installation, browser, artifacts: Path
):
    page = browser.new_page(base_url=installation.url, locale=language)
    page.goto("/login")
    expect(page.get_by_test_id("login-submit")).to_be_visible()
    problems = sweep(page, "login", artifacts)
    page.context.close()
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("size", [SMALL, ON_ITS_SIDE], ids=["upright", "on its side"])
@pytest.mark.parametrize("double", [False, True], ids=["text", "text at 200 %"])
def test_every_day_of_the_calendar_is_reached_on_a_small_phone(
    size: tuple[int, int], double: bool, household: Household, open_page: Callable[..., Page]
):
    width, height = size
    page = open_page(
        household.session,
        f"/energy?device={household.flat}&date=2026-03-15",
        viewport={"width": width, "height": height},
        has_touch=True,
    )
    settle(page)
    if double:
        double_text(page)
    page.get_by_test_id("date-picker").tap()
    sheet = page.get_by_test_id("date-sheet")
    days = sheet.locator("table button:not([data-hidden])")
    expect(days).to_have_count(31)

    for day in days.all():
        # Fails where the button is outside the window or something covers it.
        day.tap(trial=True)
        box = day.bounding_box()
        assert box is not None
        assert box["width"] >= 24
        assert box["height"] >= 24
    assert faults_of(page) == []
    days.last.tap()
    expect(sheet).to_have_count(0)
    expect(page.get_by_test_id("date-picker")).to_have_attribute("data-date", "2026-03-31")

    page.get_by_test_id("date-picker").tap()
    sheet.get_by_role("button", name="Close").tap()
    expect(sheet).to_have_count(0)


@pytest.mark.parametrize("period", ["day", "week", "month", "year"])
def test_the_calendar_of_a_desk_is_a_field_below_its_button(
    period: str, household: Household, tab: Page
):
    tab.goto(f"/energy?device={household.flat}&date=2026-03-15&period={period}")
    settle(tab)
    tab.get_by_test_id("date-picker").click()
    sheet = tab.get_by_test_id("date-sheet")
    # Days of the months beside this one have fields that are hidden.
    expect(sheet.locator("table button:not([data-hidden])").first).to_be_visible()

    box = sheet.bounding_box()
    assert box is not None
    assert box["width"] < DESK["width"] / 2
    assert faults_of(tab) == []


def test_the_buttons_of_the_toolbar_keep_their_places_whatever_the_date_is(
    household: Household, tab: Page
):
    places = set()
    for period in ("day", "week", "month", "year"):
        for day in ("2025-10-20", "2025-12-31", "2026-05-05", "2026-09-30"):
            tab.goto(f"/energy?device={household.flat}&date={day}&period={period}")
            settle(tab)
            boxes = [tab.get_by_test_id(name).bounding_box() for name in STILL]
            places.add(tuple(box["x"] for box in boxes if box is not None))
    assert len(places) == 1, places


def bottom(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_a_phone_shows_the_whole_chart_above_its_bar_also_with_a_comparison(
    household: Household, open_page: Callable[..., Page]
):
    query = f"device={household.flat}&date=2026-03-15&period=month&compare=previous"
    page = open_page(household.session, f"/energy?{query}", viewport=PHONE)
    settle(page)
    bar = page.get_by_test_id("date-picker").bounding_box()
    assert bar is not None

    assert bottom(page.get_by_test_id("period-chart")) <= bar["y"]
    # The bar is one row, in reach of the thumb.
    tabs = bottom(page.get_by_test_id("period-tabs"))
    assert tabs <= PHONE["height"]
    assert abs(tabs - bottom(page.get_by_test_id("date-next"))) < 10


def test_a_long_name_of_a_device_is_read_in_full(world: World, open_page: Callable[..., Page]):
    name = "Bloc M12 Scara B Etaj 4 Apartament 41, contorul de la intrare"
    client, client_id = world.client("long-name")
    world.device(client_id, name=name)
    page = open_page(client, viewport={"width": 320, "height": 568})
    selector = page.get_by_test_id("device-selector")
    expect(selector).to_have_value(name)
    expect(page.get_by_title(name)).to_have_count(1)

    selector.click()
    label = page.get_by_role("option", name=name).get_by_text(name)
    expect(label).to_be_visible()
    assert label.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
