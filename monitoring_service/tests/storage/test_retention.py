"""Retention and the ledger's days; verification and rebuild of hours after a month is closed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from monitoring.aggregates.retention import month_close, months_due
from monitoring.aggregates.verify import hours_that_differ
from monitoring.calendar import clock
from monitoring.ingest.pipeline import store_messages
from monitoring.ledger.selectors import ledger_rejections, ledger_totals
from monitoring.ledger.services import ledger_compact
from monitoring.models import Device, Hour, LedgerMinute, LedgerRejection, Reading
from monitoring.storage.closed_months import ClosedMonths, closed_months
from monitoring.storage.epoch import lock_devices_shared
from monitoring.storage.partitions import partition_ensure, partition_months, partitions_note
from monitoring.sync.services import device_apply

from ..conftest import NOON, at, device_data

pytestmark = pytest.mark.django_db

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def send(cache, device_id, *pairs: tuple[str, float]) -> list[str]:
    readings = [
        {"device_id": str(device_id), "timestamp": stamp, "measurement_value": value}
        for stamp, value in pairs
    ]
    result = store_messages([json.dumps(readings).encode()], cache)
    return [str(reading.error.reason) for reading in result.tally.rejected]


def partition(*months: datetime) -> None:
    for month in months:
        partition_ensure(month)
    partitions_note(NOON)


def hours(device_id) -> dict[str, int]:
    key = Device.objects.get(device_id=device_id).key
    rows = Hour.objects.filter(device_key=key).order_by("start")
    return {hour.start.isoformat(): hour.energy_milliwh for hour in rows}


def test_closing_a_month_keeps_its_hours_and_raises_the_epoch(meter, cache):
    send(cache, meter, (at(0), 0.1), ("2026-04-02T00:00:00Z", 0.2))
    partition(MARCH, APRIL)
    before, epoch = hours(meter), lock_devices_shared()

    month_close(MARCH)

    assert hours(meter) == before
    assert [reading.started_at for reading in Reading.objects.all()] == [APRIL + timedelta(days=1)]
    assert lock_devices_shared() > epoch
    assert hours_that_differ() == []
    closed = closed_months()
    assert clock.to_us(NOON) in closed
    assert clock.to_us(APRIL) not in closed
    assert MARCH not in partition_months(NOON)


def test_hours_of_a_closed_month_survive_a_rebuild(meter, cache):
    send(cache, meter, (at(0), 0.1), ("2026-04-02T00:00:00Z", 0.2))
    partition(MARCH, APRIL)
    month_close(MARCH)
    before = hours(meter)
    Hour.objects.filter(start__gte=APRIL).update(energy_milliwh=7)

    assert [start for _, start, _, _ in hours_that_differ()] == [APRIL + timedelta(days=1)]
    call_command("rebuild_aggregates", stdout=StringIO())

    assert hours(meter) == before


def test_the_first_register_after_a_closed_month_is_compared_with_the_carried_value(cache):
    device_id = uuid4()
    device_apply(
        data=device_data(device_id, reading_kind="cumulative"), version=1, occurred_at=NOON
    )
    stamps = ["2026-03-31T23:00:00Z", "2026-03-31T23:30:00Z", "2026-04-01T00:30:00Z"]
    send(cache, device_id, *zip(stamps, [10, 11, 13], strict=True))
    partition(MARCH, APRIL)

    month_close(MARCH)
    late = "2026-04-01T00:05:00Z"
    send(cache, device_id, (late, 12.2))

    assert hours(device_id)["2026-04-01T00:00:00+00:00"] == 1_000_000
    assert hours_that_differ() == []
    call_command("rebuild_aggregates", stdout=StringIO())
    assert hours(device_id) == {
        "2026-03-31T23:00:00+00:00": 2_000_000,
        "2026-04-01T00:00:00+00:00": 1_000_000,
    }


def test_an_hour_that_is_partly_in_a_closed_month_is_not_rebuilt(cache):
    device_id = uuid4()
    device_apply(data=device_data(device_id, timezone="Asia/Kolkata"), version=1, occurred_at=NOON)
    send(cache, device_id, ("2026-03-31T23:40:00Z", 1), ("2026-04-01T00:10:00Z", 2))
    partition(MARCH, APRIL)
    month_close(MARCH)

    assert hours_that_differ() == []
    call_command("rebuild_aggregates", stdout=StringIO())

    assert hours(device_id) == {"2026-03-31T23:30:00+00:00": 3_000_000}


def test_the_retention_of_a_month_begins_at_its_end_or_when_its_partition_was_made():
    made = datetime(2026, 11, 5, tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reading_month (month, made_at) VALUES "
            "('2012-04-01+00', %s), ('2026-03-01+00', '2026-01-01+00'), ('2026-04-01+00', %s)",
            [made, made],
        )

    assert months_due(datetime(2028, 4, 30, tzinfo=UTC), 25) == []
    assert months_due(datetime(2028, 5, 1, tzinfo=UTC), 25) == [MARCH]
    assert months_due(datetime(2028, 12, 5, tzinfo=UTC), 25) == [
        datetime(2012, 4, 1, tzinfo=UTC),
        MARCH,
        APRIL,
    ]


def test_adjacent_closed_months_are_one_span():
    partition(MARCH, APRIL, datetime(2026, 6, 1, tzinfo=UTC))
    for month in (APRIL, MARCH, datetime(2026, 6, 1, tzinfo=UTC)):
        month_close(month)

    may, june, july = (clock.to_us(datetime(2026, month, 1, tzinfo=UTC)) for month in (5, 6, 7))
    assert closed_months() == ClosedMonths(((clock.to_us(MARCH), may), (june, july)))
    assert closed_months().touch(may - 1)
    assert not closed_months().touch(may)
    assert closed_months().touch(june - 1)


def test_maintenance_makes_partitions_drops_old_readings_and_can_be_repeated(
    meter, cache, settings
):
    send(cache, meter, (at(0), 0.1))
    call_command("run_maintenance", "--once")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reading_month SET made_at = month")
    settings.READINGS_RETENTION_MONTHS = 1

    for _ in range(2):
        call_command("run_maintenance", "--once")

    assert not Reading.objects.exists()
    assert hours(meter) == {NOON.isoformat(): 100_000}
    assert clock.to_us(NOON) in closed_months()


def test_old_minutes_of_the_ledger_become_days_and_the_totals_stay(meter, cache):
    send(cache, meter, (at(0), 0.1), (at(0), 0.1), ("nonsense", 1))
    for minutes in (1, 2, 60 * 24):
        then = NOON - timedelta(minutes=minutes)
        LedgerMinute.objects.create(
            minute=then, shard=3, received=3, stored=2, corrected=0, duplicates=0, rejected=1
        )
        LedgerRejection.objects.create(minute=then, shard=3, reason="not_json", rejected=1)
    totals, reasons = ledger_totals(), ledger_rejections()

    merged = [ledger_compact(NOON + timedelta(days=1)) for _ in range(2)]

    assert merged == [3, 0]
    assert ledger_totals() == totals
    assert ledger_rejections() == reasons
    assert LedgerMinute.objects.filter(shard=-1).count() == 2


def test_verification_lists_the_hours_that_differ_and_fails(meter, cache):
    send(cache, meter, (at(0), 0.1))
    Hour.objects.update(energy_milliwh=1)
    out = StringIO()

    with pytest.raises(CommandError, match="1 hours differ"):
        call_command("verify_aggregates", stdout=out)

    assert out.getvalue() == f"{meter} 2026-03-10T12:00Z hour 1 readings 100000\n"


def test_a_rebuild_can_be_limited_to_a_device_and_a_period(meter, cache):
    other = uuid4()
    for device_id in (meter, other):
        send(cache, device_id, (at(0), 0.1), (at(60), 0.2))
    Hour.objects.update(energy_milliwh=1)

    call_command(
        "rebuild_aggregates",
        f"--device={meter}",
        "--from=2026-03-10T13:00:00Z",
        "--to=2026-03-11",
        stdout=StringIO(),
    )

    assert list(hours(meter).values()) == [1, 200_000]
    assert list(hours(other).values()) == [1, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--device=4c189959-e674-4eaa-8ebb-98fd953657c5"],
        ["--from=2026-02-01", "--to=2026-01-01"],
    ],
)
def test_a_rebuild_of_an_unknown_device_or_an_empty_period_fails(wrong):
    with pytest.raises(CommandError):
        call_command("rebuild_aggregates", *wrong)
