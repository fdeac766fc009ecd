"""Hours and days of time zones, also where the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.calendar.clock import clock_hours, day_bounds, hour_start, zone


@pytest.mark.parametrize(
    ("name", "day", "hours", "labels_twice"),
    [
        ("UTC", date(2024, 3, 31), 24, []),
        ("Europe/Amsterdam", date(2024, 3, 31), 23, []),
        ("Europe/Amsterdam", date(2024, 10, 27), 25, [2]),
        ("America/New_York", date(2024, 11, 3), 25, [1]),
        ("Asia/Kolkata", date(2024, 3, 31), 24, []),
        ("Asia/Kathmandu", date(2024, 3, 31), 24, []),
        # The clock skips midnight, and repeats the last hour of a day.
        ("America/Asuncion", date(2023, 10, 1), 23, []),
        ("America/Havana", date(2024, 11, 3), 25, [0]),
        # A whole day that the calendar skipped.
        ("Pacific/Apia", date(2011, 12, 31), 24, []),
    ],
)
def test_a_local_day_has_the_hours_its_clock_showed(name, day, hours, labels_twice):
    tz = zone(name)
    listed = list(clock_hours(tz, *day_bounds(day, tz)))
    labels = [label for _, label in listed]

    assert len(listed) == hours
    assert sorted({label for label in labels if labels.count(label) > 1}) == labels_twice
    assert all(start.astimezone(tz).date() == day for start, _ in listed)


def test_an_hour_in_india_begins_half_past_the_utc_hour():
    moment = datetime(2024, 6, 1, 12, 40, tzinfo=UTC)

    assert hour_start(moment, zone("Asia/Kolkata")) == datetime(2024, 6, 1, 12, 30, tzinfo=UTC)
    assert hour_start(moment, zone("Asia/Kathmandu")) == datetime(2024, 6, 1, 12, 15, tzinfo=UTC)
    assert hour_start(moment, zone("UTC")) == datetime(2024, 6, 1, 12, tzinfo=UTC)


ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Amsterdam",
        "America/New_York",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "America/St_Johns",
    ]
)
# The strategy takes naive bounds; the instants that it makes are aware.
INSTANTS = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001
    datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(ZONES, INSTANTS)
def test_every_instant_falls_in_one_of_the_hours_listed_around_it(name, instant):
    tz = zone(name)
    start = hour_start(instant, tz)
    listed = [
        begin
        for begin, _ in clock_hours(tz, instant - timedelta(hours=3), instant + timedelta(hours=3))
    ]

    assert start in listed
    assert start <= instant < start + timedelta(hours=1)


@given(ZONES, INSTANTS)
def test_days_follow_each_other_without_gap_or_overlap(name, instant):
    tz, day = zone(name), instant.date()

    assert day_bounds(day, tz)[1] == day_bounds(day + timedelta(days=1), tz)[0]


@pytest.mark.django_db
@given(ZONES, INSTANTS)
def test_the_database_and_the_clock_module_begin_hours_at_the_same_instants(name, instant):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT date_trunc('hour', %s::timestamptz, %s)", [instant, name])
        (start,) = cursor.fetchone()

    assert start == hour_start(instant, zone(name))
