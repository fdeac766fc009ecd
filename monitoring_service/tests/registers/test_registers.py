"""Cumulative meters: energy is differences of registers, in any order of arrival."""

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
from monitoring.aggregates.verify import hours_that_differ
from monitoring.ingest.pipeline import store_messages
from monitoring.ledger.selectors import ledger_rejections
from monitoring.models import Device
from monitoring.sync.services import device_apply

from ..conftest import NOON, at, device_data
from .stored import make_meter, stored_hours, stored_spans, total

pytestmark = pytest.mark.django_db


def cumulative(**fields: object) -> UUID:
    return make_meter(fields).id


def send(cache, device_id: UUID, *registers: tuple[int, float]) -> None:
    """Store each (minutes after noon, kWh) as a batch of its own, in the given order."""
    for minutes, kwh in registers:
        reading = {"device_id": str(device_id), "timestamp": at(minutes), "measurement_value": kwh}
        store_messages([json.dumps(reading).encode()], cache)


def hours(device_id: UUID) -> list[tuple[int, int]]:
    """Return (hours after noon, Wh) of each hour with measured energy."""
    return [
        ((start - NOON) // timedelta(hours=1), round(sum(known) / 1000))
        for start, (_, *quarters) in sorted(stored_hours(device_id).items())
        if (known := [quarter for quarter in quarters if quarter is not None])
    ]


def spans(device_id: UUID) -> list[tuple[int, int, int]]:
    """Return (minutes after noon, minutes after noon, Wh) of each span."""
    minute = timedelta(minutes=1)
    return [
        ((begin - NOON) // minute, (end - NOON) // minute, energy // 1000)
        for begin, end, energy in sorted(stored_spans(device_id))
    ]


DAY = [(0, 10.0), (20, 10.1), (50, 10.3), (70, 10.35), (110, 10.5), (130, 10.9)]
#: From 12:50 to 13:10 0.05 are used, one half before 13:00; from 13:50 to 14:10 0.4.
HOURS_OF_DAY = [(0, 325), (1, 375), (2, 200)]


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


def test_a_batch_returns_the_hours_that_changed_with_the_quarters_that_are_measured(cache):
    meter, changes = cumulative(), []
    for minutes, kwh in [(0, 10.0), (20, 10.1), (250, 12.0), (50, 10.4)]:
        reading = {"device_id": str(meter), "timestamp": at(minutes), "measurement_value": kwh}
        result = store_messages([json.dumps(reading).encode()], cache)
        changes.append(
            [
                ((hour.start - NOON) // timedelta(hours=1), hour.energy_milliwh, hour.slots)
                for hour in result.hours
            ]
        )

    assert changes[0] == []
    assert changes[1] == [(0, 100_000, 0b0011)]
    # The span touches the hours from 12:20 to 16:10.
    assert [hour for hour, *_ in changes[2]] == [4, 0, 1, 2, 3]
    assert changes[3][0] == (0, 400_000, 0b1111)


def test_a_batch_returns_the_period_of_a_long_span_and_of_a_register_that_changes_no_hour(cache):
    meter, changes = cumulative(), []
    for minutes, kwh in [(10, 10.0), (10 + 60 * 49, 12.0), (20 + 60 * 49, 12.5), (10, 10.0)]:
        reading = {"device_id": str(meter), "timestamp": at(minutes), "measurement_value": kwh}
        result = store_messages([json.dumps(reading).encode()], cache)
        changes.append(
            [
                (
                    (period.start - NOON) // timedelta(minutes=1),
                    (period.end - NOON) // timedelta(minutes=1),
                    period.last_reading_milliwh,
                )
                for period in result.periods
            ]
        )

    assert changes[0] == [(0, 60, 10_000_000)]
    assert changes[1] == [(10, 10 + 60 * 49, 12_000_000)]
    # The third changes its hour, and the last is a duplicate.
    assert changes[2:] == [[], []]


def test_a_single_register_gives_no_hour(cache):
    meter = cumulative()
    send(cache, meter, (0, 4711.0))

    assert stored_hours(meter) == {}


def test_the_energy_of_more_than_an_hour_is_a_span(cache):
    meter = cumulative()
    send(cache, meter, (0, 10.0), (30, 10.5), (200, 13.5), (210, 13.6))

    assert hours(meter) == [(0, 500), (3, 100)]
    assert spans(meter) == [(30, 200, 3000)]


def test_a_register_inside_a_span_replaces_it(cache):
    meter = cumulative()
    send(cache, meter, (0, 10.0), (30, 10.5), (200, 13.5), (90, 11.5))

    assert hours(meter) == [(0, 1000), (1, 500)]
    assert spans(meter) == [(90, 200, 2000)]


def test_a_rollover_of_a_meter_with_known_digits_adds_its_energy(cache):
    meter = cumulative(register_digits=5)
    send(cache, meter, (0, 99_999.5), (10, 0.25), (20, 0.5))

    assert hours(meter) == [(0, 1000)]


@pytest.mark.parametrize("digits", [None, 5])
def test_a_meter_that_was_reset_adds_neither_negative_energy_nor_a_spike(digits, cache):
    meter = cumulative(register_digits=digits)
    send(cache, meter, (0, 5000.0), (10, 5000.5), (20, 12.0), (30, 12.5))

    assert hours(meter) == [(0, 1000)]


def test_a_value_that_the_register_cannot_show_is_rejected(cache):
    meter = cumulative(register_digits=3)
    send(cache, meter, (0, 999.5), (10, 1000.0), (20, 999.75))

    assert hours(meter) == [(0, 250)]
    assert ledger_rejections() == {"implausible": 1}


def test_a_rollover_beyond_the_power_of_the_device_counts_as_a_reset(cache):
    meter = cumulative(register_digits=5, max_power_kw=10.0)
    send(cache, meter, (0, 99_990.0), (10, 500.0), (20, 500.5))

    assert hours(meter) == [(0, 500)]


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

    assert hours(meter) == [(0, 275), (1, 425), (2, 200)]


def test_hours_are_derived_again_when_a_device_becomes_cumulative(cache):
    meter = uuid4()
    device_apply(data=device_data(meter), version=1, occurred_at=NOON)
    send(cache, meter, *DAY)
    assert hours(meter) != HOURS_OF_DAY

    data = device_data(meter, reading_kind="cumulative")
    device_apply(data=data, version=2, occurred_at=NOON)

    assert hours(meter) == HOURS_OF_DAY
    send(cache, meter, (140, 11.0))
    assert hours(meter) == [*HOURS_OF_DAY[:2], (2, 300)]


def test_spans_become_measured_when_the_interval_of_the_device_becomes_longer(cache):
    meter = cumulative()
    send(cache, meter, (0, 10.0), (120, 12.0))
    assert (hours(meter), spans(meter)) == ([], [(0, 120, 2000)])

    data = device_data(meter, reading_kind="cumulative", interval_seconds=3600)
    device_apply(data=data, version=2, occurred_at=NOON)

    assert (hours(meter), spans(meter)) == ([(0, 1000), (1, 1000)], [])


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
    derived = stored_hours(meter), stored_spans(meter)

    device = Device.objects.get(device_id=meter)
    assert hours_that_differ([device]) == []
    device_hours_rebuild(device)

    assert derived == (stored_hours(meter), stored_spans(meter))


def test_twenty_years_without_a_register_are_one_span(cache):
    meter = cumulative()
    send(cache, meter, (0, 10.0), (-60 * 24 * 365 * 20, 9.0))

    assert spans(meter) == [(-60 * 24 * 365 * 20, 0, 1000)]
    assert total(meter) == 1_000_000
