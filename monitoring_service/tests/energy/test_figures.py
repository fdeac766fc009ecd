"""The figures of a day, in Python, in SQL and in the API, against the cases in `tests/fixtures`."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitoring.calendar import clock
from monitoring.devices.channels import main_channel
from monitoring.energy.figures import PeakEnergy, PeriodFigures, figures_between, figures_of_day
from monitoring.models import Device, Hour, Span

CASES = [
    json.loads(path.read_text())
    for path in sorted((Path(__file__).parents[3] / "tests/fixtures/figures").glob("*.json"))
]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES]),
]


def expected(case: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a case in the types of `PeriodFigures`."""

    def hour(name: str) -> PeakEnergy | None:
        value = case["figures"][name]
        return value and PeakEnergy(datetime.fromisoformat(value["start"]), value["energy_milliwh"])

    factor = case["figures"]["load_factor"]
    return {
        **case["figures"],
        "peak": hour("peak"),
        "lowest": hour("lowest"),
        "load_factor": factor and float(factor),
    }


def fields(figures: PeriodFigures, case: dict[str, Any]) -> dict[str, Any]:
    values = {name: getattr(figures, name) for name in case["figures"]}
    return {**values, "quality": figures.quality._asdict()}


@pytest.fixture
def device(case, meter) -> Device:
    """Return Alice's meter with the hours and spans of the case."""
    device = Device.objects.get(device_id=meter)
    device.timezone = case["timezone"]
    device.save()
    for slot in case["slots"]:
        if not slot["measured_quarters"]:
            continue
        energy = slot["energy_milliwh"] - slot["estimated_milliwh"]
        quarters = [energy, 0, 0, 0][: slot["measured_quarters"]]
        # Where a span cuts the hour, the part that it leaves is measured.
        places = range(3, 2, -1) if slot["measured_quarters"] == 1 else range(4)
        Hour.objects.create(
            device_key=device.key,
            start=datetime.fromisoformat(slot["start"]),
            energy_milliwh=energy,
            reading_count=1,
            **{f"quarter_{n}": part for n, part in zip(places, quarters, strict=False)},
        )
    Span.objects.bulk_create(Span(device_key=device.key, **span) for span in case["spans"])
    return device


def day_of(case: dict[str, Any]) -> tuple[date, ZoneInfo]:
    return date.fromisoformat(case["date"]), clock.zone(case["timezone"])


def test_hours_of_a_day_have_the_measured_and_estimated_energy_of_the_case(case, device):
    slots, _ = figures_of_day(main_channel(device), *day_of(case))

    assert [
        {
            "start": slot.start,
            "energy_milliwh": slot.energy_milliwh,
            "estimated_milliwh": slot.estimated_milliwh,
            "measured_quarters": slot.quality.measured,
        }
        for slot in slots
    ] == [{**slot, "start": datetime.fromisoformat(slot["start"])} for slot in case["slots"]]
    assert all(sum(slot.quality) == 4 for slot in slots)


def test_figures_of_a_day_follow_the_shared_cases(case, device):
    _, figures = figures_of_day(main_channel(device), *day_of(case))

    assert fields(figures, case) == expected(case)


def test_figures_from_the_database_are_those_of_the_slots(case, device):
    begin, end = clock.day_bounds(*day_of(case))

    assert fields(figures_between(main_channel(device), begin, end), case) == expected(case)


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
    begin, end = clock.day_bounds(*day_of(case))
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
    for answer in (day, stats, point):
        assert answer["estimated"] == kwh(figures["estimated_milliwh"])
        assert answer["quality"] == figures["quality"]
    for answer in (stats, point):
        assert answer["hours_with_data"] == figures["hours_with_data"]
        assert answer["hours_expected"] == figures["hours_expected"]
