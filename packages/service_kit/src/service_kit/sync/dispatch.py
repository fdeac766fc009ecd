"""The dispatch of sync messages: decode each body and call the service's handler."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import transaction

from energy_contracts.errors import ContractError, UnknownEventType
from energy_contracts.events import EventType, SyncEvent, decode_event
from service_kit.broker import Delivery, Rejected
from service_kit.observability import tracing
from service_kit.process.counters import SYNC_LAG_SECONDS, UNKNOWN_EVENTS

logger = logging.getLogger(__name__)

#: A service's `HANDLERS`: its function for each event type; it ignores other types.
Handlers = Mapping[EventType, Callable[[SyncEvent[Any]], None]]


def handle_events(deliveries: list[Delivery], handlers: Handlers) -> list[Rejected]:
    """Handle a batch in one transaction and return the messages that break the contract.

    An event of a type that this release does not know is counted, logged once, and acknowledged:
    a newer service may send it. Handlers compare versions, so that repetition and disorder change
    nothing.
    """
    rejected: list[Rejected] = []
    unknown: list[str] = []
    with transaction.atomic():
        for delivery in deliveries:
            try:
                event = decode_event(delivery.body)
            except UnknownEventType as error:
                unknown.append(error.event_type)
                continue
            except ContractError as error:
                rejected.append(Rejected(delivery.body, error.reason, error.detail))
                continue
            handler = handlers.get(event.event_type)
            if handler is not None:
                with _trace(event, delivery):
                    handler(event)
                    lag = (datetime.now(UTC) - event.occurred_at).total_seconds()
                    SYNC_LAG_SECONDS.observe(max(0.0, lag))
                    logger.debug("handled %s", event.event_type, extra={"event_id": event.event_id})
    for event_type in unknown:
        UNKNOWN_EVENTS.labels(event_type).inc()
        _log_unknown(event_type)
    return rejected


def _trace(event: SyncEvent[Any], delivery: Delivery) -> AbstractContextManager[object]:
    """Return a span around the handler; headers are decoded only if this process traces."""
    if not tracing.is_on():
        return nullcontext()
    return tracing.received(event.event_type, event.event_id, delivery.traceparent)


@lru_cache(maxsize=1_000)
def _log_unknown(event_type: str) -> None:
    """Log an unknown event type, once in the life of the process."""
    logger.warning("events of the unknown type %r are ignored", event_type)
