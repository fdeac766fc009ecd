"""Registers around the replacement of a meter: rule 7, through ingest, in any order of arrival."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from energy_contracts.events import Channel, MountedMeter
from monitoring.aggregates.rebuild import device_hours_rebuild
from monitoring.aggregates.verify import hours_that_differ
from monitoring.devices.cache import DeviceCache
from monitoring.models import Alert, Device, Meter, Reading
from monitoring.sync.services import device_apply

from ..conftest import NOON, device_data
from .stored import (
    Sent,
    minutes_after_noon,
    store,
    stored_hours,
    stored_spans,
    total,
)

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REPLACED_AT = minutes_after_noon(20)
OLD, NEW = uuid4(), uuid4()


def sent(minutes: float, kwh: str, meter: str | None = None, revision: int = 0) -> Sent:
    return Sent(minutes_after_noon(minutes), int(Decimal(kwh) * 1_000_000), revision, meter)


def mounted(
    *,
    closing: str | None = "17077.4",
    opening: str | None = "0.05",
    multiplier: str = "1",
    at: datetime = REPLACED_AT,
    **fields: object,
) -> tuple[MountedMeter, ...]:
    """Return the history of a device whose meter A was replaced by B."""
    return (
        MountedMeter(
            id=OLD,
            serial_number="A",
            removed_at=at,
            closing={} if closing is None else {"main": Decimal(closing)},
        ),
        MountedMeter(
            id=NEW,
            serial_number="B",
            mounted_at=at,
            opening={} if opening is None else {"main": Decimal(opening)},
            multiplier=Decimal(multiplier),
            **fields,
        ),
    )


FIRST = (MountedMeter(id=OLD, serial_number="A"),)


class Meters:
    """A device whose events carry its meters."""

    def __init__(self, **fields: object) -> None:
        self.id = uuid4()
        self.fields = fields
        self.version = 0
        self.cache = DeviceCache()
        self.apply(FIRST)

    def apply(self, meters: tuple[MountedMeter, ...], **changes: object) -> None:
        self.version += 1
        self.fields |= changes
        data = device_data(self.id, reading_kind="cumulative", meters=meters, **self.fields)
        device_apply(data=data, version=self.version, occurred_at=NOON)

    def send(self, *batch: Sent) -> list[str]:
        return store(self.cache, self.id, batch)

    @property
    def slots(self) -> dict[int, float]:
        """Return the measured energy (kWh) by the minute after noon at which its slot begins."""
        return {
            (start - NOON) // MINUTE + 15 * number: energy / 1_000_000
            for start, (_, *quarters) in sorted(stored_hours(self.id).items())
            for number, energy in enumerate(quarters)
            if energy is not None
        }

    @property
    def is_verified(self) -> bool:
        """Return whether verification finds nothing and a rebuild changes nothing."""
        device = Device.objects.get(device_id=self.id)
        before = stored_hours(self.id), stored_spans(self.id)
        differences = hours_that_differ([device])
        device_hours_rebuild(device)
        return not differences and (stored_hours(self.id), stored_spans(self.id)) == before


#: A closes at 17077.4 and B opens at 0.05, both at 12:20.
BEFORE = [sent(0, "17077.2"), sent(15, "17077.3")]
AFTER = [sent(30, "0.15"), sent(45, "0.25")]
#: 0.1 until 12:15; 0.1 until 12:20 and 0.1 until 12:30; 0.1 until 12:45.
COUNTED = {0: 0.1, 15: 0.2, 30: 0.1}


def test_a_replacement_counts_up_to_the_closing_and_from_the_opening_register():
    meters = Meters()
    meters.send(*BEFORE, *AFTER)
    assert meters.slots == {0: 0.1, 30: 0.1}, "a reset without the replacement"

    meters.apply(mounted())

    assert meters.slots == COUNTED
    assert meters.is_verified


#: A closes at 17077.4 and B, of factor 0.5, opens at 0.05, both at 12:20.
SIX_MESSAGES = [
    sent(0, "17077.2"),
    sent(15, "17077.35"),
    sent(7, "17077.25"),
    sent(30, "0.25"),
    sent(45, "0.45", meter="B"),
    mounted(multiplier="0.5"),
]


@pytest.mark.timeout(0)  # 1,956 steps take long on a busy machine
def test_six_messages_around_a_replacement_give_the_same_hours_in_all_720_orders():
    device_id = uuid4()
    results = Counter(results_of_all_orders(device_id, SIX_MESSAGES))

    ((hours, spans, alerts),) = results
    assert results.total() == 720
    assert hours == ((NOON, (4, 150_000, 150_000, 100_000, None)),)
    assert spans == ()
    assert alerts == ((NOON, 400_000, None),)


def results_of_all_orders(device_id: UUID, steps: Sequence[object]) -> Iterator[tuple[tuple, ...]]:
    """Yield what is stored after each order of the steps; orders share the steps they begin with.

    Every step is rolled back after the orders that begin with it.
    """
    if not steps:
        yield (
            tuple(sorted(stored_hours(device_id).items())),
            tuple(sorted(stored_spans(device_id))),
            tuple(Alert.objects.values_list("start", "energy_milliwh", "withdrawn_at")),
        )
    for position, step in enumerate(steps):
        with transaction.atomic():
            if isinstance(step, Sent):
                assert store(DeviceCache(), device_id, [step]) == []
            else:
                fields = {"reading_kind": "cumulative", "max_consumption": 0.3}
                data = device_data(device_id, meters=step, **fields)
                device_apply(data=data, version=1, occurred_at=NOON)
            yield from results_of_all_orders(device_id, [*steps[:position], *steps[position + 1 :]])
            transaction.set_rollback(True)


def test_a_late_register_of_the_old_meter_counts_for_the_old_one():
    meters = Meters()
    meters.apply(mounted())
    meters.send(BEFORE[0], *AFTER)
    before = meters.slots

    meters.send(sent(10, "17077.35"))

    assert total(meters.id) == 400_000
    assert meters.slots != before
    assert meters.slots[0] == pytest.approx(0.175)
    assert meters.is_verified


def test_a_reading_that_names_its_meter_counts_for_it_alone():
    meters = Meters()
    meters.apply(mounted())
    meters.send(*BEFORE, *AFTER)

    # The clock of the old meter is late, that of the new one early.
    assert meters.send(sent(40, "17077.39", "A"), sent(10, "0.06", "B")) == []

    assert meters.slots == COUNTED
    assert meters.is_verified


def test_the_instant_of_the_replacement_belongs_to_the_meter_before_unless_the_reading_names_one():
    meters = Meters()
    meters.apply(mounted(closing=None, opening=None))
    meters.send(*BEFORE, sent(20, "17077.38"), *AFTER)
    assert total(meters.id) == 280_000

    assert meters.send(sent(20, "0.06", "B", revision=1)) == []

    # Nothing is known of A after 12:15 now, and B counts from 0.06 on.
    assert total(meters.id) == 100_000 + 190_000
    assert meters.is_verified


@pytest.mark.parametrize("order", [1, -1])
def test_readings_that_name_a_meter_count_when_its_replacement_becomes_known(order):
    meters = Meters()
    named = [sent(30, "0.15", "B"), sent(45, "0.25", "B")][::order]
    meters.send(*BEFORE, *named)
    assert meters.slots == {0: 0.1}, "kept, and not counted as registers of A"
    assert Reading.objects.filter(device_key=_device(meters.id).key).count() == 4

    meters.apply(mounted())

    assert meters.slots == COUNTED
    assert meters.is_verified


def test_readings_of_an_unregistered_device_that_name_a_meter_count_once_it_is_registered():
    device_id, cache = uuid4(), DeviceCache()
    store(cache, device_id, [*BEFORE, sent(30, "0.15", "B"), sent(45, "0.25", "B")])

    data = device_data(device_id, reading_kind="cumulative", meters=mounted())
    device_apply(data=data, version=1, occurred_at=NOON)

    assert total(device_id) == 400_000


def test_a_second_value_of_another_meter_at_the_same_revision_is_a_conflict():
    meters = Meters()
    meters.apply(mounted())

    assert meters.send(sent(0, "1", "A")) == []
    assert meters.send(sent(0, "1", "B")) == ["conflict"]
    assert meters.send(sent(0, "1")) == [], "a duplicate that names no meter"
    assert meters.send(sent(0, "1", "B", revision=1)) == []
    assert list(Reading.objects.values_list("meter_key", flat=True)) == [
        Meter.objects.get(serial_number="B").key
    ]


def test_undoing_a_replacement_derives_the_hours_again():
    meters = Meters()
    meters.send(*BEFORE, *AFTER)
    before = meters.slots
    meters.apply(mounted())
    assert meters.slots == COUNTED

    meters.apply(FIRST)

    assert meters.slots == before
    assert meters.is_verified


def test_energy_before_the_replacement_is_missing_without_a_closing_register():
    meters = Meters()
    meters.send(*BEFORE, *AFTER)

    meters.apply(mounted(closing=None))

    assert meters.slots == {0: 0.1, 15: 0.1, 30: 0.1}
    assert meters.is_verified


def test_each_meter_has_its_own_factor_and_a_changed_one_derives_the_hours_again():
    meters = Meters()
    meters.send(*BEFORE, *AFTER)

    meters.apply(mounted(multiplier="40"))
    assert meters.slots == {0: 0.1, 15: 4.1, 30: 4}

    meters.apply(mounted(multiplier="0.333333"))
    assert total(meters.id) == 200_000 + 66_666
    assert meters.is_verified


def test_a_replacement_opens_and_withdraws_alerts():
    meters = Meters(max_consumption=0.35)
    meters.send(*BEFORE, *AFTER)
    assert not Alert.objects.exists()

    meters.apply(mounted())
    assert [alert.withdrawn_at for alert in Alert.objects.all()] == [None]

    meters.apply(FIRST)
    assert [alert.withdrawn_at is None for alert in Alert.objects.all()] == [False]


def test_a_new_meter_with_fewer_digits_rejects_no_late_register_of_the_old_one():
    meters = Meters(register_digits=3)
    old, new = mounted(register_digits=3)
    old = MountedMeter(**{**_fields(old), "register_digits": 6})
    meters.apply((old, new))

    assert meters.send(*BEFORE) == []
    assert total(meters.id) == 200_000


def test_a_channel_that_wraps_at_a_value_counts_on_when_the_value_becomes_known():
    meters = Meters()
    meters.send(sent(0, "838.8576"), sent(5, "0.0121"), sent(10, "0.0253"))
    assert total(meters.id) == 13_200

    wraps = Channel(code="main", reading_kind="cumulative", register_wraps_at=Decimal("838.8608"))
    meters.apply(FIRST, channels=(wraps,))

    assert total(meters.id) == 28_500
    assert meters.send(sent(20, "838.8608")) == ["implausible"]
    assert meters.is_verified


def _device(device_id: UUID) -> Device:
    return Device.objects.get(device_id=device_id)


def _fields(meter: MountedMeter) -> dict[str, object]:
    return {name: getattr(meter, name) for name in meter.__struct_fields__}


def test_a_reading_without_the_name_of_a_meter_takes_no_room_for_it():
    meters = Meters()
    meters.send(*BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT pg_column_size(reading.*) FROM reading")
        assert cursor.fetchall() == [(48,)]
