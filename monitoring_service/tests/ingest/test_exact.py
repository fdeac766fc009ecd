"""Energies of any size are summed without an overflow and shown to the last digit."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from energy_contracts.units import kwh_from_milliwh
from monitoring.alerts.services import ChangedAlert
from monitoring.api import exact_json
from monitoring.calendar.clock import day_bounds, now, zone
from monitoring.ingest.results import ChangedHour
from monitoring.live.publisher import LiveUpdatePublisher
from monitoring.models import Alert, Device, Hour, LedgerMinute, Reading

from ..conftest import NOON
from ..live.pushes import channel_of
from ..live.sockets import Socket

#: 8,999,999,999.999999 kWh: sixteen digits, and a double holds fifteen.
LONG = 8_999_999_999_999_999
LONG_KWH = Decimal("8999999999.999999")

#: 8,000,000,000,000 kWh: two of them pass 2**63 mWh.
HUGE = 8 * 10**18


def exact(response) -> dict:
    assert response.status_code == 200, response.content
    return json.loads(response.content, parse_float=Decimal)


def fill(device_id: UUID, *energies: int, begin: datetime = NOON) -> Device:
    device = Device.objects.get(device_id=device_id)
    for hour, energy in enumerate(energies):
        Hour.objects.create(
            device_key=device.key,
            start=begin + timedelta(hours=hour),
            energy_milliwh=energy,
            reading_count=1,
        )
    return device


@pytest.fixture
def ask(api, alice, meter):
    """Return a function that gets a route for Alice's meter and returns the exact answer."""

    def get(path: str, **query: str) -> dict:
        span = {"start": "2026-03-10T00:00:00Z", "end": "2026-03-11T00:00:00Z"}
        parameters = {"device_id": str(meter), **span, "date": "2026-03-10", **query}
        return exact(api(alice).get(f"/api/monitoring/{path}/", parameters))

    return get


@pytest.mark.django_db
@pytest.mark.parametrize("energy", [0, 1, 5_000_000, 300_000, 10**15 - 1, 10**15, LONG, 2**63 - 1])
def test_a_json_number_of_an_energy_holds_all_its_digits(energy):
    text = exact_json.encode(kwh_from_milliwh(energy)).decode()

    assert Decimal(text) * 10**6 == energy
    assert Decimal(exact_json.encode(exact_json.decode(text)).decode()) == Decimal(text)


@pytest.mark.django_db
def test_every_answer_shows_a_long_energy_to_the_last_digit(ask, meter):
    device = fill(meter, LONG, 1)
    Reading.objects.create(device_key=device.key, started_at=NOON, value_milliwh=LONG, revision=0)
    Alert.objects.create(
        device_key=device.key, start=NOON, limit_milliwh=LONG - 1, energy_milliwh=LONG
    )
    Device.objects.update(max_consumption_milliwh=LONG)
    total, least = LONG_KWH + Decimal("0.000001"), Decimal("0.000001")

    day = ask("hourly/daily")
    assert [day["hourly_data"][hour]["total_consumption"] for hour in (12, 13)] == [LONG_KWH, least]
    assert day["total_daily_consumption"] == total
    assert day["average_hourly_consumption"] == Decimal("4500000000.0")
    assert day["peak_hour"]["total_consumption"] == LONG_KWH
    assert ask("hourly/range")["hourly_data"][12]["total_consumption"] == LONG_KWH
    assert ask("series", resolution="day")["points"][0]["total_consumption"] == total
    stats = ask("stats")
    assert stats["total_consumption"] == total
    assert stats["peak_hour"]["total_consumption"] == LONG_KWH
    assert stats["lowest_hour"]["total_consumption"] == least
    assert ask("data")["results"][0]["measurement_value"] == LONG_KWH
    (state,) = ask("devices")["results"]
    assert state["last_reading_value"] == state["max_consumption"] == LONG_KWH
    (alert,) = ask("alerts")["results"]
    assert (alert["limit"], alert["total_consumption"]) == (LONG_KWH - least, LONG_KWH)


@pytest.mark.django_db(transaction=True)
def test_a_socket_receives_a_long_energy_to_the_last_digit(issuer, alice, meter, live_url):
    with Socket(live_url) as socket:
        socket.listen(issuer.token(alice), meter)
        LiveUpdatePublisher().push_hours(
            [ChangedHour(channel_of(meter), NOON, LONG, 1, 1, NOON, LONG)]
        )
        hour = json.loads(socket.connection.recv(timeout=10), parse_float=Decimal)
        LiveUpdatePublisher().push_alerts([ChangedAlert(1, meter, NOON, LONG - 1, LONG, False)])
        alert = json.loads(socket.connection.recv(timeout=10), parse_float=Decimal)

    assert hour["total_consumption"] == hour["last_reading_value"] == LONG_KWH
    assert (alert["limit"], alert["total_consumption"]) == (
        LONG_KWH - Decimal("0.000001"),
        LONG_KWH,
    )


@pytest.fixture(scope="module")
def live_url(django_db_setup, django_db_blocker):
    from ..live.sockets import serving

    with django_db_blocker.unblock(), serving() as address, django_db_blocker.block():
        yield address


@pytest.mark.django_db
def test_a_period_beyond_64_bits_has_the_exact_sum(ask, meter):
    fill(meter, HUGE, HUGE, HUGE)
    total = Decimal("24000000000000.0")

    assert ask("series", resolution="day")["points"][0]["total_consumption"] == total
    assert ask("series", resolution="month")["points"][0]["total_consumption"] == total
    assert ask("hourly/daily")["total_daily_consumption"] == total
    stats = ask("stats")
    assert stats["total_consumption"] == total
    assert stats["average_hourly_consumption"] == Decimal("8000000000000.0")
    assert stats["load_factor"] == 1


@pytest.mark.django_db
def test_a_day_beyond_64_bits_is_shown_in_the_list_of_devices(ask, meter):
    begin, _ = day_bounds(now().date(), zone("UTC"))
    fill(meter, HUGE, HUGE, begin=begin)

    (state,) = ask("devices")["results"]
    assert state["today_consumption"] == Decimal("16000000000000.0")


@pytest.mark.django_db
def test_the_ledger_adds_up_beyond_64_bits(api, admin):
    minute = datetime.now(NOON.tzinfo).replace(second=0, microsecond=0)
    for shard in (1, 2):
        LedgerMinute.objects.create(
            minute=minute,
            shard=shard,
            received=2**63 - 1,
            stored=2**63 - 1,
            corrected=0,
            duplicates=0,
            rejected=0,
        )

    answer = exact(api(admin).get("/api/monitoring/ingestion/"))

    assert answer["totals"]["received"] == answer["totals"]["stored"] == 2**64 - 2
    assert sum(each["received"] for each in answer["per_minute"]) == 2**64 - 2
