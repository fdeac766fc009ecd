"""Charts as they are seen: contrast, the numbers for screen readers, motion, and narrow screens."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from ....support.browser import bars, rows
from ....support.household import LONG_DAY, ZONE, Household, steady_meter
from ....support.installation import Installation, World
from ....support.layout import enlarge_text

TINY = {"width": 320, "height": 568}

#: The colours of the elements that a selector names, each with that of the surface behind it.
COLOURS = """
([selector, property]) => [...document.querySelectorAll(selector)].map(element => {
  let behind = element.parentElement;
  const surface = () => getComputedStyle(behind).backgroundColor;
  while (surface() === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
  return [getComputedStyle(element)[property], surface()];
})
"""


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG of a colour without transparency."""
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour)]
    assert len(numbers) == 3 or numbers[3] == 1, colour
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (number / 255 for number in numbers[:3])
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrasts(page: Page, selector: str, name: str) -> list[float]:
    """Return the contrasts of a property of elements with what is behind them."""
    pairs = page.evaluate(COLOURS, [selector, name])
    assert pairs, f"nothing matches {selector}"
    ordered = [sorted((luminance(a), luminance(b)), reverse=True) for a, b in pairs]
    return [(light + 0.05) / (dark + 0.05) for light, dark in ordered]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_labels_readouts_and_bars_of_the_chart_stand_out_from_what_is_behind_them(colours: str, at):
    page = at("date=2026-03-20", color_scheme=colours)
    expect(page.get_by_test_id("hour-bar")).to_have_count(24)
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", colours)
    chart = '[data-testid="hourly-chart"]'

    assert min(contrasts(page, f"{chart} text", "fill")) >= 4.5
    assert min(contrasts(page, '[data-testid="hour-bar"]', "fill")) >= 3
    page.locator(chart).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f'{chart} [data-testid="tooltip"]')).to_be_visible()
    assert min(contrasts(page, f'{chart} [data-testid="tooltip"] *', "color")) >= 4.5


def test_a_table_gives_screen_readers_the_numbers_of_all_bars(household: Household, at):
    page = at("date=2026-03-20")
    expect(page.get_by_test_id("hour-bar")).to_have_count(24)

    texts = [row[1] for row in rows(page, "hour-table")]

    # The rows are rounded alike, as the figures beside the chart are.
    assert {len(text.partition(".")[2]) for text in texts} == {2}
    drawn = [kwh for _, kwh in sorted(bars(page).items())]
    assert [float(text) for text in texts] == pytest.approx(drawn, abs=0.00501)


def test_nothing_moves_for_people_who_prefer_that(at):
    page = at("date=2026-03-20", reduced_motion="reduce")
    expect(page.get_by_test_id("hour-bar")).to_have_count(24)

    page.get_by_test_id("period-tabs").get_by_text("Month").click()
    expect(page.get_by_test_id("slot-bar").first).to_be_visible()

    running = """
      document.getAnimations().filter(({playState}) => playState === 'running')
        .map(({animationName, transitionProperty, effect}) =>
          `${animationName ?? transitionProperty} of ${effect.target.className}`)
    """
    assert page.evaluate(running) == []


@pytest.mark.parametrize("percent", [100, 200], ids=["usual text", "text twice as large"])
def test_a_day_of_25_hours_of_a_device_with_a_long_name_fits_the_smallest_phone(
    percent: int, installation: Installation, world: World, open_page
):
    name = "Apartment building 12, staircase B, fourth floor, flat 27, main"
    client, meter = steady_meter(installation, world, ZONE, LONG_DAY, LONG_DAY, name=name)
    page = open_page(client, f"/energy?device={meter}&date={LONG_DAY}", viewport=TINY)
    # A reader has this size from the start.
    enlarge_text(page, percent)
    expect(page.get_by_test_id("hour-bar")).to_have_count(25)

    assert page.evaluate("document.documentElement.scrollWidth") <= TINY["width"]
    labels = page.locator('[data-testid="hourly-chart"] svg text')
    boxes = [box for box in (label.bounding_box() for label in labels.all()) if box]
    lowest = max(round(box["y"]) for box in boxes)
    below = sorted((box for box in boxes if round(box["y"]) == lowest), key=left)
    assert len(below) > 1
    for before, after in pairwise(below):
        assert before["x"] + before["width"] <= after["x"], (before, after)
    # The whole name is within reach of a finger and of a screen reader.
    assert page.get_by_test_id("device-selector").input_value() == name
    page.get_by_test_id("device-selector").click()
    option = page.get_by_role("option", name=name)
    expect(option).to_be_visible()
    box = option.bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= box["x"] + box["width"] <= TINY["width"]


def left(box: dict[str, float]) -> float:
    return box["x"]
