"""A negative reading counts in the `negative_channel`, and 0 in its own."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from energy_contracts.events import Channel
from monitoring.aggregates.verify import hours_that_differ
from monitoring.models import Device

from ..ingest.batches import ledger, message, send
from .support import EXPORT, MAIN, have_channels, hours_by_channel, reading

pytestmark = pytest.mark.django_db

NET = Channel(code="main", negative_channel="export")


@pytest.fixture
def net(meter):
    """Return a meter that sends import and export as one signed value."""
    have_channels(meter, NET, EXPORT)
    return meter


def test_each_reading_counts_in_one_channel_and_as_zero_in_the_other(net, cache):
    send(cache, message(net, 0, -0.7), message(net, 10, 0.2), message(net, 20, 0))

    assert hours_by_channel(net) == {"main": {0: (200_000, 3)}, "export": {0: (700_000, 3)}}
    assert ledger() == (3, 3, 0, 0, 0)
    assert hours_that_differ() == []


def test_a_negative_reading_of_another_channel_may_count_in_main(meter, cache):
    have_channels(meter, MAIN, Channel(code="sun", flow="produced", negative_channel="main"))

    send(cache, reading(meter, "sun", 0, -0.3), reading(meter, "sun", 10, 2))

    assert hours_by_channel(meter) == {"main": {0: (300_000, 2)}, "sun": {0: (2_000_000, 2)}}


def test_a_correction_that_changes_the_sign_moves_the_energy(net, cache):
    send(cache, message(net, 0, -0.7))
    send(cache, message(net, 0, 0.2, 1))
    assert hours_by_channel(net) == {"main": {0: (200_000, 1)}, "export": {0: (0, 1)}}

    send(cache, message(net, 0, -0.4, 2))
    assert hours_by_channel(net) == {"main": {0: (0, 1)}, "export": {0: (400_000, 1)}}
    assert ledger() == (3, 1, 2, 0, 0)


@pytest.mark.parametrize("value", [-0.7, 0.7])
def test_a_repeated_reading_is_a_duplicate_and_another_value_a_conflict(net, cache, value):
    send(cache, message(net, 0, value))

    assert send(cache, message(net, 0, value)) == []
    assert send(cache, message(net, 0, -value)) == ["conflict"]
    assert send(cache, message(net, 0, 2 * value)) == ["conflict"]
    assert ledger() == (4, 1, 0, 1, 2)


def test_a_negative_reading_of_a_channel_without_a_negative_one_is_rejected(meter, cache):
    have_channels(meter, MAIN, EXPORT)

    reasons = send(cache, message(meter, 0, -0.1), reading(meter, "export", 0, -0.1))

    assert reasons == ["out_of_range"] * 2
    assert hours_by_channel(meter) == {"main": {}, "export": {}}


def test_a_negative_reading_beyond_the_power_of_its_channel_changes_neither(meter, cache):
    have_channels(meter, NET, Channel(code="export", flow="exported", max_power=6))

    assert send(cache, message(meter, 0, -1.1), message(meter, 10, -0.9)) == ["implausible"]
    assert hours_by_channel(meter) == {"main": {0: (0, 1)}, "export": {0: (900_000, 1)}}


def test_a_repetition_of_a_negative_reading_removed_in_both_channels_is_a_duplicate(
    net, cache, admin
):
    from monitoring.devices.channels import every_channel
    from monitoring.readings.services import reading_remove

    from ..conftest import NOON

    send(cache, message(net, 0, -0.7))
    for channel in every_channel([Device.objects.get(device_id=net)]):
        reading_remove(channel=channel, started_at=NOON, actor=admin, note="")

    assert send(cache, message(net, 0, -0.7)) == []
    assert hours_by_channel(net) == {"main": {}, "export": {}}
    assert ledger() == (2, 1, 0, 1, 0)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    story=st.lists(
        st.tuples(
            st.sampled_from(["main", "export"]),
            st.integers(0, 2),
            st.integers(-3, 3),
            st.integers(0, 2),
        ),
        min_size=3,
        max_size=14,
    ),
    cut=st.integers(1, 14),
)
def test_any_batching_of_signed_readings_gives_the_same_tally_and_hours(cache, story, cut):
    """Readings that name the negative channel itself come between, and contradict some of them."""

    def outcome(size: int) -> tuple[object, ...]:
        device_id, before, reasons = uuid4(), ledger(), []
        have_channels(device_id, NET, EXPORT)
        sent = [
            reading(device_id, code, at * 10, value if code == "main" else abs(value), revision)
            for code, at, value, revision in story
        ]
        for begin in range(0, len(sent), size):
            reasons += send(cache, *sent[begin : begin + size])
        grown = tuple(now - then for now, then in zip(ledger(), before, strict=True))
        assert hours_that_differ([Device.objects.get(device_id=device_id)]) == []
        return grown, sorted(reasons), hours_by_channel(device_id)

    assert outcome(cut) == outcome(1)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    values=st.lists(st.integers(-3, 3), min_size=1, max_size=5),
    size=st.integers(1, 6),
    data=st.data(),
)
def test_any_order_of_signed_revisions_gives_the_highest_one(cache, values, size, data):
    order = data.draw(st.permutations([*enumerate(values), *enumerate(values[:2])]))
    with transaction.atomic():
        device_id, before = uuid4(), ledger()
        have_channels(device_id, NET, EXPORT)
        sent = [message(device_id, 0, value, revision) for revision, value in order]
        for begin in range(0, len(sent), size):
            assert send(cache, *sent[begin : begin + size]) == []

        last = values[-1] * 1_000_000
        assert hours_by_channel(device_id) == {
            "main": {0: (max(last, 0), 1)},
            "export": {0: (max(-last, 0), 1)},
        }
        received, stored, corrected, duplicates, rejected = (
            now - then for now, then in zip(ledger(), before, strict=True)
        )
        assert (received, stored, rejected) == (len(order), 1, 0)
        assert received == stored + corrected + duplicates
