"""A day's chart with millions of readings behind it, and the size of a reading on disk.

The database fills itself, interval after interval with a reading of every device, so that the index
looks as it does after weeks of operation.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx

from readings import device_ids, fill_devices
from support import Account, Row, Scratch, note, percentiles, row, scratch

TITLE = "A day's chart, and the room a reading takes"
DEVICES = 10_000
#: Readings that each device has, in seven and in seventy days. A thousand are a steady state.
SIZES = (1_008, 10_080)
REQUESTS = 300
#: Bytes of ThingsBoard for a reading on PostgreSQL (docs: rows of ts_kv with their index).
OTHERS_BYTES = 163
#: A reading with its index and its part of an hour, and the database's journal besides.
BYTES_A_READING, BYTES_OF_JOURNAL = 130, 4 << 30
#: Intervals that are written in one transaction: whole hours.
PART = 36

# The requests come from a client with devices, and from one without any.
_PEOPLE = """
INSERT INTO known_user (id, username, role, is_active, token_version, version, deleted) VALUES
    (%(owner)s, 'owner', 'client', true, 1, 1, false),
    (%(nobody)s, 'nobody', 'client', true, 1, 1, false);
INSERT INTO assignment (user_id, device_id, version, active)
SELECT %(owner)s, id::uuid, 1, true FROM unnest(%(ids)s::text[]) AS id;
"""

# The devices of an interval come in another order each time, as they do from a broker.
_FILL = """
SET LOCAL synchronous_commit = off;
WITH incoming AS MATERIALIZED (
    SELECT %(begin)s + slot * interval '10 minutes' AS started_at, key, slot %% 6 AS part,
        (slot * 7919 + key * 104729::bigint) %% 500000 AS value
    FROM generate_series(%(first)s, %(first)s + %(slots)s - 1) AS slot CROSS JOIN device
    ORDER BY slot, (key * 7919 + slot * 31) %% 10007
), stored AS (
    INSERT INTO reading (started_at, value_milliwh, device_key, revision)
    SELECT started_at, value, key, 0 FROM incoming
)
INSERT INTO hour (start, energy_milliwh, device_key, reading_count,
                  quarter_0, quarter_1, quarter_2, quarter_3)
SELECT date_trunc('hour', started_at, 'UTC'), sum(value), key, count(*),
       sum(value) FILTER (WHERE part IN (0, 1)), sum(value) FILTER (WHERE part = 2),
       sum(value) FILTER (WHERE part IN (3, 4)), sum(value) FILTER (WHERE part = 5)
