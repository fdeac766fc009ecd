"""Maintenance, verification and rebuild while two ingest processes store readings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.db.models import Sum

from monitoring.aggregates.rebuild import device_hours_rebuild
from monitoring.aggregates.retention import month_close
from monitoring.aggregates.verify import hours_that_differ
from monitoring.models import Device, Hour, Reading
from monitoring.storage.partitions import partition_ensure, partitions_note
from monitoring.sync.services import device_apply

from ..conftest import NOON, device_data
from .consumers import Consumers, Queue, queue

pytestmark = [
    pytest.mark.usefixtures("committed"),
    # Threads of other tests may be left; the child does not touch what they hold.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]

MARCH = NOON.replace(day=1, hour=0)
READINGS = 400


@pytest.fixture
def full_queue() -> Iterator[Queue]:
    with queue() as queue_of_test:
        yield queue_of_test


@pytest.fixture(params=["interval", "cumulative"])
def meter(request) -> UUID:
    device_id = uuid4()
    with transaction.atomic():
        data = device_data(device_id, reading_kind=request.param)
        device_apply(data=data, version=1, occurred_at=NOON)
    return device_id


def publish(full_queue: Queue, meter: UUID) -> None:
    """Publish readings of ten days, each a watt-hour more than the one before."""
    full_queue.publish(
        [
            json.dumps(
                {
                    "device_id": str(meter),
                    "timestamp": (NOON + timedelta(minutes=36 * number)).isoformat(),
                    "measurement_value": number / 1_000,
                }
            ).encode()
            for number in range(READINGS)
        ]
    )


def sums(meter: UUID) -> tuple[int, int]:
    """Return (milliwatt-hours, readings) of all hours."""
    key = Device.objects.get(device_id=meter).key
    totals = Hour.objects.filter(device_key=key).aggregate(
        energy=Sum("energy_milliwh", default=0), readings=Sum("reading_count", default=0)
    )
    return totals["energy"], totals["readings"]


def test_hours_are_verified_and_rebuilt_and_partitions_made_while_readings_arrive(
    full_queue, meter
):
    seen: list[int] = []

    def meanwhile() -> None:
        device = Device.objects.get(device_id=meter)
        while not seen or seen[-1] < READINGS:
            assert hours_that_differ([device]) == []
            device_hours_rebuild(device)
            partition_ensure(MARCH)
            seen.append(Reading.objects.filter(device_key=device.key).count())

    publish(full_queue, meter)
    Consumers(full_queue, batch=5).empty_queue([], meanwhile)

    assert hours_that_differ() == []
    energy, readings = sums(meter)
    cumulative = Device.objects.get(device_id=meter).reading_kind == "cumulative"
    numbers = [READINGS - 1] if cumulative else range(READINGS)
    assert energy == sum(numbers) * 1_000
    assert Reading.objects.count() == READINGS
    assert len(set(seen)) > 2, "nothing arrived meanwhile"
    # The first register ends no difference.
    assert readings == READINGS - cumulative


def test_each_reading_of_a_month_that_is_being_closed_is_counted_or_rejected(full_queue, meter):
    partition_ensure(MARCH)
    partitions_note(NOON)

    def meanwhile() -> None:
        while Reading.objects.count() < 20:
            pass
        month_close(MARCH)

    publish(full_queue, meter)
    Consumers(full_queue, batch=5).empty_queue([], meanwhile)

    rejected = full_queue.take_dead_letters()
    _, counted = sums(meter)
    cumulative = Device.objects.get(device_id=meter).reading_kind == "cumulative"
    # The first register ends no difference.
    assert counted + rejected["too_old"] == READINGS - cumulative
    assert not Reading.objects.exists()
    assert set(rejected) <= {"too_old"}
    assert hours_that_differ() == []
