"""The speed at which one ingest process drains a backlog of readings of 10,000 devices.

The same run measures the most that the hardware, the broker's client and the database can do, and
the naive consumer.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from readings import (
    account,
    arrays,
    copy_rate,
    depth,
    drain_with_pika,
    drain_with_source,
    enqueue,
    fill_devices,
    readings,
)
from service_kit.broker import FastSource, PikaSource
from service_kit.broker.sources import DeliverySource
from service_kit.testing.waiting import wait_until
from support import PATIENCE_SECONDS, Row, Scratch, peak_mb, row, scratch

TITLE = "Backlog drain, one ingest process"
ROUNDS = 3
COUNT = 200_000
#: Readings a message, and readings in all: a backlog that lasts for seconds at either's speed.
SIZES = {1: COUNT, 100: 3 * COUNT, 1_000: 3 * COUNT}
USUAL_COUNT = 1_000


def drained(service: Scratch, count: int) -> tuple[float, float]:
    """Return readings a second from first message to last commit, and the peak megabytes."""
    service.execute("TRUNCATE reading, hour, alert, ledger_minute, ledger_rejection")
    messages = depth(service.env["RABBITMQ_URL"])
    with service.worker("consume_measurements") as process:
        wait_until(lambda: depth(service.env["RABBITMQ_URL"]) < messages, PATIENCE_SECONDS)
        begin = time.perf_counter()
        wait_until(lambda: _received(service) == count, PATIENCE_SECONDS)
        return count / (time.perf_counter() - begin), peak_mb(process.pid)


def _received(service: Scratch) -> int:
    total, stored = account(service)
    if total != stored:
        raise RuntimeError(f"of {total} readings {stored} were stored")
    return total


def usual_rate(service: Scratch, count: int) -> float:
    """Return the readings a second of the naive consumer."""
    argv = [sys.executable, str(Path(__file__).parents[1] / "naive_consumer.py"), str(count)]
    done = subprocess.run(
        argv, cwd=service.folder, env=service.env, check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def run(quick: bool) -> list[Row]:
    count, rounds = (20_000, 1) if quick else (COUNT, ROUNDS)
    pika: list[float] = []
    sources: dict[type[DeliverySource], list[float]] = {FastSource: [], PikaSource: []}
    copy: list[float] = []
    ours: dict[int, list[float]] = {size: [] for size in SIZES}
    memory: list[float] = []
    with scratch("monitoring_service", "drain") as service:
        broker = service.env["RABBITMQ_URL"]
        fill_devices(service)
        sizes = {size: count * total // COUNT for size, total in SIZES.items()}
        messages = list(readings(max(sizes.values())))
        backlogs = {size: list(arrays(messages[:total], size)) for size, total in sizes.items()}
        # In turn, so that whatever else the machine does meets all alike.
        for _ in range(rounds):
            copy.append(copy_rate(service, messages))
            enqueue(broker, backlogs[1])
            pika.append(drain_with_pika(broker, count))
            for source, rates in sources.items():
                enqueue(broker, backlogs[1])
                rates.append(drain_with_source(broker, count, source))
            for per_message, rates in ours.items():
                enqueue(broker, backlogs[per_message])
                rate, megabytes = drained(service, sizes[per_message])
                rates.append(rate)
                memory.append(megabytes)
        usual_count = 200 if quick else USUAL_COUNT
        enqueue(broker, messages[:usual_count])
        naive = usual_rate(service, usual_count)
    middle = statistics.median
    lower = min(middle(pika), middle(copy))
    return [
        row("ceiling: pika takes and acknowledges", middle(pika), "messages/s"),
        row("ceiling: COPY into the same primary key", middle(copy), "rows/s"),
        row("consumer without work, pika's own path", middle(sources[PikaSource]), "messages/s"),
        row(
            "consumer without work, fast path",
            middle(sources[FastSource]),
            "messages/s",
            ceiling=middle(sources[PikaSource]),
            at_least=1.5,
        ),
        row("one reading a message", middle(ours[1]), "readings/s", ceiling=lower, at_least=0.6),
        row("slowest of its rounds", min(ours[1]), "readings/s", ceiling=lower),
        *(
            row(
                f"{per_message:,} readings a message",
                middle(ours[per_message]),
                "readings/s",
                ceiling=middle(copy),
                at_least=0.5,
            )
            for per_message in SIZES
            if per_message > 1
        ),
        row("the naive consumer", naive, "readings/s"),
        row("one a message, beside it", middle(ours[1]), "readings/s", ceiling=naive, at_least=100),
        row("most memory of the ingest process", max(memory), "MB", at_most=300),
    ]
