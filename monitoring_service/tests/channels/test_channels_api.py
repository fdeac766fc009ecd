"""Every route takes a channel; without it `main` answers as before."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from energy_contracts.events import Channel
from monitoring.models import Alert
from monitoring.models import Channel as ChannelRow
from monitoring.sync.services import device_apply, device_delete

from ..conftest import NOON, at, device_data
from ..ingest.batches import message, send
from .support import EXPORT, GAS, MAIN, have_channels, reading

pytestmark = pytest.mark.django_db

DAY = {"date": NOON.date().isoformat()}
PERIOD = {"start": at(0), "end": at(120)}

#: Each route with its query, and the sum in its answer.
ROUTES = {
    "hourly/daily": (DAY, lambda answer: answer["total_daily_consumption"]),
    "hourly/range": (PERIOD, lambda answer: answer["hourly_data"][0]["total_consumption"]),
    "series": (
        {**PERIOD, "resolution": "quarter"},
        lambda answer: answer["points"][0]["total_consumption"],
    ),
    "stats": (PERIOD, lambda answer: answer["total_consumption"]),
}


@pytest.fixture
def house(meter, cache) -> UUID:
    """Return a meter with an import of 0.1 kWh, an export of 0.7 kWh and 0.5 m³ of gas."""
    have_channels(meter, MAIN, EXPORT, GAS)
    sent = [message(meter, 0, 0.1), reading(meter, "export", 0, 0.7), reading(meter, "gas", 0, 0.5)]
    assert send(cache, *sent) == []
    return meter


def ask(client, route: str, device_id: UUID, **query: object):
    return client.get(f"/api/monitoring/{route}/", {"device_id": str(device_id), **query})


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_answers_for_the_channel_that_is_named_with_its_unit(route, api, alice, house):
    query, total = ROUTES[route]
    answers = {
        code: ask(api(alice), route, house, **query, **named).json()
        for code, named in {
            "main": {},
            "export": {"channel": "export"},
            "gas": {"channel": "gas"},
        }.items()
    }

    assert {code: total(answer) for code, answer in answers.items()} == {
        "main": 0.1,
        "export": 0.7,
        "gas": 0.5,
    }
    assert {
        code: (answer["channel"], answer["quantity"], answer["unit"])
        for code, answer in answers.items()
    } == {
        "main": ("main", "electricity", "kWh"),
        "export": ("export", "electricity", "kWh"),
        "gas": ("gas", "gas", "m³"),
    }


@pytest.mark.parametrize("route", [*ROUTES, "data"])
def test_an_unknown_channel_is_not_found_and_the_answer_names_the_known_ones(
    route, api, alice, house
):
    query = ROUTES[route][0] if route in ROUTES else PERIOD

    answer = ask(api(alice), route, house, **query, channel="heat")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_channel")
    assert answer.json()["detail"] == (
        "channel: the device has no channel 'heat'. Give one of: main, export, gas."
    )


@pytest.mark.parametrize("route", [*ROUTES, "data"])
def test_a_stranger_does_not_learn_which_channels_a_device_has(route, api, bob, house):
    query = ROUTES[route][0] if route in ROUTES else PERIOD

    answers = [
        ask(api(bob), route, house, **query, channel=code).json() for code in ("export", "heat")
    ]

    assert [answer["code"] for answer in answers] == ["not_found"] * 2
    assert answers[0]["detail"] == answers[1]["detail"]


def test_a_channel_that_nobody_created_or_that_was_removed_is_not_found(api, alice, house, cache):
    send(cache, reading(house, "heat", 0, 1))
    have_channels(house, MAIN, EXPORT, version=3)

    codes = [
        ask(api(alice), "stats", house, **PERIOD, channel=code).status_code
        for code in ("heat", "gas", "export")
    ]

    assert codes == [404, 404, 200]


def test_raw_readings_and_their_file_are_those_of_the_channel(api, alice, house):
    listed = ask(api(alice), "data", house, **PERIOD, channel="gas").json()["results"]
    file = ask(api(alice), "data", house, **PERIOD, channel="gas", format="csv")

    assert listed == [
        {
            "timestamp": "2026-03-10T12:00:00Z",
            "measurement_value": 0.5,
            "revision": 0,
            "channel": "gas",
            "unit": "m³",
        }
    ]
    assert f"readings_{house}_gas_2026" in file["Content-Disposition"]
    assert file.getvalue().decode().splitlines() == [
        "timestamp,measurement_value,revision,channel,unit",
        "2026-03-10T12:00:00Z,0.5,0,gas,m³",
    ]


def test_a_reading_is_removed_from_its_channel_alone(api, admin, house):
    query = f"?device_id={house}&timestamp={NOON:%Y-%m-%dT%H:%M:%SZ}"
    removed = api(admin).delete(f"/api/monitoring/data/{query}&channel=export").json()

    assert (removed["channel"], removed["measurement_value"]) == ("export", 0.7)
    totals = [
        ask(api(admin), "stats", house, **PERIOD, channel=code).json()["total_consumption"]
        for code in ("main", "export")
    ]
    assert totals == [0.1, None]
    records = [
        api(admin).get("/api/monitoring/data/removed/", {"channel": code}).json()["count"]
        for code in ("export", "main")
    ]
    assert records == [1, 0]


def test_a_device_is_listed_with_the_state_of_each_channel(api, alice, house, cache):
    send(cache, reading(house, "heat", 0, 1))

    (device,) = api(alice).get("/api/monitoring/devices/").json()["results"]

    assert device["unit"] == "kWh"
    assert device["last_reading_value"] == 0.1
    assert [
        (each["code"], each["name"], each["flow"], each["unit"], each["last_reading_value"])
        for each in device["channels"]
    ] == [
        ("main", "", "consumed", "kWh", 0.1),
        ("export", "Roof", "exported", "kWh", 0.7),
        ("gas", "", "consumed", "m³", 0.5),
    ]
    assert {each["state"] for each in device["channels"]} == {"silent"}


def test_each_channel_is_silent_by_its_own_interval(api, alice, meter):
    slow = Channel(code="slow", interval_seconds=3600)
    have_channels(meter, MAIN, slow)

    (device,) = api(alice).get("/api/monitoring/devices/").json()["results"]

    assert [each["interval_seconds"] for each in device["channels"]] == [600, 3600]
    assert [each["state"] for each in device["channels"]] == ["never", "never"]


def test_alerts_name_their_channel_and_are_filtered_by_it(api, alice, bob, house):
    key = ChannelRow.objects.get(device_id=house, code="gas").key
    alert = Alert.objects.create(device_key=key, start=NOON, limit_milliwh=1, energy_milliwh=2)
    url = "/api/monitoring/alerts/"

    def ids(user, **query: object) -> list[int]:
        return [each["id"] for each in api(user).get(url, query).json()["results"]]

    (listed,) = api(alice).get(url).json()["results"]
    assert (listed["device_id"], listed["channel"], listed["unit"]) == (str(house), "gas", "m³")
    assert ids(alice, device_id=house) == ids(alice, channel="gas") == [alert.pk]
    assert ids(alice, device_id=house, channel="gas") == [alert.pk]
    assert ids(alice, device_id=house, channel="main") == ids(alice, channel="main") == []
    assert ids(bob) == ids(bob, channel="gas") == []
    assert api(bob).post(f"{url}{alert.pk}/acknowledge/").status_code == 404
    assert api(alice).post(f"{url}{alert.pk}/acknowledge/").json()["channel"] == "gas"


def test_a_deleted_device_takes_its_channels_along(api, admin, house):
    key = ChannelRow.objects.get(device_id=house, code="gas").key
    Alert.objects.create(device_key=key, start=NOON, limit_milliwh=1, energy_milliwh=2)
    device_delete(device_id=house, version=9)

    assert api(admin).get("/api/monitoring/alerts/").json()["results"] == []
    assert ask(api(admin), "stats", house, **PERIOD, channel="gas").status_code == 404


def test_a_day_of_a_channel_has_the_hours_of_the_zone_of_its_device(api, alice, meter, cache):
    have_channels(meter, MAIN, EXPORT, timezone="Europe/Bucharest")
    device_apply(
        data=device_data(meter, channels=(MAIN, EXPORT), timezone="Europe/Bucharest"),
        version=3,
        occurred_at=NOON,
    )
    send(cache, reading(meter, "export", -13 * 60, 0.3))

    days = {
        str(day): ask(
            api(alice), "hourly/daily", meter, date=day.isoformat(), channel="export"
        ).json()["total_daily_consumption"]
        for day in (NOON.date() - timedelta(days=1), NOON.date())
    }

    assert days == {"2026-03-09": None, "2026-03-10": 0.3}
