"""The figures of a day, in Python, in SQL and in the API, against the cases in `tests/fixtures`."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from monitoring.calendar import clock
from monitoring.energy.figures import HourEnergy, PeriodFigures, figures_between, figures_of
from monitoring.energy.selectors import HourSlot
from monitoring.models import Device, Hour

CASES = [
    json.loads(path.read_text())
    for path in sorted((Path(__file__).parents[3] / "tests/fixtures/figures").glob("*.json"))
]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES]),
]


def slots_of(case: dict[str, Any]) -> list[HourSlot]:
    tz = clock.zone(case["timezone"])
    return [
        HourSlot(
            start=(start := datetime.fromisoformat(slot["start"])),
            hour=start.astimezone(tz).hour,
            energy_milliwh=slot["energy_milliwh"],
            reading_count=min(slot["covers_hours"], 1),
            covers_hours=slot["covers_hours"],
        )
        for slot in case["slots"]
    ]


def expected(case: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a case in the types of `PeriodFigures`."""

    def hour(name: str) -> HourEnergy | None:
        value = case["figures"][name]
        return value and HourEnergy(datetime.fromisoformat(value["start"]), value["energy_milliwh"])

    factor = case["figures"]["load_factor"]
    return {
        **case["figures"],
        "peak": hour("peak"),
        "lowest": hour("lowest"),
        "load_factor": factor and float(factor),
    }


def fields(figures: PeriodFigures, case: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(figures, name) for name in case["figures"]}


@pytest.fixture
def device(case, meter) -> Device:
    """Return Alice's meter with the hours of the case."""
    device = Device.objects.get(device_id=meter)
    device.timezone = case["timezone"]
    device.save()
    Hour.objects.bulk_create(
        Hour(
            device_key=device.key,
            start=slot.start,
            energy_milliwh=slot.energy_milliwh,
            reading_count=slot.reading_count,
            covers_hours=slot.covers_hours,
        )
        for slot in slots_of(case)
        if slot.energy_milliwh is not None
    )
    return device


def test_figures_of_slots_follow_the_shared_cases(case):
    assert fields(figures_of(slots_of(case)), case) == expected(case)


def test_figures_from_the_database_are_those_of_the_slots(case, device):
    begin, end = clock.day_bounds(date.fromisoformat(case["date"]), clock.zone(case["timezone"]))

    assert fields(figures_between(device, begin, end), case) == expected(case)


def test_day_series_and_stats_answers_agree_with_the_shared_cases(case, device, api, alice):
    def get(route: str, **query: str) -> dict[str, Any]:
        answer = api(alice).get(
            f"/api/monitoring/{route}/", {"device_id": str(device.device_id), **query}
        )
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content, parse_float=Decimal)

    def kwh(milliwh: int | None) -> Decimal | None:
        return None if milliwh is None else Decimal(milliwh) / 1_000_000

    def hour(name: str) -> tuple[str, Decimal | None] | None:
        value = figures[name]
        return value and (value["start"], kwh(value["energy_milliwh"]))

    def answered(value: dict[str, Any] | None) -> tuple[str, Decimal] | None:
        return value and (value["start"], value["total_consumption"])

    figures = case["figures"]
    begin, end = clock.day_bounds(date.fromisoformat(case["date"]), clock.zone(case["timezone"]))
    period = {"start": begin.isoformat(), "end": end.isoformat()}

    day = get("hourly/daily", date=case["date"])
    stats = get("stats", **period)
    (point,) = get("series", resolution="day", **period)["points"]

    assert day["total_daily_consumption"] == kwh(figures["energy_milliwh"])
    assert day["average_hourly_consumption"] == kwh(figures["average_milliwh"])
    assert answered(day["peak_hour"]) == hour("peak")
    assert day["hours_with_data"] == figures["hours_with_data"]
    assert stats["total_consumption"] == kwh(figures["energy_milliwh"])
    assert stats["average_hourly_consumption"] == kwh(figures["average_milliwh"])
    assert answered(stats["peak_hour"]) == hour("peak")
    assert answered(stats["lowest_hour"]) == hour("lowest")
    assert point["total_consumption"] == kwh(figures["energy_milliwh"])
    assert point.get("covers_hours", figures["hours_with_data"]) == figures["covers_hours"]
    for answer in (stats, point):
        assert answer["hours_with_data"] == figures["hours_with_data"]
        assert answer["hours_expected"] == figures["hours_expected"]
