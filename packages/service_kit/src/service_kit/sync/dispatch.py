"""From message bodies to the service's handlers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from energy_contracts.errors import ContractError
from energy_contracts.events import EventType, SyncEvent, decode_event
from service_kit import tracing
from service_kit.broker import Rejected, traceparent_of
from service_kit.counters import SYNC_LAG_SECONDS

logger = logging.getLogger(__name__)

#: A service's `HANDLERS`: what it does about each event type; other types are not its business.
Handlers = Mapping[EventType, Callable[[SyncEvent[Any]], None]]


def handle_events(bodies: list[bytes], handlers: Handlers) -> list[Rejected]:
    """Handle a batch in one transaction; the refused break the contract.

    Handlers compare versions, so that repetition and disorder change nothing.
    """
    refused = []
    with transaction.atomic():
        for body in bodies:
            try:
                event = decode_event(body)
            except ContractError as error:
                refused.append(Rejected(body, error.reason, error.detail))
                continue
            handler = handlers.get(event.event_type)
            if handler is not None:
                with tracing.received(event.event_type, event.event_id, traceparent_of(body)):
                    handler(event)
                    lag = (datetime.now(UTC) - event.occurred_at).total_seconds()
                    SYNC_LAG_SECONDS.observe(max(0.0, lag))
                    logger.debug("handled %s", event.event_type, extra={"event_id": event.event_id})
    return refused
