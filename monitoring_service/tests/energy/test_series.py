"""Series, figures and files of a period; days and months are those of the local calendar."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from monitoring.calendar import clock
from monitoring.ingest.pipeline import store_messages
from monitoring.models import Device, Hour
from monitoring.readings.export import decimal_kwh
from monitoring.sync.services import assignment_apply, device_apply

from ..conftest import NOON, at, device_data

pytestmark = pytest.mark.django_db


def store(cache, device_id, *pairs: tuple[int, float]) -> None:
    readings = [
        {"device_id": str(device_id), "timestamp": at(minutes), "measurement_value": kwh}
        for minutes, kwh in pairs
    ]
    store_messages([json.dumps(readings).encode()], cache)


def owned(user, **changes: object):
    device_id = uuid4()
    device_apply(data=device_data(device_id, **changes), version=1, occurred_at=NOON)
    assignment_apply(device_id=device_id, user_id=user.id, active=True, version=1)
    return device_id


def fill_hours(device_id, begin: datetime, hours: int, milliwh: int = 1_000) -> None:
    key = Device.objects.get(device_id=device_id).key
    Hour.objects.bulk_create(
        Hour(
            device_key=key,
            start=begin + timedelta(hours=hour),
            energy_milliwh=milliwh,
            reading_count=6,
        )
        for hour in range(hours)
    )


def series(client, device_id, start: str, end: str, resolution: str, **query: str):
    return client.get(
        "/api/monitoring/series/",
        {
            "device_id": str(device_id),
            "start": start,
            "end": end,
            "resolution": resolution,
            **query,
        },
    )


def stats(client, device_id, start: str, end: str):
    query = {"device_id": str(device_id), "start": start, "end": end}
    return client.get("/api/monitoring/stats/", query)


def test_hours_are_listed_with_gaps_as_null(api, alice, meter, cache):
    store(cache, meter, (0, 0.1), (10, 0.2), (120, 0.4))

    answer = series(api(alice), meter, at(0), at(180), "hour").json()

    assert answer["resolution"] == "hour"
    assert answer["timezone"] == "UTC"
    assert answer["points"] == [
        {
            "start": "2026-03-10T12:00:00Z",
            "total_consumption": 0.3,
            "estimated": 0,
            "measurement_count": 2,
            "hours_with_data": 1,
            "hours_expected": 1,
            "quality": {"measured": 1, "estimated": 0, "missing": 3},
        },
        {
            "start": "2026-03-10T13:00:00Z",
            "total_consumption": None,
            "estimated": None,
            "measurement_count": 0,
            "hours_with_data": 0,
            "hours_expected": 1,
            "quality": {"measured": 0, "estimated": 0, "missing": 4},
        },
        {
            "start": "2026-03-10T14:00:00Z",
            "total_consumption": 0.4,
            "estimated": 0,
            "measurement_count": 1,
            "hours_with_data": 1,
            "hours_expected": 1,
            "quality": {"measured": 1, "estimated": 0, "missing": 3},
        },
    ]


def test_days_are_local_days_of_23_24_and_25_hours(api, alice):
    device_id = owned(alice, timezone="Europe/Amsterdam")
    fill_hours(device_id, datetime(2024, 3, 29, 23, tzinfo=UTC), 24 * 3)
    client = api(alice)

    spring = series(
        client, device_id, "2024-03-30T00:00:00+01:00", "2024-04-02T00:00:00+02:00", "day"
    ).json()["points"]
    autumn = series(
        client, device_id, "2024-10-26T00:00:00+02:00", "2024-10-29T00:00:00+01:00", "day"
    ).json()["points"]

    assert [point["start"] for point in spring] == [
        "2024-03-29T23:00:00Z",
        "2024-03-30T23:00:00Z",
        "2024-03-31T22:00:00Z",
    ]
    assert [point["hours_expected"] for point in spring] == [24, 23, 24]
    assert [point["total_consumption"] for point in spring] == [0.024, 0.023, 0.024]
    assert [point["hours_expected"] for point in autumn] == [24, 25, 24]
    assert [point["total_consumption"] for point in autumn] == [None] * 3


def test_months_are_local_months_and_the_ends_are_cut_by_the_period(api, alice):
    device_id = owned(alice, timezone="Asia/Kolkata")
    # Hours in India begin at half past, in UTC.
    fill_hours(device_id, datetime(2026, 1, 31, 12, 30, tzinfo=UTC), 48)

    points = series(
        api(alice), device_id, "2026-01-31T20:00:00+05:30", "2026-03-01T00:00:00+05:30", "month"
    ).json()["points"]

    assert [(point["start"], point["hours_expected"]) for point in points] == [
        ("2026-01-31T14:30:00Z", 4),
        ("2026-01-31T18:30:00Z", 28 * 24),
    ]
    assert [point["hours_with_data"] for point in points] == [4, 42]


def test_days_can_be_cut_by_another_zone(api, alice, meter, cache):
    store(cache, meter, (-9 * 60, 0.1), (0, 0.2))

    answer = series(
        api(alice),
        meter,
        "2026-03-09T05:00:00Z",
        "2026-03-11T04:00:00Z",
        "day",
        timezone="America/New_York",
    ).json()

    assert answer["timezone"] == "America/New_York"
    assert [point["total_consumption"] for point in answer["points"]] == [0.1, 0.2]


def test_a_series_sums_its_hours_exactly_at_each_resolution(api, alice, meter, cache):
    store(cache, meter, *[(minute, 0.1) for minute in range(-3000, 3000, 50)])
    client, period = api(alice), (at(-6000), at(6000))

    totals = [
        sum(
            round(point["total_consumption"] * 1_000_000)
            for point in series(client, meter, *period, resolution).json()["points"]
            if point["total_consumption"] is not None
        )
        for resolution in ("hour", "day", "month")
    ]

    assert totals == [12_000_000] * 3
    assert stats(client, meter, *period).json()["total_consumption"] == 12


def test_a_series_has_at_most_two_thousand_points(api, alice, meter):
    client = api(alice)
    most = (NOON + timedelta(hours=2_000)).isoformat()
    more = (NOON + timedelta(hours=2_001)).isoformat()

    assert len(series(client, meter, at(0), most, "hour").json()["points"]) == 2_000
    assert list(series(client, meter, at(0), more, "hour").json()["errors"]) == ["end"]
    assert series(client, meter, "1990-01-01T00:00:00Z", at(0), "day").status_code == 400
    assert series(client, meter, "1990-01-01T00:00:00Z", at(0), "month").status_code == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"resolution": "minute"}, "resolution"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"end": "9999-12-31T23:59:59-12:00"}, "end"),
        ({"start": "0001-01-01T00:00:00Z"}, "start"),
    ],
)
def test_a_wrong_series_names_the_field(query, field, api, alice, meter):
    valid = {"device_id": str(meter), "start": at(0), "end": at(60), "resolution": "hour"}

    answer = api(alice).get("/api/monitoring/series/", {**valid, **query})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_figures_of_a_period_are_its_total_average_peak_lowest_and_coverage(
    api, alice, meter, cache
):
    store(cache, meter, (0, 0.1), (10, 0.2), (60, 0.6), (180, 0.3))

    assert stats(api(alice), meter, at(0), at(240)).json() == {
        "device_id": str(meter),
        "channel": "main",
        "quantity": "electricity",
        "unit": "kWh",
        "start": "2026-03-10T12:00:00Z",
        "end": "2026-03-10T16:00:00Z",
        "total_consumption": 1.2,
        "average_hourly_consumption": 0.4,
        "peak_hour": {"start": "2026-03-10T13:00:00Z", "total_consumption": 0.6},
        "lowest_hour": {"start": "2026-03-10T12:00:00Z", "total_consumption": 0.3},
        "peak_quarter": {
            "start": "2026-03-10T13:00:00Z",
            "total_consumption": 0.6,
            "power_kw": 2.4,
        },
        "load_factor": 0.666667,
        "hours_with_data": 3,
        "hours_expected": 4,
        "estimated": 0,
        "quality": {"measured": 3, "estimated": 0, "missing": 13},
    }


def test_a_period_without_readings_has_no_figures(api, alice, meter):
    figures = stats(api(alice), meter, at(0), at(240)).json()

    assert figures["hours_expected"] == 4
    assert figures["hours_with_data"] == 0
    for name in ("total_consumption", "average_hourly_consumption", "peak_hour", "load_factor"):
        assert figures[name] is None


def test_a_gap_is_divided_over_its_hours_as_estimated_energy_and_is_no_peak(api, alice, cache):
    device_id = owned(alice, reading_kind="cumulative")
    store(cache, device_id, (0, 100), (30, 100.2), (60, 100.5), (310, 105.5))
    client = api(alice)

    day = client.get(
        "/api/monitoring/hourly/daily/",
        {"device_id": str(device_id), "date": NOON.date().isoformat()},
    ).json()
    hours = series(client, device_id, at(0), at(360), "hour").json()["points"]
    (whole,) = series(client, device_id, at(0), at(360), "day").json()["points"]
    figures = stats(client, device_id, at(0), at(360)).json()

    assert sum(hour["total_consumption"] for hour in hours) == 5.5
    assert [hour["estimated"] for hour in hours] == [0, 1.2, 1.2, 1.2, 1.2, 0.2]
    assert day["peak_hour"]["total_consumption"] == 0.5
    assert day["total_daily_consumption"] == whole["total_consumption"] == 5.5
    assert (whole["hours_with_data"], whole["estimated"]) == (6, 0)
    assert figures["peak_hour"]["total_consumption"] == 0.5
    assert figures["average_hourly_consumption"] == 0.5


@hypothesis_settings(deadline=None)  # listing hours is slow
@given(
    st.sampled_from(["UTC", "Europe/Amsterdam", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    st.datetimes(datetime(2023, 1, 1), datetime(2024, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.timedeltas(timedelta(0), timedelta(days=90)),
)
def test_the_count_of_hours_equals_the_number_of_listed_hours(name, begin, span):
    tz = clock.zone(name)

    listed = sum(1 for _ in clock.clock_hours(tz, begin, begin + span))

    assert clock.count_hours(tz, begin, begin + span) == listed


def csv_of(client, device_id, start: str, end: str):
    query = {"device_id": str(device_id), "start": start, "end": end, "format": "csv"}
    return client.get("/api/monitoring/data/", query)


def test_raw_readings_are_sent_as_a_csv_file(api, alice, meter, cache):
    store(cache, meter, (0, 0.000001), (10, 12.5), (20, 3), (30, 9))

    answer = csv_of(api(alice), meter, at(0), at(30))

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == (
        f'attachment; filename="readings_{meter}_20260310T120000Z_20260310T123000Z.csv"'
    )
    assert answer.getvalue().decode().splitlines() == [
        "timestamp,measurement_value,revision,channel,unit",
        "2026-03-10T12:00:00Z,0.000001,0,main,kWh",
        "2026-03-10T12:10:00Z,12.5,0,main,kWh",
        "2026-03-10T12:20:00Z,3,0,main,kWh",
    ]


def test_a_file_of_another_users_device_is_not_found(api, bob, meter):
    answer = csv_of(api(bob), meter, at(0), at(30))

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_a_fourth_file_at_once_is_rejected_until_another_one_is_complete(api, alice, meter):
    client = api(alice)
    sending = [csv_of(client, meter, at(0), at(30)) for _ in range(3)]

    rejected = csv_of(client, meter, at(0), at(30))
    for answer in sending:
        answer.getvalue()

    assert rejected.status_code == 503
    assert csv_of(client, meter, at(0), at(30)).getvalue().startswith(b"timestamp")


def resident_bytes() -> int:
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def test_a_million_readings_are_sent_with_the_memory_of_a_few(api, alice, meter):
    key = Device.objects.get(device_id=meter).key
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reading (device_key, started_at, value_milliwh, revision) "
            "SELECT %s, %s::timestamptz + n * interval '1 second', n, 0 "
            "FROM generate_series(0, 999999) AS n",
            [key, NOON],
        )
    answer = csv_of(api(alice), meter, at(0), (NOON + timedelta(days=400)).isoformat())

    before, highest, lines, last = resident_bytes(), 0, 0, b""
    for piece in answer.streaming_content:
        lines += piece.count(b"\n")
        last = piece
        highest = max(highest, resident_bytes())

    assert lines == 1_000_001
    assert last.endswith(b",0.999999,0,main,kWh\r\n")
    # The file has 46 MB; ten thousand rows and their text take a few.
    assert highest - before < 20_000_000


def test_energies_are_written_in_plain_decimals():
    assert [decimal_kwh(energy) for energy in (0, 1, 1_500_000, 10**15, 100_000)] == [
        "0",
        "0.000001",
        "1.5",
        "1000000000",
        "0.1",
    ]


ROUTES = [
    "/api/monitoring/series/?start=2026-03-10T00:00:00Z&end=2026-03-11T00:00:00Z"
    "&resolution=hour&device_id={}",
    "/api/monitoring/stats/?start=2026-03-10T00:00:00Z&end=2026-03-11T00:00:00Z&device_id={}",
]


@pytest.mark.parametrize("route", ROUTES)
def test_bob_gets_the_same_answer_for_alices_meter_as_for_none(route, api, bob, meter):
    theirs, none = api(bob).get(route.format(meter)), api(bob).get(route.format(uuid4()))

    assert theirs.status_code == none.status_code == 404
    assert api().get(route.format(meter)).status_code == 401
