"""Reads of the broker: the number of readings that wait, and of dead letters."""

from __future__ import annotations

import time

from django.conf import settings

from energy_contracts.names import READINGS_QUEUE, dead_letter_queue
from monitoring.ledger.unacknowledged import Held
from service_kit.broker import BROKER_UNAVAILABLE, queue_depths


def queue_state() -> dict[str, int | None] | None:
    """Return the messages ready in each of the two queues, None if the broker is unavailable."""
    try:
        return queue_depths(settings.METERS_RABBITMQ_URL, [READINGS_QUEUE]) | queue_depths(
            settings.RABBITMQ_URL, [dead_letter_queue(READINGS_QUEUE)]
        )
    except BROKER_UNAVAILABLE:
        return None


def oldest_unprocessed_seconds(waiting: int | None, held: Held | None) -> float | None:
    """Return the seconds since the oldest message that is not stored yet was sent.

    Ingest takes messages in order, so the oldest is among those that it holds; looking into the
    queue would have the broker deliver its first message a second time. 0 if no message waits;
    None if its sender set no `timestamp`, or if messages wait and no ingest process holds any.
    """
    if held is not None and held.oldest_sent_at is not None:
        return max(0.0, time.time() - held.oldest_sent_at)
    return 0 if waiting == 0 and not (held and held.messages) else None
