"""Figures, marks, tables and files of the page on unusual days."""

from __future__ import annotations

import csv
import struct
import zipfile
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Download, Page, expect

from service_kit.testing.waiting import wait_until

from ....support.browser import bars, click_bar, expect_total, figure, level, rows, slot, stamp
from ....support.household import (
    LONG_DAY,
    MARCH,
    PATCHY_DAY,
    PATCHY_HOURS,
    SHORT_DAY,
    SILENT_DAY,
    ZONE,
    Household,
    day_hours,
    days,
)


def test_missing_hours_are_marked_and_never_zero(household: Household, at, artifacts: Path):
    page = at("date=2026-03-15&period=month")
    expect(page.get_by_test_id("slot-gap")).to_have_count(1)
    expect(slot(page, SILENT_DAY)).to_have_count(0)
    expect(slot(page, PATCHY_DAY)).to_have_attribute("data-state", "partial")
    expect(page.get_by_test_id("readout").first).to_contain_text("3 hours and 1 day without data")
    expect(page.get_by_text("No readings", exact=True).first).to_be_visible()

    click_bar(slot(page, PATCHY_DAY))
    expect(page.get_by_test_id("hour-bar")).to_have_count(24 - len(PATCHY_HOURS))
    expect(page.get_by_test_id("hour-gap")).to_have_count(1)
    expect(page.get_by_test_id("summary-total")).to_contain_text("84 of 96 quarter-hours measured")
    expect_total(page, household.total(household.flat, PATCHY_DAY, PATCHY_DAY))
    missing = rows(page, "hour-table")[PATCHY_HOURS[0]]
    assert missing[1:] == ["—", "—", "no readings"]
    page.screenshot(path=artifacts / "desk-gap.png", full_page=True)


def clock_hours(household: Household, day: date) -> dict[int, Decimal]:
    """Return the kWh by the hour that the clock shows; of two equal hours the first."""
    known = household.readings(household.flat)
    return {at.astimezone(ZONE).hour: known[at] for at in reversed(day_hours(day))}


@pytest.mark.parametrize(
    ("day", "hours", "length"),
    [
        (SHORT_DAY, 23, "23-hour day: the clocks go forward"),
        (LONG_DAY, 25, "25-hour day: 03:00 occurs twice"),
    ],
)
def test_a_day_of_a_clock_change_shows_its_length(
    day: date, hours: int, length: str, household: Household, at, artifacts: Path
):
    page = at(f"date={day}")
    expect(page.get_by_test_id("hour-bar")).to_have_count(hours)
    expect(page.get_by_test_id("day-length")).to_have_text(length)
    assert bars(page) == household.bars_of(household.flat, day)
    expect_total(page, household.total(household.flat, day, day))
    names = [row[0] for row in rows(page, "hour-table")]
    assert len(set(names)) == hours
    assert sum("second time" in name for name in names) == max(0, hours - 24)
    # Against the day before by the clock: the hours that both days have once.
    now, then = (clock_hours(household, each) for each in (day, day - timedelta(days=1)))
    difference = sum(now[hour] - then[hour] for hour in now)
    summary = page.get_by_test_id("summary-total")
    expect(summary).to_contain_text(f"{figure(difference)} kWh more than")
    expect(summary).to_contain_text(f"over the same {len(now)} hours")
    total = household.total(household.flat, day, day)
    assert rows(page, "trend-table")[-1][1] == f"{total:.3f}"
    page.screenshot(path=artifacts / f"desk-{hours}-hours.png", full_page=True)

    page.get_by_text("15 min", exact=True).click()
    expect(page.get_by_test_id("slot-bar")).to_have_count(4 * hours)
    expect_total(page, total)
    expect(page.get_by_test_id("day-length")).to_have_text(length)
    assert len({row[0] for row in rows(page, "slot-table")}) == 4 * hours
    expect(summary).to_contain_text(f"over the same {4 * len(now)} quarter-hours")
    page.get_by_text("1 h", exact=True).click()
    expect(page.get_by_test_id("hour-bar")).to_have_count(hours)

    page.get_by_test_id("period-tabs").get_by_text("Month").click()
    noted = next(row for row in rows(page, "slot-table") if f" {day.day} " in f" {row[0]} ")
    assert f"{hours}-hour day" in noted[-1]


