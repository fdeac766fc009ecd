"""The workers' own metrics: whether each answers and consumes, and how often it was interrupted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from ems_tool.configuration.home import Home
from ems_tool.configuration.processes import BY_NAME, Kind, of_kind

#: Seconds for a worker's answer, so that a worker that hangs does not stop `ems status`.
_PATIENCE_SECONDS = 1.0

_UNKNOWN: dict[str, Any] = {"consuming": None, "interruptions": None, "unacknowledged": None}


def worker_figures(home: Home, processes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the figures of each process; all are None unless the process is a running worker.

    `answers`: whether it serves its metrics. `consuming`: whether it takes messages from its
    queue; None for a worker without one. `interruptions`: connections to the broker that it lost,
    and consumers that the broker cancelled, since its start. `unacknowledged`: messages by queue
    that it took and has not finished.
    """

    def figures(process: dict[str, Any]) -> dict[str, Any]:
        # The supervisor may run what this version of the table does not have.
        row = BY_NAME.get(process["name"])
        if row is None or row.kind is not Kind.WORKER or process["state"] != "running":
            return {**_UNKNOWN, "answers": None}
        return _read(f"http://{home.address(process['name'])}/metrics")

    with ThreadPoolExecutor(max_workers=len(of_kind(Kind.WORKER))) as pool:
        return list(pool.map(figures, processes))


def _read(url: str) -> dict[str, Any]:
    try:
        with urlopen(url, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310  # http, by us
            text = answer.read().decode()
    except (URLError, OSError):
        return {**_UNKNOWN, "answers": False}
    samples = [
        sample for family in text_string_to_metric_families(text) for sample in family.samples
    ]
    consuming = [sample.value for sample in samples if sample.name == "ems_consuming"]
    interruptions = [
        sample.value for sample in samples if sample.name == "ems_broker_interruptions_total"
    ]
    return {
        "answers": True,
        "consuming": all(consuming) if consuming else None,
        "interruptions": int(sum(interruptions)),
        "unacknowledged": {
            sample.labels["queue"]: int(sample.value)
            for sample in samples
            if sample.name == "ems_unacknowledged_messages"
        },
    }
