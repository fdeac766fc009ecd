"""Wrong registers of cumulative meters, recognized by those around them in any order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from monitoring.aggregates.verify import hours_that_differ
from monitoring.devices.cache import DeviceCache
from monitoring.ingest.pipeline import store_messages
from monitoring.models import Device
from monitoring.sync.services import device_apply

from .. import register_model as model
from ..conftest import NOON, device_data
from .stored import Sent, highest, make_meter, reading, store, stored_hours, stored_spans, total
from .test_registers import cumulative, hours, send, spans

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

    assert hours(meter) == [(0, 750)]


def test_a_rise_beyond_the_power_is_held_and_counts_only_if_no_power_is_known(cache):
    bounded, unbounded = cumulative(max_power_kw=10.0), cumulative()
    for meter, energy in ((bounded, []), (unbounded, [(0, 5_000_000)])):
        send(cache, meter, (0, 1000.0), (10, 6000.0))
        assert hours(meter) == energy
        send(cache, meter, (20, 1000.5))

    assert hours(bounded) == [(0, 500)]
    assert hours(unbounded) == [(0, 5_000_000)]


def test_a_wrong_register_that_was_corrected_counts_again(cache):
    meter = cumulative(max_power_kw=10.0)
    send(cache, meter, (50, 1000.0), (70, 6000.0), (130, 1001.0))
    assert (hours(meter), spans(meter)) == ([], [(50, 130, 1000)])

    correction = reading(Sent(NOON + timedelta(minutes=70), 1_000_400_000, 1), meter)
    store_messages([json.dumps(correction).encode()], cache)

    assert (hours(meter), spans(meter)) == ([(0, 200), (1, 700), (2, 100)], [])


def test_a_rollover_within_the_power_counts(cache):
    meter = cumulative(register_digits=5, max_power_kw=60.0)
    send(cache, meter, (0, 99_990.0), (10, 99_999.0), (20, 0.5), (30, 5.5))

    assert hours(meter) == [(0, 15_500)]


def test_the_hour_of_a_wrong_register_has_no_row(cache):
    meter = cumulative(max_power_kw=10.0)
    send(cache, meter, (0, 1000.0), (70, 0.0), (130, 1001.0))

    assert spans(meter) == [(0, 130, 1000)]
    assert sorted(stored_hours(meter)) == [NOON + timedelta(hours=2)]


def test_hours_are_derived_again_when_the_power_becomes_known(cache):
    meter = cumulative()
    send(cache, meter, (0, 1000.0), (10, 1000.5), (20, 5000.0), (30, 1001.0))
    assert hours(meter) == [(0, 4_000_000)]

    data = device_data(meter, reading_kind="cumulative", max_power_kw=10.0)
    device_apply(data=data, version=2, occurred_at=NOON)

    assert hours(meter) == [(0, 1000)]


def test_a_clock_that_goes_back_by_half_an_hour_counts_nothing_twice(cache):
    meter = cumulative(timezone="Australia/Lord_Howe")
    first = round((LORD_HOWE - NOON) / timedelta(minutes=1))
    send(cache, meter, *((first + at, 100.0 + at) for at in (-50, -20, -10, 10, 20, 40)))

    assert total(meter) == 90_000_000
    assert hours_that_differ() == []


def test_a_meter_that_is_wrong_for_days_reads_back_until_it_counts(cache):
    """Zeros and values alternate, so whether a register counts follows from the first one."""
    meter = cumulative(max_power_kw=10.0)
    series = [(10 * at, 1000.0 + at / 100 if at % 2 else 0.0) for at in range(60)]
    send(cache, meter, *series)

    assert hours_that_differ() == []


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
        "interval_seconds": st.sampled_from([600, 3600]),
    }
)


@pytest.mark.timeout(0)  # so many examples take long on a busy machine
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), ANY_METER, st.sampled_from([NOON, APRIL, LORD_HOWE]), st.sampled_from([7, 17]))
def test_any_order_of_arrival_gives_the_hours_of_the_model(data, fields, centre, apart):
    with transaction.atomic():
        meter = make_meter(fields)
        places = [centre + timedelta(minutes=apart * at) for at in range(-14, 14)]
        sent = data.draw(registers(places))
        cache = DeviceCache()
        for batch in shuffled(data.draw, sent):
            assert store(cache, meter.id, batch) == []

        assert stored_hours(meter.id) == model.hours(meter, highest(sent))
        assert stored_spans(meter.id) == model.spans(meter, highest(sent))
        assert hours_that_differ([Device.objects.get(device_id=meter.id)]) == []
        transaction.set_rollback(True)
