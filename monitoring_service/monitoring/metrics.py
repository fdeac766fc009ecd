"""Metrics of readings and of the broker, read when Prometheus requests them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from energy_contracts.names import READINGS_QUEUE
from monitoring.devices.channels import unregistered_channels
from monitoring.devices.selectors import devices_unregistered
from monitoring.ledger.queues import oldest_unprocessed_seconds
from monitoring.ledger.selectors import ledger_rejections, ledger_totals
from monitoring.ledger.unacknowledged import messages_held
from monitoring.live import metrics as live_metrics  # noqa: F401 - registers its metrics
from monitoring.registers.held import open_totals

MAINTAINED_AT = Gauge(
    "ems_maintenance_finished_timestamp_seconds", "When the last round of maintenance ended."
)


def collect(queues: Mapping[str, int | None]) -> Iterator[Metric]:
    """Yield the ledger's totals, the oldest waiting reading, unregistered devices, held jumps.

    `queues` has the messages ready in each queue, nothing while the broker is unavailable.

    Raises: Django's database errors.
    """
    readings = CounterMetricFamily(
        "ems_readings", "Readings received, by what became of them.", labels=["outcome"]
    )
    for outcome, count in ledger_totals().items():
        # It is the sum of the others: with it, a sum over all outcomes would count twice.
        if outcome != "received":
            readings.add_metric([outcome], count)
    yield readings
    rejected = CounterMetricFamily(
        "ems_readings_rejected", "Readings rejected, by reason.", labels=["reason"]
    )
    for reason, count in ledger_rejections().items():
        rejected.add_metric([reason], count)
    yield rejected
    waited = oldest_unprocessed_seconds(queues.get(READINGS_QUEUE), messages_held())
    if waited is not None:
        yield GaugeMetricFamily(
            "ems_oldest_unprocessed_seconds", "How long the first reading waits.", value=waited
        )
    yield GaugeMetricFamily(
        "ems_unclaimed_devices",
        "Devices that send and are not registered.",
        value=devices_unregistered().count(),
    )
    yield GaugeMetricFamily(
        "ems_unregistered_channels",
        "Channels that send and that their registered devices do not have.",
        value=unregistered_channels().count(),
    )
    count, energy = open_totals()
    yield GaugeMetricFamily(
        "ems_held_jumps",
        "Rises of registers that devices cannot use, without a decision.",
        value=count,
    )
    held = GaugeMetricFamily(
        "ems_held_energy", "Energy of these rises, which is not counted.", labels=["unit"]
    )
    for unit, millionths in energy.items():
        held.add_metric([unit], millionths / 1_000_000)
    yield held
