"""Periods of any length: by keyboard, on phones, and over all time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ....support.browser import PHONE, expect_total, level, settle
from ....support.household import MARCH, SPANS, Household

SMALL = {"width": 320, "height": 568}
ON_ITS_SIDE = {"width": 568, "height": 320}


def tab_to(page: Page, name: str) -> None:
    """Move the focus by the Tab key to the button of that name."""
    button = page.get_by_role("button", name=name, exact=True)
    for _ in range(40):
        if button.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the Tab key does not reach '{name}'")


def test_an_own_range_is_chosen_by_keyboard(household: Household, at, artifacts: Path):
    page = at("date=2026-03-20")
    page.get_by_test_id("date-picker").press("Enter")
    tab_to(page, "Custom range")
    page.keyboard.press("Enter")
    form = page.get_by_test_id("own-range")
    form.get_by_label("From").fill("2026-03-02")
    form.get_by_label("To").fill("2026-03-11")
    page.screenshot(path=artifacts / "range-desk.png")
    form.get_by_label("To").press("Enter")

    expect(level(page)).to_have_text("2 – 11 Mar 2026")
    expect_total(page, household.total(household.flat, date(2026, 3, 2), date(2026, 3, 11)))
    # The dialog is gone, and the keys of the page work again.
    page.keyboard.press("]")
    expect(level(page)).to_have_text("12 – 21 Mar 2026")


@pytest.mark.parametrize("size", [PHONE, SMALL, ON_ITS_SIDE], ids=["phone", "small", "on-its-side"])
def test_every_preset_and_an_own_range_are_within_reach_on_a_phone(
    size, household: Household, at, artifacts: Path
):
    page = at("period=30days&date=2026-03-30", viewport=size, has_touch=True, is_mobile=True)
    expect_total(page, household.total(household.flat, MARCH[0], date(2026, 3, 30)))
    settle(page)
    page.screenshot(path=artifacts / f"days-30-{size['width']}.png", full_page=True)

    page.get_by_test_id("date-picker").tap()
    for preset in page.get_by_role("group", name="Quick choice").get_by_role("button").all():
        preset.scroll_into_view_if_needed()
        expect(preset).to_be_in_viewport(ratio=0.9)
    page.get_by_role("button", name="Custom range").tap()
    form = page.get_by_test_id("own-range")
    form.get_by_label("From").fill("2026-03-02")
    form.get_by_label("To").fill("2026-03-11")
    show = form.get_by_role("button", name="Show")
    show.scroll_into_view_if_needed()
    page.screenshot(path=artifacts / f"range-{size['width']}.png")
    expect(show).to_be_in_viewport(ratio=0.9)
    show.tap()
    expect(level(page)).to_have_text("2 – 11 Mar 2026")
    settle(page)
    page.screenshot(path=artifacts / f"range-shown-{size['width']}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_all_time_and_a_quarter_show_the_sums_of_their_days(
    household: Household, at, artifacts: Path
):
    page = at("period=quarter&date=2026-03-15")
    expect(level(page)).to_have_text("Q1 2026")
    expect(page.get_by_test_id("slot-bar")).not_to_have_count(0)
    settle(page)
    page.screenshot(path=artifacts / "quarter.png", full_page=True)

    page.goto(f"/energy?device={household.flat}&period=all")
    expect_total(page, household.total(household.flat, SPANS[0][0], SPANS[-1][1]))
    settle(page)
    page.screenshot(path=artifacts / "all-time.png", full_page=True)
    expect(page.get_by_test_id("date-prev")).to_have_attribute("aria-disabled", "true")
