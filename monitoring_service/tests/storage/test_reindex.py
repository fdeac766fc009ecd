"""The reindex of a month that is over: once, also after an interrupted attempt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection

from monitoring.storage.partitions import partition_ensure, partitions_note
from monitoring.storage.reindex import month_reindex, months_to_reindex

pytestmark = pytest.mark.django_db(transaction=True)

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
DEVICES, INTERVALS = 100, 500


def execute(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def march() -> Iterator[None]:
    """Fill a month with readings in the order of time, of all devices at each instant."""
    partition_ensure(MARCH)
    partitions_note(MARCH)
    execute(
        "INSERT INTO reading SELECT '2026-03-01Z'::timestamptz + slot * interval '10 minutes',"
        " 1, device, 0 FROM generate_series(1, %s) AS slot, generate_series(1, %s) AS device"
        " ORDER BY slot, device",
        INTERVALS,
        DEVICES,
    )
    yield
    execute("DROP TABLE reading_2026_03")
    execute("DELETE FROM reading_month WHERE month = %s", MARCH)


def index_bytes_a_reading() -> float:
    ((size,),) = execute("SELECT pg_indexes_size('reading_2026_03')")
    return size / (DEVICES * INTERVALS)


def test_a_reindexed_month_is_smaller_and_keeps_its_readings(march):
    content = "SELECT md5(string_agg(r::text, ',' ORDER BY r)) FROM reading r"
    before = execute(content)
    assert index_bytes_a_reading() > 38

    month_reindex(MARCH)

    assert index_bytes_a_reading() < 33
    assert execute(content) == before
    # The rebuilt index still rejects a second reading of the same device and instant.
    again = "INSERT INTO reading SELECT * FROM reading LIMIT 5 ON CONFLICT DO NOTHING RETURNING 1"
    assert execute(again) == []


def test_a_month_is_reindexed_once_a_day_after_its_end_and_its_creation(march):
    over = datetime(2026, 4, 2, tzinfo=UTC)
    assert months_to_reindex(over - timedelta(seconds=1)) == []
    assert months_to_reindex(over) == [MARCH]
    execute("UPDATE reading_month SET made_at = %s", over)
    assert months_to_reindex(over) == []

    execute("UPDATE reading_month SET made_at = %s", MARCH)
    call_command("run_maintenance", "--once")

    assert months_to_reindex(over) == []


def test_an_invalid_index_of_an_interrupted_attempt_is_removed(march):
    with pytest.raises(IntegrityError):
        execute("CREATE UNIQUE INDEX CONCURRENTLY left_over ON reading_2026_03 (value_milliwh)")
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    assert execute(invalid) == [("left_over",)]

    month_reindex(MARCH)

    assert execute(invalid) == []
