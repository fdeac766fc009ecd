"""Store readings, for ever."""

from __future__ import annotations

import gc
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from energy_contracts.names import READINGS_QUEUE, dead_letter_queue
from monitoring.devices.cache import Directory
from monitoring.ingest.batch import Stored, prepare, store
from monitoring.ingest.unstorable import divide, record
from monitoring.ledger.unacknowledged import report
from monitoring.live.publisher import HourPusher
from service_kit import metrics, tracing
from service_kit.background import start_thread
from service_kit.batches import process_batch
from service_kit.broker import BatchConsumer, Rejected, Topology
from service_kit.signals import StopFlag

#: One transaction: some 35,000 readings at most, a third of a second. Larger ones touch each hour
#: less often, but hold their locks and their memory longer.
MAX_BATCH = 10_000
MAX_BATCH_BYTES = 4 << 20

#: Batches in work: one is prepared while the other is in the database.
PARALLEL = 2

#: Objects made before the collector looks for cycles among them: those of a batch have none.
GARBAGE_THRESHOLD = 200_000


class Command(BaseCommand):
    help = "Sum readings to hours: batches, one transaction each, acknowledged after commit."

    def handle(self, *args: Any, **options: Any) -> None:
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD)
        stop = StopFlag.on_signals()
        metrics.serve()
        tracing.start()
        directory, pusher = Directory(), HourPusher()
        # Of two transactions at once one would only wait for the other's hours.
        database = Lock()

        def work(bodies: list[bytes]) -> list[Rejected]:
            # One for all: a span a reading would outweigh the readings.
            with tracing.span("store readings", "CONSUMER", attributes=_batch(bodies)) as span:
                prepared = prepare(bodies, directory.known)
                with database:
                    stored = store(prepared, directory, pusher.listened)
                    pusher.push(stored.hours)
                    pusher.push_alerts(stored.alerts)
                if span is not None:
                    span.set_attributes(_outcome(stored))
            return [
                Rejected(one.body, one.error.reason, one.error.detail) for one in stored.refused
            ]

        consumer = BatchConsumer(
            settings.RABBITMQ_URL,
            "monitoring-ingest",
            Topology(READINGS_QUEUE, dead_letter_queue(READINGS_QUEUE)),
            lambda bodies: process_batch(bodies, work, stop, divide=divide, record=record),
            stop,
            prefetch=(PARALLEL + 1) * MAX_BATCH,
            max_batch=MAX_BATCH,
            max_batch_bytes=MAX_BATCH_BYTES,
            parallel=PARALLEL,
        )
        start_thread("unacknowledged", lambda: report(lambda: consumer.unacknowledged))
        consumer.run()


def _batch(bodies: list[bytes]) -> dict[str, str | int]:
    return {
        "messaging.system": "rabbitmq",
        "messaging.destination.name": READINGS_QUEUE,
        "messaging.operation.type": "process",
        "messaging.batch.message_count": len(bodies),
    }


def _outcome(stored: Stored) -> dict[str, int]:
    """What became of the readings, as the ledger counts them."""
    return {
        "ems.readings.stored": stored.counts.stored,
        "ems.readings.corrected": stored.counts.corrected,
        "ems.readings.duplicates": stored.counts.duplicates,
        "ems.readings.rejected": len(stored.refused),
    }
