"""The pages by keyboard, in another language, for screen readers and in every size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ....support.audits import violations
from ....support.browser import DESK, PHONE, level, rows, settle
from ....support.household import FLAT_NAME, WORKSHOP_NAME, Household
from ....support.installation import Installation, World
from ....support.views import ADMIN_VIEWS, CLIENT_VIEWS, STRANGER_VIEWS, View

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


@pytest.mark.parametrize("view", CLIENT_VIEWS, ids=lambda view: view.name)
def test_pages_of_clients_are_accessible_in_every_size_and_colour(
    view: View, household: Household, tab: Page, artifacts: Path
):
    view.open(tab, household)
    faults = audit(tab, view.name, artifacts)
    assert not faults, "\n".join(faults)


@pytest.mark.usefixtures("dead_letter")
@pytest.mark.parametrize("view", ADMIN_VIEWS, ids=lambda view: view.name)
def test_pages_of_administrators_are_accessible_in_every_size_and_colour(
    view: View, household: Household, admin_tab: Page, artifacts: Path
):
    view.open(admin_tab, household)
    faults = audit(admin_tab, view.name, artifacts)
    assert not faults, "\n".join(faults)


def test_login_register_empty_and_error_pages_are_accessible(
    household: Household,
    world: World,
    installation: Installation,
    open_page,
    browser,
    artifacts: Path,
):
    stranger = browser.new_page(base_url=installation.url, locale="en-GB")
    faults = []
    for view in STRANGER_VIEWS:
        view.open(stranger, household)
        faults += audit(stranger, view.name, artifacts)
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
