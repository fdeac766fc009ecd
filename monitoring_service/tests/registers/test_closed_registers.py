"""Registers after a month was closed: the energy in the closed month's hours counts once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from energy_contracts.events import DeviceData
from monitoring.aggregates.verify import hours_that_differ
from monitoring.devices.cache import DeviceCache
from monitoring.ingest.pipeline import store_messages
from monitoring.models import Device, Reading
from monitoring.storage.partitions import partition_ensure, partitions_note
from monitoring.storage.retention import month_close
from monitoring.sync.services import device_apply, device_delete

from .. import reference_model as model
from ..conftest import NOON
from .test_plausibility import (
    ANY_METER,
    APRIL,
    Sent,
    highest,
    make_meter,
    reading,
    registers,
    shuffled,
    store,
    stored_hours,
)

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH, MAY = (datetime(2026, month, 1, tzinfo=UTC) for month in (2, 3, 5))
HOUR = timedelta(hours=1)


def partitions() -> None:
    for month in (FEBRUARY, MARCH, APRIL, MAY):
        partition_ensure(month)
    partitions_note(NOON)


def register(at: datetime, kwh: float, revision: int = 0) -> Sent:
    return Sent(at, round(kwh * 1_000_000), revision)


def energy(meter: DeviceData) -> float:
    return sum(hour[0] for hour in stored_hours(meter.id).values()) / 1_000_000


def is_verified(meter: DeviceData) -> bool:
    """Return whether a rebuild changes no hour; assert that hours follow from the registers."""
    before = stored_hours(meter.id)
    assert hours_that_differ() == []
    call_command("rebuild_aggregates", stdout=StringIO())
    return stored_hours(meter.id) == before


def spans() -> list[tuple[datetime, datetime]]:
    """Return the spans before closed months whose energy their hours hold."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT begins_at, ends_at FROM counted_span ORDER BY ends_at")
        return cursor.fetchall()


@pytest.fixture
def closed(cache) -> DeviceData:
    """Return a meter with 10 kWh in March, 20 in April, which is closed, and 30 in May."""
    meter = make_meter({})
    partitions()
    sent = [register(APRIL - 4 * HOUR, 0), register(APRIL - 2 * HOUR, 10)]
    sent += [register(APRIL + HOUR, 15), register(APRIL + 9 * HOUR, 30), register(MAY + HOUR, 60)]
    assert store(cache, meter.id, sent) == []
    month_close(APRIL)
    return meter


def test_a_late_register_in_the_span_before_a_closed_month_is_rejected(closed, cache):
    late = register(APRIL - HOUR, 13)

    assert store(cache, closed.id, [late]) == ["too_old"]
    assert energy(closed) == 60
    assert is_verified(closed)


def test_the_detail_of_a_rejected_register_says_whether_its_own_month_was_dropped(closed, cache):
    sent = [register(APRIL - HOUR, 13), register(APRIL + 2 * HOUR, 16)]
    bodies = [json.dumps(reading(each, closed.id)).encode() for each in sent]

    rejected = store_messages(bodies, cache).tally.rejected

    before, within = (letter.error.detail for letter in rejected)

    assert "of the month beside it" in before
    assert "of its month" in within


def test_a_correction_of_the_register_before_a_closed_month_is_rejected(closed, cache):
    corrected = register(APRIL - 2 * HOUR, 12, 1)

    assert store(cache, closed.id, [corrected]) == ["too_old"]
    assert energy(closed) == 60


def test_late_registers_outside_of_the_counted_span_are_stored(closed, cache):
    late = [register(APRIL - 5 * HOUR, 0), register(APRIL - 3 * HOUR, 4)]

    assert store(cache, closed.id, [*late, register(MAY, 31)]) == []
    assert energy(closed) == 60
    assert is_verified(closed)


def test_the_month_before_a_closed_one_stays_open_if_it_has_no_register(cache):
    meter = make_meter({})
    partitions()
    store(cache, meter.id, [register(APRIL, 15), register(APRIL + HOUR, 30)])
    month_close(APRIL)

    late = [register(APRIL - 2 * HOUR, 1), register(APRIL - HOUR, 3)]
    assert store(cache, meter.id, late) == []
    assert energy(meter) == 17
    assert is_verified(meter)


def test_a_counted_span_is_remembered_until_all_its_months_are_closed(cache):
    meter = make_meter({})
    partitions()
    sent = [register(FEBRUARY + HOUR, 0), register(APRIL + HOUR, 20), register(MAY + HOUR, 30)]
    store(cache, meter.id, sent)

    month_close(APRIL)
    assert spans() == [(FEBRUARY + HOUR, APRIL)]
    month_close(FEBRUARY)
    assert spans() == [(FEBRUARY + HOUR, APRIL)]
    assert store(cache, meter.id, [register(MARCH + HOUR, 10)]) == ["too_old"]
    month_close(MARCH)
    assert spans() == []
    assert energy(meter) == 30
    assert is_verified(meter)


def test_months_that_close_in_order_leave_no_counted_span(cache):
    meter = make_meter({})
    partitions()
    sent = [register(MARCH, 0), register(MARCH + HOUR, 1), register(APRIL + HOUR, 2)]
    store(cache, meter.id, sent)

    for month in (FEBRUARY, MARCH, APRIL):
        month_close(month)

    assert spans() == []
    assert [reading.started_at for reading in Reading.objects.all()] == [APRIL + HOUR]


