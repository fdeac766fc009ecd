"""Cumulative meters: hours are differences of registers, in any order of arrival."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from monitoring.aggregates.rebuild import device_hours_rebuild
from monitoring.ingest.pipeline import store_messages
from monitoring.ledger.selectors import ledger_rejections
from monitoring.models import Device
from monitoring.sync.services import device_apply

from ..conftest import NOON, at, device_data
from ..stored import hours_with_gaps

pytestmark = pytest.mark.django_db


def cumulative(**fields: object) -> UUID:
    device_id = uuid4()
    data = device_data(device_id, reading_kind="cumulative", **fields)
    device_apply(data=data, version=1, occurred_at=NOON)
    return device_id


def send(cache, device_id: UUID, *registers: tuple[int, float]) -> None:
    """Store each (minutes after noon, kWh) as a batch of its own, in the given order."""
    for minutes, kwh in registers:
        reading = {"device_id": str(device_id), "timestamp": at(minutes), "measurement_value": kwh}
        store_messages([json.dumps(reading).encode()], cache)


def hours(device_id: UUID) -> list[tuple[int, int, int]]:
    """Return (hours after noon, Wh, covered hours) of each hour."""
    return [
        ((start - NOON) // timedelta(hours=1), energy // 1000, covers)
        for start, (energy, _, covers) in sorted(hours_with_gaps(device_id).items())
    ]


DAY = [(0, 10.0), (20, 10.1), (50, 10.3), (70, 10.35), (110, 10.5), (130, 10.9)]
HOURS_OF_DAY = [(0, 300, 1), (1, 200, 1), (2, 400, 1)]


def test_the_hours_are_the_differences_of_the_registers(cache):
    meter = cumulative()
    send(cache, meter, *DAY)

    assert hours(meter) == HOURS_OF_DAY


def test_any_order_of_arrival_gives_the_same_hours(cache):
    for seed in range(8):
        meter, order = cumulative(), list(DAY)
        random.Random(seed).shuffle(order)
        send(cache, meter, *order, order[0])

        assert hours(meter) == HOURS_OF_DAY


def test_a_register_reports_the_changed_hours_and_those_of_changed_spans(cache):
    meter, changes = cumulative(), []
    for minutes, kwh in [(0, 10.0), (20, 10.1), (250, 12.0), (130, 11.0)]:
        reading = {"device_id": str(meter), "timestamp": at(minutes), "measurement_value": kwh}
        result = store_messages([json.dumps(reading).encode()], cache)
        changes.append(sorted((hour.start - NOON) // timedelta(hours=1) for hour in result.hours))

    assert changes == [[0], [0], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]


def test_a_single_register_gives_no_hour(cache):
    meter = cumulative()
    send(cache, meter, (0, 4711.0))

    assert hours(meter) == []


def test_the_energy_of_a_gap_is_in_the_hour_of_the_later_register(cache):
    meter = cumulative()
    send(cache, meter, (0, 10.0), (30, 10.5), (200, 13.5), (210, 13.6))

    assert hours(meter) == [(0, 500, 1), (3, 3100, 3)]


def test_a_register_that_fills_a_gap_divides_its_energy(cache):
    meter = cumulative()
    send(cache, meter, (0, 10.0), (30, 10.5), (200, 13.5), (90, 11.5))

    assert hours(meter) == [(0, 500, 1), (1, 1000, 1), (3, 2000, 2)]


def test_a_rollover_of_a_meter_with_known_digits_adds_its_energy(cache):
    meter = cumulative(register_digits=5)
    send(cache, meter, (0, 99_999.5), (10, 0.25), (20, 0.5))

    assert hours(meter) == [(0, 1000, 1)]


@pytest.mark.parametrize("digits", [None, 5])
def test_a_meter_that_was_reset_adds_neither_negative_energy_nor_a_spike(digits, cache):
    meter = cumulative(register_digits=digits)
    send(cache, meter, (0, 5000.0), (10, 5000.5), (20, 12.0), (30, 12.5))

    assert hours(meter) == [(0, 1000, 1)]


def test_a_value_that_the_register_cannot_show_is_rejected(cache):
    meter = cumulative(register_digits=3)
    send(cache, meter, (0, 999.5), (10, 1000.0), (20, 999.75))

    assert hours(meter) == [(0, 250, 1)]
    assert ledger_rejections() == {"implausible": 1}


def test_a_rollover_beyond_the_power_of_the_device_counts_as_a_reset(cache):
    meter = cumulative(register_digits=5, max_power_kw=10.0)
    send(cache, meter, (0, 99_990.0), (10, 500.0), (20, 500.5))

    assert hours(meter) == [(0, 500, 1)]


def test_a_correction_of_a_register_changes_the_hours_on_both_sides(cache):
    meter = cumulative()
    send(cache, meter, *DAY)
    correction = {
        "device_id": str(meter),
        "timestamp": at(50),
        "measurement_value": 10.2,
        "revision": 1,
    }
    store_messages([json.dumps(correction).encode()], cache)

    assert hours(meter) == [(0, 200, 1), (1, 300, 1), (2, 400, 1)]


def test_hours_are_derived_again_when_a_device_becomes_cumulative(cache):
    meter = uuid4()
    device_apply(data=device_data(meter), version=1, occurred_at=NOON)
    send(cache, meter, *DAY)
    assert hours(meter) != HOURS_OF_DAY

    data = device_data(meter, reading_kind="cumulative")
    device_apply(data=data, version=2, occurred_at=NOON)

    assert hours(meter) == HOURS_OF_DAY
    send(cache, meter, (140, 11.0))
    assert hours(meter) == [*HOURS_OF_DAY[:2], (2, 500, 1)]


SERIES = st.lists(
    st.tuples(st.integers(0, 600), st.integers(0, 49)),
    min_size=1,
    max_size=25,
    unique_by=lambda p: p[0],
)


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(SERIES, st.randoms(use_true_random=False))
def test_hours_from_arrivals_equal_hours_computed_from_the_whole_series(cache, series, rnd):
    meter = cumulative(register_digits=2)
    arrivals = [(minutes, float(value * 2)) for minutes, value in series]
    rnd.shuffle(arrivals)
    send(cache, meter, *arrivals)
    derived = hours(meter)

    device_hours_rebuild(Device.objects.get(device_id=meter))

    assert derived == hours(meter)


def test_the_hour_after_a_gap_of_twenty_years_covers_all_its_hours(cache):
    meter = cumulative()
    send(cache, meter, (0, 10.0), (-60 * 24 * 365 * 20, 9.0))

    assert hours(meter) == [(0, 1000, 20 * 365 * 24)]
