"""Any order, repetition and batching of the same readings gives the same hours and totals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from monitoring.aggregates.verify import hours_that_differ
from monitoring.models import Device, Hour, Reading
from monitoring.sync.services import device_apply

from ..conftest import NOON, device_data
from .batches import hours, ledger, message, send

pytestmark = pytest.mark.django_db


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    story=st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from([1, 2, 90]), st.integers(0, 2)),
        min_size=4,
        max_size=14,
    ),
    cuts=st.sets(st.integers(0, 14), max_size=4),
)
def test_any_batching_of_the_same_order_gives_the_same_tally_and_hours(cache, story, cuts):
    """90 kWh are implausible here, so readings are stored, corrected, repeated and rejected."""

    def outcome(batches: list[list[tuple[int, int, int]]]) -> tuple[object, ...]:
        device_id = uuid4()
        data = device_data(device_id, max_power_kw=60)
        device_apply(data=data, version=1, occurred_at=NOON)
        before, reasons = ledger(), []
        for batch in batches:
            readings = [message(device_id, at, kwh, revision) for at, kwh, revision in batch]
            reasons += send(cache, *readings)
        grown = tuple(now - then for now, then in zip(ledger(), before, strict=True))
        assert hours_that_differ([Device.objects.get(device_id=device_id)]) == []
        return grown, sorted(reasons), hours(device_id)

    ends = sorted({min(cut, len(story)) for cut in cuts} | {0, len(story)})
    cut = [story[begin:end] for begin, end in pairwise(ends)]
    assert outcome(cut) == outcome([[reading] for reading in story])


def reference(messages: Iterable[dict]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return the (revision, energy) to be stored of each device and instant."""
    best: dict[tuple[str, str], tuple[int, int]] = {}
    for reading in messages:
        key = reading["device_id"], reading["timestamp"]
        candidate = reading.get("revision", 0), round(reading["measurement_value"] * 1_000_000)
        best[key] = max(best.get(key, candidate), candidate)
    return best


METERS = [uuid4() for _ in range(3)]
# The value follows from the revision, so that no two messages conflict.
MESSAGES = st.lists(
    st.builds(
        lambda device, slot, revision: message(
            device, slot * 10, (slot + 1) * 0.017 + revision, revision
        ),
        st.sampled_from(METERS),
        st.integers(0, 20),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=40,
)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(messages=MESSAGES, split=st.integers(1, 10), data=st.data())
def test_any_order_repetition_and_batching_gives_the_same_hours(cache, messages, split, data):
    order = data.draw(st.permutations(messages + messages[: len(messages) // 2]))
    with transaction.atomic():
        Reading.objects.all().delete()
        Hour.objects.all().delete()
        before = ledger()
        for begin in range(0, len(order), split):
            assert send(cache, *order[begin : begin + split]) == []

        expected: dict[tuple[str, datetime], list[int]] = {}
        for (device_id, timestamp), (_, energy) in reference(messages).items():
            start = datetime.fromisoformat(timestamp).replace(minute=0)
            total = expected.setdefault((device_id, start), [0, 0])
            total[0] += energy
            total[1] += 1
        stored = {
            (str(meter), start): list(figures)
            for meter in METERS
            if Device.objects.filter(device_id=meter).exists()
            for start, figures in hours(meter).items()
        }
        assert stored == expected
        received, new, corrected, duplicates, rejected = (
            now - then for now, then in zip(ledger(), before, strict=True)
        )
        assert received == len(order) == new + corrected + duplicates + rejected
        assert new == len(reference(messages))
        assert hours_that_differ() == []
