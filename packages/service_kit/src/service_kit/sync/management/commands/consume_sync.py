"""Keep this service's copies of other services' data, until stopped."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from energy_contracts.names import SYNC_EXCHANGE, dead_letter_queue, sync_queue
from service_kit.broker import BatchConsumer, Relocation, Topology
from service_kit.database.batches import process_batch
from service_kit.observability import metrics, tracing
from service_kit.process.signals import StopFlag
from service_kit.sync.dispatch import Handlers, handle_events

#: Messages in one transaction, and held unacknowledged: twice as many, so that the next batch
#: gathers meanwhile.
MAX_BATCH = 200


#: The binding of earlier releases, by which a service received its own events as well.
ALL_EVENTS = "#"


def sync_topology(queue: str, handlers: Handlers) -> Topology:
    """Return the queue of sync events, bound to the types that the service handles."""
    return Topology(
        queue, dead_letter_queue(queue), SYNC_EXCHANGE, tuple(handlers), obsolete_keys=(ALL_EVENTS,)
    )


class Command(BaseCommand):
    """The command `consume_sync`."""

    help = "Apply sync events to this service's database."

    def handle(self, *args: Any, **options: Any) -> None:
        """Consume until stopped."""
        stop = StopFlag.on_signals()
        metrics.serve()
        tracing.start()
        handlers = import_string(settings.SYNC_HANDLERS)
        queue = sync_queue(settings.SERVICE_NAME)
        topology = sync_topology(queue, handlers)
        # Left from before the platform had a virtual host of its own.
        Relocation(settings.METERS_RABBITMQ_URL, settings.RABBITMQ_URL, topology).move_left_queues(
            stop
        )
        BatchConsumer(
            settings.RABBITMQ_URL,
            f"{settings.SERVICE_NAME}-sync",
            topology,
            partial(process_batch, work=partial(handle_events, handlers=handlers), stop=stop),
            stop,
            prefetch=2 * MAX_BATCH,
            max_batch=MAX_BATCH,
        ).run()
