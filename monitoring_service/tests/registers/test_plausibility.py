"""Single wrong registers of cumulative meters, recognized by their neighbours in any order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from energy_contracts.events import DeviceData
from monitoring.aggregates.verify import hours_that_differ
from monitoring.devices.cache import DeviceCache
from monitoring.ingest.pipeline import store_messages
from monitoring.models import Device
from monitoring.sync.services import device_apply

from .. import reference_model as model
from ..conftest import NOON, device_data
from ..stored import hours_with_gaps
from .test_registers import cumulative, hours, send

pytestmark = pytest.mark.django_db

#: The end of a month, and the hour in which clocks on Lord Howe go back by half an hour.
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
LORD_HOWE = datetime(2026, 4, 4, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [(20, 999_999.0), (20, 0.0)],
    ids=["far too high", "zero"],
)
def test_a_single_wrong_register_adds_no_energy_if_the_power_is_known(wrong, cache):
    meter = cumulative(max_power_kw=10.0)
    send(cache, meter, (0, 1000.0), (10, 1000.1), wrong, (30, 1000.5), (60, 1000.75))

    assert hours(meter) == [(0, 500, 1), (1, 250, 1)]


def test_a_wrong_register_counts_until_the_next_one_arrives_or_if_no_power_is_known(cache):
    bounded, unbounded = cumulative(max_power_kw=10.0), cumulative()
    for meter in (bounded, unbounded):
        send(cache, meter, (0, 1000.0), (10, 6000.0))
        assert hours(meter) == [(0, 5_000_000, 1)]
        send(cache, meter, (20, 1000.5))

    assert hours(bounded) == [(0, 500, 1)]
    assert hours(unbounded) == [(0, 5_000_000, 1)]


def test_a_wrong_register_that_was_corrected_counts_again(cache):
    meter = cumulative(max_power_kw=10.0)
    send(cache, meter, (50, 1000.0), (70, 6000.0), (130, 1001.0))
    assert hours(meter) == [(2, 1000, 2)]

    correction = reading(Sent(NOON + timedelta(minutes=70), 1_000_400_000, 1), meter)
    store_messages([json.dumps(correction).encode()], cache)

    assert hours(meter) == [(1, 400, 1), (2, 600, 1)]


@pytest.mark.parametrize(
    "series",
    [
        pytest.param([(0, 1000.0), (10, 1007.0), (20, 1007.0), (30, 1014.0)], id="coarse steps"),
        pytest.param([(0, 1000.0), (10, 1007.0), (20, 0.0), (30, 7.0)], id="a step, then a reset"),
        pytest.param([(0, 99_990.0), (10, 99_999.0), (20, 0.5), (30, 5.5)], id="a rollover"),
    ],
)
def test_a_steep_rise_that_is_no_outlier_counts(series, cache):
    meter = cumulative(register_digits=5, max_power_kw=15.0)
    plain = cumulative(register_digits=5)
    for device_id in (meter, plain):
        send(cache, device_id, *series)

    assert hours(meter) == hours(plain) == [(0, 14_000 if series[0][1] == 1000.0 else 15_500, 1)]


def test_an_hour_that_has_wrong_registers_alone_has_no_row(cache):
    meter = cumulative(max_power_kw=10.0)
    send(cache, meter, (0, 1000.0), (70, 0.0), (130, 1001.0))

    assert hours(meter) == [(2, 1000, 2)]


def test_the_later_of_two_adjacent_outliers_counts_also_in_the_next_hour(cache):
    meter = cumulative(max_power_kw=10.0)
    send(cache, meter, (0, 1000.0), (10, 5.0), (20, 1000.3), (70, 6.0))

    assert hours(meter) == [(0, 300, 1), (1, 0, 1)]


def test_hours_are_derived_again_when_the_power_becomes_known(cache):
    meter = cumulative()
    send(cache, meter, (0, 1000.0), (10, 0.0), (20, 1000.5))
    assert hours(meter) == [(0, 1_000_500, 1)]

    data = device_data(meter, reading_kind="cumulative", max_power_kw=10.0)
    device_apply(data=data, version=2, occurred_at=NOON)

    assert hours(meter) == [(0, 500, 1)]


def test_a_clock_that_goes_back_by_half_an_hour_counts_nothing_twice(cache):
    meter = cumulative(timezone="Australia/Lord_Howe")
    first = round((LORD_HOWE - NOON) / timedelta(minutes=1))
    send(cache, meter, *((first + at, 100.0 + at) for at in (-50, -20, -10, 10, 20, 40)))

    assert sum(energy for _, energy, _ in hours(meter)) == 90_000
    assert hours_that_differ() == []


class Sent(NamedTuple):
    """A register that is sent; `value` in milliwatt-hours."""

    at: datetime
    value: int
    revision: int


def reading(sent: Sent, device_id: UUID) -> dict[str, object]:
    return {
        "device_id": str(device_id),
        "timestamp": sent.at.isoformat(),
        "measurement_value": sent.value / 1_000_000,
        "revision": sent.revision,
    }


def store(cache: DeviceCache, device_id: UUID, batch: Sequence[Sent]) -> list[str]:
    """Store one batch; return the reasons of the rejected registers, in order."""
    body = json.dumps([reading(sent, device_id) for sent in batch]).encode()
    tally = store_messages([body], cache).tally
    return [str(rejected.error.reason) for rejected in tally.rejected]


def highest(sent: Sequence[Sent]) -> dict[datetime, int]:
    """Return the value of the highest revision at each instant."""
    return {each.at: each.value for each in sorted(sent, key=lambda each: each.revision)}


def stored_hours(device_id: UUID) -> dict[datetime, tuple[int, ...]]:
    return {**hours_with_gaps(device_id)}


@st.composite
def registers(draw: st.DrawFn, places: Sequence[datetime]) -> list[Sent]:
    """Draw the registers of a meter that is sometimes reset and sometimes wrong or corrected."""
    slots = draw(st.sets(st.sampled_from(places), min_size=2, max_size=14))
    series, value = [], draw(st.integers(0, 990)) * 100_000
    for at in sorted(slots):
        # It counts, is reset, is wrong, or is wrong and then corrected.
        kind = draw(st.sampled_from("ccccccrwwW"))
        value += draw(st.integers(0, 12)) * 100_000
        if kind == "r" or value >= 100_000_000:
            value = draw(st.integers(0, 50)) * 100_000
        wrong = draw(st.sampled_from([0, 99_900_000, 50_000_000]))
        series.append(Sent(at, value if kind in "cr" else wrong, 0))
        if kind == "W":
            series.append(Sent(at, value, draw(st.integers(1, 2))))
    return series


def shuffled(draw: st.DrawFn, sent: list[Sent]) -> list[list[Sent]]:
    """Return the registers in any order, some of them twice, as batches."""
    again = draw(st.lists(st.sampled_from(sent), max_size=3))
    order = draw(st.permutations(sent + again))
    size = draw(st.integers(1, max(1, len(order))))
    return [order[at : at + size] for at in range(0, len(order), size)]


ANY_METER = st.fixed_dictionaries(
    {
        "timezone": st.sampled_from(["UTC", "Asia/Kolkata", "Australia/Lord_Howe"]),
        "register_digits": st.sampled_from([None, 2]),
        "max_power_kw": st.sampled_from([None, 5.0, 5.0]),
    }
)


def make_meter(fields: dict[str, object]) -> DeviceData:
    data = device_data(uuid4(), reading_kind="cumulative", **fields)
    device_apply(data=data, version=1, occurred_at=NOON)
    return data


@pytest.mark.timeout(0)  # so many examples take long on a busy machine
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), ANY_METER, st.sampled_from([NOON, APRIL, LORD_HOWE]))
def test_any_order_of_arrival_gives_the_hours_of_the_model(data, fields, centre):
    with transaction.atomic():
        meter = make_meter(fields)
        places = [centre + timedelta(minutes=17 * at) for at in range(-9, 9)]
        sent = data.draw(registers(places))
        cache = DeviceCache()
        for batch in shuffled(data.draw, sent):
            assert store(cache, meter.id, batch) == []

        assert stored_hours(meter.id) == model.hours(meter, highest(sent))
        assert hours_that_differ([Device.objects.get(device_id=meter.id)]) == []
        transaction.set_rollback(True)
