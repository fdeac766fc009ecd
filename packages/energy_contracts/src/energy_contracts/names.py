"""Names of queues and exchanges: what other people's programs address the platform by."""

from __future__ import annotations

#: Where meters send their readings, through the default exchange.
READINGS_QUEUE = "device_data_queue"

#: Topic exchange of the sync events; the routing key is the event type.
SYNC_EXCHANGE = "sync_exchange"

#: Direct exchange of the dead letters, to which only the platform may write. One in a dead-letter
#: queue that did not come by it was written by somebody else.
DEAD_LETTER_EXCHANGE = "dead_letter_exchange"

#: Begin of the names of queues that a listener to sync events may declare.
LISTENER_PREFIX = "listener."

#: Header of a dead letter with the reason code, beside one with the explanation for people.
REASON_HEADER = "x-reason"
DETAIL_HEADER = "x-detail"


def dead_letter_queue(queue: str) -> str:
    """Name of the queue that keeps what `queue`'s consumer had to reject."""
    return f"{queue}.dead"


def sync_queue(service: str) -> str:
    """Name of the queue in which `service` (e.g. "device_service") receives sync events."""
    return f"sync_queue.{service}"
