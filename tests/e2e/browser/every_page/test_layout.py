"""Every page in every size, in both languages, with the text at its own and at twice its size."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from ....support.browser import DESK, PHONE, settle, sign_in
from ....support.household import Household
from ....support.installation import Installation, Session, World
from ....support.layout import broken_words, enlarge_text, faults_of, set_text_size
from ....support.secrets_used import remember
from ....support.views import ADMIN_VIEWS, CLIENT_VIEWS, STRANGER_VIEWS, View

#: Phones upright and on their side, tablets, halves and the whole of a desk's screen.
SIZES = [
    (320, 568),
    (360, 740),
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
SMALL, ON_ITS_SIDE = SIZES[0], SIZES[3]
#: Menus, dialogs and pages with their text at 200 % change less between these sizes.
FEW_SIZES = [SIZES[0], SIZES[3], SIZES[7], SIZES[10]]
#: Where rows are just wide enough: phones, their side, and where the toolbar becomes one row.
NARROW_SIZES = [SIZES[0], SIZES[2], SIZES[3], SIZES[5], SIZES[8], SIZES[9]]
LANGUAGES = ["en-GB", "ro-RO"]
#: Save a picture of every view in few sizes; drawing them takes longer than all checks.
PICTURES = os.environ.get("SAVE_PICTURES") == "1"

#: Buttons that a second click must find where the first one did.
STILL = ("date-prev", "date-next", "period-tabs", "date-today")


def sizes_of(view: View, percent: int, *, first_language: bool) -> list[tuple[int, int]]:
    """Return the sizes in which a view is looked at.

    Another language changes the length of words alone, which shows where rows are narrow.
    """
    if percent > 100:
        return FEW_SIZES if view.is_whole_page and first_language else FEW_SIZES[:2]
    if not view.is_whole_page:
        return FEW_SIZES
    return SIZES if first_language else NARROW_SIZES


def sweep(
    page: Page, views: list[View], household: Household, folder: Path, *, first_language: bool
) -> list[str]:
    """Return the faults of views in every size, and save their pictures if they are wanted."""
    problems = []
    for percent in (100, 200):
        set_text_size(page, percent)
        for view in views:
            page.set_viewport_size(DESK)
            view.open(page, household)
            language = page.locator("html").get_attribute("lang")
            for width, height in sizes_of(view, percent, first_language=first_language):
                page.set_viewport_size({"width": width, "height": height})
                settle(page)
                faults = faults_of(page) + (broken_words(page) if percent == 100 else [])
                size = f"{view.name}, {language}, {width} × {height}, text at {percent} %"
                problems += [f"{size}: {fault}" for fault in faults]
                if PICTURES and (width, height) in FEW_SIZES and percent == 100:
                    path = folder / f"layout-{view.name}-{language}-{width}.png"
                    page.screenshot(path=path, full_page=True)
    return problems


@pytest.mark.usefixtures("dead_letter")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("views", "user"),
    [(STRANGER_VIEWS, None), (CLIENT_VIEWS, "client"), (ADMIN_VIEWS, "admin")],
    ids=["strangers", "clients", "administrators"],
)
def test_no_page_and_no_dialog_scrolls_sideways_cuts_a_control_or_breaks_a_word(
    views: list[View],
    user: str | None,
    language: str,
    household: Household,
    world: World,
    installation: Installation,
    browser: Browser,
    artifacts: Path,
):
    sessions: dict[str | None, Session] = {"client": household.session, "admin": world.admin}
    context = browser.new_context(base_url=installation.url, locale=language, viewport=DESK)
    page = context.new_page()
    if user is not None:
        page.goto("/login")
        sign_in(page, sessions[user])
    is_first = language == LANGUAGES[0]
    problems = sweep(page, views, household, artifacts, first_language=is_first)
    remember(*(cookie["value"] for cookie in context.cookies()))
    context.close()
    assert not problems, "\n".join(problems)


#: The links of an administrator on a phone: the longest name is cut to its first word.
PHONE_LINKS = {
    "en-GB": ["Energy", "Devices", "Users", "Incoming", "Security"],
    "ro-RO": ["Energie", "Dispozitive", "Utilizatori", "Date", "Securitate"],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_navigation_and_toolbar_take_one_row_each_on_every_phone(
    language: str, household: Household, world: World, open_page: Callable[..., Page]
):
    path = f"/energy?device={household.flat}&date=2026-03-15"
    page = open_page(world.admin, path, viewport={"width": 320, "height": 640}, locale=language)
    settle(page)
    live = page.get_by_test_id("live-status")
    expect(live).to_have_attribute("data-status", "live")
    navigation = page.get_by_role("navigation").first
    links = navigation.get_by_role("link")

    # Below 368 px the letters are smaller, below 480 px the links stand closer.
    for width in (320, 360, 369, 390, 430, 479):
        page.set_viewport_size({"width": width, "height": 640})
        settle(page)
        assert [link.inner_text() for link in links.all()] == PHONE_LINKS[language], width
        assert len({round(bottom(link)) for link in links.all()}) == 1, width
        assert right(links.last) <= width, width
        assert all(
            right(link) <= left(following) + 1 for link, following in pairwise(links.all())
        ), width
        # Text of 12 px and a place of 40 px for the thumb, also where they are closest.
        assert links.first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 12
        assert height(links.first) >= 40
        tools = [page.get_by_test_id(name) for name in ("device-selector", "date-today")]
        assert all(abs(middle(live) - middle(tool)) < 5 for tool in tools), width
        assert right(live) <= width, width


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
        enlarge_text(page, 200)
        settle(page)
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


def box_of(locator: Locator) -> FloatRect:
    box = locator.bounding_box()
    assert box is not None
    return box


def middle(locator: Locator) -> float:
    return box_of(locator)["y"] + height(locator) / 2


def bottom(locator: Locator) -> float:
    return box_of(locator)["y"] + height(locator)


def height(locator: Locator) -> float:
    return box_of(locator)["height"]


def left(locator: Locator) -> float:
    return box_of(locator)["x"]


def right(locator: Locator) -> float:
    return box_of(locator)["x"] + box_of(locator)["width"]


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
