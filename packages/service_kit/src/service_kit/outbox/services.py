"""Writes to the outbox. Requests append; only the relay publishes."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from energy_contracts.events import SyncEvent, encode_event
from energy_contracts.names import SYNC_EXCHANGE, TRACEPARENT_HEADER
from service_kit.broker import ConfirmingPublisher, Message
from service_kit.observability import tracing
from service_kit.outbox.models import OutboxEvent

logger = logging.getLogger(__name__)

#: Events the relay sends before it marks them: enough to keep the broker busy, few enough that a
#: crash repeats little.
BATCH_SIZE = 500

#: Time for which a published event is kept, for an operator who searches for sent events.
KEEP_PUBLISHED = timedelta(days=7)


def outbox_append(events: Iterable[SyncEvent[Any]]) -> None:
    """Store events in the transaction of the change. Raises RuntimeError outside one.

    Without the transaction a crash between change and event would leave the other services
    with a state that no later event corrects.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event must be appended in the transaction of its change")
    OutboxEvent.objects.bulk_create(
        OutboxEvent(
            event_id=event.event_id,
            event_type=event.event_type,
            body=encode_event(event).decode(),
            traceparent=tracing.traceparent(),
        )
        for event in events
    )


def outbox_publish_batch(publisher: ConfirmingPublisher) -> int:
    """Send waiting events, oldest first; return the number that the broker confirmed.

    A crash after the broker's confirm and before the commit sends them again: receivers
    compare versions.
    """
    with transaction.atomic():
        waiting = list(
            OutboxEvent.objects.select_for_update(skip_locked=True)
            .filter(published_at=None)
            .order_by("id")[:BATCH_SIZE]
        )
        if not waiting:
            return 0
        traced = [(event.event_type, event.event_id, event.traceparent) for event in waiting]
        with tracing.publishing(traced) as parents:
            unconfirmed = publisher.publish(
                [
                    Message(
                        exchange=SYNC_EXCHANGE,
                        routing_key=event.event_type,
                        body=event.body.encode(),
                        message_id=str(event.event_id),
                        headers={} if parent is None else {TRACEPARENT_HEADER: parent},
                    )
                    for event, parent in zip(waiting, parents, strict=True)
                ]
            )
        confirmed = [event.id for i, event in enumerate(waiting) if i not in unconfirmed]
        OutboxEvent.objects.filter(id__in=confirmed).update(published_at=timezone.now())
    for i, event in enumerate(waiting):
        if i not in unconfirmed:
            ids = {"message_id": event.event_id, "event_id": event.event_id}
            logger.debug("published %s", event.event_type, extra=ids)
    return len(confirmed)


def outbox_purge() -> int:
    """Drop events that were published long ago; return their number."""
    deleted, _ = OutboxEvent.objects.filter(
        published_at__lt=timezone.now() - KEEP_PUBLISHED
    ).delete()
    return deleted
