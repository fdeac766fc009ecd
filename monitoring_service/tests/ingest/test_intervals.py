"""Readings of interval devices: their slots, their division over slots, and spans."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from monitoring.aggregates.rebuild import device_hours_rebuild
from monitoring.aggregates.retention import month_close
from monitoring.aggregates.verify import hours_that_differ
from monitoring.devices.cache import DeviceCache
from monitoring.ingest.pipeline import store_messages
from monitoring.models import Alert, Device, Hour
from monitoring.storage.partitions import partition_ensure, partitions_note
from monitoring.sync.services import device_apply

from .. import reference_model as model
from ..conftest import NOON, at, device_data
from ..stored import hours_with_gaps, slots, spans
from .batches import hours, message, send

pytestmark = pytest.mark.django_db

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def interval_meter(seconds: int, **fields: object) -> UUID:
    device_id = uuid4()
    data = device_data(device_id, interval_seconds=seconds, **fields)
    device_apply(data=data, version=1, occurred_at=NOON)
    return device_id


def by_minute(device_id: UUID) -> dict[int, int]:
    """Return the measured energy of each slot by the minutes after noon at which it begins."""
    return {(start - NOON) // MINUTE: energy for start, energy in slots(device_id).items()}


def row(hour: int) -> Hour:
    return Hour.objects.get(start=NOON + hour * HOUR)


@pytest.mark.parametrize("seconds", [600, 900])
def test_an_interval_of_a_quarter_at_most_belongs_to_the_slot_in_which_it_begins(seconds, cache):
    meter = interval_meter(seconds)
    send(cache, message(meter, 14, 0.1), message(meter, 15, 0.2), message(meter, 29, 0.4))

    assert by_minute(meter) == {0: 100_000, 15: 600_000}


def test_half_an_hour_that_begins_a_quarter_before_the_hour_is_divided_over_both_hours(cache):
    meter = interval_meter(1800, max_consumption=0.2)
    send(cache, message(meter, -15, 0.6))

    assert by_minute(meter) == {-15: 300_000, 0: 300_000}
    assert hours(meter) == {NOON - HOUR: (300_000, 1), NOON: (300_000, 0)}
    assert Alert.objects.filter(withdrawn_at=None).count() == 2


def test_a_correction_changes_every_part_of_a_divided_interval(cache):
    meter = interval_meter(1800)
    send(cache, message(meter, -8, 0.6), message(meter, 30, 0.5))
    send(cache, message(meter, -8, 0.000001, 1))

    assert sum(by_minute(meter).values()) == 500_001
    assert hours_that_differ() == []


def test_an_interval_of_more_than_an_hour_is_a_span_and_its_reading_counts_in_its_hour(cache):
    meter = interval_meter(86_400)
    send(cache, message(meter, 0, 24.0))
    send(cache, message(meter, 0, 48.0, 1))

    assert spans(meter) == [(NOON, NOON + 24 * HOUR, 48_000_000)]
    assert (row(0).energy_milliwh, row(0).reading_count) == (None, 1)
    assert hours_that_differ() == []


def test_a_span_raises_no_alert(cache):
    meter = interval_meter(7200, max_consumption=2.0)
    send(cache, message(meter, 0, 50.0))

    assert not Alert.objects.exists()


@pytest.mark.parametrize("seconds", [600, 900, 1500, 1800, 3600, 7200])
def test_a_changed_interval_derives_the_slots_again(seconds, cache):
    meter = interval_meter(600)
    send(cache, *(message(meter, minutes, 0.1) for minutes in (-70, -10, 0, 20, 55)))
    data = device_data(meter, interval_seconds=seconds)
    device_apply(data=data, version=2, occurred_at=NOON)

    fresh = interval_meter(seconds)
    send(cache, *(message(fresh, minutes, 0.1) for minutes in (-70, -10, 0, 20, 55)))

    assert by_minute(meter) == by_minute(fresh)
    assert spans(meter) == spans(fresh)
    assert hours_that_differ() == []


def test_a_reading_of_an_hour_with_unknown_quarters_adds_to_the_hour_alone(cache):
    meter = interval_meter(900)
    send(cache, message(meter, 0, 0.1))
    Hour.objects.update(quarter_0=None)
    send(cache, message(meter, 15, 0.2))

    assert row(0).energy_milliwh == 300_000
    assert row(0).quarters == (None,) * 4
    assert row(0).measured_slots == 4


def test_a_divided_reading_of_a_closed_month_keeps_its_part_of_the_next_month(cache):
    april = datetime(2026, 4, 1, tzinfo=UTC)
    meter = interval_meter(3600)
    for month in (datetime(2026, 3, 1, tzinfo=UTC), april):
        partition_ensure(month)
    partitions_note(NOON)
    minutes = round((april - NOON) / MINUTE)
    send(cache, message(meter, minutes - 30, 2.0), message(meter, minutes + 90, 0.5))
    month_close(datetime(2026, 3, 1, tzinfo=UTC))

    device_hours_rebuild(Device.objects.get(device_id=meter))

    assert sum(slots(meter).values()) == 2_500_000
    assert slots(meter)[april] == 500_000
    assert hours_that_differ() == []


SENT = st.lists(
    st.tuples(st.integers(-90, 90), st.integers(0, 7), st.integers(0, 2)), min_size=1, max_size=12
)


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sent=SENT,
    seconds=st.sampled_from([60, 900, 901, 1500, 1800, 2700, 3600]),
    zone=st.sampled_from(["UTC", "Asia/Kathmandu", "Asia/Kolkata"]),
    size=st.integers(1, 6),
)
def test_any_batches_of_intervals_give_the_slots_of_the_model(sent, seconds, zone, size):
    with transaction.atomic():
        data = device_data(uuid4(), interval_seconds=seconds, timezone=zone)
        device_apply(data=data, version=1, occurred_at=NOON)
        cache = DeviceCache()
        bodies = [
            json.dumps(message(data.id, minutes, value / 1_000_000 + revision, revision)).encode()
            for minutes, value, revision in sent
        ]
        for begin in range(0, len(bodies), size):
            store_messages(bodies[begin : begin + size], cache)
        highest: dict[datetime, tuple[int, int]] = {}
        for minutes, value, revision in sent:
            instant = datetime.fromisoformat(at(minutes))
            if instant not in highest or revision > highest[instant][0]:
                highest[instant] = revision, value + revision * 1_000_000
        series = {instant: value for instant, (_, value) in highest.items()}

        assert slots(data.id) == model.slots(data, series)
        assert hours_with_gaps(data.id) == model.hours(data, series)
        assert hours_that_differ([Device.objects.get(device_id=data.id)]) == []
        before = slots(data.id)
        device_hours_rebuild(Device.objects.get(device_id=data.id))
        assert slots(data.id) == before
        transaction.set_rollback(True)
