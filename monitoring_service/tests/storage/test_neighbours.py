"""The neighbours of a register are read without opening every month, however far apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from monitoring.aggregates.retention import month_close
from monitoring.aggregates.verify import hours_that_differ
from monitoring.devices.cache import DeviceCache
from monitoring.devices.channels import main_channel
from monitoring.devices.ends import reading_ends
from monitoring.models import Device, Reading
from monitoring.storage.partitions import partition_ensure, partitions_note
from monitoring.sync.services import device_apply

from .. import register_model as model
from ..conftest import NOON, device_data
from ..registers.stored import Sent, highest, make_meter, store, stored_hours, stored_spans
from ..registers.test_plausibility import ANY_METER, registers, shuffled

pytestmark = pytest.mark.django_db

MONTHS = [datetime(2024 + at // 12, at % 12 + 1, 1, tzinfo=UTC) for at in range(24)]
HOUR = timedelta(hours=1)


def month_of(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def months_noted() -> set[tuple[int, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT device_key, month FROM register_month")
        return set(cursor.fetchall())


def months_stored() -> set[tuple[int, datetime]]:
    return {(reading.device_key, month_of(reading.started_at)) for reading in Reading.objects.all()}


def register(at: datetime, kwh: float, revision: int = 0) -> Sent:
    return Sent(at, round(kwh * 1_000_000), revision)


#: Instants beside the ends of months and years, at distances from minutes to decades.
PLACES = [
    border + timedelta(minutes=20 * at)
    for border in (
        datetime(1999, 12, 31, 12, tzinfo=UTC),
        datetime(2001, 3, 1, tzinfo=UTC),
        datetime(2015, 1, 1, tzinfo=UTC),
        datetime(2026, 2, 1, tzinfo=UTC),
        datetime(2026, 3, 1, tzinfo=UTC),
    )
    for at in (-4, -3, -2, -1, 0, 1, 2, 3)
]


@pytest.mark.timeout(0)  # so many examples take long on a busy machine
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), ANY_METER)
def test_registers_years_apart_in_any_order_give_the_hours_of_the_model(data, fields):
    with transaction.atomic():
        meter = make_meter(fields)
        for month in data.draw(st.sets(st.sampled_from(sorted(map(month_of, PLACES))))):
            partition_ensure(month)
        sent = data.draw(registers(PLACES))
        cache = DeviceCache()
        for batch in shuffled(data.draw, sent):
            assert store(cache, meter.id, batch) == []

        assert stored_hours(meter.id) == model.hours(meter, highest(sent))
        assert stored_spans(meter.id) == model.spans(meter, highest(sent))
        assert hours_that_differ([Device.objects.get(device_id=meter.id)]) == []
        assert months_noted() == months_stored()
        transaction.set_rollback(True)


def test_a_closed_month_is_noted_no_more(cache):
    meter = make_meter({"max_power_kw": 5.0})
    for month in MONTHS:
        partition_ensure(month)
    partitions_note(NOON)
    sent = [register(month + at * HOUR, at) for at, month in enumerate(MONTHS[:9])]
    assert store(cache, meter.id, sent) == []

    for month in (MONTHS[5], MONTHS[0], MONTHS[1], MONTHS[4]):
        month_close(month)
        assert months_noted() == months_stored()


def test_months_of_registers_are_noted_when_a_device_becomes_cumulative(cache):
    data = device_data(uuid4())
    device_apply(data=data, version=1, occurred_at=NOON)
    store(cache, data.id, [register(MONTHS[0], 1), register(MONTHS[20], 2)])
    assert months_noted() == set()

    data = device_data(data.id, reading_kind="cumulative")
    device_apply(data=data, version=2, occurred_at=NOON)

    assert months_noted() == months_stored() != set()


@pytest.mark.parametrize("kind", ["interval", "cumulative"])
@pytest.mark.parametrize("minutes", [-10, 10])
def test_the_last_reading_is_returned_of_an_hour_that_spans_two_months(minutes, kind, cache):
    data = device_data(uuid4(), reading_kind=kind, timezone="Asia/Kolkata")
    device_apply(data=data, version=1, occurred_at=NOON)
    for month in MONTHS:
        partition_ensure(month)
    last = MONTHS[3] + timedelta(minutes=minutes)
    store(cache, data.id, [register(MONTHS[0], 1), register(last, 2)])

    device = Device.objects.get(device_id=data.id)

    assert reading_ends([main_channel(device)])[device.key].last_at == last


def test_a_single_register_is_returned_as_the_last_reading_though_it_is_in_no_hour(cache):
    meter = make_meter({})
    store(cache, meter.id, [register(MONTHS[0], 1)])
    device = Device.objects.get(device_id=meter.id)

    ends = reading_ends([main_channel(device)])[device.key]

    assert (ends.first_hour, ends.last_at) == (None, MONTHS[0])


@contextmanager
def opened() -> Iterator[set[str]]:
    """Collect the partitions that the statements of the block open, by the locks that they take."""
    names: set[str] = set()
    with transaction.atomic():
        yield names
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
                "WHERE l.pid = pg_backend_pid() AND c.relname ~ '^reading_[0-9]{4}_[0-9]{2}$'"
            )
            names |= {name for (name,) in cursor.fetchall()}


@pytest.fixture
def partitions(committed: None) -> None:
    for month in MONTHS:
        partition_ensure(month)
    partitions_note(NOON)


def names(*months: datetime) -> set[str]:
    return {f"reading_{month:%Y_%m}" for month in months}


@pytest.mark.parametrize("power", [None, 5.0])
def test_a_register_opens_the_months_of_its_neighbours_alone(power, partitions, cache):
    meter = make_meter({"max_power_kw": power})
    first, middle, last = (MONTHS[at] + 5 * HOUR for at in (0, 10, 20))

    with opened() as by_first_ever:
        store(cache, meter.id, [register(middle, 10)])
    with opened() as by_far_ones:
        store(cache, meter.id, [register(first, 0), register(last, 20)])
    with opened() as by_repeated:
        store(cache, meter.id, [register(middle, 10)])
    with opened() as by_corrected:
        store(cache, meter.id, [register(middle, 11, 1)])

    assert by_first_ever == names(middle)
    assert by_far_ones == by_corrected == names(first, middle, last)
    assert by_repeated == names(middle)
    assert hours_that_differ() == []


def test_repeated_and_corrected_readings_open_their_own_months_alone(partitions, cache):
    data = device_data(uuid4())
    device_apply(data=data, version=1, occurred_at=NOON)
    sent = [register(MONTHS[0], 1), register(MONTHS[20], 2)]
    store(cache, data.id, sent)

    with opened() as by_repeated:
        store(cache, data.id, sent)
    with opened() as by_corrected:
        store(cache, data.id, [register(MONTHS[20], 3, 1)])

    assert by_repeated == names(MONTHS[0], MONTHS[20])
    assert by_corrected == names(MONTHS[20])


def test_a_list_of_devices_opens_the_months_of_their_last_readings_alone(partitions, cache):
    interval = device_data(uuid4())
    device_apply(data=interval, version=1, occurred_at=NOON)
    meter, silent = make_meter({}), make_meter({})
    store(cache, interval.id, [register(MONTHS[0], 1), register(MONTHS[5] + HOUR, 2)])
    store(cache, meter.id, [register(MONTHS[0], 1), register(MONTHS[7] + HOUR, 2)])
    devices = list(Device.objects.all())

    with opened() as by_list:
        ends = reading_ends([main_channel(device) for device in devices])

    assert by_list == names(MONTHS[5], MONTHS[7])
    last = {device.device_id: ends[device.key].last_at for device in devices}
    assert last == {interval.id: MONTHS[5] + HOUR, meter.id: MONTHS[7] + HOUR, silent.id: None}


def test_closing_a_month_opens_the_months_beside_it_alone(partitions, cache):
    meter = make_meter({})
    near = [MONTHS[month] + at * HOUR for month in (4, 5) for at in range(-10, 10)]
    instants = [MONTHS[0], *near, MONTHS[9]]
    store(cache, meter.id, [register(at, number) for number, at in enumerate(instants)])

    with opened() as by_closing:
        month_close(MONTHS[4])

    # The catalogue has the dropped partition no more.
    assert by_closing <= names(MONTHS[3], MONTHS[5])
