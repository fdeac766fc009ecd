"""Replaced meters beside months that were closed: nothing counts twice, and the factor is exact."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from monitoring.aggregates.retention import month_close
from monitoring.models import CarriedRegister

from .stored import Sent, total
from .test_closed_registers import APRIL, HOUR, MARCH, MAY, between, partitions
from .test_replacements import FIRST, Meters, mounted

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def register(at: datetime, kwh: str, meter: str | None = None) -> Sent:
    return Sent(at, int(Decimal(kwh) * 1_000_000), 0, meter)


@pytest.fixture
def meters() -> Meters:
    meters = Meters()
    partitions()
    return meters


@pytest.mark.parametrize("multiplier", ["0.333333", "7", "1"])
def test_the_factor_of_a_meter_loses_and_adds_nothing_at_the_border_of_a_closed_month(
    multiplier, meters
):
    meters.apply(mounted(multiplier=multiplier, opening="0", at=MARCH))
    meters.send(
        register(MARCH + HOUR, "0.000001"),
        register(APRIL - HOUR / 2, "100.000001"),
        register(APRIL + HOUR / 2, "103.000002"),
        register(MAY - HOUR / 3, "250.000002"),
        register(MAY + HOUR / 3, "252.000002"),
    )
    before = total(meters.id)

    month_close(APRIL)

    assert total(meters.id) == before
    assert meters.is_verified
    meters.send(register(MAY + HOUR / 6, "251.5"), register(APRIL - HOUR / 6, "101"))
    assert total(meters.id) == before
    assert meters.is_verified


def test_a_changed_factor_changes_the_open_months_alone(meters):
    meters.apply(mounted(multiplier="2", opening="0", at=MARCH))
    sent = [register(APRIL - HOUR / 2, "100"), register(APRIL + HOUR / 2, "103")]
    meters.send(*sent, register(MAY - HOUR / 3, "250"), register(MAY + HOUR / 3, "252"))
    month_close(APRIL)
    assert [between(meters, *month) for month in ((MARCH, APRIL), (APRIL, MAY))] == [203, 299]
    assert between(meters, MAY, MAY + HOUR) == 2

    meters.apply(mounted(multiplier="3", opening="0", at=MARCH))

    assert [between(meters, *month) for month in ((MARCH, APRIL), (APRIL, MAY))] == [304.5, 299]
    assert between(meters, MAY, MAY + HOUR) == 3
    assert meters.is_verified


@pytest.mark.parametrize(
    "at",
    [
        APRIL - HOUR / 4,
        APRIL,
        APRIL + HOUR / 4,
        APRIL + 10 * DAY,
        MAY - HOUR / 4,
        MAY,
        MAY + HOUR / 4,
    ],
    ids=str,
)
@pytest.mark.parametrize("values", [("600", "5000"), (None, None)], ids=["read", "unread"])
@pytest.mark.parametrize("is_known", [True, False], ids=["before", "after"])
def test_a_replacement_around_a_closed_month_counts_nothing_twice(at, values, is_known, meters):
    """The used meter B shows more than A, so a comparison of the two would count thousands."""
    closing, opening = values
    history = mounted(closing=closing, opening=opening, at=at)
    a, b = Decimal("500"), Decimal("5000")
    places = [APRIL - HOUR, APRIL - HOUR / 2, APRIL - HOUR / 6, APRIL + HOUR / 6, APRIL + HOUR]
    places += [MAY - HOUR, MAY - HOUR / 2, MAY - HOUR / 6, MAY + HOUR / 6, MAY + HOUR]
    steps = enumerate(sorted(places))
    sent = [register(place, str((a if place <= at else b) + step)) for step, place in steps]
    if is_known:
        meters.apply(history)
    meters.send(*sent[::2])
    month_close(APRIL)
    closed = between(meters, APRIL, MAY)
    meters.send(*(each for each in sent[1::2] if not APRIL <= each.at < MAY))
    if not is_known:
        meters.apply(history)

    assert between(meters, APRIL, MAY) == closed
    assert meters.is_verified
    if is_known:
        assert total(meters.id) <= (109 if closing else 9) * 1_000_000


def test_a_replacement_within_a_closed_month_carries_the_counter_of_each_meter(meters):
    meters.apply(mounted(closing="200", opening="0", at=APRIL + 10 * DAY))
    meters.send(register(APRIL - HOUR / 2, "100"), register(APRIL + HOUR / 2, "103"))
    meters.send(register(MAY - HOUR / 2, "50"), register(MAY + HOUR / 2, "53"))

    month_close(APRIL)

    carried = CarriedRegister.objects.order_by("at").values_list("value_milliwh", flat=True)
    assert list(carried) == [101_500_000, 51_500_000]
    assert total(meters.id) == 153_000_000
    assert meters.is_verified


def test_an_undone_replacement_leaves_a_closed_month_as_it_was(meters):
    meters.apply(mounted(closing="200", opening="0", at=APRIL + 10 * DAY))
    meters.send(register(APRIL - HOUR / 2, "100"), register(APRIL + HOUR / 2, "103"))
    meters.send(register(MAY - HOUR / 2, "50"), register(MAY + HOUR / 2, "53"))
    month_close(APRIL)
    closed = between(meters, APRIL, MAY)

    meters.apply(FIRST)

    assert between(meters, APRIL, MAY) == closed
    assert total(meters.id) == 153_000_000
    assert meters.is_verified
