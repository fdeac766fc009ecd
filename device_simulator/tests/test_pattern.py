"""A synthetic reading follows from seed, device and instant alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

import pytest

from device_simulator.commands import CATCH_UP, Schedule
from device_simulator.pattern import DAY_PARTS, DEFAULT_PATTERNS, SimulatedDevice

DAY = 86_400
METER = SimulatedDevice(
    device_id="4c189959-e674-4eaa-8ebb-98fd953657c5",
    interval_seconds=600,
    base_load_kwh=Decimal("1.2"),
    zone=ZoneInfo("UTC"),
    patterns=DEFAULT_PATTERNS,
    variation=Decimal("0.1"),
    seed=1,
)
STEADY = replace(METER, variation=Decimal(0))


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_every_hour_belongs_to_one_part_of_the_day() -> None:
    hours = [hour for first, over in DAY_PARTS.values() for hour in range(first, over)]

    assert sorted(hours) == list(range(24))
    assert set(DAY_PARTS) == set(DEFAULT_PATTERNS)


@pytest.mark.parametrize(
    ("clock", "factor"),
    [
        ("00:00", "0.5"),
        ("05:50", "0.5"),
        ("06:00", "1.2"),
        ("09:00", "0.8"),
        ("16:50", "0.8"),
        ("17:00", "1.5"),
        ("21:50", "1.5"),
        ("22:00", "0.7"),
        ("23:50", "0.7"),
    ],
)
def test_a_reading_has_its_intervals_share_of_the_hourly_base_load(clock: str, factor: str) -> None:
    reading = STEADY.reading(at(f"2026-03-01T{clock}"))

    share_of_hour = Decimal(STEADY.interval_seconds) / 3600
    assert reading.value_mwh == STEADY.base_load_kwh * share_of_hour * Decimal(factor) * 1_000_000


def test_the_part_of_the_day_is_that_of_the_devices_own_clock() -> None:
    in_kathmandu = replace(STEADY, zone=ZoneInfo("Asia/Kathmandu"))

    # 00:15 UTC is 06:00 in Kathmandu, where the morning begins.
    before, after = (in_kathmandu.reading(at(f"2026-03-01T00:{m}")) for m in ("10", "20"))

    assert Decimal(after.value_mwh) / before.value_mwh == Decimal("1.2") / Decimal("0.5")


def test_the_random_part_uses_its_range_and_never_leaves_it() -> None:
    values = [reading.value_mwh for reading in METER.history(at("2026-03-01"), at("2026-03-31"))]
    steady = [reading.value_mwh for reading in STEADY.history(at("2026-03-01"), at("2026-03-31"))]
    shares = [Decimal(value) / base for value, base in zip(values, steady, strict=True)]

    assert all(Decimal("0.9") <= share <= Decimal("1.1") for share in shares)
    assert min(shares) < Decimal("0.91")
    assert max(shares) > Decimal("1.09")
    assert abs(sum(shares) / len(shares) - 1) < Decimal("0.005")


def test_a_reading_is_the_same_after_other_readings_and_in_any_decimal_context() -> None:
    history = list(METER.history(at("2026-03-01"), at("2026-03-08")))
    again = list(METER.history(at("2026-02-20"), at("2026-03-20")))
    with localcontext() as context:
        context.prec = 4
        coarse = list(METER.history(at("2026-03-01"), at("2026-03-08")))

    assert set(history) < set(again)
    assert history == coarse


def test_the_series_is_the_same_in_every_version_of_the_program() -> None:
    """A changed formula would turn a repeated backfill into conflicts on installed platforms."""
    reading = METER.reading(at("2026-03-01T12:00"))

    assert reading.value_mwh == 144_270


def test_another_seed_or_device_gives_other_values() -> None:
    instant = at("2026-03-01T12:00")
    other_device = replace(METER, device_id="00000000-0000-4000-8000-000000000000")

    values = {
        each.reading(instant).value_mwh for each in (METER, replace(METER, seed=2), other_device)
    }

    assert len(values) == 3


def test_history_holds_the_intervals_within_its_bounds() -> None:
    since, until = at("2026-03-01T00:05"), at("2026-03-01T01:05")

    history = list(METER.history(since, until))

    assert [reading.timestamp.strftime("%H:%M") for reading in history] == [
        "00:10", "00:20", "00:30", "00:40", "00:50",
    ]  # fmt: skip
    assert METER.history_length(since, until) == len(history)


def test_history_shorter_than_one_interval_is_empty() -> None:
    daily = replace(METER, interval_seconds=DAY)

    assert list(daily.history(at("2026-03-01T12:00"), at("2026-03-02T12:00"))) == []
    assert daily.history_length(at("2026-03-01T12:00"), at("2026-03-02T12:00")) == 0


def test_live_readings_continue_the_history_without_gap_or_repetition_of_another_value() -> None:
    began = at("2026-03-01T10:03")
    schedule = Schedule([METER], began)

    live = [reading for now in range(began, began + 7200, 7) for reading in schedule.over_by(now)]

    history = list(METER.history(began - DAY, began + 7200))
    assert live[0] in list(METER.history(began - DAY, began))
    assert live == history[history.index(live[0]) :]


def test_a_live_reading_is_sent_after_its_interval_with_the_start_as_timestamp() -> None:
    began = at("2026-03-01T10:03")
    schedule = Schedule([METER], began)
    assert len(list(schedule.over_by(began))) == 1

    due = schedule.next_due()

    assert due == at("2026-03-01T10:10")
    assert list(schedule.over_by(due - 0.001)) == []
    assert [r.timestamp for r in schedule.over_by(due)] == [datetime(2026, 3, 1, 10, 0, tzinfo=UTC)]


def test_a_jump_of_the_clock_by_days_skips_the_missed_readings() -> None:
    quick = replace(METER, interval_seconds=1)
    began = at("2026-03-01T10:00")
    schedule = Schedule([quick], began)
    list(schedule.over_by(began))

    after_jump = list(schedule.over_by(began + 30 * DAY))

    assert len(after_jump) == 1
    assert after_jump[0].timestamp.timestamp() == began + 30 * DAY - 1


def test_a_short_sleep_sends_the_missed_readings() -> None:
    quick = replace(METER, interval_seconds=60)
    began = at("2026-03-01T10:00")
    schedule = Schedule([quick], began)
    list(schedule.over_by(began))

    assert len(list(schedule.over_by(began + CATCH_UP))) == CATCH_UP // 60
