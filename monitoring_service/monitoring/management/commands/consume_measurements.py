"""Store readings until the process is stopped."""

from __future__ import annotations

import gc
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from energy_contracts.names import READINGS_QUEUE, dead_letter_queue
from monitoring.devices.cache import DeviceCache
from monitoring.ingest.pipeline import commit, prepare
from monitoring.ingest.results import IngestResult
from monitoring.ingest.unstorable import divide, record
from monitoring.ledger.unacknowledged import report
from monitoring.live.publisher import LiveUpdatePublisher
from service_kit.broker import BatchConsumer, Delivery, Rejected, Topology
from service_kit.database.batches import process_batch
from service_kit.database.outages import end_idle_transactions
from service_kit.observability import metrics, tracing
from service_kit.process.background import start_thread
from service_kit.process.signals import StopFlag

#: Messages and bytes of one transaction: 35,000 readings at most, a third of a second. Larger ones
#: touch each hour less often, but hold their locks and their memory longer.
MAX_BATCH = 10_000
MAX_BATCH_BYTES = 4 << 20

#: Batches at the same time: one is prepared while the other is in the database.
PARALLEL = 2

#: Seconds without a statement after which the server ends a transaction: the statements of a batch
#: follow each other within a second.
IDLE_SECONDS = 20

#: New objects before the garbage collector looks for cycles. The objects of a batch have none, so
#: every look during a batch would be in vain.
GARBAGE_THRESHOLD = 200_000


class Command(BaseCommand):
    """The ingest process: a consumer of the queue of readings that stores them in batches."""

    help = "Add readings up into hours, in batches: a transaction each, acknowledged after commit."

    def handle(self, *args: Any, **options: Any) -> None:
        """Consume until a signal stops the process; a batch in hand is stored first."""
        gc.freeze()
        gc.set_threshold(GARBAGE_THRESHOLD)
        stop = StopFlag.on_signals()
        end_idle_transactions(IDLE_SECONDS)
        metrics.serve()
        tracing.start()
        cache, live = DeviceCache(), LiveUpdatePublisher()
        # Two transactions at once would wait for each other's rows of hours.
        database = Lock()

        def work(deliveries: list[Delivery]) -> list[Rejected]:
            bodies = [delivery.body for delivery in deliveries]
            # One span for the batch: a span for each reading would cost more than storing it.
            with tracing.span("store readings", "CONSUMER", attributes=_batch(bodies)) as span:
                batch = prepare(bodies, cache.state)
                with database:
                    result = commit(batch, cache, live.subscribed)
                    live.push_hours([*result.hours, *result.periods])
                    live.push_alerts(result.alerts)
                if span is not None:
                    span.set_attributes(_outcome(result))
            return [
                Rejected(rejected.body, rejected.error.reason, rejected.error.detail)
                for rejected in result.tally.rejected
            ]

        consumer = BatchConsumer(
            settings.METERS_RABBITMQ_URL,
            "monitoring-ingest",
            Topology(READINGS_QUEUE, dead_letter_queue(READINGS_QUEUE)),
            lambda deliveries: process_batch(deliveries, work, stop, divide=divide, record=record),
            stop,
            prefetch=(PARALLEL + 1) * MAX_BATCH,
            max_batch=MAX_BATCH,
            max_batch_bytes=MAX_BATCH_BYTES,
            parallel=PARALLEL,
            dead_letters_url=settings.RABBITMQ_URL,
        )
        start_thread("unacknowledged", lambda: report(consumer))
        consumer.run()


def _batch(bodies: list[bytes]) -> dict[str, str | int]:
    return {
        "messaging.system": "rabbitmq",
        "messaging.destination.name": READINGS_QUEUE,
        "messaging.operation.type": "process",
        "messaging.batch.message_count": len(bodies),
    }


def _outcome(result: IngestResult) -> dict[str, int]:
    """Return the tally as attributes of a span."""
    tally = result.tally
    return {
        "ems.readings.stored": tally.stored,
        "ems.readings.corrected": tally.corrected,
        "ems.readings.duplicates": tally.duplicates,
        "ems.readings.rejected": len(tally.rejected),
    }
