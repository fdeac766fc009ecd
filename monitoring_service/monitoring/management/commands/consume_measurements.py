"""Store readings, for ever."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from energy_contracts.names import READINGS_QUEUE, dead_letter_queue
from monitoring.directory import Directory
from monitoring.ingest import store_messages
from monitoring.push import HourPusher
from service_kit.batches import process_batch
from service_kit.broker import BatchConsumer, Refused, Topology
from service_kit.signals import StopFlag

#: Messages in one transaction, and held unacknowledged: twice as many, so that the next batch
#: gathers while one is written.
MAX_BATCH = 1_000


class Command(BaseCommand):
    help = "Sum readings to hours: batches, one transaction each, acknowledged after commit."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = StopFlag.on_signals()
        directory, pusher = Directory(), HourPusher()

        def store(bodies: list[bytes]) -> list[Refused]:
            stored = store_messages(bodies, directory, pusher.listened)
            pusher.push(stored.hours)
            pusher.push_alerts(stored.alerts)
            return [Refused(one.body, one.error.reason, one.error.detail) for one in stored.refused]

        BatchConsumer(
            settings.RABBITMQ_URL,
            "monitoring-ingest",
            Topology(READINGS_QUEUE, dead_letter_queue(READINGS_QUEUE)),
            lambda bodies: process_batch(bodies, store, stop),
            stop,
            prefetch=2 * MAX_BATCH,
            max_batch=MAX_BATCH,
        ).run()
