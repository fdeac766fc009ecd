"""Readings of months without a partition, and of months whose partition was dropped."""

from __future__ import annotations

import pytest
from django.db import connection

from monitoring.aggregates.retention import month_close
from monitoring.aggregates.verify import hours_that_differ
from monitoring.calendar.clock import now
from monitoring.storage.partitions import partition_ensure, partition_months, partitions_note

from ..conftest import NOON
from ..ingest.batches import hours, message, send

pytestmark = pytest.mark.django_db


def test_a_reading_of_a_month_without_partition_is_stored_and_moves_into_it_later(meter, cache):
    send(cache, message(meter, 0, 0.1))
    march = NOON.replace(day=1, hour=0)
    assert partitions() == {"reading_default"}

    assert march in partition_months(now())
    made = [partition_ensure(month) for month in partition_months(now())]
    send(cache, message(meter, 10, 0.2), message(meter, 0, 0.1))

    assert made == [True] * 4  # this month, the next two, and the one whose reading waited
    assert partitions() == {"reading_2026_03"}
    assert hours(meter) == {NOON: (300_000, 2)}
    assert [partition_ensure(month) for month in partition_months(now())] == [False] * 3


def partitions() -> set[str]:
    """Return the partitions that hold readings."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM reading")
        return {name for (name,) in cursor.fetchall()}


def test_a_reading_of_a_month_whose_readings_were_dropped_is_rejected_not_counted_twice(
    meter, cache
):
    send(cache, message(meter, 0, 0.1))
    for month in partition_months(now()):
        partition_ensure(month)
    partitions_note(now())
    month_close(NOON.replace(day=1, hour=0))

    assert send(cache, message(meter, 0, 0.1), message(meter, 10, 0.2)) == ["too_old"] * 2
    assert hours(meter) == {NOON: (100_000, 1)}
    assert send(cache, message(meter, 60 * 24 * 40, 0.3)) == []
    assert hours_that_differ() == []
