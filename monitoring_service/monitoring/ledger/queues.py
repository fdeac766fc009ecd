"""Reads of the broker: how many readings wait, how many dead letters there are."""

from __future__ import annotations

import time

from django.conf import settings

from energy_contracts.names import READINGS_QUEUE, dead_letter_queue
from service_kit.broker import BROKER_UNAVAILABLE, peek, queue_depths


def queue_state() -> dict[str, int | None] | None:
    """Return the messages ready in each of the two queues, None if the broker is unavailable."""
    try:
        return queue_depths(
            settings.RABBITMQ_URL, [READINGS_QUEUE, dead_letter_queue(READINGS_QUEUE)]
        )
    except BROKER_UNAVAILABLE:
        return None


def oldest_unprocessed_seconds(waiting: int | None, unacknowledged: int | None) -> float | None:
    """Return how long ago the first of `waiting` messages was sent, by its `timestamp` property.

    None if the sender set none, as the simplest clients do, if the broker is unavailable, or if
    only ingest processes hold messages, whose properties cannot be read any more.
    """
    if not waiting:
        return None if unacknowledged else waiting
    try:
        first = peek(settings.RABBITMQ_URL, READINGS_QUEUE, 1)
    except BROKER_UNAVAILABLE:
        return None
    if not first:  # stored meanwhile
        return 0
    sent_at = first[0].sent_at
    return None if sent_at is None else max(0.0, time.time() - sent_at)
