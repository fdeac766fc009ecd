"""Long periods: series by year, their bounds in every zone, and the work that they cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from monitoring.calendar import clock
from monitoring.energy.series import RESOLUTIONS, buckets
from monitoring.models import Device

from ..conftest import NOON
from .test_series import fill_hours, owned, series, stats

pytestmark = pytest.mark.django_db

ZONES = (
    "UTC",
    "Europe/Bucharest",
    "America/Santiago",  # skips and repeats midnight
    "America/Havana",  # repeats midnight
    "Asia/Kathmandu",  # hours begin at a quarter to
    "Australia/Lord_Howe",  # its clock moves by half an hour
    "Pacific/Apia",  # had no 30 December 2011
)


def insert_hours(begin: datetime, hours: int, milliwh: int, device_id=None) -> None:
    """Insert the hours of a device, or of all devices."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO hour (device_key, start, energy_milliwh, reading_count) "
            "SELECT key, %s::timestamptz + n * interval '1 hour', %s, 1 "
            "FROM device, generate_series(0, %s) AS n WHERE %s::uuid IS NULL OR device_id = %s",
            [begin, milliwh, hours - 1, device_id, device_id],
        )
        cursor.execute("ANALYZE hour")


def expected_hours(answer) -> list[int]:
    return [point["hours_expected"] for point in answer.json()["points"]]


def test_years_are_local_years_and_the_ends_are_cut_by_the_period(api, alice):
    device_id = owned(alice, timezone="Europe/Bucharest")
    # From 22:00 on 30 December 2023 to 22:00 on 1 January 2024, by the local clock.
    fill_hours(device_id, datetime(2023, 12, 30, 20, tzinfo=UTC), 48)

    points = series(
        api(alice), device_id, "2022-12-31T00:00:00+02:00", "2024-02-01T00:00:00+02:00", "year"
    ).json()["points"]

    assert [(point["start"], point["hours_expected"]) for point in points] == [
        ("2022-12-30T22:00:00Z", 24),
        ("2022-12-31T22:00:00Z", 8760),
        ("2023-12-31T22:00:00Z", 31 * 24),
    ]
    assert [point["hours_with_data"] for point in points] == [0, 26, 22]
    assert [point["total_consumption"] for point in points] == [None, 0.026, 0.022]


def test_a_leap_year_has_a_day_more(api, alice):
    device_id = owned(alice, timezone="Europe/Bucharest")
    period = ("2023-01-01T00:00:00+02:00", "2026-01-01T00:00:00+02:00")

    years = series(api(alice), device_id, *period, "year")
    months = series(api(alice), device_id, *period, "month")

    assert expected_hours(years) == [8760, 8784, 8760]
    assert [hours // 24 for hours in expected_hours(months)][:15] == [
        *[31, 28, 30, 30, 31, 30, 31, 31, 30, 31, 30, 31],
        *[31, 29, 30],
    ]


@pytest.mark.parametrize(
    ("zone", "start", "end", "hours"),
    [
        ("America/Santiago", "2024-09-07T04:00:00Z", "2024-09-10T03:00:00Z", [24, 23, 24]),
        ("America/Santiago", "2024-04-06T03:00:00Z", "2024-04-08T04:00:00Z", [25, 24]),
        ("America/Havana", "2024-11-02T04:00:00Z", "2024-11-05T05:00:00Z", [24, 25, 24]),
        ("Pacific/Apia", "2011-12-29T10:00:00Z", "2012-01-01T10:00:00Z", [24, 24, 24]),
    ],
)
def test_days_end_where_the_local_calendar_ends_them(zone, start, end, hours, api, alice):
    device_id = owned(alice, timezone=zone)

    assert expected_hours(series(api(alice), device_id, start, end, "day")) == hours


@hypothesis_settings(deadline=None)  # the hours of four months are listed one by one
@given(
    st.sampled_from(ZONES),
    st.sampled_from(RESOLUTIONS[2:]),
    st.datetimes(datetime(2010, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.timedeltas(timedelta(hours=1), timedelta(days=1_000)),
)
def test_points_of_every_resolution_follow_each_other_from_begin_to_end(
    name, resolution, begin, length
):
    tz = clock.zone(name)

    spans = buckets(begin, begin + length, resolution, tz, tz, 2_000)

    assert spans is not None
    assert (spans[0][0], spans[-1][1]) == (begin, begin + length)
    assert all(end == start for (_, end), (start, _) in pairwise(spans))
    assert all(start < end for start, end in spans)


def test_ten_years_sum_to_the_same_energy_at_every_resolution(api, alice):
    device_id = owned(alice, timezone="America/Santiago")
    first = datetime(2016, 3, 3, 7, tzinfo=UTC)
    insert_hours(first, 90_000, 250_001, device_id)
    client, period = api(alice), ("2016-03-03T03:00:00Z", "2026-07-01T04:00:00Z")

    sums = {
        resolution: sum(
            round(point["total_consumption"] * 1_000_000)
            for point in series(client, device_id, *period, resolution).json()["points"]
            if point["total_consumption"] is not None
        )
        for resolution in ("month", "year")
    }

    assert sums == dict.fromkeys(("month", "year"), 90_000 * 250_001)
    assert stats(client, device_id, *period).json()["hours_with_data"] == 90_000


def test_a_series_reads_the_hours_of_its_device_by_the_primary_key(api, alice, meter):
    devices = [
        Device(device_id=uuid4(), timezone="UTC", registered=True, name=f"meter {n}")
        for n in range(20)
    ]
    Device.objects.bulk_create(devices)
    insert_hours(NOON, 5_000, 1)
    with CaptureQueriesContext(connection) as queries:
        answer = series(api(alice), meter, "2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z", "year")
    assert answer.status_code == 200
    (query,) = [entry["sql"] for entry in queries if "FROM hour" in entry["sql"]]

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + query)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Seq Scan on hour" not in plan
    assert "device_key = " in plan
