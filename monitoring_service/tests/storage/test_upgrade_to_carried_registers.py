"""The upgrade to carried registers: registers that were kept of closed months become such."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from monitoring.aggregates.verify import hours_that_differ
from monitoring.models import CarriedRegister, Device, Reading, Span
from monitoring.storage.partitions import partition_ensure, partition_name, partitions_note

from ..conftest import NOON
from ..registers.stored import Sent, make_meter, store, total

pytestmark = pytest.mark.django_db

MARCH, APRIL, MAY = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4, 5))
HOUR = timedelta(hours=1)


def test_kept_registers_and_counted_spans_become_carried_registers_and_nothing_counts_twice(cache):
    migration = import_module("monitoring.migrations.0021_carried_registers")
    meter = make_meter({})
    for month in (MARCH, APRIL, MAY):
        partition_ensure(month)
    partitions_note(NOON)
    store(cache, meter.id, [Sent(APRIL - 2 * HOUR, 0), Sent(MAY + 2 * HOUR, 60_000_000)])
    key = Device.objects.get(device_id=meter.id).key
    Span.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(migration.RESTORE)
        # As a former release left it: gaps of 10 kWh into April, which is closed, and of 30 kWh
        # out of it. The last register of April, 30 kWh, was kept.
        cursor.execute(f"DROP TABLE {partition_name(APRIL)}")
        cursor.execute("UPDATE reading_month SET closed_at = now() WHERE month = %s", [APRIL])
        cursor.execute(
            "INSERT INTO reading_default (device_key, started_at, value_milliwh, revision) "
            "VALUES (%s, %s, 30000000, 0)",
            [key, MAY - HOUR],
        )
        cursor.execute(
            "INSERT INTO register_month (device_key, month) VALUES (%s, %s)", [key, APRIL]
        )
        cursor.execute(
            "INSERT INTO counted_span VALUES (%s, %s, %s)", [key, APRIL - 2 * HOUR, APRIL]
        )
        cursor.execute(
            "INSERT INTO span (device_key, begins_at, ends_at, energy_milliwh) VALUES "
            "(%(key)s, %(before)s, %(within)s, 10000000), (%(key)s, %(last)s, %(after)s, 30000000)",
            {
                "key": key,
                "before": APRIL - HOUR,
                "within": APRIL + HOUR,
                "last": MAY - HOUR,
                "after": MAY + 2 * HOUR,
            },
        )
        cursor.execute(migration.CARRY_KEPT)
        cursor.execute(migration.CARRY_COUNTED)

    carried = CarriedRegister.objects.order_by("at").values_list("at", "value_milliwh")
    assert list(carried) == [(APRIL, 5_000_000), (MAY, 30_000_000)]
    assert Reading.objects.filter(started_at__lt=MAY).count() == 1
    call_command("rebuild_aggregates", stdout=StringIO())
    assert total(meter.id) == 40_000_000
    assert hours_that_differ() == []
