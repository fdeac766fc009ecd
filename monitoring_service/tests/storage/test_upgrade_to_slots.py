"""The upgrade to slots: hours of the former layout are derived again while readings arrive."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from monitoring.aggregates.verify import hours_that_differ
from monitoring.calendar.clock import INSTANT
from monitoring.management.commands import derive_outdated_hours
from monitoring.models import Device, Hour, Span
from monitoring.sync.services import device_apply

from ..conftest import NOON, device_data
from ..ingest.batches import message, send
from ..stored import slots, spans

HOUR = timedelta(hours=1)

FORMER_LAYOUT = """
DROP TABLE hour;
CREATE TABLE hour (
    start timestamptz NOT NULL, energy_milliwh bigint NOT NULL, device_key integer NOT NULL,
    reading_count integer NOT NULL, covers_hours integer NOT NULL DEFAULT 1,
    CONSTRAINT hour_pkey PRIMARY KEY (device_key, start)
) WITH (fillfactor = 80)
"""


def meters(cache, number: int) -> list[UUID]:
    """Return meters with readings whose hours are as the upgrade leaves them."""
    ids = [uuid4() for _ in range(number)]
    for device_id in ids:
        device_apply(data=device_data(device_id), version=1, occurred_at=NOON)
        send(cache, message(device_id, 0, 0.1), message(device_id, 20, 0.2))
    Hour.objects.update(quarter_0=None, quarter_1=None, quarter_2=None, quarter_3=None)
    Device.objects.update(rules_version=1)
    return ids


@pytest.mark.django_db
def test_hours_keep_their_energy_and_the_energy_of_a_gap_becomes_a_span():
    with connection.cursor() as cursor:
        cursor.execute(FORMER_LAYOUT)
        cursor.execute(
            "INSERT INTO hour VALUES (%s, 200000, 7, 6, 1), (%s, 5000000, 7, 2, 4)",
            [NOON, NOON + 5 * HOUR],
        )
        cursor.execute(import_module("monitoring.migrations.0020_slots").LAY_OUT)

    hours = [(hour.start, hour.energy_milliwh, hour.reading_count) for hour in Hour.objects.all()]
    assert sorted(hours) == [(NOON, 200_000, 6), (NOON + 5 * HOUR, None, 2)]
    assert all(hour.quarters == (None,) * 4 for hour in Hour.objects.all())
    (span,) = Span.objects.all()
    assert (span.begins_at, span.ends_at) == (NOON + 2 * HOUR, NOON + 6 * HOUR - INSTANT)
    assert span.energy_milliwh == 5_000_000


@pytest.mark.django_db
def test_an_interrupted_derivation_continues_and_readings_that_arrive_meanwhile_count(
    cache, monkeypatch
):
    ids = meters(cache, 3)
    rebuild, rebuilt = derive_outdated_hours.device_hours_rebuild, []

    def interrupted(device: Device) -> None:
        if rebuilt:
            raise KeyboardInterrupt
        rebuilt.append(device)
        rebuild(device)

    with monkeypatch.context() as patch:
        patch.setattr(derive_outdated_hours, "device_hours_rebuild", interrupted)
        with pytest.raises(KeyboardInterrupt):
            call_command("derive_outdated_hours", stdout=StringIO())
    for device_id in ids:
        send(cache, message(device_id, 50, 0.4))
    out = StringIO()
    call_command("derive_outdated_hours", stdout=out)

    assert "hours of 2 devices derived again" in out.getvalue()
    for device_id in ids:
        assert sorted(slots(device_id).values()) == [100_000, 200_000, 400_000]
    assert hours_that_differ() == []
    assert not Device.objects.exclude(rules_version=2).exists()


@pytest.mark.django_db
def test_a_span_of_the_former_layout_is_replaced_by_that_of_the_registers(cache):
    meter = uuid4()
    data = device_data(meter, reading_kind="cumulative")
    device_apply(data=data, version=1, occurred_at=NOON)
    send(cache, message(meter, 5, 10.0), message(meter, 310, 15.0))
    Span.objects.update(begins_at=NOON + 2 * HOUR, ends_at=NOON + 6 * HOUR - INSTANT)
    Device.objects.update(rules_version=1)

    call_command("derive_outdated_hours", stdout=StringIO())

    minute = timedelta(minutes=1)
    assert spans(meter) == [(NOON + 5 * minute, NOON + 310 * minute, 5_000_000)]
    assert hours_that_differ() == []
