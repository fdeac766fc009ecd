"""The routes of the energy page, for each kind of user."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from rest_framework.test import APIClient

from monitoring.energy import views
from monitoring.ingest.pipeline import store_messages
from monitoring.sync.services import assignment_apply, device_apply, device_delete

from ..conftest import NOON, at, device_data

pytestmark = pytest.mark.django_db

DAY = NOON.date().isoformat()


def store(cache, device_id, *pairs: tuple[int, float]) -> None:
    readings = [
        {"device_id": str(device_id), "timestamp": at(minutes), "measurement_value": kwh}
        for minutes, kwh in pairs
    ]
    store_messages([json.dumps(readings).encode()], cache)


def daily(client: APIClient, device_id: object, **query: str):
    return client.get(
        "/api/monitoring/hourly/daily/", {"device_id": str(device_id), "date": DAY, **query}
    )


def test_a_day_lists_its_hours_with_total_average_and_peak(api, alice, meter, cache):
    store(cache, meter, (0, 0.1), (10, 0.2), (60, 0.5), (120, 0.4))

    day = daily(api(alice), meter).json()

    assert len(day["hourly_data"]) == 24
    assert day["hourly_data"][12] == {
        "hour": 12,
        "start": "2026-03-10T12:00:00Z",
        "total_consumption": 0.3,
        "measurement_count": 2,
        "estimated": 0,
        "quality": {"measured": 1, "estimated": 0, "missing": 3},
    }
    assert day["total_daily_consumption"] == 1.2
    assert day["average_hourly_consumption"] == 0.4
    assert day["peak_hour"] == {
        "hour": 13,
        "start": "2026-03-10T13:00:00Z",
        "total_consumption": 0.5,
    }
    assert day["hours_with_data"] == 3
    assert day["timezone"] == "UTC"


def test_an_hour_without_readings_is_null_not_zero(api, alice, meter, cache):
    store(cache, meter, (0, 0.0))

    hours = daily(api(alice), meter).json()["hourly_data"]

    assert hours[12]["total_consumption"] == 0
    assert hours[11]["total_consumption"] is None
    assert hours[11]["measurement_count"] == 0


def test_a_day_without_readings_has_no_figures(api, alice, meter):
    day = daily(api(alice), meter).json()

    assert day["total_daily_consumption"] is None
    assert day["average_hourly_consumption"] is None
    assert day["peak_hour"] is None
    assert day["hours_with_data"] == 0


def test_a_day_in_another_zone_has_the_hours_of_that_zone(api, alice, meter, cache):
    store(cache, meter, (0, 0.1))

    day = daily(api(alice), meter, timezone="America/New_York").json()

    assert day["hourly_data"][0]["start"] == "2026-03-10T04:00:00Z"
    assert [hour["hour"] for hour in day["hourly_data"]] == list(range(24))
    assert day["hourly_data"][8]["total_consumption"] == 0.1


def test_a_range_lists_every_hour_from_start_to_before_end(api, alice, meter, cache):
    store(cache, meter, (0, 0.1), (60, 0.2), (120, 0.4))

    answer = api(alice).get(
        "/api/monitoring/hourly/range/",
        {"device_id": str(meter), "start": at(-60), "end": at(120)},
    )

    assert [hour["total_consumption"] for hour in answer.json()["hourly_data"]] == [None, 0.1, 0.2]


def test_raw_readings_are_listed_in_pages_by_cursor(api, alice, meter, cache):
    store(cache, meter, *[(minute, 0.001 * minute) for minute in range(25)])
    client, seen, url = api(alice), [], "/api/monitoring/data/"
    query = {"device_id": str(meter), "start": at(0), "end": at(20), "page_size": 8}

    while url:
        page = client.get(url, query).json()
        seen += [reading["measurement_value"] for reading in page["results"]]
        url, query = page["next"], {}

    assert seen == [minute / 1000 for minute in range(20)]


def test_devices_are_listed_with_their_last_reading_and_their_energy_of_today(api, alice, cache):
    device_id, now = uuid4(), datetime.now(UTC)
    device_apply(
        data=device_data(device_id, name="Roof", max_consumption=5.5), version=1, occurred_at=NOON
    )
    assignment_apply(device_id=device_id, user_id=alice.id, active=True, version=1)
    stamp = now.replace(microsecond=0)
    long_ago = stamp.replace(minute=0, second=0) - timedelta(days=400)
    readings = [(long_ago + timedelta(minutes=20), 0.5), (stamp, 0.25)]
    bodies = [
        {"device_id": str(device_id), "timestamp": at.isoformat(), "measurement_value": kwh}
        for at, kwh in readings
    ]
    store_messages([json.dumps(body).encode() for body in bodies], cache)

    (device,) = api(alice).get("/api/monitoring/devices/").json()["results"]

    assert device["name"] == "Roof"
    assert device["first_hour"] == long_ago.isoformat().replace("+00:00", "Z")
    assert device["last_reading_at"] == stamp.isoformat().replace("+00:00", "Z")
    assert device["last_reading_value"] == 0.25
    assert device["today_consumption"] == 0.25
    assert device["max_consumption"] == 5.5
    assert device["silent"] is False


@pytest.mark.parametrize(
    ("before_noon", "kwh"), [(timedelta(minutes=60, seconds=1), 0.5), (timedelta(minutes=60), 0.25)]
)
def test_the_energy_of_today_begins_at_midnight_of_the_device(
    before_noon, kwh, api, alice, meter, cache, monkeypatch
):
    """In Auckland a day begins at 11:00 UTC."""
    device_apply(data=device_data(meter, timezone="Pacific/Auckland"), version=2, occurred_at=NOON)
    store(cache, meter, (-90, 0.5), (-60, 0.25))
    monkeypatch.setattr(views, "now", lambda: NOON - before_noon)

    (device,) = api(alice).get("/api/monitoring/devices/").json()["results"]

    assert device["today_consumption"] == kwh


def test_a_device_that_is_late_by_two_intervals_is_silent(api, alice, meter, cache):
    store(cache, meter, (0, 0.1))

    (device,) = api(alice).get("/api/monitoring/devices/").json()["results"]

    assert device["silent"] is True


def test_a_page_of_devices_costs_the_same_queries_for_one_as_for_many(
    api, admin, cache, django_assert_num_queries
):
    client = api(admin)
    for number in range(12):
        device_apply(
            data=device_data(uuid4(), name=f"meter {number:02}"), version=1, occurred_at=NOON
        )

    with django_assert_num_queries(7):  # user, count, page, channels, readings, today, spans
        page = client.get("/api/monitoring/devices/").json()

    assert [device["name"] for device in page["results"]] == [f"meter {n:02}" for n in range(12)]


ROUTES = [
    "/api/monitoring/hourly/daily/?date=2026-03-10&device_id={}",
    "/api/monitoring/hourly/range/?start=2026-03-10T00:00:00Z&end=2026-03-11T00:00:00Z&device_id={}",
    "/api/monitoring/data/?start=2026-03-10T00:00:00Z&end=2026-03-11T00:00:00Z&device_id={}",
]


@pytest.mark.parametrize("route", ROUTES)
def test_bob_gets_the_same_answer_for_alices_meter_as_for_none(route, api, bob, meter):
    theirs, none = api(bob).get(route.format(meter)), api(bob).get(route.format(uuid4()))

    assert theirs.status_code == none.status_code == 404
    body, other = theirs.json(), none.json()
    assert body.pop("request_id") != other.pop("request_id")
    assert body == other


@pytest.mark.parametrize(
    "route", [*ROUTES, "/api/monitoring/devices/", "/api/monitoring/ingestion/"]
)
def test_a_route_of_monitoring_without_a_token_is_rejected(route, api, meter):
    answer = api().get(route.format(meter))

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"


def test_bob_does_not_find_alices_meter_in_his_list(api, alice, bob, meter):
    assert api(alice).get("/api/monitoring/devices/").json()["count"] == 1
    assert api(bob).get("/api/monitoring/devices/").json()["count"] == 0


@pytest.mark.parametrize("end", ["unassigned", "deleted"])
def test_a_meter_is_not_found_as_soon_as_it_is_unassigned_or_deleted(end, api, alice, meter):
    if end == "deleted":
        device_delete(device_id=meter, version=2)
    else:
        assignment_apply(device_id=meter, user_id=alice.id, active=False, version=2)

    assert daily(api(alice), meter).status_code == 404
    assert api(alice).get("/api/monitoring/devices/").json()["count"] == 0


def test_an_unregistered_device_is_not_found_and_is_listed_for_operators(api, admin, cache):
    device_id = uuid4()
    store(cache, device_id, (0, 0.1))

    assert daily(api(admin), device_id).status_code == 404
    unregistered = api(admin).get("/api/monitoring/ingestion/unclaimed/").json()["results"]
    assert [device["device_id"] for device in unregistered] == [str(device_id)]


def test_the_ledger_is_shown_to_administrators_alone(api, admin, alice, meter, cache):
    store(cache, meter, (0, 0.1), (0, 0.1))

    assert api(alice).get("/api/monitoring/ingestion/").status_code == 403
    ledger = api(admin).get("/api/monitoring/ingestion/").json()
    assert ledger["totals"] == {
        "received": 2,
        "stored": 1,
        "corrected": 0,
        "duplicates": 1,
        "rejected": 0,
    }
    assert ledger["rejected_by_reason"] == {}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"device_id": "7"}, "device_id"),
        ({"date": "10.3.2026"}, "date"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
    ],
)
def test_a_wrong_query_names_the_field(query, field, api, alice, meter):
    answer = daily(api(alice), meter, **query) if "device_id" not in query else daily(api(alice), 7)

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2026-03-10T00:00:00", "2026-03-11T00:00:00Z", "start"),
        ("2026-03-11T00:00:00Z", "2026-03-10T00:00:00Z", "end"),
        ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "end"),
        ("yesterday", "2026-03-10T00:00:00Z", "start"),
    ],
)
def test_a_wrong_span_names_the_field(start, end, field, api, alice, meter):
    query = {"device_id": str(meter), "start": start, "end": end}

    answer = api(alice).get("/api/monitoring/hourly/range/", query)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_days_on_which_the_clock_changes_have_25_and_23_hours(api, alice, cache):
    device_id = uuid4()
    device_apply(
        data=device_data(device_id, timezone="Europe/Amsterdam"), version=1, occurred_at=NOON
    )
    assignment_apply(device_id=device_id, user_id=alice.id, active=True, version=1)
    midnight = datetime(2024, 10, 26, 22, tzinfo=UTC)
    readings = [
        {
            "device_id": str(device_id),
            "timestamp": (midnight + timedelta(hours=hour)).isoformat(),
            "measurement_value": hour / 100,
        }
        for hour in range(25)
    ]
    store_messages([json.dumps(readings).encode()], cache)

    long = daily(api(alice), device_id, date="2024-10-27").json()
    short = daily(api(alice), device_id, date="2024-03-31").json()

    assert [hour["hour"] for hour in long["hourly_data"]][:5] == [0, 1, 2, 2, 3]
    assert [hour["total_consumption"] for hour in long["hourly_data"]] == [
        hour / 100 for hour in range(25)
    ]
    assert len(short["hourly_data"]) == 23


BOILER, CELLAR, ROOF = (UUID(int=number, version=4) for number in (1, 2, 3))


@pytest.fixture
def three_meters(alice):
    """Register two meters in the house and a cumulative one on the roof, all of Alice."""
    for device_id, fields in {
        BOILER: {"name": "Boiler", "description": "in the cellar", "status": "maintenance"},
        CELLAR: {"name": "Cellar", "device_type": "sub_meter"},
        ROOF: {"name": "roof 100%", "reading_kind": "cumulative"},
    }.items():
        device_apply(data=device_data(device_id, **fields), version=1, occurred_at=NOON)
        assignment_apply(device_id=device_id, user_id=alice.id, active=True, version=1)


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({"search": "cellar"}, {BOILER, CELLAR}),
        ({"search": "CELL"}, {BOILER, CELLAR}),
        ({"search": "100%"}, {ROOF}),
        ({"search": "%"}, {ROOF}),
        ({"search": "nothing"}, set()),
        ({"search": ""}, {BOILER, CELLAR, ROOF}),
        ({"search": str(ROOF)}, {ROOF}),
        ({"search": str(ROOF).upper()}, {ROOF}),
        ({"search": str(ROOF)[:-1]}, set()),
        ({"status": "maintenance"}, {BOILER}),
        ({"device_type": "sub_meter"}, {CELLAR}),
        ({"reading_kind": "cumulative"}, {ROOF}),
        ({"reading_kind": "interval", "status": "deployed"}, {CELLAR}),
    ],
)
def test_my_devices_are_found_by_name_id_and_kind(query, matches, api, alice, three_meters):
    answer = api(alice).get("/api/monitoring/devices/", query).json()

    assert {UUID(device["device_id"]) for device in answer["results"]} == matches
    assert answer["count"] == len(matches)


def test_a_search_does_not_find_devices_of_other_users(api, bob, three_meters):
    for search in ("cellar", str(ROOF)):
        answer = api(bob).get("/api/monitoring/devices/", {"search": search}).json()
        assert answer["count"] == 0


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"reading_kind": "guess"}, "reading_kind"),
        ({"ordering": "password"}, "ordering"),
        ({"search": "a" * 201}, "search"),
    ],
)
def test_a_wrong_filter_of_devices_is_named(query, named, api, alice):
    answer = api(alice).get("/api/monitoring/devices/", query)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [named]
