"""Registers of a new cumulative device, in a table of few and of many months.

For each register the neighbours are read. Months kept for 25 years must not make that slower, and a
reading of another device, sent after the registers, must not wait for long.
"""

from __future__ import annotations

import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from load import stamp
from readings import account, depth, enqueue, message
from service_kit.testing.waiting import wait_until
from support import PATIENCE_SECONDS, Row, Scratch, row, scratch

TITLE = "Registers of a new cumulative device"
ROUNDS = 3
COUNT = 10_000
PER_MESSAGE = 1_000
INTERVAL = timedelta(minutes=5)
FEW, MANY = 3, 300
#: Readings that every month has of other devices.
FILLED = 1_000

_DEVICE = """
INSERT INTO device (device_id, registered, deleted, version, name, description, device_type, status,
    timezone, interval_seconds, reading_kind, max_power_kw, first_seen_at)
VALUES (%s, true, false, 1, 'Meter', '', 'smart_meter', 'deployed', 'UTC', 300, %s, %s, now())
"""

_MONTH = """
CREATE TABLE {name} PARTITION OF reading FOR VALUES FROM ('{begin}') TO ('{end}');
INSERT INTO {name} (device_key, started_at, value_milliwh, revision)
SELECT key, '{begin}'::timestamptz + slot * interval '15 minutes', 1, 0
FROM (SELECT key FROM device ORDER BY key LIMIT 1) AS filler, generate_series(1, {filled}) AS slot;
"""


def make_months(service: Scratch, months: int) -> None:
    """Make that many monthly partitions, the last one for the next month."""
    present = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = _shifted(present, 2)
    for _ in range(months):
        begin = _shifted(end, -1)
        service.execute(
            _MONTH.format(name=f"reading_{begin:%Y_%m}", begin=begin, end=end, filled=FILLED)
        )
        end = begin
    service.execute("ANALYZE reading")


def _shifted(month: datetime, months: int) -> datetime:
    number = month.year * 12 + month.month - 1 + months
    return month.replace(year=number // 12, month=number % 12 + 1)


def add_device(service: Scratch, kind: str, max_power_kw: float | None = None) -> UUID:
    device_id = uuid4()
    service.execute(_DEVICE, [str(device_id), kind, max_power_kw])
    return device_id


def arrays_of_registers(device_id: UUID, count: int) -> list[bytes]:
    """Return arrays of registers up to now, in order, all in the last two months."""
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - count * INTERVAL
    registers = [
        {
            "timestamp": stamp(begin + number * INTERVAL),
            "device_id": str(device_id),
            "measurement_value": round(100 + 0.01 * number, 6),
        }
        for number in range(count)
    ]
    return [
        json.dumps(registers[at : at + PER_MESSAGE]).encode() for at in range(0, count, PER_MESSAGE)
    ]


def stored(service: Scratch, count: int, max_power_kw: float | None) -> tuple[float, float]:
    """Return the seconds for a new device's registers, and those for a reading behind them."""
    broker = service.env["RABBITMQ_URL"]
    meter = add_device(service, "cumulative", max_power_kw)
    witness = add_device(service, "interval")
    before, _ = account(service)
    messages = arrays_of_registers(meter, count)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    enqueue(broker, [*messages, message(stamp(hour), str(witness), 0.1)])
    with service.worker("consume_measurements"):
        wait_until(lambda: depth(broker) == 0, PATIENCE_SECONDS)
        begin = time.perf_counter()
        wait_until(lambda: account(service)[0] >= before + count, PATIENCE_SECONDS)
        registers = time.perf_counter() - begin
        wait_until(lambda: account(service)[0] == before + count + 1, PATIENCE_SECONDS)
        behind = time.perf_counter() - begin - registers
    if account(service)[0] != account(service)[1]:
        raise RuntimeError("a register was not stored")
    return registers, behind


def run(quick: bool) -> list[Row]:
    count, rounds = (1_000, 1) if quick else (COUNT, ROUNDS)
    powers = {"without a known power": None, "with a known power": 100.0}
    seconds: dict[tuple[int, str], list[tuple[float, float]]] = {}
    with (
        scratch("monitoring_service", "few_months") as few_months,
        scratch("monitoring_service", "many_months") as many_months,
    ):
        services = {FEW: few_months, MANY: many_months}
        for months, service in services.items():
            add_device(service, "interval")
            make_months(service, months)
        # In turn, so that other work of the machine affects all alike.
        for _ in range(rounds):
            for name, max_power_kw in powers.items():
                for months, service in services.items():
                    figures = stored(service, count, max_power_kw)
                    seconds.setdefault((months, name), []).append(figures)
    rows: list[Row] = []
    for name in powers:
        few, many = (
            statistics.median(registers for registers, _ in seconds[months, name])
            for months in (FEW, MANY)
        )
        behind = statistics.median(behind for _, behind in seconds[MANY, name])
        rows += [
            row(f"{count:,} registers {name}, {FEW} months", few, "s"),
            row(f"the same, {MANY} months", many, "s", ceiling=few, at_most=2),
            row("a reading behind them, after the last", behind, "s", ceiling=many, at_most=1),
        ]
    return rows