def read_csv(download: Download) -> list[dict[str, str]]:
    text = Path(download.path()).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def read_workbook(download: Download) -> list[dict[str, str]]:
    """Return the rows of the first sheet, by heads: texts and numbers as they are stored."""
    with zipfile.ZipFile(download.path()) as parts:
        texts = ElementTree.fromstring(parts.read("xl/sharedStrings.xml")).findall(".//{*}si")
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    shared = ["".join(text.itertext()) for text in texts]

    def value(cell: ElementTree.Element) -> str:
        stored = cell.findtext("{*}v") or ""
        return shared[int(stored)] if cell.get("t") == "s" else stored

    rows = [
        {(cell.get("r") or "").rstrip("0123456789"): value(cell) for cell in row}
        for row in sheet.findall(".//{*}row")
    ]
    heads, *body = rows
    return [{heads[column]: text for column, text in row.items()} for row in body]


def export(page: Page, kind: str) -> Download:
    page.get_by_test_id("export").click()
    with page.expect_download() as saved:
        page.get_by_test_id(f"export-{kind}").click()
    return saved.value


def in_column(kwh: str) -> str:
    """Return an energy below 100 kWh as the table of a month shows it."""
    return str(Decimal(kwh).quantize(Decimal("0.1"), ROUND_HALF_UP)) if kwh else "—"


def test_the_visible_figures_are_exported_as_table_and_picture(
    household: Household, at, artifacts: Path
):
    page = at("date=2026-03-15&period=month&compare=previous")
    expect(page.locator(".ems-comparison").first).to_be_visible()
    saved = export(page, "csv")
    assert saved.suggested_filename == "flat-7-main-meter_2026-03-01_2026-03-31.csv"
    lines = read_csv(saved)
    cells = rows(page, "slot-table")
    assert len(lines) == len(cells) == 31
    for line, row, day in zip(lines, cells, days(*MARCH), strict=True):
        begin, end = (datetime.fromisoformat(line[f"{name} (UTC)"]) for name in ("Start", "End"))
        assert begin.astimezone(ZONE) == datetime(day.year, day.month, day.day, tzinfo=ZONE)
        assert line[f"Local start ({ZONE.key})"] == f"{day} 00:00:00"
        expected = int(line["Hours expected"])
        assert expected == (end - begin) / timedelta(hours=1) == len(day_hours(day))
        assert line["Device ID"] == str(household.flat)
        energy, compared = line["Energy"], line["Compared with: February 2026 (kWh)"]
        assert in_column(energy) == row[1]
        assert Decimal(energy or 0) == household.total(household.flat, day, day)
        assert in_column(compared) == row[2]

    workbook = read_workbook(export(page, "xlsx"))
    for row, line in zip(workbook, lines, strict=True):
        assert row["Device"] == line["Device"]
        assert row.get("Energy", "") == line["Energy"]

    picture = export(page, "png")
    assert picture.suggested_filename == "flat-7-main-meter_2026-03-01_2026-03-31.png"
    content = Path(picture.path()).read_bytes()
    assert content.startswith(b"\x89PNG\r\n")
    assert struct.unpack(">II", content[16:24]) == (2400, 1120)
    (artifacts / "export.png").write_bytes(content)

    page.goto(f"/energy?device={household.flat}&date={PATCHY_DAY}")
    expect(page.get_by_test_id("hour-bar").first).to_be_visible()
    lines = read_csv(export(page, "csv"))
    assert {
        stamp(datetime.fromisoformat(line["Start (UTC)"])): float(line["Energy"])
        for line in lines
        if line["Energy"]
    } == bars(page)
    assert len(lines) == 24


def test_the_heat_map_shows_every_hour_of_the_month_and_opens_a_day(
    household: Household, at, artifacts: Path
):
    page = at("date=2026-03-15&period=month")
    heat = page.get_by_test_id("heat-map")
    expect(heat.locator("td")).to_have_count(24 * 31)
    known = household.readings(household.flat)
    wait_until(lambda: heat.locator("td:not([data-kwh=''])").count() == 31 * 24 - 24 - 3 - 1)
    cells = heat.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.querySelectorAll('td')].map(td => td.dataset.kwh))"
    )
    for column, day in enumerate(days(*MARCH)):
        for start in day_hours(day):
            expected = known.get(start)
            text = cells[start.astimezone(ZONE).hour][column]
            assert (Decimal(text) if text else None) == expected, start
    page.screenshot(path=artifacts / "desk-month.png", full_page=True)

    heat.get_by_text("Weekdays").click()
    expect(heat.locator("td")).to_have_count(24 * 7)
    mondays = [day for day in days(*MARCH) if day.weekday() == 0]
    expected = sum(known[day_hours(day)[7]] for day in mondays) / len(mondays)
    seventh = heat.locator("tbody tr").nth(7).locator("td").first
    assert float(seventh.get_attribute("data-kwh") or 0) == pytest.approx(float(expected), abs=1e-6)

    heat.get_by_text("Days", exact=True).click()
    heat.get_by_role("button", name="Open Sun 29 Mar").click()
    expect(level(page)).to_have_text("Sun 29 Mar 2026")
