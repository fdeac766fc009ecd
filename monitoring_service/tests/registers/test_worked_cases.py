"""The worked cases through ingest, in any order of arrival, and after a rebuild."""

from __future__ import annotations

from datetime import UTC, timedelta
from itertools import permutations
from random import Random

import pytest

from energy_contracts.events import DeviceData
from energy_contracts.units import kwh_from_milliwh, milliwh_from_kwh
from monitoring.aggregates.rebuild import device_hours_rebuild
from monitoring.aggregates.verify import hours_that_differ
from monitoring.models import Alert, Device

from .stored import Sent, make_meter, store, stored_hours, stored_spans
from .worked_cases import CASES, HOURLY, Case, instant, registers

pytestmark = pytest.mark.django_db


def orders(case: Case) -> list[list[Sent]]:
    """Return all orders of few registers, and some of many."""
    sent = [Sent(at, milliwh_from_kwh(kwh)) for at, kwh in registers(case.registers)]
    if len(sent) <= 4:
        return [list(order) for order in permutations(sent)]
    shuffled = [list(sent) for _ in range(12)]
    for seed, order in enumerate(shuffled):
        Random(seed).shuffle(order)
    return [sent, sent[::-1], *shuffled]


def check(case: Case, meter: DeviceData) -> None:
    hours = {
        start: sum(quarter for quarter in quarters if quarter is not None)
        for start, (_, *quarters) in stored_hours(meter.id).items()
        if any(quarter is not None for quarter in quarters)
    }
    assert {start: kwh_from_milliwh(energy) for start, energy in hours.items()} == {
        instant(at): energy for at, energy in case.hours.items()
    }
    slots = {
        start + number * timedelta(minutes=15): kwh_from_milliwh(quarter)
        for start, (_, *quarters) in stored_hours(meter.id).items()
        for number, quarter in enumerate(quarters)
        if quarter is not None
    }
    assert not case.slots or slots == {instant(at): kwh for at, kwh in case.slots.items()}
    assert {
        (begin, end): kwh_from_milliwh(energy) for begin, end, energy in stored_spans(meter.id)
    } == {ends(text): energy for text, energy in case.spans.items()}


def ends(text: str) -> tuple[object, object]:
    half = len(text) // 2
    return instant(text[:half]), instant(text[half + 1 :])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_registers_give_the_hours_of_the_worked_case_in_any_order_and_after_a_rebuild(case, cache):
    for order in orders(case):
        meter = make_meter(case.device)
        for sent in order:
            assert store(cache, meter.id, [sent]) == []

        check(case, meter)
        device = Device.objects.get(device_id=meter.id)
        assert hours_that_differ([device]) == []
        device_hours_rebuild(device)
        check(case, meter)


def test_an_alert_names_the_hour_before_a_register_on_the_hour(cache):
    meter = make_meter({"max_consumption": 1.5})
    for at, kwh in registers(HOURLY):
        store(cache, meter.id, [Sent(at, milliwh_from_kwh(kwh))])

    assert [alert.start.astimezone(UTC) for alert in Alert.objects.all()] == [instant("09:00")]


def test_the_energy_of_a_span_raises_no_alert(cache):
    meter = make_meter({"max_consumption": 2.0})
    store(cache, meter.id, [Sent(instant("12:30"), 0), Sent(instant("15:30"), 9_000_000)])

    assert not Alert.objects.exists()


def test_registers_count_in_the_hour_that_ends_with_them(cache):
    meter = make_meter({})
    for at, kwh in registers(HOURLY):
        store(cache, meter.id, [Sent(at, milliwh_from_kwh(kwh))])

    counts = {start: count for start, (count, *_) in stored_hours(meter.id).items()}
    assert counts == {instant(f"{hour:02}:00"): 1 for hour in (8, 9, 10, 11)}
