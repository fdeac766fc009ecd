"""Readings of other channels than `main` are counted, each channel for itself."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from energy_contracts.events import Channel
from monitoring.aggregates.rebuild import device_hours_rebuild
from monitoring.aggregates.retention import month_close
from monitoring.aggregates.verify import hours_that_differ
from monitoring.devices import cache as cache_module
from monitoring.devices.cache import DeviceCache
from monitoring.metrics import collect
from monitoring.models import Channel as ChannelRow
from monitoring.models import Device, Hour
from monitoring.storage.partitions import partition_ensure, partitions_note
from monitoring.sync.services import device_apply, device_delete

from ..conftest import NOON, device_data
from ..ingest.batches import ledger, message, send
from .support import EXPORT, GAS, MAIN, have_channels, hours_by_channel, reading

pytestmark = pytest.mark.django_db


def test_readings_of_two_channels_at_one_instant_are_counted_apart(meter, cache):
    have_channels(meter, MAIN, EXPORT)

    reasons = send(cache, message(meter, 0, 0.1), reading(meter, "export", 0, 0.7))

    assert reasons == []
    assert hours_by_channel(meter) == {"main": {0: (100_000, 1)}, "export": {0: (700_000, 1)}}
    assert ledger() == (2, 2, 0, 0, 0)


def test_a_channel_keeps_its_own_revisions_and_duplicates(meter, cache):
    have_channels(meter, MAIN, EXPORT)
    send(cache, message(meter, 0, 0.1), reading(meter, "export", 0, 0.7))

    send(cache, reading(meter, "export", 0, 0.9, 1), message(meter, 0, 0.1))

    assert hours_by_channel(meter) == {"main": {0: (100_000, 1)}, "export": {0: (900_000, 1)}}
    assert ledger() == (4, 2, 1, 1, 0)


def test_each_channel_is_counted_by_its_own_kind_and_interval(meter, cache):
    heat = Channel(code="heat", quantity="heat", reading_kind="cumulative")
    slow = Channel(code="slow", interval_seconds=1800)
    have_channels(meter, MAIN, heat, slow)

    send(
        cache,
        *(reading(meter, "heat", minutes, value) for minutes, value in ((0, 500), (60, 501))),
        reading(meter, "slow", 45, 0.6),
    )

    assert hours_by_channel(meter) == {
        "main": {},
        "heat": {0: (1_000_000, 1)},
        "slow": {0: (300_000, 1), 1: (300_000, 0)},
    }
    assert hours_that_differ() == []


def test_readings_of_an_unknown_channel_are_kept_until_the_channel_is_created(meter, cache):
    assert send(cache, reading(meter, "export", 0, 0.7), message(meter, 0, 0.1)) == []

    row = ChannelRow.objects.get(device_id=meter)
    assert (row.code, row.version) == ("export", 0)
    have_channels(meter, MAIN, EXPORT)
    send(cache, reading(meter, "export", 0, 0.7), reading(meter, "export", 10, 0.1))

    assert ChannelRow.objects.get(device_id=meter).key == row.key
    assert hours_by_channel(meter) == {"main": {0: (100_000, 1)}, "export": {0: (800_000, 2)}}
    assert ledger() == (4, 3, 0, 1, 0)


def test_hours_of_an_unknown_channel_follow_the_kind_with_which_it_is_created(meter, cache):
    send(cache, *(reading(meter, "heat", minutes, value) for minutes, value in ((0, 5), (60, 7))))

    have_channels(meter, MAIN, Channel(code="heat", quantity="heat", reading_kind="cumulative"))

    assert hours_by_channel(meter)["heat"] == {0: (2_000_000, 1)}
    assert hours_that_differ() == []


def test_a_channel_of_an_unknown_device_is_kept_until_the_device_is_registered(cache):
    device_id = uuid4()
    assert send(cache, reading(device_id, "export", 0, 0.7), message(device_id, 0, 0.1)) == []
    assert not Device.objects.get(device_id=device_id).registered

    have_channels(device_id, MAIN, EXPORT, version=1, timezone="Asia/Kolkata")

    hours = hours_by_channel(device_id)
    assert hours == {"main": {-1: (100_000, 1)}, "export": {-1: (700_000, 1)}}
    assert hours_that_differ() == []


def test_readings_of_a_removed_channel_are_kept_for_the_case_that_it_returns(meter, cache):
    have_channels(meter, MAIN, EXPORT)
    send(cache, reading(meter, "export", 0, 0.7))
    have_channels(meter, MAIN, version=3)

    assert send(cache, reading(meter, "export", 10, 0.1)) == []
    have_channels(meter, MAIN, EXPORT, version=4)

    assert hours_by_channel(meter)["export"] == {0: (800_000, 2)}


def test_readings_of_every_channel_of_a_deleted_device_are_rejected(meter, cache):
    have_channels(meter, MAIN, EXPORT)
    device_delete(device_id=meter, version=3)

    reasons = send(cache, message(meter, 0, 1), reading(meter, "export", 0, 1))

    assert reasons == ["device_deleted"] * 2


def test_channels_that_nobody_created_are_limited_for_each_device(meter, cache, monkeypatch):
    monkeypatch.setattr(cache_module, "MAX_CHANNELS", 2)
    codes = ["a", "b", "c", "b", "d"]

    reasons = send(cache, *(reading(meter, code, n, 1) for n, code in enumerate(codes)))

    assert reasons == ["unknown_channel"] * 2
    assert send(cache, reading(meter, "c", 5, 1), message(meter, 5, 1)) == ["unknown_channel"]
    assert sorted(ChannelRow.objects.values_list("code", flat=True)) == ["a", "b"]
    assert ledger() == (7, 4, 0, 0, 3)


def test_two_processes_that_meet_a_new_channel_store_it_under_one_key(meter):
    first, second = DeviceCache(), DeviceCache()
    for cache in (first, second):
        send(cache, message(meter, 0, 1))

    send(first, reading(meter, "export", 0, 1))
    send(second, reading(meter, "export", 10, 1))

    assert hours_by_channel(meter)["export"] == {0: (2_000_000, 2)}


def test_verification_lists_a_changed_hour_of_any_channel_and_a_rebuild_restores_it(meter, cache):
    have_channels(meter, MAIN, GAS, Channel(code="heat", reading_kind="cumulative"))
    send(cache, reading(meter, "gas", 0, 0.5))
    send(cache, *(reading(meter, "heat", minutes, value) for minutes, value in ((0, 5), (60, 7))))
    Hour.objects.exclude(device_key=Device.objects.get(device_id=meter).key).update(
        energy_milliwh=1
    )

    assert sorted(hours_that_differ()) == [(meter, NOON, 1, 500_000), (meter, NOON, 1, 2_000_000)]
    device_hours_rebuild(Device.objects.get(device_id=meter))

    assert hours_that_differ() == []
    assert hours_by_channel(meter)["heat"] == {0: (2_000_000, 1)}


def test_a_changed_zone_derives_the_hours_of_all_channels_again(meter, cache):
    have_channels(meter, MAIN, EXPORT)
    send(cache, message(meter, 0, 0.1), reading(meter, "export", 0, 0.7))

    have_channels(meter, MAIN, EXPORT, version=3, timezone="Asia/Kolkata")

    assert hours_by_channel(meter) == {"main": {-1: (100_000, 1)}, "export": {-1: (700_000, 1)}}


def test_a_device_without_channels_in_its_event_keeps_those_that_it_has(meter, cache):
    """An older owner sends none."""
    have_channels(meter, MAIN, EXPORT)
    device_apply(data=device_data(meter), version=3, occurred_at=NOON)

    send(cache, reading(meter, "export", 0, 0.7))

    assert hours_by_channel(meter)["export"] == {0: (700_000, 1)}


def test_a_closed_month_carries_the_counters_of_every_channel(meter, cache):
    heat = Channel(code="heat", quantity="heat", reading_kind="cumulative", interval_seconds=3600)
    have_channels(meter, MAIN, heat)
    april = datetime(2026, 4, 1, tzinfo=UTC)
    for month in (april, datetime(2026, 5, 1, tzinfo=UTC)):
        partition_ensure(month)
    partitions_note(NOON)
    registers = {"2026-04-30T23:40:00Z": 250, "2026-05-01T00:20:00Z": 252}
    sent = [
        {**reading(meter, "heat", 0, value), "timestamp": at} for at, value in registers.items()
    ]
    assert send(cache, *sent) == []

    month_close(april)
    late = {**reading(meter, "heat", 0, 251.5), "timestamp": "2026-05-01T00:10:00Z"}
    assert send(cache, late) == []

    key = ChannelRow.objects.get(device_id=meter).key
    energies = dict(Hour.objects.filter(device_key=key).values_list("start", "energy_milliwh"))
    assert sorted(energies.values()) == [1_000_000, 1_000_000]
    assert hours_that_differ() == []


def test_channels_and_meters_beyond_the_limit_are_met_in_one_batch(meter, cache, monkeypatch):
    monkeypatch.setattr(cache_module, "MAX_CHANNELS", 1)
    named = {**reading(meter, "b", 1, 1), "meter": "E-1"}

    assert send(cache, reading(meter, "a", 0, 1), named) == ["unknown_channel"]


def test_channels_that_nobody_created_are_counted_as_a_metric(meter, cache):
    have_channels(meter, MAIN, EXPORT)
    sent = [reading(meter, "exprot", 0, 1), reading(meter, "export", 0, 1)]
    send(cache, *sent, reading(uuid4(), "export", 0, 1))

    samples = {sample.name: sample.value for family in collect({}) for sample in family.samples}
    assert samples["ems_unregistered_channels"] == 1
