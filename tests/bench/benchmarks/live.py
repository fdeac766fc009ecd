"""Ten million meters that report every ten minutes, for five minutes.

Publisher, broker, one ingest process and the database run on the same machine.
"""

from __future__ import annotations

import time

from load import Probes, stream
from readings import DEVICES, account, device_ids, enqueue, fill_devices
from service_kit.testing.waiting import wait_until
from support import (
    PATIENCE_SECONDS,
    Row,
    Scratch,
    note,
    percentiles,
    processor_seconds,
    row,
    scratch,
    server_pids,
)

TITLE = "Sustained live, publisher included"
#: A little more than what is to be shown, so that the last confirm's way does not count.
PER_SECOND, GOAL_PER_SECOND = 16_800, 16_667
SECONDS = 300
#: For the same readings in fewer messages.
SECONDS_OF_ARRAYS, ARRAY = 60, 10


def sustained(
    service: Scratch, per_second: float, seconds: float, per_message: int, goal: float
) -> list[Row]:
    broker = service.env["RABBITMQ_URL"]
    enqueue(broker, [])
    service.execute("TRUNCATE reading, hour, alert, ledger_minute, ledger_rejection")
    probes = Probes(service, device_ids(DEVICES + 1)[-1])
    with service.worker("consume_measurements") as ingest:
        probes.start()
        wait_until(lambda: account(service)[0] > 0, PATIENCE_SECONDS)
        watched = {name: server_pids()[name] for name in ("postgres", "rabbitmq")}
        watched["ingest"] = ingest.pid
        before = {name: processor_seconds(pid) for name, pid in watched.items()}
        begin = time.perf_counter()
        with stream(broker, per_second, seconds, per_message) as publishing:
            published = publishing.wait()
        end = time.perf_counter()
        note(f"{published.readings:,} readings confirmed in {published.seconds:.0f} s")
        backlog = published.readings + probes.sent - account(service)[0]
        used = {name: processor_seconds(pid) - before[name] for name, pid in watched.items()}
        probes.finish()
        expected = published.readings + probes.sent
        wait_until(lambda: account(service)[0] >= expected, PATIENCE_SECONDS)
        received, stored = account(service)
    used["publisher"] = published.processor
    taken = percentiles([delay for sent, delay in probes.seen if begin <= sent <= end])
    rate = published.readings / published.seconds
    return [
        row("readings confirmed", rate, "readings/s", at_least=goal),
        row("for", published.seconds, "s"),
        row("publish → commit, median", taken["median"], "ms"),
        row("publish → commit, p95", taken["p95"], "ms", at_most=1000),
        row("publish → commit, longest", taken["longest"], "ms"),
        row("not yet taken at the end", max(0, backlog), "readings"),
        row("confirmed but not in the ledger", expected - received, "readings", at_most=0),
        row("in the ledger but not stored", received - stored, "readings", at_most=0),
        *(row(f"processor, {name}", used[name] / (end - begin), "cores") for name in sorted(used)),
    ]


def run(quick: bool) -> list[Row]:
    per_second, goal = (2_000, 1_900) if quick else (PER_SECOND, GOAL_PER_SECOND)
    seconds, seconds_of_arrays = (3, 2) if quick else (SECONDS, SECONDS_OF_ARRAYS)
    with scratch("monitoring_service", "live") as service:
        fill_devices(service, DEVICES + 1)
        alone = sustained(service, per_second, seconds, 1, goal)
        arrays = sustained(service, per_second, seconds_of_arrays, ARRAY, goal)
    for size in arrays:
        size["what"] = f"{ARRAY} a message: {size['what']}"
    return [*alone, *arrays]
