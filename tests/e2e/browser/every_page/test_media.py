"""The energy page with forced colours and on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ....support.browser import settle
from ....support.household import FLAT_NAME

MONTH = "period=month&date=2026-03-15&compare=previous"

#: Background of each matching element, in the order of the page.
BACKGROUNDS = """
selector => [...document.querySelectorAll(selector)].map(one => {
  const { backgroundColor, backgroundImage, borderStyle } = getComputedStyle(one);
  return `${backgroundColor} ${backgroundImage === 'none' ? '' : 'striped'} ${borderStyle}`;
})
"""


def backgrounds(page: Page, selector: str) -> list[str]:
    return list(page.evaluate(BACKGROUNDS, selector))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_states_legends_and_the_heat_map_visible(
    scheme: str, at, artifacts: Path
):
    page = at(MONTH)
    page.emulate_media(forced_colors="active", color_scheme=scheme, reduced_motion="reduce")
    settle(page)
    page.screenshot(path=artifacts / f"forced-{scheme}.png", full_page=True)

    scale = backgrounds(page, "[data-testid=heat-map] p [data-level]")
    assert len(set(scale)) == 5
    assert set(backgrounds(page, "[data-testid=heat-map] td[data-kwh]:not([data-kwh=''])")) <= {
        *scale
    }
    for group in ("[data-testid=period-tabs]", "[data-testid=heat-map]"):
        chosen = set(backgrounds(page, f"{group} label[data-active]"))
        others = set(backgrounds(page, f"{group} label:not([data-active])"))
        assert len(chosen) == 1
        assert not chosen & others
    switch = "[data-testid=compare-switch] + .mantine-Switch-track"
    on = backgrounds(page, switch)
    page.get_by_test_id("compare-switch").click(force=True)
    expect(page.get_by_test_id("compare-switch")).not_to_be_checked()
    assert backgrounds(page, switch) != on
    ground = backgrounds(page, "body")[0]
    for mark in backgrounds(page, "[data-testid=legend] [data-mark]"):
        assert mark != ground
    assert backgrounds(page, "[data-testid=live-status] span")[0] != ground


@pytest.mark.parametrize("view", ["chart", "table"])
def test_a_month_is_printed_on_one_page_with_its_device_period_zone_figures_bars_and_table(
    view: str, at, artifacts: Path
):
    page = at(f"{MONTH}&view={view}", color_scheme="dark")
    settle(page)
    path = artifacts / f"print-{view}.pdf"

    page.pdf(path=path, format="A4", prefer_css_page_size=False)
    page.emulate_media(media="print")

    # Skia writes the objects of pages without compression.
    assert len(re.findall(rb"/Type\s*/Page\b", path.read_bytes())) == 1
    head = page.get_by_test_id("print-head")
    for text in (FLAT_NAME, "March 2026", "Europe/Bucharest"):
        expect(head).to_contain_text(text)
    for test_id in ("summary-total", "period-chart", "slot-table"):
        expect(page.get_by_test_id(test_id)).to_be_visible()
    expect(page.get_by_test_id("slot-bar")).to_have_count(30)
    for test_id in ("device-selector", "date-picker", "period-tabs", "alert-bell", "export"):
        expect(page.get_by_test_id(test_id)).to_be_hidden()
    # Light, although the screen is dark.
    assert backgrounds(page, "section")[0].startswith("rgb(255, 255, 255)")
    assert backgrounds(page, "body")[0].startswith("rgb(255, 255, 255)")
    page.screenshot(path=artifacts / f"print-{view}.png", full_page=True)