FROM incoming
GROUP BY 1, 3
"""

_STRAY = "INSERT INTO reading SELECT %(at)s, 0, key, 0 FROM device LIMIT 1"


def begin_of(moment: datetime) -> datetime:
    """Return the start of the month four months ago; the seventy days after it are past."""
    return (moment - timedelta(days=110)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def make_partitions(service: Scratch, begin: datetime) -> None:
    """Make the partitions of the months in use; natively maintenance makes them."""
    for days in (0, 31, 62):
        service.execute(_STRAY, {"at": begin + timedelta(days=days)})
    service.manage("run_maintenance", "--once")
    service.execute("DELETE FROM reading")


def fill(service: Scratch, begin: datetime, first: int, end: int) -> None:
    """Insert the intervals [first, end) of every device, and their hours."""
    started = time.monotonic()
    for slot in range(first, end, PART):
        slots = min(PART, end - slot)
        service.execute(_FILL, {"begin": begin, "first": slot, "slots": slots})
        done = (slot + slots - first) / (end - first)
        if slot // PART % 14 == 0 or done == 1:
            seconds = time.monotonic() - started
            note(f"filling: {done:.0%} of {(end - first) * DEVICES:,} readings, {seconds:.0f} s")
    service.execute("VACUUM ANALYZE hour")
    service.execute("ANALYZE reading")


def bytes_a_reading(service: Scratch) -> float:
    """Return the bytes for each reading in table and index of the month that is being filled."""
    ((size, count),) = service.execute(
        "SELECT (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('reading')"
        " WHERE isleaf)::bigint, (SELECT count(*) FROM reading)"
    )
    return float(size) / int(count)


def pack(service: Scratch) -> None:
    """Pack a month that is over, as maintenance does."""
    note("packing")
    service.execute("UPDATE reading_month SET made_at = month")
    service.manage("run_maintenance", "--once")


def ask(
    service: Scratch, tokens: dict[str, str], ids: list[UUID], begin: datetime, requests: int
) -> dict[str, dict[str, float]]:
    """Return the milliseconds of a day's chart, and of lists without a result.

    Requests of all kinds alternate, over one connection each, so that other work of the machine
    slows all of them alike.
    """
    chosen = random.Random(3)
    taken: dict[str, list[float]] = {"day": [], "devices": [], "alerts": []}
    with (
        service.web() as (address, _),
        httpx.Client(base_url=f"http://{address}/api/monitoring", timeout=60) as client,
    ):
        for number in range(requests + 10):
            day = begin + timedelta(days=chosen.randrange(SIZES[0] // 144))
            query = {"device_id": str(chosen.choice(ids)), "date": f"{day:%Y-%m-%d}"}
            for what, path, who, parameters in (
                ("day", "/hourly/daily/", "owner", query),
                ("devices", "/devices/", "nobody", None),
                ("alerts", "/alerts/", "nobody", None),
            ):
                headers = {"Authorization": f"Bearer {tokens[who]}"}
                started = time.perf_counter()
                answer = client.get(path, params=parameters, headers=headers)
                seconds = time.perf_counter() - started
                answer.raise_for_status()
                # The first ones wake everything up.
                if number >= 10:
                    taken[what].append(seconds)
            if number == 0 and answer.json()["count"] != 0:
                raise RuntimeError("the empty view is not empty")
    return {what: percentiles(seconds) for what, seconds in taken.items()}


def chart_rows(size: str, times: dict[str, dict[str, float]]) -> list[Row]:
    empty = min(
        (times[what] for what in ("devices", "alerts")), key=lambda figures: figures["median"]
    )
    day = times["day"]
    return [
        row(f"{size} readings: the empty view", empty["median"], "ms"),
        row(f"{size} readings: a day", day["median"], "ms", ceiling=empty["median"], at_most=2),
        row(f"{size} readings: a day, p95", day["p95"], "ms", ceiling=empty["p95"]),
    ]


def room_for(intervals: int) -> tuple[float, float]:
    """Return the gigabytes that the readings need, and those that are free for the database."""
    needed = intervals * DEVICES * BYTES_A_READING + BYTES_OF_JOURNAL
    return needed / 2**30, shutil.disk_usage(os.environ.get("EMS_HOME", ".")).free / 2**30


def run(quick: bool) -> list[Row]:
    sizes, requests = ((12, 24), 30) if quick else (SIZES, REQUESTS)
    begin = begin_of(datetime.now(UTC))
    people = {name: Account(uuid4(), name) for name in ("owner", "nobody")}
    ids = device_ids(DEVICES)[::500]
    rows: list[Row] = []
    times_empty: list[float] = []
    filled = 0
    with scratch("monitoring_service", "chart") as service:
        fill_devices(service, DEVICES)
        make_partitions(service, begin)
        accounts = {name: str(account.id) for name, account in people.items()}
        service.execute(_PEOPLE, {**accounts, "ids": [str(device_id) for device_id in ids]})
        for intervals in sizes:
            size = f"{intervals * DEVICES / 1e6:.3g} M"
            needed, free = room_for(intervals)
            if needed > free:
                rows.append(row(f"{size} readings: need {needed:.0f} GB, so not tried", free, "GB"))
                break
            fill(service, begin, filled, intervals)
            if not filled:
                rows.append(
                    row("raw reading, month in progress", bytes_a_reading(service), "bytes")
                )
                pack(service)
                size_packed = bytes_a_reading(service)
                rows += [
                    row("raw reading on disk with index", size_packed, "bytes", at_most=85),
                    row("beside ThingsBoard's", size_packed, "bytes", ceiling=OTHERS_BYTES),
                ]
            filled = intervals
            tokens = {name: service.token(account) for name, account in people.items()}
            of_size = chart_rows(size, ask(service, tokens, ids, begin, requests))
            rows += of_size
            times_empty.append(of_size[1]["ratio"])
    if len(times_empty) == 2:
        first, last = times_empty
        rows.append(
            row("a day in empty views, large beside small", last, "×", ceiling=first, at_most=1.2)
        )
    return rows