def test_one_register_is_kept_for_adjacent_closed_months(cache):
    meter = make_meter({})
    partitions()
    store(cache, meter.id, [register(FEBRUARY, 0), register(APRIL, 2)])

    for month in (FEBRUARY, MARCH, APRIL):
        month_close(month)

    assert [reading.started_at for reading in Reading.objects.all()] == [APRIL]


def test_a_counted_span_stays_when_its_device_is_deleted_and_registered_again(closed, cache):
    device_delete(device_id=closed.id, version=2)
    device_apply(data=closed, version=3, occurred_at=NOON)

    assert store(cache, closed.id, [register(APRIL - HOUR, 13)]) == ["too_old"]
    assert energy(closed) == 60


def test_a_register_of_an_hour_that_is_partly_in_a_closed_month_is_rejected(cache):
    meter = make_meter({"timezone": "Asia/Kolkata"})
    partitions()
    half_past = APRIL - HOUR / 2
    sent = [register(APRIL - HOUR, 0), register(half_past, 1), register(APRIL + HOUR / 3, 4)]
    store(cache, meter.id, [*sent, register(APRIL + HOUR, 10)])
    month_close(MARCH)

    late = [register(APRIL + HOUR / 4, 3), register(APRIL + HOUR / 3, 2, 1)]
    assert store(cache, meter.id, late) == ["too_old"] * 2
    assert energy(meter) == 10
    assert is_verified(meter)


class Model:
    """A model of months that close between batches; it remembers all registers."""

    def __init__(self, device: DeviceData) -> None:
        self.device = device
        self.sent: list[Sent] = []
        self.closed: list[datetime] = []
        self.frozen: dict[datetime, tuple[int, ...]] = {}
        self.counted: list[tuple[datetime, datetime]] = []

    def is_frozen(self, hour: datetime) -> bool:
        return any(hour < self.end(month) and hour + HOUR > month for month in self.closed)

    @staticmethod
    def end(month: datetime) -> datetime:
        return (month + timedelta(days=31)).replace(day=1)

    def accepts(self, sent: Sent) -> bool:
        """Return whether the register is in no closed hour or month and in no counted span."""
        months = [(month, self.end(month)) for month in self.closed]
        return not self.is_frozen(model.hour_of(self.device, sent.at)) and not any(
            begin <= sent.at < end for begin, end in [*months, *self.counted]
        )

    def close(self, month: datetime) -> None:
        was_open = self.open_hours()
        self.closed.append(month)
        self.frozen |= {hour: figures for hour, figures in was_open.items() if self.is_frozen(hour)}
        places = sorted(highest(self.sent))
        first = model.hour_of(self.device, month)
        before = [at for at in places if at < first]
        within = [
            at for at in places if at >= first and model.hour_of(self.device, at) < self.end(month)
        ]
        looked_at = 1 if self.device.max_power_kw is None else 3
        if before and within and not self.is_closed_throughout(before[-1], month):
            self.counted.append((before[-looked_at:][0], month))

    def is_closed_throughout(self, begin: datetime, end: datetime) -> bool:
        at = begin.replace(day=1, hour=0, minute=0)
        while at < end:
            if at not in self.closed:
                return False
            at = self.end(at)
        return True

    def open_hours(self) -> dict[datetime, tuple[int, ...]]:
        now = model.hours(self.device, highest(self.sent))
        return {hour: figures for hour, figures in now.items() if not self.is_frozen(hour)}

    def hours(self) -> dict[datetime, tuple[int, ...]]:
        return self.frozen | self.open_hours()


PLACES = [
    border + timedelta(minutes=20 * at)
    for border in (MARCH, APRIL, MAY)
    for at in (-30, -6, -4, -3, -2, -1, 0, 1, 2, 4, 30)
]


@st.composite
def counting(draw: st.DrawFn) -> list[Sent]:
    """Draw the registers of a meter that is never reset and never exceeds its power."""
    slots = draw(st.sets(st.sampled_from(PLACES), min_size=2, max_size=14))
    return [Sent(at, round((at - FEBRUARY) / HOUR * 1_000_000), 0) for at in sorted(slots)]


@pytest.mark.timeout(0)  # so many examples take long on a busy machine
@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.data(),
    ANY_METER,
    st.lists(st.sampled_from([FEBRUARY, MARCH, APRIL]), min_size=1, max_size=3, unique=True),
)
def test_months_that_close_between_batches_count_nothing_twice(data, fields, months):
    with transaction.atomic():
        meter = make_meter(fields)
        partitions()
        only_counts = data.draw(st.booleans()) and fields["register_digits"] is None
        sent = data.draw(counting() if only_counts else registers(PLACES))
        cache, expected = DeviceCache(), Model(meter)
        steps: list[object] = shuffled(data.draw, sent)
        for month in months:
            steps.insert(data.draw(st.integers(0, len(steps))), month)
        for step in steps:
            if isinstance(step, datetime):
                month_close(step)
                expected.close(step)
            else:
                rejected = [sent for sent in step if not expected.accepts(sent)]
                expected.sent += [sent for sent in step if sent not in rejected]
                assert store(cache, meter.id, step) == ["too_old"] * len(rejected)

        hours = stored_hours(meter.id)
        assert hours == expected.hours()
        if only_counts:
            values = highest(expected.sent).values()
            total = sum(hour[0] for hour in hours.values())
            assert total <= max(values, default=0) - min(values, default=0)
        assert hours_that_differ([Device.objects.get(device_id=meter.id)]) == []
        transaction.set_rollback(True)
