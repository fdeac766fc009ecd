"""The pages by keyboard, in another language, for screen readers and in every size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from ...support.audits import violations
from ...support.browser import DESK, PHONE, level, rows, settle
from ...support.household import FLAT_NAME, PATCHY_DAY, WORKSHOP_NAME, Household
from ...support.installation import Installation, World

#: Size, colours and whether they are forced, in which a page is audited: each of each.
LOOKS = {
    "desk": (DESK, "light", "none"),
    "phone-dark": (PHONE, "dark", "none"),
    "forced": (DESK, "light", "active"),
    "forced-dark": (PHONE, "dark", "active"),
}

#: Charts whose card has no table of the same numbers, by their names.
TABLELESS = """
() => [...document.querySelectorAll('[role=slider]')]
  .filter(chart => !chart.closest('section')?.querySelector('table caption'))
  .map(chart => chart.ariaLabel)
"""

Opening = Callable[[Page], object]


def click(*test_ids: str) -> Opening:
    """Return an opening that clicks the buttons one after the other."""

    def opening(page: Page) -> None:
        for test_id in test_ids:
            page.get_by_test_id(test_id).first.click()

    return opening


def press(key: str) -> Opening:
    """Return an opening that presses a key."""
    return lambda page: page.keyboard.press(key)


def nothing(page: Page) -> None:
    """Leave the page as it is."""


def table(page: Page) -> None:
    page.get_by_text("Table", exact=True).click()


MONTH = "period=month&date=2026-03-15"
#: The pages of a client, and what opens in them: name, address, how to open it.
CLIENT_PAGES: list[tuple[str, str, Opening]] = [
    ("day", "date=2026-03-20", nothing),
    ("day-gap", f"date={PATCHY_DAY}", nothing),
    ("day-table", f"date={PATCHY_DAY}", table),
    ("day-compare", "date=2026-03-20&compare=previous", nothing),
    ("hour", "date=2026-03-20&hour=2026-03-20T10:00:00Z", nothing),
    ("week", "period=week&date=2026-03-20", nothing),
    ("month", f"{MONTH}&compare=previous", nothing),
    ("month-table", f"{MONTH}&compare=previous", table),
    ("year", "period=year&date=2026-03-20", nothing),
    ("days-30", "period=30days&date=2026-03-20", nothing),
    ("all-time", "period=all", nothing),
    ("own-range", "period=range&from=2026-03-02&to=2026-03-13", click("date-picker")),
    ("all-month", f"device=all&{MONTH}", nothing),
    ("no-data", "date=2025-06-01", nothing),
    ("not-found", f"device={UUID(int=1)}", nothing),
    ("calendar", MONTH, click("date-picker")),
    ("alerts", MONTH, click("alert-bell")),
    ("menu", MONTH, click("user-menu")),
    ("export", MONTH, click("export")),
    ("share", MONTH, click("share")),
    ("shortcuts", MONTH, press("?")),
    ("help", "/help", nothing),
    ("devices-open", MONTH, click("device-selector")),
]
ADMIN_PAGES: list[tuple[str, str, Opening]] = [
    ("users", "users", nothing),
    ("user-create", "users", click("user-create", "dialog-submit")),
    ("devices", "devices", nothing),
    ("device-create", "devices", click("device-create", "dialog-submit")),
    ("devices-chosen", "devices", click("select-page", "bulk-deploy")),
    ("device-advanced", "devices", click("device-create", "advanced")),
    ("device-import", "devices", click("device-import")),
    ("device", "devices/{flat}", nothing),
    ("device-step", "devices/{flat}", click("step-deploy", "dialog-submit")),
    ("ingestion", "ingestion", nothing),
    ("security", "security", nothing),
]


def names(pages: list[tuple[str, str, Opening]]) -> list[str]:
    return [name for name, _, _ in pages]


def audit(page: Page, name: str, artifacts: Path) -> list[str]:
    """Audit the open page in every size and colour; return the broken rules."""
    faults = []
    for look, (size, colours, forced) in LOOKS.items():
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=colours, reduced_motion="reduce", forced_colors=forced)
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", colours)
        settle(page)
        page.screenshot(path=artifacts / f"page-{name}-{look}.png", full_page=True)
        faults += [f"{name}, {look}: {fault}" for fault in violations(page)]
        faults += [f"{name}: no table represents '{chart}'" for chart in page.evaluate(TABLELESS)]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            faults.append(f"{name}, {look}: {width} px wide, scrolls sideways")
    page.set_viewport_size(DESK)
    page.emulate_media(forced_colors="none")
    return faults


@pytest.mark.parametrize(("name", "query", "opening"), CLIENT_PAGES, ids=names(CLIENT_PAGES))
def test_pages_of_clients_are_accessible_in_every_size_and_colour(
    name: str, query: str, opening: Opening, household: Household, tab: Page, artifacts: Path
):
    if not query.startswith("/"):
        device = "" if "device=" in query else f"device={household.flat}&"
        query = f"/energy?{device}{query}"
    tab.goto(query)
    settle(tab)
    opening(tab)
    faults = audit(tab, name, artifacts)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("name", "path", "opening"), ADMIN_PAGES, ids=names(ADMIN_PAGES))
def test_pages_of_administrators_are_accessible_in_every_size_and_colour(
    name: str, path: str, opening: Opening, household: Household, admin_tab: Page, artifacts: Path
):
    admin_tab.goto(f"/manage/{path.format(flat=household.flat)}")
    settle(admin_tab)
    opening(admin_tab)
    faults = audit(admin_tab, f"admin-{name}", artifacts)
    assert not faults, "\n".join(faults)


def test_login_empty_and_error_pages_are_accessible(
    world: World, installation: Installation, open_page, browser, artifacts: Path
):
    stranger = browser.new_page(base_url=installation.url, locale="en-GB")
    stranger.goto("/login")
    stranger.get_by_test_id("login-submit").click()
    expect(stranger.get_by_text("Enter your password.")).to_be_visible()
    faults = audit(stranger, "login", artifacts)
    stranger.context.close()

    client, _ = world.client("newcomer")
    newcomer = open_page(client)
    expect(newcomer.get_by_test_id("no-devices")).to_be_visible()
    faults += audit(newcomer, "empty-account", artifacts)
    newcomer.goto("/nowhere")
    faults += audit(newcomer, "no-such-page", artifacts)
    assert not faults, "\n".join(faults)


def test_the_energy_page_works_with_the_keyboard_alone(
    household: Household, installation: Installation, browser
):
    page = browser.new_page(base_url=installation.url, locale="en-GB")
    keyboard = page.keyboard

    def tab_to(target: Locator) -> None:
        for _ in range(60):
            if target.evaluate("one => one === document.activeElement"):
                return
            keyboard.press("Tab")
        raise AssertionError("the Tab key does not lead there")

    page.goto("/login")
    tab_to(page.get_by_test_id("login-username"))
    keyboard.type(household.session.username)
    keyboard.press("Tab")
    keyboard.type(household.session.password)
    keyboard.press("Enter")
    expect(page.get_by_test_id("user-menu")).to_be_visible()
    page.goto(f"/energy?device={household.flat}&date=2026-03-20")
    expect(page.get_by_test_id("hour-bar").first).to_be_visible()

    keyboard.press("Tab")
    expect(page.get_by_text("Skip to content")).to_be_focused()
    tab_to(page.get_by_test_id("device-selector"))
    keyboard.press("ControlOrMeta+A")
    keyboard.type("work")
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(page).to_have_url(re.compile(household.workshop))
    keyboard.press("Tab")
    for key, day in (("[", "2026-03-19"), ("ArrowLeft", "2026-03-18"), ("]", "2026-03-19")):
        keyboard.press(key)
        expect(page).to_have_url(re.compile(f"date={day}"))

    tab_to(page.get_by_role("radio", name="Day"))
    for period in ("week", "month", "year"):
        keyboard.press("ArrowRight")
        expect(page).to_have_url(re.compile(f"period={period}"))
    chart = page.get_by_test_id("period-chart")
    expect(chart).to_be_visible()
    tab_to(chart)
    for _ in range(3):
        keyboard.press("ArrowRight")
    expect(page.get_by_test_id("tooltip").first).to_contain_text("March 2026")
    keyboard.press("Enter")
    expect(level(page)).to_have_text("March 2026")
    tab_to(page.get_by_test_id("user-menu"))
    keyboard.press("Enter")
    expect(page.get_by_test_id("logout")).to_be_visible()
    keyboard.press("Escape")
    expect(page.get_by_test_id("user-menu")).to_be_focused()
    page.context.close()


@pytest.fixture
def _language_of_the_household(household: Household) -> Iterator[None]:
    """Forget the chosen language: other browsers of the account would take it over."""
    yield
    answer = household.session.request("PATCH", "/api/auth/me/", json={"language": ""})
    assert answer.status_code == 200


@pytest.mark.usefixtures("_language_of_the_household")
def test_the_page_in_romanian_has_no_english_word_or_number_format(at, artifacts: Path):
    page = at("date=2026-03-15&period=month&compare=previous")
    expect(page.get_by_test_id("slot-bar")).to_have_count(30)
    english = page.get_by_role("main").inner_text()
    page.get_by_test_id("user-menu").click()
    page.get_by_test_id("language-ro").click()

    expect(page.locator("html")).to_have_attribute("lang", "ro")
    expect(level(page)).to_have_text("Martie 2026")
    expect(page.get_by_test_id("slot-bar")).to_have_count(30)
    tabs = page.get_by_test_id("period-tabs").locator("label")
    expect(tabs).to_have_text(["Zi", "Săptămână", "Lună", "An"])
    page.screenshot(path=artifacts / "desk-romanian.png", full_page=True)
    words = re.compile(r"[A-Za-z]{4,}")
    untranslated = set(words.findall(english)) & set(
        words.findall(page.get_by_role("main").inner_text())
    )
    # Names of devices and of their zone, and words that both languages write alike.
    names = set(words.findall(f"{FLAT_NAME} {WORKSHOP_NAME} Europe/Bucharest"))
    assert untranslated <= names | {"Live", "Export", "Total", "complete"}
    assert "," in rows(page, "slot-table")[0][1]
