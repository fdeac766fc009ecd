"""Each hour above its limit has one alert, in any order of readings, limits and corrections."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from django.db import connection

from monitoring.ingest.pipeline import store_messages
from monitoring.models import Alert, ConsumptionLimit, Device
from monitoring.sync.services import device_apply

from ..conftest import NOON, at, device_data

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def limited(db) -> UUID:
    """Return the id of a device with a limit of 1 kWh an hour."""
    device_id = uuid4()
    data = device_data(device_id, max_consumption=1.0)
    device_apply(data=data, version=1, occurred_at=NOON)
    return device_id


def send(cache, device_id: UUID, *readings: tuple) -> list[bool]:
    """Store (minutes after noon, kWh[, revision]) as one batch.

    Returns:
        For each alert that changed, whether it was withdrawn.
    """
    bodies = [
        json.dumps(
            {
                "device_id": str(device_id),
                "timestamp": at(minutes),
                "measurement_value": kwh,
                "revision": revision[0] if revision else 0,
            }
        ).encode()
        for minutes, kwh, *revision in readings
    ]
    result = store_messages(bodies, cache)
    assert {alert.device_id for alert in result.alerts} <= {device_id}
    return [alert.withdrawn for alert in result.alerts]


def open_alerts(device_id: UUID) -> list[tuple[int, int, int]]:
    """Return (hours after noon, limit in Wh, energy in Wh) of alerts that are not withdrawn."""
    key = Device.objects.get(device_id=device_id).key
    return [
        ((alert.start - NOON) // HOUR, alert.limit_milliwh // 1000, alert.energy_milliwh // 1000)
        for alert in Alert.objects.filter(device_key=key, withdrawn_at=None).order_by("start")
    ]


def change_limit(device_id: UUID, limit: float | None, version: int, minutes: int) -> None:
    device_apply(
        data=device_data(device_id, max_consumption=limit),
        version=version,
        occurred_at=NOON + timedelta(minutes=minutes),
    )


def test_the_first_reading_that_exceeds_the_limit_raises_the_alert(limited, cache):
    assert send(cache, limited, (0, 0.6)) == []
    assert send(cache, limited, (10, 0.4)) == []  # exactly the limit is within it
    assert send(cache, limited, (20, 0.1)) == [False]
    assert send(cache, limited, (30, 0.1)) == []  # raised once

    assert open_alerts(limited) == [(0, 1000, 1200)]


def test_the_same_readings_again_raise_no_second_alert(limited, cache):
    for _ in range(3):
        send(cache, limited, (0, 0.6), (10, 0.6))

    assert Alert.objects.count() == 1


def test_late_readings_raise_alerts_of_their_own_hour(limited, cache):
    send(cache, limited, (600, 0.1))

    assert send(cache, limited, (-600, 1.5), (-1200, 2.5)) == [False, False]
    assert open_alerts(limited) == [(-20, 1000, 2500), (-10, 1000, 1500)]


def test_a_correction_that_brings_the_hour_back_withdraws_its_alert(limited, cache):
    send(cache, limited, (0, 1.5))

    assert send(cache, limited, (0, 0.5, 1)) == [True]
    assert open_alerts(limited) == []
    assert Alert.objects.count() == 1


def test_an_hour_that_exceeds_its_limit_again_reopens_the_same_alert(limited, cache):
    send(cache, limited, (0, 1.5))
    send(cache, limited, (0, 0.5, 1))

    assert send(cache, limited, (10, 0.7)) == [False]
    assert open_alerts(limited) == [(0, 1000, 1200)]
    assert Alert.objects.count() == 1


def test_a_changed_limit_applies_from_the_hour_in_which_it_changes(limited, cache):
    send(cache, limited, (0, 0.8), (60, 0.8), (120, 0.8))

    change_limit(limited, 0.5, version=2, minutes=75)

    assert open_alerts(limited) == [(1, 500, 800), (2, 500, 800)]
    send(cache, limited, (70, 0.1), (10, 0.1), (190, 0.6))
    assert open_alerts(limited) == [(1, 500, 900), (2, 500, 800), (3, 500, 600)]


def test_a_raised_or_removed_limit_withdraws_the_alerts_of_its_hours(limited, cache):
    send(cache, limited, (0, 1.5), (60, 1.5), (120, 1.5))

    change_limit(limited, 2.0, version=2, minutes=60)
    assert open_alerts(limited) == [(0, 1000, 1500)]

    change_limit(limited, None, version=3, minutes=120)
    send(cache, limited, (130, 9.0))
    assert open_alerts(limited) == [(0, 1000, 1500)]


@pytest.mark.parametrize("changed", [10.0, None])
def test_a_limit_changed_within_its_first_hour_leaves_the_alerts_of_the_past(meter, cache, changed):
    send(cache, meter, (-600, 5.0), (0, 5.0))
    change_limit(meter, 2.0, version=2, minutes=5)
    assert open_alerts(meter) == [(-10, 2000, 5000), (0, 2000, 5000)]

    change_limit(meter, changed, version=3, minutes=10)
    assert open_alerts(meter) == [(-10, 2000, 5000)], "the first limit still applies to the past"

    assert send(cache, meter, (-590, 1.0), (-650, 3.0)) == [False]
    assert open_alerts(meter) == [(-11, 2000, 3000), (-10, 2000, 6000)]


def test_the_first_limit_of_a_device_applies_to_its_whole_past(meter, cache):
    send(cache, meter, (-600, 5.0), (600, 5.0))

    change_limit(meter, 2.0, version=2, minutes=1200)

    assert open_alerts(meter) == [(-10, 2000, 5000), (10, 2000, 5000)]


def test_a_rename_changes_no_limit(limited, cache):
    send(cache, limited, (-600, 1.5))
    renamed = device_data(limited, max_consumption=1.0, name="Flat 13")
    device_apply(data=renamed, version=2, occurred_at=NOON + HOUR)

    assert send(cache, limited, (60, 1.5)) == [False]
    assert open_alerts(limited) == [(-10, 1000, 1500), (1, 1000, 1500)]


def test_limits_stored_before_limits_had_versions_keep_their_hours(meter, cache):
    key = Device.objects.get(device_id=meter).key
    ConsumptionLimit.objects.all().delete()
    for hour, limit in ((0, 1_000_000), (2, None), (4, 3_000_000)):
        ConsumptionLimit.objects.create(
            device_key=key, from_hour=NOON + hour * HOUR, limit_milliwh=limit
        )
    with connection.cursor() as cursor:
        cursor.execute(import_module("monitoring.migrations.0015_limit_versions").NUMBER)

    send(cache, meter, *((60 * hour, 5.0) for hour in (-1, 0, 2, 4)))
    assert open_alerts(meter) == [(-1, 1000, 5000), (0, 1000, 5000), (4, 3000, 5000)]
    change_limit(meter, 2.0, version=2, minutes=270)
    assert open_alerts(meter)[-1] == (4, 2000, 5000)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_limits_and_alerts_follow_from_the_events_in_any_order(order, cache):
    """An event that arrives after a newer one still sets the limit of its own hours."""
    changes = [(None, -180), (1.0, -120), (None, -60), (2.0, -50)]
    device_id = uuid4()
    send(cache, device_id, *((minutes, 1.5) for minutes in (-240, -180, -120, -60, 0)))
    send(cache, device_id, (-70, 1.0))

    for version in order:
        limit, minutes = changes[version]
        change_limit(device_id, limit, version=version + 1, minutes=minutes)
        change_limit(device_id, limit, version=version + 1, minutes=minutes)

    before = [(hour, 1000, 1500) for hour in (-4, -3)]
    assert open_alerts(device_id) == [*before, (-2, 1000, 2500)]
    assert send(cache, device_id, (-50, 1.0), (-190, 1.0)) == [False]
    assert open_alerts(device_id)[-1] == (-1, 2000, 2500)


def test_the_limit_of_a_newly_registered_device_applies_to_its_past(cache):
    device_id = uuid4()
    send(cache, device_id, (-600, 1.5))

    change_limit(device_id, 1.0, version=1, minutes=0)

    assert open_alerts(device_id) == [(-10, 1000, 1500)]


def test_a_device_without_a_limit_raises_no_alert(meter, cache):
    assert send(cache, meter, (0, 900.0)) == []


def test_the_limit_of_a_cumulative_device_applies_to_differences_of_registers(cache):
    meter = uuid4()
    data = device_data(meter, reading_kind="cumulative", max_consumption=1.0)
    device_apply(data=data, version=1, occurred_at=NOON)

    assert send(cache, meter, (0, 5000.0), (10, 5001.5)) == [False]
    assert open_alerts(meter) == [(0, 1000, 1500)]


def test_an_implausible_reading_is_rejected_and_raises_no_alert(cache):
    device_id = uuid4()
    data = device_data(device_id, max_power_kw=6.0, max_consumption=1.0)
    device_apply(data=data, version=1, occurred_at=NOON)
    # 6 kW over 600 s are 1 kWh.
    bodies = [
        json.dumps(
            {"device_id": str(device_id), "timestamp": at(minutes), "measurement_value": kwh}
        ).encode()
        for minutes, kwh in [(0, 1.0), (10, 1.000001)]
    ]

    result = store_messages(bodies, cache)

    assert [reading.error.reason for reading in result.tally.rejected] == ["implausible"]
    assert result.tally.rejected[0].body == bodies[1]
    assert result.alerts == []
